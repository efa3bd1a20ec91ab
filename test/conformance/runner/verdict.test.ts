import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Seen } from '../../../src/probe/attempts/seen.js';
import { type Accepted, isFailure, type Outcome } from '../../../src/probe/verdict.js';
import { controlProblem, judge } from './verdict.js';

const because = 'the policy says so';
const eacces: Accepted = { kind: 'errno', errnos: ['EACCES'], because };
const sigsys: Accepted = { kind: 'signal', signal: 'SIGSYS', because };

const errno = (name: string): Seen => ({ kind: 'errno', errno: name });
const value: Seen = { kind: 'value', value: '0' };
const held: Seen = { kind: 'held', text: 'nothing there' };
const died = (signal: string): Seen => ({ kind: 'died', signal });
const broken: Seen = { kind: 'broken', why: 'NameError' };

const anySeen = fc.oneof(
  fc.constantFrom('EACCES', 'EPERM', 'ENOSYS', 'EBADF', 'EFAULT', 'ENOENT', 'EINVAL').map(errno),
  fc.constantFrom('SIGSYS', 'SIGKILL', 'SIGSEGV').map(died),
  fc.constantFrom(value, held, broken),
);
const anyAccepted = fc.constantFrom<Accepted>(
  eacces,
  { ...eacces, errnos: ['ENOSYS', 'EPERM'] },
  sigsys,
  { kind: 'noEffect', because },
  { kind: 'held', because },
  { kind: 'works', because },
  { kind: 'allowed', because },
  { kind: 'unexplained', because },
  { kind: 'unknown', why: because },
);

describe('judge', () => {
  it.each<[Accepted, Seen, Outcome]>([
    [eacces, errno('EACCES'), 'BLOCKED'],
    [eacces, errno('EPERM'), 'ESCAPED'],
    [eacces, errno('EBADF'), 'ESCAPED'],
    [eacces, value, 'ESCAPED'],
    [eacces, held, 'ESCAPED'],
    [eacces, died('SIGSYS'), 'BROKEN'],
    [eacces, broken, 'BROKEN'],
    [sigsys, died('SIGSYS'), 'BLOCKED'],
    [sigsys, died('SIGSEGV'), 'BROKEN'],
    [sigsys, errno('EACCES'), 'ESCAPED'],
    [sigsys, errno('ENOSYS'), 'ESCAPED'],
    [{ kind: 'noEffect', because }, value, 'NO_EFFECT'],
    [{ kind: 'noEffect', because }, errno('EPERM'), 'BROKEN'],
    [{ kind: 'held', because }, held, 'NO_EFFECT'],
    [{ kind: 'held', because }, value, 'ESCAPED'],
    [{ kind: 'held', because }, errno('ENOENT'), 'BROKEN'],
    [{ kind: 'works', because }, value, 'NO_EFFECT'],
    [{ kind: 'works', because }, errno('EACCES'), 'BROKEN'],
    [{ kind: 'allowed', because }, errno('EFAULT'), 'NO_EFFECT'],
    [{ kind: 'allowed', because }, died('SIGSYS'), 'BROKEN'],
    [{ kind: 'unexplained', because }, errno('EACCES'), 'ESCAPED'],
    [{ kind: 'unknown', why: because }, errno('EACCES'), 'BROKEN'],
  ])('%o with %o is %s', (accepted, seen, outcome) => {
    expect(judge(accepted, seen, value).outcome).toBe(outcome);
  });

  it('does not call it blocked what the kernel does not have', () => {
    expect(judge(eacces, errno('EACCES'), errno('ENOSYS')).outcome).toBe('NO_EFFECT');
    expect(judge(eacces, errno('ENOSYS'), errno('ENOSYS')).outcome).toBe('ESCAPED');
  });

  it('passes nothing but the stated answer, whatever the control has seen', () => {
    fc.assert(
      fc.property(anySeen, anySeen, (seen, control) => {
        const { outcome } = judge(eacces, seen, control);
        if (seen.kind !== 'errno' || seen.errno !== 'EACCES') expect(isFailure(outcome)).toBe(true);
        if (control.kind === 'broken') expect(outcome).toBe('BROKEN');
      }),
    );
  });
});

describe('controlProblem', () => {
  it.each<[string, Accepted, Seen, boolean]>([
    ['the handler refuses the arguments', eacces, errno('EFAULT'), true],
    ['it goes through', eacces, value, true],
    ['the kernel does not have it', eacces, errno('ENOSYS'), true],
    ['it ends the process', eacces, died('SIGKILL'), true],
    ['no right to it', sigsys, errno('EPERM'), false],
    ['it would pass', { kind: 'errno', errnos: ['ENOENT'], because }, errno('ENOENT'), false],
    ['an answer without an effect', { kind: 'noEffect', because }, value, false],
    ['nothing was found outside either', { kind: 'held', because }, held, false],
    ['something was found', { kind: 'held', because }, value, true],
    ['what must work does not', { kind: 'works', because }, errno('EINVAL'), false],
    ['a crash', eacces, broken, false],
  ])('%s', (_, accepted, control, proves) => {
    expect(controlProblem(accepted, control, [], []) === undefined).toBe(proves);
  });

  it('takes an errno for the handler’s where the case says so', () => {
    expect(controlProblem(sigsys, errno('EPERM'), ['EPERM'], [])).toBeUndefined();
  });

  it('takes an effect for a proof only where an effect is what must not be', () => {
    expect(controlProblem({ kind: 'noEffect', because }, value, [], ['the file was changed'])).toBeUndefined();
    expect(controlProblem(sigsys, errno('EPERM'), [], ['the file was changed'])).toBeDefined();
  });

  it('accepts no control that would pass as the attempt itself', () => {
    fc.assert(
      fc.property(anyAccepted, anySeen, fc.constantFrom([], ['EPERM', 'EACCES', 'ENOSYS']), (accepted, seen, also) => {
        if (controlProblem(accepted, seen, also, []) !== undefined) return;
        if (accepted.kind === 'works' || accepted.kind === 'allowed') return;
        if (seen.kind === 'errno' && seen.errno === 'ENOSYS') return;
        expect(isFailure(judge(accepted, seen, value).outcome)).toBe(true);
      }),
    );
  });
});
