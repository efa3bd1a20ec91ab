import { describe, expect, it } from 'vitest';
import { kernelTable } from '../../kernel/table.js';
import { SECCOMP_RET, SECCOMP_RET_ACTION_FULL, SECCOMP_RET_DATA, seccompAction, seccompReturn } from './opcodes.js';

describe('SECCOMP_RET', () => {
  it('has the numbers of the kernel headers', () => {
    const { constant } = kernelTable('x86_64');
    const names = Object.keys(SECCOMP_RET) as (keyof typeof SECCOMP_RET)[];
    for (const name of names) expect(BigInt(SECCOMP_RET[name])).toBe(constant(`SECCOMP_RET_${name}`));
    expect(BigInt(SECCOMP_RET_ACTION_FULL)).toBe(constant('SECCOMP_RET_ACTION_FULL'));
    expect(BigInt(SECCOMP_RET_DATA)).toBe(constant('SECCOMP_RET_DATA'));
  });
});

describe('actions', () => {
  it('have a word each', () => {
    for (const kind of ['allow', 'log', 'notify', 'kill_process'] as const) {
      expect(seccompAction(seccompReturn({ kind }))).toEqual({ kind });
    }
    expect(seccompAction(seccompReturn({ kind: 'errno', errno: 13 }))).toEqual({ kind: 'errno', errno: 13 });
  });

  it.each([0x0005_0000, 0x0005_1000, 0x0003_0000, 0x7ff0_0000, 0, 0x7fff_0001, 0x8000_0001])(
    'do not include 0x%x',
    (value) => expect(seccompAction(value)).toBeUndefined(),
  );
});
