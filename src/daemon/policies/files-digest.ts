import { createHash } from 'node:crypto';
import type { SourceFile } from '../../policy/types.js';

/** sha256 over the texts of a policy's file and of those that it extends, hex. */
export function filesDigest(files: readonly SourceFile[]): string {
  const hash = createHash('sha256');
  for (const { text } of files) hash.update(`${Buffer.byteLength(text)}\n`).update(text);
  return hash.digest('hex');
}
