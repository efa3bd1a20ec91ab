/**
 * Another compiler's filters against ours, for every possible call. Numbers that are no call are left out on both sides: libseccomp
 * gives them the default of calls that no rule is about, or takes them for calls of x32.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arbitrarySyscalls } from '../../../test/policy/arbitrary-syscalls.js';
import { compileSyscalls } from '../../../test/policy/compile-syscalls.js';
import { filterMutants } from '../../../test/policy/filter-mutants.js';
import { hasLibseccomp, LibseccompOracle } from '../../../test/policy/libseccomp-oracle.js';
import { compileShipped, WITH_OWN_FILTER } from '../../../test/policy/shipped.js';
import { kernelTable } from '../../kernel/table.js';
import { ARCHES, type Arch } from '../../kernel/types.js';
import { SECCOMP_DATA, SECCOMP_RET, seccompAction } from '../../plan/bpf/opcodes.js';
import { simulate } from '../../plan/bpf/simulate.js';
import type { Plan } from '../../plan/plan.js';
import { combine } from '../compare/combine.js';
import { ociDiagram } from '../oci/meaning.js';
import { OCI_ARCHES } from '../oci/profile.js';
import type { EffectivePolicy } from '../types.js';
import { type Diagram, Diagrams } from './diagrams.js';
import { differenceOf } from './difference.js';
import { policyDiagram } from './meaning.js';
import { programDiagram } from './program.js';
import { provePlan } from './prove.js';
import { chosenBy, givenCall, hasAnyBit, isEqual, wordBits } from './words.js';

const SKIPPED = 0xffff_ffffn;

describe.skipIf(!hasLibseccomp())('libseccomp (needs python3-seccomp)', () => {
  let oracle: LibseccompOracle;
  beforeAll(() => {
    oracle = new LibseccompOracle();
  });
  afterAll(() => oracle.close());

  it.each(ARCHES)('has the numbers of our table on %s', async (arch) => {
    const table = kernelTable(arch);
    const numbers = await oracle.numbersOf(table.names(), arch);
    const both = table.names().flatMap((name, index) => (numbers[index] === -1 ? [] : [[name, numbers[index]]]));
    expect(both.length).toBeGreaterThan(300);
    expect(both).toEqual(both.map(([name]) => [name, table.syscall(`${name}`)?.number]));
  });

  const all = ARCHES.flatMap((arch) => WITH_OWN_FILTER.map((name) => [name, arch] as const));

  it.each(all)('answers every call as we do for %s on %s', async (name, arch) => {
    const { plan, policy } = compileShipped(name, arch);
    for (const optimize of [1, 2] as const) {
      const { filter, unsaid } = await oracle.filterOf(policy.syscalls, arch, optimize);
      expect(unsaid).toEqual([]);
      const comparison = new Comparison({ ...plan, filter }, unsaid);
      expect(comparison.withProgram(plan)).toBeUndefined();
      expect(comparison.withMeaning(policy)).toBeUndefined();
    }
  });

  it.each(ARCHES)('answers every call as we do for any policy on %s', async (arch) => {
    const seen = { policies: 0, unsaid: 0 };
    const property = fc.asyncProperty(arbitrarySyscalls(arch), async (lines) => {
      const compiled = compileSyscalls(lines, arch);
      if (compiled === undefined) return;
      const { filter, unsaid } = await oracle.filterOf(compiled.policy.syscalls, arch);
      const comparison = new Comparison({ ...compiled.plan, filter }, unsaid);
      expect(comparison.withProgram(compiled.plan)).toBeUndefined();
      expect(comparison.withMeaning(compiled.policy)).toBeUndefined();
      seen.policies += 1;
      seen.unsaid += unsaid.length;
    });
    await fc.assert(property, { numRuns: 40 });
    expect(seen.policies).toBeGreaterThan(20);
    expect(seen.unsaid).toBeLessThan(2 * seen.policies);
  });

  it.each(ARCHES)('answers numbers that no table has on %s as we read profiles of it', async (arch) => {
    const { policy } = compileShipped('strict', arch);
    const { filter } = await oracle.filterOf(policy.syscalls, arch);
    const { auditArch } = kernelTable(arch);
    const profile = {
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: 1,
      architectures: [OCI_ARCHES[arch]],
      syscalls: [],
    } as const;
    const diagrams = new Diagrams();
    const meaning = ociDiagram(diagrams, profile, arch);
    for (const nr of [
      0x3fff_ffff, 0x4000_0000, 0x7fff_ffff, 0x8000_0000, 0xbfff_ffff, 0xc000_0000, 0xffff_fffe, 0xffff_ffff,
    ]) {
      const meant = diagrams.valueOf(givenCall(diagrams, meaning, auditArch, nr)) ?? 0;
      const kinds = [simulate(filter, { arch: auditArch, nr }).action, meant].map(
        (answer) => seccompAction(answer)?.kind,
      );
      // The policy's default is reported; its filter kills the process for x32, a profile's the thread.
      const [theirs, ours] = kinds.map((kind) => (kind === 'notify' || kind === 'errno' ? 'default' : 'kill'));
      expect({ nr, answer: ours }).toEqual({ nr, answer: theirs });
    }
  });

  it('sees filters that are wrong in one instruction', async () => {
    const { plan, policy } = compileShipped('strict', 'x86_64');
    const { filter, unsaid } = await oracle.filterOf(policy.syscalls, 'x86_64');
    const comparison = new Comparison({ ...plan, filter }, unsaid);
    const mutants = filterMutants(plan.filter).filter((_, index) => index % 16 === 0);
    const refused = mutants.filter(
      (mutant) => provePlan({ ...plan, filter: mutant.filter }, policy).value === undefined,
    );
    const seen = mutants.filter((mutant) => comparison.withProgram({ ...plan, filter: mutant.filter }) !== undefined);
    expect(seen.every((mutant) => refused.includes(mutant))).toBe(true);
    expect(seen.length).toBeGreaterThan(0.8 * refused.length);
  });
});

/** libseccomp's filter of a policy, which others are compared with. */
class Comparison {
  readonly #diagrams = new Diagrams();
  readonly #arch: Arch;
  readonly #isSaid: Diagram;
  readonly #said: Diagram;

  /** @param plan with libseccomp's filter */
  constructor({ filter, arch }: Plan, unsaid: readonly string[]) {
    this.#arch = arch;
    this.#isSaid = this.#saidCalls(unsaid);
    this.#said = this.#onlySaid(programDiagram(this.#diagrams, filter));
  }

  /** The call that our filter answers otherwise. */
  withProgram({ filter }: Plan): string | undefined {
    return this.#differenceFrom(programDiagram(this.#diagrams, filter));
  }

  /** The call that the prover takes the policy to mean otherwise. */
  withMeaning({ syscalls }: EffectivePolicy): string | undefined {
    const answers = policyDiagram(this.#diagrams, syscalls, this.#arch);
    // Answers that are reported are above all values of RET.
    const toFilter = (answer: number) => (answer > SKIPPED ? SECCOMP_RET.USER_NOTIF : answer);
    return this.#differenceFrom(combine(this.#diagrams, answers, this.#diagrams.never, toFilter));
  }

  #differenceFrom(other: Diagram): string | undefined {
    const found = differenceOf(this.#diagrams, this.#said, this.#onlySaid(other));
    if (found === undefined) return undefined;
    const { arch, nr, args } = found.event;
    const name = kernelTable(this.#arch).syscallByNumber(nr)?.name ?? `call ${nr} of 0x${arch.toString(16)}`;
    const [theirs, ours] = found.values.map((value) => JSON.stringify(seccompAction(value)));
    return `${name}(${args.map((arg) => `0x${arg.toString(16)}`).join(', ')}): libseccomp ${theirs}, ours ${ours}`;
  }

  #onlySaid(diagram: Diagram): Diagram {
    return this.#diagrams.choose(this.#isSaid, diagram, this.#diagrams.never);
  }

  #saidCalls(unsaid: readonly string[]): Diagram {
    const [diagrams, table] = [this.#diagrams, kernelTable(this.#arch)];
    const number = wordBits(SECCOMP_DATA.nr);
    const said = table.names().filter((name) => !unsaid.includes(name));
    const known = new Map(said.map((name) => [table.syscall(name)?.number ?? -1, diagrams.always]));
    const hasX32Bit = hasAnyBit(diagrams, number, BigInt(table.x32Bit ?? 0));
    const isX32 = diagrams.choose(isEqual(diagrams, number, SKIPPED), diagrams.never, hasX32Bit);
    const native = isEqual(diagrams, wordBits(SECCOMP_DATA.arch), BigInt(table.auditArch));
    const ofNumber = diagrams.or(isX32, chosenBy(diagrams, number, known, diagrams.never));
    return diagrams.choose(native, ofNumber, diagrams.always);
  }
}
