import { createHash } from 'node:crypto';
import type { SourceFile } from '../../policy/types.js';

/** Most policies extend the same few files. */
const known = new WeakMap<SourceFile, string>();

/** sha256 of a file's text, hex. */
export function fileDigest(file: SourceFile): string {
  let digest = known.get(file);
  if (digest === undefined) {
    digest = createHash('sha256').update(file.text).digest('hex');
    known.set(file, digest);
  }
  return digest;
}

/** sha256 over the digests of a policy's file and of those that it extends, each on a line of its own; hex. */
export function filesDigest(files: readonly SourceFile[]): string {
  const lines = files.map((file) => `${fileDigest(file)}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}
