/** What the job's process is told to run (docs/internals/native.md). */
export interface Payload {
  readonly code: string;
  /** Name of the code in tracebacks. */
  readonly filename: string;
  /** Without the program's own name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Written before the code runs, in this order. */
  readonly files?: readonly { readonly path: string; readonly data: Uint8Array }[];
}

/** A 4-byte big-endian length and JSON, then the bytes of the files, of which JSON has the paths and lengths. */
export function encodePayload({ code, filename, argv, env, files = [] }: Payload): Buffer {
  const lengths = files.map(({ path, data }) => [path, data.length]);
  const json = Buffer.from(JSON.stringify({ code, filename, argv, env, files: lengths, run: 'code' }), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json, ...files.map(({ data }) => data)]);
}
