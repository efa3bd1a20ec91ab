import { describe, expect, it } from 'vitest';
import type { Seen } from '../../../src/probe/attempts/seen.js';
import type { Accepted } from '../../../src/probe/verdict.js';
import { judgeWithout } from './without.js';

const EACCES: Accepted = { kind: 'errno', errnos: ['EACCES'], because: 'the policy' };
const errno = (name: string): Seen => ({ kind: 'errno', errno: name });
const value: Seen = { kind: 'value', value: '3' };
const outcome = (accepted: Accepted, seen: Seen, control: Seen) => judgeWithout(accepted, seen, control).outcome;

describe('an attempt without one layer', () => {
  it('is judged as ever where the answer is the expected one', () => {
    expect(judgeWithout(EACCES, errno('EACCES'), value)).toEqual({ outcome: 'BLOCKED', detail: 'EACCES' });
    expect(outcome(EACCES, value, value)).toBe('ESCAPED');
    expect(outcome({ kind: 'held', because: 'x' }, value, value)).toBe('ESCAPED');
  });

  it('is blocked by another layer that refuses in other words, and says in which', () => {
    const verdict = judgeWithout(EACCES, errno('EPERM'), value);
    expect(verdict).toMatchObject({ outcome: 'BLOCKED', otherErrno: 'EPERM' });
    expect(outcome({ kind: 'signal', signal: 'SIGSYS', because: 'x' }, errno('EPERM'), errno('EFAULT'))).toBe(
      'BLOCKED',
    );
    expect(outcome({ kind: 'noEffect', because: 'x' }, errno('EROFS'), value)).toBe('BLOCKED');
  });

  it('has escaped where a handler speaks of its arguments', () => {
    for (const name of ['EFAULT', 'EBADF', 'EINVAL', 'ENOTTY'])
      expect(outcome(EACCES, errno(name), value)).toBe('ESCAPED');
  });

  it('has escaped where it gets what it gets without any sandbox', () => {
    expect(outcome(EACCES, errno('ESRCH'), errno('ESRCH'))).toBe('ESCAPED');
    const died: Seen = { kind: 'died', signal: 'SIGSEGV' };
    expect(outcome(EACCES, died, died)).toBe('ESCAPED');
    expect(outcome(EACCES, died, value)).toBe('BROKEN');
  });

  it('says nothing of a call or a file that the kernel does not have', () => {
    expect(outcome(EACCES, errno('ENOENT'), errno('ENOENT'))).toBe('SKIPPED');
    expect(outcome(EACCES, errno('ENOSYS'), errno('ENOSYS'))).toBe('SKIPPED');
    expect(outcome(EACCES, errno('EACCES'), errno('ENOSYS'))).toBe('SKIPPED');
  });

  it('proves nothing when what must work does not', () => {
    expect(outcome({ kind: 'works', because: 'x' }, errno('EPERM'), value)).toBe('BROKEN');
  });
});
