import { describe, expect, it } from 'vitest';
import { resolveText } from '../../../test/policy/shipped.js';
import { kernelTable } from '../../kernel/table.js';
import type { Arch } from '../../kernel/types.js';
import { Findings } from '../findings.js';
import type { EffectiveSyscalls } from '../types.js';
import { lowerSyscalls } from './lower.js';

const ALLOW = ['mincore', '{syscall: setpriority, args: {which: PRIO_PROCESS}}'];

function syscallsOf(lines: string): EffectiveSyscalls {
  const { value } = resolveText(`version: 1\nkind: Policy\nname: test\nextends: [builtin:python@1]\n${lines}`);
  if (value === undefined) throw new Error(`no policy: ${lines}`);
  return value.syscalls;
}

function lowered(syscalls: EffectiveSyscalls, name: string, arch: Arch = 'x86_64', findings = new Findings()) {
  const table = kernelTable(arch);
  return lowerSyscalls(syscalls, table, findings).calls.get(table.syscall(name)?.number ?? -1);
}

describe('a call', () => {
  it('is lowered once for all policies that have the same entries of it', () => {
    const syscalls = syscallsOf(`syscalls: {allow: [${ALLOW.join()}]}\n`);
    const others = { ...syscalls, allow: syscalls.allow.filter((entry) => entry.syscall !== 'mincore') };
    expect(lowered(others, 'setpriority')).toBe(lowered(syscalls, 'setpriority'));
    expect(lowered(others, 'setpriority', 'arm64')).toBe(lowered(syscalls, 'setpriority', 'arm64'));
    expect(lowered(syscalls, 'setpriority', 'arm64')).not.toBe(lowered(syscalls, 'setpriority'));
  });

  it('is another one with an entry, a restriction or a rule more', () => {
    const syscalls = syscallsOf(`syscalls: {allow: [${ALLOW.join()}]}\n`);
    const first = lowered(syscalls, 'mincore');
    const entry = syscalls.allow.find(({ syscall }) => syscall === 'mincore');
    const { origin } = syscalls.default;
    const args = new Map([['start', { value: { kind: 'oneOf', words: ['0'] } as const, origin }]]);
    const rule = {
      syscall: 'mincore',
      args,
      action: 'errno',
      errno: 'EPERM',
      report: 'none',
      origin,
      locked: false,
    } as const;
    const others: EffectiveSyscalls[] = [
      { ...syscalls, allow: [...syscalls.allow, ...(entry === undefined ? [] : [Object.freeze({ ...entry, args })])] },
      { ...syscalls, restrict: [...syscalls.restrict, Object.freeze({ syscall: 'mincore', args, origin })] },
      { ...syscalls, rules: [...syscalls.rules, Object.freeze(rule)] },
    ];
    for (const other of others) expect(lowered(other, 'mincore')).not.toBe(first);
    expect(lowered(syscalls, 'mincore')).toEqual(first);
  });

  it('is lowered anew while somebody can change what it is made of', () => {
    const syscalls = syscallsOf(`syscalls: {allow: [${ALLOW.join()}]}\n`);
    const open = { ...syscalls, allow: syscalls.allow.map((entry) => ({ ...entry })) };
    expect(lowered(open, 'mincore')).not.toBe(lowered(open, 'mincore'));
  });

  it('has what is wrong with it each time, also where one list has it already from the other architecture', () => {
    const syscalls = syscallsOf('syscalls: {allow: [{syscall: setpriority, args: {which: NO_SUCH_CONSTANT}}]}\n');
    const both = new Findings();
    for (const arch of ['x86_64', 'arm64'] as const) lowered(syscalls, 'setpriority', arch, both);
    expect(both.sorted().map(({ code }) => code)).toEqual(['LW-S107']);
    for (const arch of ['x86_64', 'arm64'] as const) {
      const findings = new Findings();
      lowered(syscalls, 'setpriority', arch, findings);
      expect(findings.sorted().map(({ code }) => code)).toEqual(['LW-S107']);
    }
  });
});
