import { describe, expect, it } from 'vitest';
import { compileShipped, fakeHost, resolveText, SHIPPED, shippedRuntime } from '../../../test/policy/shipped.js';
import { kernelTable } from '../../kernel/table.js';
import { ARCHES } from '../../kernel/types.js';
import { compilePolicy } from '../../policy/index.js';
import type { CompiledPolicy, EffectivePolicy } from '../../policy/types.js';
import { Program } from '../program.js';
import { derivedCalls } from './calls.js';

function programOf(policy: string, arch: (typeof ARCHES)[number] = 'x86_64'): Program {
  const { plan, policy: effective } = compileShipped(policy, arch);
  return new Program(plan, effective.syscalls);
}

describe.each(ARCHES)('derivedCalls on %s', (arch) => {
  const table = kernelTable(arch);

  it.each(SHIPPED)('%s: tries each call of the kernel’s table, or says why not', (policy) => {
    const { calls, untried } = derivedCalls(programOf(policy, arch));
    const tried = new Set(calls.map(({ nr }) => nr));
    const left = table.names().filter((name) => !tried.has(table.syscall(name)?.number ?? -1));
    expect(untried.map(({ name }) => name)).toEqual(expect.arrayContaining(left));
    for (const { reason } of untried) expect(reason).not.toBe('');
  });

  it('leaves out what audit mode lets through, and nothing else that is refused', () => {
    const policy = resolveText(
      'version: 1\nkind: Policy\nname: test\nextends: [builtin:python@1]\nmode: audit\n',
    ).value;
    const { plan } = compilePolicy(policy as EffectivePolicy, shippedRuntime('python'), fakeHost(arch))
      .value as CompiledPolicy;
    const program = new Program(plan, (policy as EffectivePolicy).syscalls);
    const { calls, untried } = derivedCalls(program);
    const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);
    const tried = new Set(calls.map(({ nr }) => nr));
    expect(tried.has(table.syscall('ptrace')?.number ?? -1)).toBe(true);
    expect(tried.has(table.syscall('clone3')?.number ?? -1)).toBe(true);
    expect(names(untried)).toContain('socket');
    expect(calls.some((call) => program.isAudited(call))).toBe(false);
    expect(derivedCalls(programOf('python', arch)).calls.some((call) => program.isAudited(call))).toBe(true);
  });

  it('names each attempt once', () => {
    const names = derivedCalls(programOf('python', arch)).calls.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('tries a number that no policy can know', () => {
    const program = programOf('python', arch);
    const call = derivedCalls(program).calls.find(({ nr }) => nr === table.highestNumber + 1);
    expect(call && program.answer(call)).toEqual({ kind: 'errno', errno: 'ENOSYS' });
  });
});

describe('derivedCalls', () => {
  const python = programOf('python');
  const { calls, untried } = derivedCalls(python);
  const nr = (name: string) => kernelTable('x86_64').syscall(name)?.number;
  const argumentsOf = (name: string) => calls.filter((call) => call.nr === nr(name)).map(({ args }) => args);

  it('makes a process only where the policy refuses it', () => {
    const clones = calls.filter((call) => call.nr === nr('clone'));
    expect(clones.length).toBeGreaterThan(5);
    for (const call of clones) expect(python.answer(call).kind).toBe('errno');
    expect(untried.find(({ name }) => name === 'clone')?.reason).toContain('it would make a process');
  });

  it('leaves out what no filter sees, whatever the policy says of it', () => {
    expect(argumentsOf('uprobe')).toEqual([]);
    expect(untried.find(({ name }) => name === 'uprobe')?.reason).toContain('seccomp(2)');
  });

  it('gives a process id that nobody has where all others would be meant by -1', () => {
    for (const [pid] of [...argumentsOf('kill'), ...argumentsOf('tkill')]) expect(pid).toBe(0x7fff_ffffn);
  });

  it('has a call of the x32 ABI, which every program kills', () => {
    const call = calls.find(({ name }) => name === 'x32 getpid');
    expect(call && python.answer(call)).toEqual({ kind: 'kill', signal: 'SIGSYS' });
  });
});
