import { LeewardError } from '../../errors/leeward-error.js';

// PATH_MAX with its NUL: the supervisor takes no longer one.
const MAX_BYTES = 4095;

/**
 * True for an absolute path that has one spelling: no empty, `.` or `..` part, no slash at the end, no control character. `/`
 * itself is not.
 */
export function isNormalPath(path: string): boolean {
  if (!path.startsWith('/') || /\p{Cc}/u.test(path) || Buffer.byteLength(path) > MAX_BYTES) return false;
  return path
    .slice(1)
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..');
}

/** The spelling of an absolute path that `isNormalPath` accepts, for a hint; undefined when `..` makes it ambiguous. */
export function normalSpelling(path: string): string | undefined {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.includes('..') || parts.length === 0 ? undefined : `/${parts.join('/')}`;
}

/**
 * Checks a path that a request names.
 *
 * @throws LeewardError LW_PROTO_BAD_FIELD with the field
 */
export function requireNormalPath(path: string, field: string): void {
  if (isNormalPath(path)) return;
  const spelling = normalSpelling(path);
  throw new LeewardError(
    'LW_PROTO_BAD_FIELD',
    `${field} is '${path}': a path has no empty, '.' or '..' part, no control character, at most 4095 bytes, and is not '/'`,
    {
      place: { field },
      hint: spelling === undefined ? undefined : `write ${spelling}`,
    },
  );
}

/** True when `path` is `ancestor` or lies beneath it; both normal. */
export function isWithin(path: string, ancestor: string): boolean {
  return path === ancestor || ancestor === '/' || path.startsWith(`${ancestor}/`);
}

/** What is left of `path` below `ancestor`, relative; empty when they are the same. */
export function below(path: string, ancestor: string): string {
  return path === ancestor ? '' : path.slice(ancestor === '/' ? 1 : ancestor.length + 1);
}
