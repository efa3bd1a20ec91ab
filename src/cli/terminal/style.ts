/** What decides whether a stream shows colours. */
export interface StreamFacts {
  readonly isTTY: boolean;
  /** `NO_COLOR` (no-color.org: any value but the empty one) and `TERM` are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

type Paint = (text: string) => string;

/** Colours of one stream; each leaves its text as it is where the stream shows none. */
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
}

/** The style of a stream: colours only on a terminal that can show them, and never against `NO_COLOR`. */
export function styleOf({ isTTY, env }: StreamFacts): Style {
  const coloured = isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const paint = (on: number, off: number): Paint =>
    coloured ? (text) => `\u001b[${on}m${text}\u001b[${off}m` : (text) => text;
  return { bold: paint(1, 22), dim: paint(2, 22), red: paint(31, 39), green: paint(32, 39), yellow: paint(33, 39) };
}

/** The style of one of the process's own streams. */
export function styleFor(stream: NodeJS.WriteStream): Style {
  return styleOf({ isTTY: stream.isTTY === true, env: process.env });
}
