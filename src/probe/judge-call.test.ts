import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Seen } from './attempts/seen.js';
import { judgeCall } from './judge-call.js';
import type { Answer } from './program.js';
import type { Outcome } from './verdict.js';

const refuses: Answer = { kind: 'errno', errno: 'EACCES' };
const kills: Answer = { kind: 'kill', signal: 'SIGSYS' };
const allows: Answer = { kind: 'allow' };

const errno = (name: string): Seen => ({ kind: 'errno', errno: name });
const died = (signal: string): Seen => ({ kind: 'died', signal });
const value: Seen = { kind: 'value', value: '0' };
const broken: Seen = { kind: 'broken', why: 'NameError' };

describe('judgeCall', () => {
  it.each<[string, Answer, Seen, Outcome]>([
    ['the stated errno', refuses, errno('EACCES'), 'BLOCKED'],
    ['a handler’s word', refuses, errno('EBADF'), 'ESCAPED'],
    ['it went through', refuses, value, 'ESCAPED'],
    ['refused by something else', refuses, errno('EPERM'), 'BROKEN'],
    ['killed instead', refuses, died('SIGSYS'), 'BROKEN'],
    ['the stated signal', kills, died('SIGSYS'), 'BLOCKED'],
    ['another signal', kills, died('SIGKILL'), 'BROKEN'],
    ['not killed', kills, errno('EFAULT'), 'ESCAPED'],
    ['refused instead', kills, errno('EPERM'), 'BROKEN'],
    ['reached', allows, errno('EFAULT'), 'NO_EFFECT'],
    ['works', allows, value, 'NO_EFFECT'],
    ['does what it does', allows, died('SIGTERM'), 'NO_EFFECT'],
    ['killed by a filter', allows, died('SIGSYS'), 'BROKEN'],
    ['the kernel demands a right', allows, errno('EPERM'), 'SKIPPED'],
    ['the kernel does not have it', allows, errno('ENOSYS'), 'SKIPPED'],
    ['no report', allows, broken, 'BROKEN'],
    ['no report', refuses, broken, 'BROKEN'],
  ])('%s: %o with %o is %s', (_, answer, seen, outcome) => {
    expect(judgeCall(answer, seen, false)).toBe(outcome);
  });

  it('takes a refusal of an allowed call for the filter’s where the supervisor has recorded one', () => {
    expect(judgeCall(allows, errno('EACCES'), true)).toBe('BROKEN');
    expect(judgeCall(allows, errno('EFAULT'), true)).toBe('NO_EFFECT');
  });

  it('passes a refused call for nothing but the stated answer', () => {
    const names = fc.constantFrom('EPERM', 'EACCES', 'ENOSYS', 'EBADF', 'EINVAL', 'EFAULT');
    const any = fc.oneof(
      names.map(errno),
      fc.constantFrom('SIGSYS', 'SIGKILL').map(died),
      fc.constantFrom(value, broken),
    );
    fc.assert(
      fc.property(fc.constantFrom(refuses, kills), any, fc.boolean(), (answer, seen, recorded) => {
        const isStated =
          answer.kind === 'kill'
            ? seen.kind === 'died' && seen.signal === 'SIGSYS'
            : seen.kind === 'errno' && seen.errno === 'EACCES';
        expect(judgeCall(answer, seen, recorded) === 'BLOCKED').toBe(isStated);
      }),
    );
  });
});
