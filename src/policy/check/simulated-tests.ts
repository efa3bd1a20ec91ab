/** The expectations of a policy's own file that need no kernel. */
import { nearestNames } from '../../errors/nearest.js';
import { kernelTable } from '../../kernel/table.js';
import type { Arch, KernelTable, Syscall } from '../../kernel/types.js';
import { didYouMean, Findings } from '../findings.js';
import { asEnforced } from '../resolve/audit.js';
import { isKnownSyscall, knownSyscallNames } from '../resolve/syscall-names.js';
import type { Decision, EffectivePolicy, PolicyTest, SyscallEvent } from '../types.js';
import { wordValue } from '../words.js';
import { evaluateCall } from './evaluate.js';

export type SyscallTest = Extract<PolicyTest, { kind: 'syscall' }>;

export interface TestRun {
  readonly passed: number;
  readonly failed: number;
  /** Tests that need a real sandbox, or a call that the architecture lacks. */
  readonly skipped: number;
}

/** Runs the tests of kind `syscall`, which say what holds when the policy is enforced. Each that fails is a finding at its place. */
export function runSimulatedTests(written: EffectivePolicy, arch: Arch) {
  const policy = asEnforced(written);
  const findings = new Findings();
  const run = { passed: 0, failed: 0, skipped: 0 };
  for (const test of policy.tests) {
    const outcome = test.kind === 'syscall' ? runTest(test, policy, kernelTable(arch), findings) : 'skipped';
    run[outcome] += 1;
  }
  return { run: run as TestRun, diagnostics: findings.sorted() };
}

/** One of the tests: what became of it, and why it failed. */
export function runSimulatedTest(test: SyscallTest, policy: EffectivePolicy, arch: Arch) {
  const findings = new Findings();
  const outcome = runTest(test, asEnforced(policy), kernelTable(arch), findings);
  return { outcome, diagnostics: findings.sorted() };
}

/** The call that a test is about; undefined where the architecture lacks it, or the test is wrong itself. */
export function testedCall(test: SyscallTest, arch: Arch): SyscallEvent | undefined {
  const table = kernelTable(arch);
  const call = table.syscall(test.syscall);
  const args = call && argumentsOf(test, call, table, new Findings());
  return call && args && { arch: table.auditArch, nr: call.number, args };
}

function runTest(test: SyscallTest, policy: EffectivePolicy, table: KernelTable, findings: Findings): keyof TestRun {
  const call = table.syscall(test.syscall);
  if (call === undefined) return missingCall(test, table, findings);
  const args = argumentsOf(test, call, table, findings);
  if (args === undefined || !isKnownExpectation(test, table, findings)) return 'failed';
  const decision = evaluateCall(policy.syscalls, table.arch, { arch: table.auditArch, nr: call.number, args });
  if (isExpected(decision, test, table)) return 'passed';
  const related = decision.origin === null ? [] : [{ origin: decision.origin, message: 'decided here' }];
  const message = `\`${test.syscall}\` gets ${decisionText(decision, table)}, not ${expectText(test)}`;
  findings.add('LW-T700', test.origin, message, { related });
  return 'failed';
}

function isKnownExpectation({ expect, origin }: SyscallTest, table: KernelTable, findings: Findings): boolean {
  if (expect.action !== 'errno' || table.errno(expect.errno) !== undefined) return true;
  const hint = didYouMean(nearestNames(expect.errno, table.errnoNames()));
  findings.add('LW-S117', origin, `there is no errno \`${expect.errno}\``, { hint });
  return false;
}

function missingCall(
  { syscall, origin }: SyscallTest,
  { arch }: KernelTable,
  findings: Findings,
): 'failed' | 'skipped' {
  if (isKnownSyscall(syscall)) {
    findings.add('LW-T701', origin, `there is no \`${syscall}\` on ${arch}`);
    return 'skipped';
  }
  const hint = didYouMean(nearestNames(syscall, knownSyscallNames()));
  findings.add('LW-S100', origin, `there is no system call \`${syscall}\``, { hint });
  return 'failed';
}

function argumentsOf(test: SyscallTest, call: Syscall, table: KernelTable, findings: Findings): bigint[] | undefined {
  const args = call.args.map(() => 0n);
  for (const [name, { value: word, origin }] of test.args) {
    const index = call.args.findIndex((argument) => argument.name === name);
    const value = wordValue(word, table);
    if (index < 0) {
      const names = call.args.map((argument) => argument.name);
      const hint = didYouMean(nearestNames(name, names)) ?? `its arguments: ${names.join(', ') || 'none'}`;
      findings.add('LW-S105', origin, `\`${call.name}\` has no argument \`${name}\``, { hint });
      return undefined;
    }
    if (value.kind !== 'value') {
      const hint = didYouMean(nearestNames(value.name, table.constantNames()));
      findings.add('LW-S107', origin, `there is no constant \`${value.name}\` on ${table.arch}`, { hint });
      return undefined;
    }
    args[index] = BigInt.asUintN(64, value.value);
  }
  return args;
}

function isExpected({ action, errno }: Decision, { expect }: SyscallTest, table: KernelTable): boolean {
  return action === expect.action && (action !== 'errno' || errno === table.errno(expect.errno));
}

function decisionText({ action, errno }: Decision, table: KernelTable): string {
  return action === 'errno' ? (table.errnoName(errno) ?? `errno ${errno}`) : action;
}

function expectText({ expect }: SyscallTest): string {
  return expect.action === 'errno' ? expect.errno : expect.action;
}
