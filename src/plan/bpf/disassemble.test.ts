import { describe, expect, it } from 'vitest';
import { sampleFilter } from '../../../test/plan/sample-plan.js';
import type { BpfInstruction } from '../plan.js';
import { disassemble } from './disassemble.js';
import { BPF, SECCOMP_DATA, SECCOMP_RET } from './opcodes.js';

const names = new Map([
  [1, 'write'],
  [16, 'ioctl'],
  [231, 'exit_group'],
]);

describe('disassemble', () => {
  it('notes what the callbacks know', () => {
    const text = disassemble(sampleFilter, {
      syscallName: (nr) => names.get(nr),
      archName: (arch) => (arch === 0xc000_003e ? 'x86_64' : undefined),
      errnoName: (errno) => (errno === 13 ? 'EACCES' : undefined),
      policyLine: (index) => (index === 8 ? 'python.yaml:14:5' : undefined),
    });
    expect(text).toMatchInlineSnapshot(`
      "0000 ld [4] (arch)
      0001 jeq #0xc000003e (x86_64) jt 3 jf 2
      0002 ret #0x80000000 (kill_process)
      0003 ld [0] (nr)
      0004 jge #0x40000000 jt 5 jf 6
      0005 ret #0x80000000 (kill_process)
      0006 jeq #0x10 (ioctl) jt 7 jf 10
      0007 ld [24] (args[1] low)
      0008 jeq #0x5401 jt 13 jf 9 ; python.yaml:14:5
      0009 ret #0x5000d (errno EACCES)
      0010 jeq #0xe7 (exit_group) jt 11 jf 12
      0011 ret #0x7fc00000 (notify)
      0012 jeq #0x1 (write) jt 13 jf 14
      0013 ret #0x7fff0000 (allow)
      0014 ret #0x5000d (errno EACCES)
      "
    `);
  });

  it('needs no notes', () => {
    const filter: BpfInstruction[] = [
      { code: BPF.LD_W_ABS, jt: 0, jf: 0, k: SECCOMP_DATA.argHigh(5) },
      { code: BPF.AND_K, jt: 0, jf: 0, k: 0xff },
      { code: BPF.JSET_K, jt: 0, jf: 1, k: 0x80 },
      { code: BPF.JA, jt: 0, jf: 0, k: 0 },
      { code: BPF.RET_K, jt: 0, jf: 0, k: SECCOMP_RET.LOG },
    ];
    expect(disassemble(filter)).toMatchInlineSnapshot(`
      "0000 ld [60] (args[5] high)
      0001 and #0xff
      0002 jset #0x80 jt 3 jf 4
      0003 ja 4
      0004 ret #0x7ffc0000 (log)
      "
    `);
  });

  it('names a number only where every path loaded the number last', () => {
    const ret: BpfInstruction = { code: BPF.RET_K, jt: 0, jf: 0, k: SECCOMP_RET.ALLOW };
    const filter: BpfInstruction[] = [
      { code: BPF.LD_W_ABS, jt: 0, jf: 0, k: SECCOMP_DATA.nr },
      { code: BPF.JEQ_K, jt: 0, jf: 1, k: 1 },
      { code: BPF.LD_W_ABS, jt: 0, jf: 0, k: SECCOMP_DATA.argLow(0) },
      { code: BPF.JEQ_K, jt: 0, jf: 0, k: 1 },
      ret,
    ];
    const lines = disassemble(filter, { syscallName: (nr) => names.get(nr) }).split('\n');
    expect([lines[1], lines[3]]).toEqual(['0001 jeq #0x1 (write) jt 2 jf 3', '0003 jeq #0x1 jt 4 jf 4']);
  });
});
