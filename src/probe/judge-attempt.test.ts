import { describe, expect, it } from 'vitest';
import { compileShipped } from '../../test/policy/shipped.js';
import { kernelTable } from '../kernel/table.js';
import type { Seen } from './attempts/seen.js';
import { type Enforced, judgeAttempt } from './judge-attempt.js';
import { Program } from './program.js';
import type { Accepted, Outcome } from './verdict.js';

const { plan, policy } = compileShipped('strict', 'x86_64');
const program = new Program(plan, policy.syscalls);
const because = 'the policy says so';
const readOnly: Accepted = { kind: 'errno', errnos: ['EROFS'], because };
const closed: Accepted = { kind: 'errno', errnos: ['EACCES'], because };
const works: Accepted = { kind: 'works', because };
const flags: Accepted = { kind: 'held', because };

const call = (name: string) => ({ nr: kernelTable('x86_64').syscall(name)?.number ?? -1, args: [] });
const errno = (name: string): Seen => ({ kind: 'errno', errno: name });
const value: Seen = { kind: 'value', value: 'opened' };
const full: Enforced = { status: 'fully', missing: [] };
const none: Enforced = { status: 'not_enforced', missing: [] };
const judged = (accepted: Accepted, seen: Seen, name = 'openat', landlock = full, right?: string) =>
  judgeAttempt(
    right === undefined ? { accepted } : { accepted, right },
    { name: 'x', seen, call: call(name) },
    program,
    landlock,
  );

describe('judgeAttempt', () => {
  it.each<[string, Accepted, Seen, Outcome]>([
    ['the mount’s answer', readOnly, errno('EROFS'), 'BLOCKED'],
    ['another layer’s answer', readOnly, errno('EACCES'), 'BROKEN'],
    ['it went through', readOnly, value, 'ESCAPED'],
    ['the file is there', closed, errno('ENOTDIR'), 'ESCAPED'],
    ['what is granted works', works, value, 'NO_EFFECT'],
    ['what is granted does not', works, errno('EACCES'), 'BROKEN'],
    ['no report', readOnly, { kind: 'broken', why: 'output_limit' }, 'BROKEN'],
    ['as stated', flags, { kind: 'held', text: 'nosuid' }, 'NO_EFFECT'],
    ['wider than stated', flags, value, 'ESCAPED'],
    ['what it needs was refused', works, { kind: 'unprepared', errno: 'EACCES' }, 'BROKEN'],
  ])('%s: %o with %o is %s', (_, accepted, seen, outcome) => {
    expect(judged(accepted, seen).outcome).toBe(outcome);
  });

  it('says nothing of a mount where the filter did not let the call through', () => {
    expect(judged(readOnly, errno('EACCES'), 'fchmodat')).toMatchObject({ outcome: 'SKIPPED' });
    expect(judged(readOnly, errno('EROFS'), 'fchmodat').outcome).toBe('BLOCKED');
    expect(judged(works, { kind: 'unprepared', errno: 'EACCES' }, 'mkdirat')).toMatchObject({ outcome: 'SKIPPED' });
    expect(judged(works, { kind: 'died', signal: 'SIGSYS' }, 'bpf').outcome).toBe('BROKEN');
  });

  it('expects nothing of Landlock where the receipts say that there is none', () => {
    expect(judged(closed, value, 'openat', none)).toMatchObject({ outcome: 'SKIPPED' });
    expect(judged(readOnly, value, 'openat', none).outcome).toBe('ESCAPED');
    expect(judged(closed, { kind: 'broken', why: 'output_limit' }, 'openat', none).outcome).toBe('BROKEN');
  });

  it('expects nothing of a right that the kernel does not have, whether the policy grants it or not', () => {
    const older: Enforced = { status: 'partially', missing: ['refer', 'truncate'] };
    const apart: Accepted = { kind: 'errno', errnos: ['EXDEV'], because };
    expect(judged(closed, value, 'openat', older, 'truncate')).toMatchObject({ outcome: 'SKIPPED' });
    expect(judged(works, errno('EXDEV'), 'openat', older, 'refer')).toMatchObject({ outcome: 'SKIPPED' });
    expect(judged(closed, value, 'openat', older, 'make_dir').outcome).toBe('ESCAPED');
    expect(judged(apart, value, 'openat', none, 'refer')).toMatchObject({ outcome: 'SKIPPED' });
    expect(judged(apart, errno('EACCES'), 'openat', full, 'refer').outcome).toBe('BROKEN');
  });
});
