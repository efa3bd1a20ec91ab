/** What the job's process is told to run (docs/internals/native.md). */
export interface Payload {
  readonly code: string;
  /** Name of the code in tracebacks. */
  readonly filename: string;
  /** Without the program's own name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A 4-byte big-endian length and JSON. */
export function encodePayload({ code, filename, argv, env }: Payload): Buffer {
  const json = Buffer.from(JSON.stringify({ code, filename, argv, env, run: 'code' }), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json]);
}
