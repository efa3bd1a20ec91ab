import { isUtf8 } from 'node:buffer';
import type { JobException } from '../../protocol/messages.gen.js';

// A traceback beyond this is nobody's reading; the plan bounds the bytes of the whole channel.
const MAX_CHARS = 1 << 16;

/**
 * The exception that ended a job, from its claims channel: three NUL-terminated UTF-8 strings (docs/internals/native.md). It is
 * the job's word: whatever it wrote becomes text and nothing else; `lossy` says when the text is not all that it wrote.
 */
export function exceptionOf(claims: Buffer, cut = false): JobException | null {
  const [name = '', value = '', traceback = ''] = claims.toString('utf8').split('\u0000', 3);
  if (name === '') return null;
  const texts = [name, value, traceback];
  const [shortName = '', shortValue = '', shortTraceback = ''] = texts.map((text) => text.slice(0, MAX_CHARS));
  const lossy = cut || !isUtf8(claims) || texts.some(({ length }) => length > MAX_CHARS);
  return { name: shortName, value: shortValue, traceback: shortTraceback, lossy };
}
