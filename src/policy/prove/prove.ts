/** Proves a compiled filter equal to the policy that it was made from. */
import { kernelTable } from '../../kernel/table.js';
import type { KernelTable, Syscall } from '../../kernel/types.js';
import { checkFilter } from '../../plan/bpf/check.js';
import { filterDigest } from '../../plan/bpf/digest.js';
import { SECCOMP_DATA, SECCOMP_RET } from '../../plan/bpf/opcodes.js';
import { answerByNumber } from '../../plan/bpf/simulate.js';
import type { Plan } from '../../plan/plan.js';
import { evaluateCall } from '../check/evaluate.js';
import { Findings } from '../findings.js';
import type { EffectivePolicy, Outcome, SyscallEvent } from '../types.js';
import { answerOf, answerText, withSupervisor } from './answers.js';
import type { Diagram, Diagrams } from './diagrams.js';
import { type Difference, differenceOf } from './difference.js';
import { policyDiagram } from './meaning.js';
import { pathsOf } from './paths.js';
import { programDiagram } from './program.js';
import type { Proof } from './proof.js';
import { sharedDiagrams } from './shared-diagrams.js';
import { keepProof, knownProof } from './shared-proofs.js';
import { givenCall, givenEach, givenWord } from './words.js';

/**
 * Compares what the plan's filter and the supervisor answer with what the policy means, for every possible call.
 * What it does not cover: that the YAML was read right, the number tables, and what the kernel makes of the filter.
 *
 * @returns the proof, or a finding with a counterexample for each system call that is answered otherwise
 */
export function provePlan(plan: Plan, policy: EffectivePolicy): Outcome<Proof> {
  const known = knownProof(plan, policy);
  if (known !== undefined) return { value: known, diagnostics: [] };
  const findings = new Findings();
  const refusal = checkFilter(plan.filter, plan.mode === 'audit');
  if (refusal !== undefined) {
    const problem = `the kernel would not take the filter: ${refusal.reason} at instruction ${refusal.index}`;
    findings.add('LW-S130', policy.origin, problem);
    return { value: undefined, diagnostics: findings.sorted() };
  }
  const comparison = comparisonOf(plan, policy);
  for (const difference of differences(comparison)) addDifference(difference, comparison, findings);
  const cached = cachedNumbers(comparison);
  for (const call of unconditionalCalls(comparison))
    if (!cached.has(call.number)) addUncached(call, comparison, findings);
  const diagnostics = findings.sorted();
  if (diagnostics.length > 0) return { value: undefined, diagnostics };
  const proof = proofOf(comparison, cached.size);
  keepProof(plan, policy, proof);
  return { value: proof, diagnostics };
}

function comparisonOf(plan: Plan, policy: EffectivePolicy): Comparison {
  const diagrams = sharedDiagrams();
  return {
    plan,
    policy,
    diagrams,
    table: kernelTable(plan.arch),
    answered: withSupervisor(diagrams, programDiagram(diagrams, plan.filter), plan),
    meant: policyDiagram(diagrams, policy.syscalls, plan.arch),
  };
}

function proofOf({ plan: { filter }, diagrams, answered, meant }: Comparison, cacheable: number): Proof {
  const { longest, count } = pathsOf(filter);
  const measures = {
    instructions: filter.length,
    longestPath: longest,
    paths: count,
    nodes: diagrams.countOf(answered, meant),
  };
  return { filter: filterDigest(filter), cacheable, ...measures };
}

interface Comparison {
  readonly plan: Plan;
  readonly policy: EffectivePolicy;
  readonly diagrams: Diagrams;
  readonly table: KernelTable;
  /** Of the filter and the supervisor. */
  readonly answered: Diagram;
  /** Of the policy. */
  readonly meant: Diagram;
}

/** One call for each number of the table that is answered otherwise; else one for all that is left. */
function differences(comparison: Comparison): readonly Difference[] {
  const { diagrams, answered, meant, table } = comparison;
  if (answered === meant) return [];
  const known = table.syscalls().flatMap(({ number: nr }) => {
    const found = differenceOf(diagrams, ofNumber(comparison, answered, nr), ofNumber(comparison, meant, nr));
    return found === undefined ? [] : [{ ...found, event: { ...found.event, arch: table.auditArch, nr } }];
  });
  return known.length > 0 ? known : [differenceOf(diagrams, answered, meant) ?? []].flat();
}

function cachedNumbers({ plan, table }: Comparison): ReadonlySet<number> {
  const isCached = (nr: number) => answerByNumber(plan.filter, table.auditArch, nr) === SECCOMP_RET.ALLOW;
  return new Set(numbersOf(table).filter(isCached));
}

/** Calls that the policy allows plainly and without any condition. */
function unconditionalCalls(comparison: Comparison): readonly Syscall[] {
  const { rules, restrict, allow } = comparison.policy.syscalls;
  const conditional = new Set<string>();
  for (const list of [rules, restrict, allow]) {
    for (const { syscall, args } of list) if (args.size > 0) conditional.add(syscall);
  }
  const { diagrams, table, meant } = comparison;
  const allowed = diagrams.constant(answerOf('allow', 0, false));
  const native = givenWord(diagrams, meant, SECCOMP_DATA.arch, table.auditArch);
  const meanings = givenEach(diagrams, native, SECCOMP_DATA.nr, numbersOf(table));
  return table.syscalls().filter(({ name, number }) => !conditional.has(name) && meanings.get(number) === allowed);
}

function numbersOf(table: KernelTable): readonly number[] {
  return table.syscalls().map(({ number }) => number);
}

function ofNumber({ diagrams, table }: Comparison, diagram: Diagram, nr: number): Diagram {
  return givenCall(diagrams, diagram, table.auditArch, nr);
}

function addDifference(
  { event, instructionPointer, values }: Difference,
  comparison: Comparison,
  findings: Findings,
): void {
  const { plan, policy, table } = comparison;
  const origin = evaluateCall(policy.syscalls, plan.arch, event).origin ?? policy.syscalls.default.origin;
  const [answered, meant] = values.map((value) => answerText(value, table));
  const from = instructionPointer === 0n ? '' : ` made at 0x${instructionPointer.toString(16)}`;
  const call = `${callText(event, table)}${from}`;
  findings.add('LW-S130', origin, `${call}: the filter answers ${answered}, the policy means ${meant}`);
}

function addUncached({ name, number }: Syscall, { plan, policy, table }: Comparison, findings: Findings): void {
  const event = { arch: table.auditArch, nr: number, args: [] };
  const origin = evaluateCall(policy.syscalls, plan.arch, event).origin ?? policy.syscalls.default.origin;
  const problem = 'the filter looks at arguments of a call that is allowed without condition';
  findings.add('LW-S130', origin, `${name}: ${problem}, which keeps the kernel from caching it`);
}

export function callText({ arch, nr, args }: SyscallEvent, table: KernelTable): string {
  if (arch !== table.auditArch) return `call ${nr} of architecture 0x${arch.toString(16)}`;
  const call = table.syscallByNumber(nr);
  if (call === undefined) return `call ${nr}`;
  const values = call.args.map(({ name, kind }, index) => {
    const value = args[index] ?? 0n;
    return `${name}=${kind === 'mode' ? `0o${value.toString(8)}` : `0x${value.toString(16)}`}`;
  });
  return `${call.name}(${values.join(', ')})`;
}
