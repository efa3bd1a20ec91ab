import type { JobException } from '../../protocol/messages.gen.js';

// A traceback beyond this is nobody's reading; the plan bounds the bytes of the whole channel.
const MAX_CHARS = 1 << 16;

/**
 * The exception that ended a job, from its claims channel: three NUL-terminated UTF-8 strings (docs/internals/native.md). It is
 * the job's word: whatever it wrote becomes text and nothing else.
 */
export function exceptionOf(claims: Buffer): JobException | null {
  const [name = '', value = '', traceback = ''] = claims.toString('utf8').split('\u0000', 3);
  if (name === '') return null;
  return { name: name.slice(0, MAX_CHARS), value: value.slice(0, MAX_CHARS), traceback: traceback.slice(0, MAX_CHARS) };
}
