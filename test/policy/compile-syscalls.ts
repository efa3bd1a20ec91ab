/** Policies of which a test says nothing but the system calls. */
import { kernelTable } from '../../src/kernel/table.js';
import type { Arch } from '../../src/kernel/types.js';
import type { Plan } from '../../src/plan/plan.js';
import { compileFilter } from '../../src/policy/compile/filter.js';
import { lowerSyscalls } from '../../src/policy/compile/lower.js';
import { compileNotify } from '../../src/policy/compile/notify.js';
import { Findings } from '../../src/policy/findings.js';
import type { EffectivePolicy } from '../../src/policy/types.js';
import { compileShipped, resolveText } from './shipped.js';

/** Whose mounts and limits the plans have. */
const STRICT: Readonly<Record<Arch, Plan>> = {
  x86_64: compileShipped('strict', 'x86_64').plan,
  arm64: compileShipped('strict', 'arm64').plan,
};

/** The plan of `strict` with other system calls, on top of the base's; undefined when they contradict each other. */
export function compileSyscalls(lines: string, arch: Arch): { plan: Plan; policy: EffectivePolicy } | undefined {
  const { value: policy } = resolveText(`version: 1\nkind: Policy\nname: test\nextends: [builtin:base@1]\n${lines}`);
  if (policy === undefined) return undefined;
  const findings = new Findings();
  const lowered = lowerSyscalls(policy.syscalls, kernelTable(arch), findings);
  const { answers, defaultErrno } = compileNotify(lowered, findings);
  if (findings.hasErrors) return undefined;
  const filter = compileFilter(lowered);
  return { plan: { ...STRICT[arch], filter, notify: answers, notifyDefaultErrno: defaultErrno }, policy };
}
