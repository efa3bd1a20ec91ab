/** What was seen of one attempt, and how it is read from what a job wrote. */

/** Exactly one kind of end. `died`: the process ended in the attempt, by a signal that the kernel reports. */
export type Seen =
  | { readonly kind: 'errno'; readonly errno: string }
  /** What the attempt needs beforehand was refused, so it was not made. */
  | { readonly kind: 'unprepared'; readonly errno: string }
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'held'; readonly text: string }
  | { readonly kind: 'died'; readonly signal: string }
  | { readonly kind: 'broken'; readonly why: string };

/** A raw system call as seccomp saw it. */
export interface RawCall {
  readonly nr: number;
  readonly args: readonly bigint[];
}

export interface Attempt {
  readonly name: string;
  readonly seen: Seen;
  /** The attempt's last raw system call. */
  readonly call: RawCall | undefined;
}

export interface Report {
  readonly attempts: readonly Attempt[];
  /** Begun, and never ended: the job went away in it. */
  readonly open: { readonly name: string; readonly call: RawCall | undefined } | undefined;
  /** The snippet came to its end, and made all attempts or left some for another job. */
  readonly done: 'all' | 'some' | undefined;
  /** What else the job printed. */
  readonly rest: string;
}

const MARK = '\x1e';

/** Reads the lines of `attempts.py` among everything that a job has written to its standard output. */
export function readReport(output: string): Report {
  const attempts: Attempt[] = [];
  const rest: string[] = [];
  let open: string | undefined;
  let call: RawCall | undefined;
  let done: Report['done'];
  for (const line of output.split('\n')) {
    const at = line.indexOf(MARK);
    const said = at < 0 ? undefined : parsed(line.slice(at + 1));
    if (said === undefined) rest.push(line);
    else if (typeof said['begin'] === 'string') [open, call] = [said['begin'], undefined];
    else if (said['call'] !== undefined) call = callOf(said);
    else if (typeof said['end'] === 'string') {
      attempts.push({ name: said['end'], seen: seenOf(said['seen']), call });
      open = undefined;
    } else if (typeof said['done'] === 'boolean') done = said['done'] ? 'all' : 'some';
  }
  return { attempts, open: open === undefined ? undefined : { name: open, call }, done, rest: rest.join('\n').trim() };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function seenOf(said: unknown): Seen {
  const [[kind, text] = ['', '']] = Object.entries(typeof said === 'object' && said !== null ? said : {});
  if (typeof text !== 'string') return { kind: 'broken', why: 'a report that cannot be read' };
  switch (kind) {
    case 'errno':
    case 'unprepared':
      return { kind, errno: text };
    case 'value':
      return { kind, value: text };
    case 'held':
      return { kind, text };
    case 'died':
      return { kind, signal: text };
    default:
      return { kind: 'broken', why: text || 'a report that cannot be read' };
  }
}

function callOf({ call: nr, args }: { call?: unknown; args?: unknown }): RawCall | undefined {
  if (typeof nr !== 'number' || !Array.isArray(args)) return undefined;
  if (!args.every((word) => typeof word === 'string' && /^0x[0-9a-f]{1,16}$/.test(word))) return undefined;
  return { nr, args: args.map((word) => BigInt(word as string)) };
}

/** For people. */
export function seenText(seen: Seen): string {
  switch (seen.kind) {
    case 'errno':
      return seen.errno;
    case 'unprepared':
      return `what it needs beforehand was refused: ${seen.errno}`;
    case 'value':
      return `returned ${seen.value}`;
    case 'held':
      return seen.text;
    case 'died':
      return `ended by ${seen.signal}`;
    case 'broken':
      return seen.why;
  }
}
