import { describe, expect, it } from 'vitest';
import { fakeHost, findingsText, placesOf, resolveText, shippedRuntime } from '../../../test/policy/shipped.js';
import { kernelTable } from '../../kernel/table.js';
import { ARCHES, type Arch } from '../../kernel/types.js';
import { checkedCalls } from '../check/boundaries.js';
import { evaluateCall } from '../check/evaluate.js';
import { runSimulatedTests } from '../check/simulated-tests.js';
import { compilePolicy } from '../compile/compile.js';
import { exportOci } from '../oci/export.js';
import { provePlan } from '../prove/prove.js';
import type { EffectivePolicy } from '../types.js';
import { asEnforced } from './audit.js';

const HEAD = 'version: 1\nkind: Policy\nname: test\nextends: [builtin:python@1]\n';
const OWN = 'tests:\n  - {syscall: vhangup, expect: {errno: EACCES}}\n';

function policyOf(rest: string): EffectivePolicy {
  const { value, diagnostics } = resolveText(`${HEAD}${rest}`);
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return value;
}

function compiled(policy: EffectivePolicy, arch: Arch) {
  const { value, diagnostics } = compilePolicy(policy, shippedRuntime('python'), fakeHost(arch));
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return value.plan;
}

const audited = policyOf(`mode: audit\n${OWN}`);

describe.each(ARCHES)('mode: audit on %s', (arch) => {
  const table = kernelTable(arch);
  const constant = (name: string) => table.constant(name) ?? 0n;
  const answer = (name: string, ...args: bigint[]) => {
    const { action, errno, notify } = evaluateCall(audited.syscalls, arch, {
      arch: table.auditArch,
      nr: table.syscall(name)?.number ?? -1,
      args,
    });
    return `${action}${errno === 0 ? '' : ` ${table.errnoName(errno)}`}${notify ? ', reported' : ''}`;
  };

  it('lets through what nothing allows, and reports it', () => {
    expect(answer('vhangup')).toBe('allow, reported');
    expect(answer('ioctl', 0n, 1n)).toBe('allow, reported');
    expect(answer('read')).toBe('allow');
  });

  it('keeps rules, and what the base restricts', () => {
    expect(answer('ptrace')).toBe('kill_process, reported');
    expect(answer('clone3')).toBe('errno ENOSYS');
    expect(answer('prctl', constant('PR_SET_SECCOMP'))).toBe('errno EACCES');
    expect(answer('prctl', 9999n)).toBe('allow, reported');
    expect(answer('fchmod', 1n, 0o4755n)).toBe('errno EACCES');
    expect(answer('fchmod', 1n, 0o755n)).toBe('allow');
  });

  it('is compiled and proven', () => {
    const plan = compiled(audited, arch);
    expect(plan.mode).toBe('audit');
    expect(provePlan(plan, audited).diagnostics).toEqual([]);
    const missing = { ...plan, notify: plan.notify.slice(0, -1) };
    expect(provePlan(missing, audited).diagnostics[0]?.message).toMatch(/the policy means reported allow$/);
    expect(provePlan(compiled(asEnforced(audited), arch), audited).value).toBeUndefined();
  });

  it('is what is enforced, but for calls that would get the default', () => {
    const enforced = asEnforced(audited).syscalls;
    for (const event of checkedCalls(audited.syscalls, table)) {
      const [now, then] = [audited.syscalls, enforced].map((syscalls) => evaluateCall(syscalls, arch, event));
      if (now?.action === 'allow' && then?.action !== 'allow') expect(then?.origin).toEqual(enforced.default.origin);
      else expect({ ...now, notify: false }).toEqual({ ...then, notify: false });
    }
  });

  it('leaves tests of system calls and exported profiles as they are when the policy is enforced', () => {
    expect(runSimulatedTests(audited, arch).diagnostics).toEqual([]);
    const [now, then] = [audited, policyOf(OWN)].map((policy) => exportOci(policy, arch).value);
    expect(now?.profile).toEqual(then?.profile);
    expect(now?.losses[0]?.message).toContain('mode: audit');
  });
});

describe('mode', () => {
  it('of audit is a warning where it is written', () => {
    expect(placesOf(resolveText(`${HEAD}mode: audit\n`).diagnostics)).toContain('LW-P031 5:7');
    expect(placesOf(resolveText(`${HEAD}mode: enforce\n`).diagnostics)).not.toContain('LW-P031 5:7');
  });

  it('of a child replaces its parent’s', () => {
    const others = { a: `${HEAD.replace('test', 'a')}mode: audit\n` };
    const child = 'version: 1\nkind: Policy\nname: test\nextends: [a]\n';
    expect(resolveText(child, others).value?.syscalls.default.action).toBe('allow');
    expect(resolveText(`${child}mode: enforce\n`, others).value?.syscalls.default.action).toBe('errno');
  });
});
