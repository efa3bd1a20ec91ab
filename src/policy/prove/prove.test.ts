import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitrarySyscalls } from '../../../test/policy/arbitrary-syscalls.js';
import { retOf } from '../../../test/policy/boundary-calls.js';
import { compileSyscalls } from '../../../test/policy/compile-syscalls.js';
import { filterMutants, type Mutant } from '../../../test/policy/filter-mutants.js';
import { compileShipped, placesOf, SHIPPED } from '../../../test/policy/shipped.js';
import { renderDiagnostics } from '../../errors/render-diagnostic.js';
import { kernelTable } from '../../kernel/table.js';
import { ARCHES, type Arch } from '../../kernel/types.js';
import { BPF, SECCOMP_RET } from '../../plan/bpf/opcodes.js';
import { simulate } from '../../plan/bpf/simulate.js';
import type { Plan } from '../../plan/plan.js';
import { checkedCalls } from '../check/boundaries.js';
import { evaluateCall } from '../check/evaluate.js';
import type { EffectivePolicy, SyscallEvent } from '../types.js';
import { provePlan } from './prove.js';

describe('shipped policies', () => {
  const all = ARCHES.flatMap((arch) => SHIPPED.map((name) => [name, arch] as const));

  it.each(all)('%s is proven on %s', (name, arch) => {
    const { plan, policy } = compileShipped(name, arch);
    const { value: proof, diagnostics } = provePlan(plan, policy);
    expect(diagnostics).toEqual([]);
    expect(proof?.instructions).toBe(plan.filter.length);
    expect(proof?.cacheable).toBeGreaterThan(20);
  });
});

describe('a proof', () => {
  it('says the same whatever was proven before it', () => {
    const strict = compileShipped('strict', 'x86_64');
    const first = provePlan(strict.plan, strict.policy).value;
    const other = compileShipped('python', 'arm64');
    provePlan(other.plan, other.policy);
    const copy = { ...strict.plan, filter: [...strict.plan.filter] };
    expect(provePlan(copy, strict.policy).value).toEqual(first);
    expect(first?.nodes).toBeGreaterThan(100);
  });

  it('is made once for what several policies share, and nobody can change that', () => {
    const { plan, policy } = compileShipped('strict', 'x86_64');
    const first = provePlan(plan, policy).value;
    expect(provePlan({ ...plan, workDir: '/tmp' }, policy).value).toBe(first);
    expect(() => Object.assign(plan.filter[0] as object, { k: 0 })).toThrow(TypeError);
    expect(() => (plan.filter as unknown[]).pop()).toThrow(TypeError);
    expect(() => (plan.notify as unknown[]).pop()).toThrow(TypeError);
  });

  it('is not kept for what can be changed afterwards', () => {
    const { plan, policy } = compileShipped('strict', 'x86_64');
    const open = { ...plan, filter: [...plan.filter] };
    expect(provePlan(open, policy).value).toBeDefined();
    const index = open.filter.findIndex(({ code, k }) => code === BPF.RET_K && k === SECCOMP_RET.USER_NOTIF);
    open.filter[index] = { code: BPF.RET_K, jt: 0, jf: 0, k: SECCOMP_RET.ALLOW };
    expect(provePlan(open, policy).value).toBeUndefined();
  });

  it('is of one filter, its answers and one set of system calls only', () => {
    const { plan, policy } = compileShipped('strict', 'x86_64');
    expect(provePlan(plan, policy).value).toBeDefined();
    expect(provePlan({ ...plan, notify: [] }, policy).value).toBeUndefined();
    expect(provePlan({ ...plan, notifyDefaultErrno: plan.notifyDefaultErrno + 1 }, policy).value).toBeUndefined();
    expect(provePlan({ ...plan, arch: 'arm64' }, policy).value).toBeUndefined();
    const other = { ...policy, syscalls: { ...policy.syscalls, allow: policy.syscalls.allow.slice(1) } };
    expect(provePlan(plan, other).value).toBeUndefined();
  });
});

describe('a plan that means something else than its policy', () => {
  const { plan, policy } = compileShipped('strict', 'x86_64');

  it('is refused with the call that shows it', () => {
    const index = plan.filter.findIndex(({ code, k }) => code === BPF.RET_K && k === SECCOMP_RET.USER_NOTIF);
    const filter = plan.filter.with(index, { code: BPF.RET_K, jt: 0, jf: 0, k: SECCOMP_RET.ALLOW });
    const { value, diagnostics } = provePlan({ ...plan, filter }, policy);
    expect(value).toBeUndefined();
    expect(diagnostics[0]?.code).toBe('LW-S130');
    expect(diagnostics[0]?.message).toMatch(/: the filter answers allow, the policy means reported EACCES$/);
  });

  it('is refused for what the supervisor answers', () => {
    const without = (action: string) => ({ ...plan, notify: plan.notify.filter((answer) => answer.action !== action) });
    const continued = provePlan(without('continue'), policy).diagnostics;
    expect(placesOf(continued, 'policies/builtin/base.yaml')).toEqual(['LW-S130 19:7']);
    const kills = plan.notify.filter(({ action }) => action === 'kill');
    expect(kills.length).toBeGreaterThan(5);
    expect(provePlan(without('kill'), policy).diagnostics).toHaveLength(kills.length);
    expect(provePlan({ ...plan, notifyDefaultErrno: 1 }, policy).diagnostics.length).toBeGreaterThan(0);
  });

  it('is refused for one value of one argument, which no sample would meet', () => {
    const text = 'allow: ["@leeward/vital", {syscall: lseek, args: {offset: {noneOf: [0x123456789abcdef0]}}}]';
    const odd = planOf(`syscalls:\n  ${text}\n`, 'x86_64');
    const at = odd.plan.filter.findIndex(({ k }) => k === 0x9abc_def0);
    const wrong = odd.plan.filter.with(at, { ...(odd.plan.filter[at] as (typeof odd.plan.filter)[0]), k: 0x9abc_def1 });
    const { diagnostics } = provePlan({ ...odd.plan, filter: wrong }, odd.policy);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'lseek(fd=0x0, offset=0x123456789abcdef0, whence=0x0): the filter answers allow, the policy means reported EACCES',
    ]);
  });

  it('is refused for a range that ends one too far, with the line of the policy that it breaks', () => {
    const lines =
      'syscalls:\n  allow:\n    - "@leeward/vital"\n    - {syscall: setpriority, args: {who: {min: 16, max: 4095}}}\n';
    const odd = planOf(lines, 'x86_64');
    const filter = odd.plan.filter.map((at) => (at.code === BPF.JGT_K && at.k === 4095 ? { ...at, k: 4096 } : at));
    expect(filter).not.toEqual(odd.plan.filter);
    const { diagnostics } = provePlan({ ...odd.plan, filter }, odd.policy);
    const sources = new Map(odd.policy.files.map(({ file, text }) => [file, text]));
    expect(renderDiagnostics(diagnostics, sources)).toBe(
      [
        'policies/builtin/base.yaml:16:12: error LW-S130: setpriority(which=0x0, who=0x1000, prio=0x0): the filter answers allow, the policy means reported EACCES',
        '  16 |   default: {action: errno, errno: EACCES, report: daemon}',
        '     |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^',
      ].join('\n'),
    );
  });

  it('is refused when its filter is no program', () => {
    const index = plan.filter.findIndex(({ code }) => code === BPF.JEQ_K);
    const jump = { code: BPF.JEQ_K, jt: 255, jf: 255, k: 0 };
    const { value, diagnostics } = provePlan({ ...plan, filter: plan.filter.with(index, jump) }, policy);
    expect(value).toBeUndefined();
    expect(diagnostics.map(({ message }) => message)).toEqual([
      `the kernel would not take the filter: bpf_jump at instruction ${index}`,
    ]);
  });

  it('is proven where an entry has a constant of another architecture only: it never holds', () => {
    const entry = '{syscall: mmap, args: {flags: {mask: MAP_32BIT, equals: 0}}}';
    const { plan: arm, policy: own } = planOf(`syscalls:\n  allow: ["@leeward/vital", ${entry}]\n`, 'arm64');
    const table = kernelTable('arm64');
    const nr = table.syscall('mmap')?.number ?? -1;
    expect(evaluateCall(own.syscalls, 'arm64', { arch: table.auditArch, nr, args: [] }).action).toBe('errno');
    expect(provePlan(arm, own).diagnostics).toEqual([]);
  });

  it('is refused when an unconditional allow looks at an argument', () => {
    const first = { code: BPF.LD_W_ABS, jt: 0, jf: 0, k: 16 };
    const { diagnostics } = provePlan({ ...plan, filter: [first, ...plan.filter] }, policy);
    expect(diagnostics.length).toBeGreaterThan(10);
    expect(diagnostics[0]?.message).toMatch(/keeps the kernel from caching it$/);
  });
});

describe('any policy', () => {
  it.each(ARCHES)(
    'that compiles on %s is proven, and every mutant of its filter is equal or has a witness',
    (arch) => {
      let mutants = 0;
      fc.assert(
        fc.property(arbitrarySyscalls(arch), fc.nat(), (lines, seed) => {
          const compiled = compileSyscalls(lines, arch);
          if (compiled === undefined) return;
          const { plan, policy } = compiled;
          expect(provePlan(plan, policy).diagnostics).toEqual([]);
          const list = filterMutants(plan.filter);
          const mutant = list[seed % list.length] as Mutant;
          mutants += 1;
          checkMutant(mutant, plan, policy);
        }),
        { numRuns: 25 },
      );
      expect(mutants).toBeGreaterThan(8);
    },
    60_000,
  );
});

describe('hostile words', () => {
  const huge = fc.bigInt(-(1n << 70n), 1n << 70n).map(String);
  const wide = fc.bigInt(0n, 1n << 70n).map((value) => `0x${value.toString(16)}`);
  const name = fc.constantFrom('__proto__', 'constructor', 'PROT_EXEC', 'O_CREAT|O_TMPFILE', 'AF_INET|AF_UNIX', '-1');
  const word = fc.oneof(huge, wide, name).map((text) => `"${text}"`);
  const form = fc.tuple(fc.constantFrom('oneOf', 'noneOf', 'mask', 'range'), word, word).map(([kind, a, b]) => {
    if (kind === 'mask') return `{mask: ${a}, equals: ${b}}`;
    return kind === 'range' ? `{min: ${a}, max: ${b}}` : `{${kind}: [${a}, ${b}]}`;
  });
  const argument = fc.constantFrom('fd', 'offset', 'whence', '__proto__', 'toString');
  const entry = fc.tuple(argument, form).map(([arg, text]) => `{syscall: lseek, args: {${arg}: ${text}}}`);

  it.each(ARCHES)('are findings or a plan that is proven, on %s', (arch) => {
    const outcomes = { refused: 0, proven: 0 };
    fc.assert(
      fc.property(entry, (text) => {
        const compiled = compileSyscalls(`syscalls:\n  allow: ["@leeward/vital", ${text}]\n`, arch);
        if (compiled !== undefined) expect(provePlan(compiled.plan, compiled.policy).diagnostics).toEqual([]);
        outcomes[compiled === undefined ? 'refused' : 'proven'] += 1;
      }),
    );
    expect(Math.min(outcomes.refused, outcomes.proven)).toBeGreaterThan(0);
  });
});

/** A mutant that is refused must be seen to differ, one that is proven must not be seen to. */
function checkMutant({ filter }: Mutant, plan: Plan, policy: EffectivePolicy): void {
  const wrong = { ...plan, filter };
  const { value } = provePlan(wrong, policy);
  const samples = [...checkedCalls(policy.syscalls, kernelTable(plan.arch))];
  const differs = samples.some((event) => !isAnsweredAsMeant(wrong, policy, event));
  if (value !== undefined) expect(differs).toBe(false);
}

function isAnsweredAsMeant(plan: Plan, { syscalls }: EffectivePolicy, event: SyscallEvent): boolean {
  const { action } = simulate(plan.filter, event);
  const decision = evaluateCall(syscalls, plan.arch, event);
  return action === retOf(decision);
}

function planOf(lines: string, arch: Arch): { plan: Plan; policy: EffectivePolicy } {
  const compiled = compileSyscalls(lines, arch);
  if (compiled === undefined) throw new Error(`does not compile:\n${lines}`);
  return compiled;
}
