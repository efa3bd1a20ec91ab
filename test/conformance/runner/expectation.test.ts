import { describe, expect, it } from 'vitest';
import { kernelTable } from '../../../src/kernel/table.js';
import type { Case } from './case.js';
import { acceptedFor } from './expectation.js';
import { ARCH, programOf } from './program.js';

const FOLDERS = ['policies', 'test/conformance/policies'];
const python = programOf('python', FOLDERS);
const probe: Case = { id: 'A99', title: 'something is tried', layers: ['seccomp'], origin: 'review' };

const call = (name: string, ...args: bigint[]) => ({ nr: kernelTable(ARCH).syscall(name)?.number ?? -1, args });

describe('acceptedFor', () => {
  it.each([
    ['socket', { kind: 'errno', errnos: ['EACCES'] }],
    ['clone3', { kind: 'errno', errnos: ['ENOSYS'] }],
    ['getpid', { kind: 'unexplained' }],
  ])('%s: what the program of the policy answers', (name, accepted) => {
    expect(acceptedFor(probe, 'x', call(name), python)).toMatchObject(accepted);
  });

  it('what the policy kills for is a signal', () => {
    expect(acceptedFor(probe, 'x', call('ptrace'), python).kind).toBe('signal');
  });

  it('looks at the arguments that were passed', () => {
    const prlimit = (limit: bigint) => acceptedFor(probe, 'x', call('prlimit64', 0n, 1n, limit, 0n), python);
    expect(prlimit(0n).kind).toBe('unexplained');
    expect(prlimit(0x7000_0000n)).toMatchObject({ kind: 'errno', errnos: ['EACCES'] });
  });

  it('takes an allowed call for right only when the case says why', () => {
    const allowed = 'the policy lists it';
    expect(acceptedFor({ ...probe, allowed }, 'x', call('getpid'), python)).toEqual({
      kind: 'allowed',
      because: allowed,
    });
  });

  it('cannot say what is right when no call was made', () => {
    expect(acceptedFor(probe, 'x', undefined, python).kind).toBe('unknown');
  });

  it('the attempt’s own expectation comes before the call’s, and that before the case’s', () => {
    const expectations = {
      ...probe,
      expect: { held: 'of the whole case' },
      calls: [{ syscall: 'getpid', expect: { works: 'of this call' } }, { syscall: 'getuid' }],
      attempts: { other: { noEffect: 'of this attempt' } },
    };
    expect(acceptedFor(expectations, 'getpid', undefined, python).kind).toBe('works');
    expect(acceptedFor(expectations, 'getuid', undefined, python).kind).toBe('held');
    expect(acceptedFor(expectations, 'other', undefined, python).kind).toBe('noEffect');
  });
});

describe('suite-strict', () => {
  it('has the program of strict', () => {
    expect(programOf('suite-strict', FOLDERS).digest).toBe(programOf('strict', FOLDERS).digest);
  });
});
