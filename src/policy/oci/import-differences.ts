/** Where an imported policy answers otherwise than its profile: found with the prover's diagrams, and named with an example. */
import { kernelTable } from '../../kernel/table.js';
import type { Arch, KernelTable, Syscall } from '../../kernel/types.js';
import { SECCOMP_DATA } from '../../plan/bpf/opcodes.js';
import { evaluateCall } from '../check/evaluate.js';
import { combine } from '../compare/combine.js';
import { type Answer, answerOf, answerText } from '../prove/answers.js';
import { type Diagram, Diagrams } from '../prove/diagrams.js';
import { differenceOf } from '../prove/difference.js';
import { isClean } from '../prove/meaning.js';
import { callText } from '../prove/prove.js';
import { givenCall, givenWord } from '../prove/words.js';
import { BASE, builtinPath } from '../resolve/builtins.js';
import type { EffectiveSyscalls, SyscallEvent } from '../types.js';
import { byStrictness, type CallImporter } from './calls.js';
import { silentMeaning } from './export.js';
import type { Losses, LossKind } from './losses.js';
import { ociDiagram } from './meaning.js';
import { withBothSigns } from './sign-forms.js';

const ALLOWED = answerOf('allow', 0, false);

/** What calls get. */
interface Meanings {
  /** By the profile, of entries that contradict each other the one that allows most: libseccomp keeps no order of those with conditions. */
  readonly loose: Diagram;
  /** By the profile, of entries that contradict each other the strictest. */
  readonly strict: Diagram;
  /** By what the policy itself says. */
  readonly own: Diagram;
  /** By the policy with its base. */
  readonly whole: Diagram;
}

export interface ImportedOn {
  readonly arch: Arch;
  readonly importer: CallImporter;
  /** With the base. */
  readonly policy: EffectiveSyscalls;
}

/**
 * Names every call of the table that the policy answers otherwise than the profile.
 *
 * @throws Error when the policy allows what the profile does not, beside what the base allows for every sandbox
 */
export function nameDifferences(imported: ImportedOn, losses: Losses): void {
  const { arch, importer, policy } = imported;
  const profile = importer.comparable;
  const diagrams = new Diagrams();
  const strictest = byStrictness(profile.syscalls);
  const meanings: Meanings = {
    loose: ociDiagram(diagrams, { ...profile, syscalls: strictest.toReversed() }, arch),
    strict: ociDiagram(diagrams, { ...profile, syscalls: strictest }, arch),
    own: silentMeaning(diagrams, withoutBase(policy), arch),
    whole: silentMeaning(diagrams, policy, arch),
  };
  const table = kernelTable(arch);
  for (const name of table.names()) {
    const call = table.syscall(name);
    if (call !== undefined) new CallComparison(diagrams, call, table, meanings, imported).nameIn(losses);
  }
}

/** What the base allows is named where the profile does not. */
function withoutBase({ default: closed, allow, restrict, rules }: EffectiveSyscalls): EffectiveSyscalls {
  return {
    default: closed,
    allow,
    restrict: restrict.filter(({ origin }) => origin.file !== builtinPath(BASE)),
    rules: rules.filter(({ locked }) => !locked),
  };
}

const isNarrower = (answer: Answer, other: Answer) => answer === ALLOWED && other !== ALLOWED;
const isOtherRefusal = (answer: Answer, other: Answer) => answer !== other && answer !== ALLOWED && other !== ALLOWED;

class CallComparison {
  readonly #diagrams: Diagrams;
  readonly #call: Syscall;
  readonly #table: KernelTable;
  readonly #meanings: Meanings;
  readonly #imported: ImportedOn;

  constructor(diagrams: Diagrams, call: Syscall, table: KernelTable, meanings: Meanings, imported: ImportedOn) {
    this.#diagrams = diagrams;
    this.#call = call;
    this.#table = table;
    this.#imported = imported;
    const given = (meaning: Diagram) => givenCall(diagrams, meaning, table.auditArch, call.number);
    const { loose, strict, own, whole } = meanings;
    this.#meanings = { loose: given(loose), strict: given(strict), own: given(own), whole: given(whole) };
  }

  nameIn(losses: Losses): void {
    const { loose, strict, own, whole } = this.#meanings;
    const { name } = this.#call;
    this.#nameWider(losses);
    const contradicted = this.#find(loose, strict, isNarrower);
    if (contradicted !== undefined)
      this.#lose(
        losses,
        'contradiction',
        contradicted,
        `entries of \`${name}\` contradict each other: the strictest holds`,
      );
    this.#nameRefused(losses);
    const overruled = this.#find(this.#diagrams.choose(this.#both(strict, own), own, whole), whole, isNarrower);
    if (overruled !== undefined) this.#loseToBase(losses, overruled);
    const other = this.#find(strict, whole, isOtherRefusal);
    if (other === undefined || losses.names(name)) return;
    if (this.#isLocked(other)) this.#loseToBase(losses, other);
    else this.#lose(losses, 'answer', other, `\`${name}\` gets ${this.#answerTo(other)}`);
  }

  /** Nobody has more rights by a value's other form in a register. */
  #nameWider(losses: Losses): void {
    const { strict, whole } = this.#meanings;
    if (this.#find(whole, strict, isNarrower) === undefined) return;
    const closed = withBothSigns(this.#diagrams, strict, this.#call, ALLOWED);
    const wider = this.#find(whole, closed, isNarrower);
    if (wider === undefined) return;
    const { origin } = evaluateCall(this.#imported.policy, this.#imported.arch, wider);
    if (origin?.file !== builtinPath(BASE))
      throw new Error(`the policy is wider than its profile: ${this.#text(wider)}`);
    this.#loseToBase(losses, wider);
  }

  /** What the profile allows and the policy itself does not. */
  #nameRefused(losses: Losses): void {
    const { strict, own } = this.#meanings;
    const { name } = this.#call;
    const clean = this.#call.args.reduce(
      (all, argument, index) => this.#diagrams.and(all, isClean(this.#diagrams, index, argument)),
      this.#diagrams.always,
    );
    const refused = this.#find(this.#diagrams.choose(clean, strict, own), own, isNarrower);
    if (refused !== undefined && this.#isLocked(refused)) this.#loseToBase(losses, refused);
    else if (refused !== undefined && !losses.names(name))
      this.#lose(losses, 'answer', refused, `\`${name}\` gets ${this.#answerTo(refused)}`);
    const dirty = this.#find(this.#diagrams.choose(clean, own, strict), own, isNarrower);
    if (dirty === undefined || refused !== undefined) return;
    const message = `\`${name}\` with bits in the upper half of a 32-bit argument, at which the kernel does not look`;
    this.#lose(losses, 'high-half', dirty, message);
  }

  /** Where both allow. */
  #both(a: Diagram, b: Diagram): Diagram {
    return combine(this.#diagrams, a, b, (left, right) => Number(left === ALLOWED && right === ALLOWED));
  }

  /** The first call for which the answers stand so. */
  #find(a: Diagram, b: Diagram, relation: (a: Answer, b: Answer) => boolean): SyscallEvent | undefined {
    if (a === b) return undefined;
    const there = combine(this.#diagrams, a, b, (left, right) => Number(relation(left, right)));
    const found = differenceOf(this.#diagrams, this.#diagrams.never, there);
    return found && { arch: this.#table.auditArch, nr: this.#call.number, args: found.event.args };
  }

  /** True when a rule of the base decides. */
  #isLocked(event: SyscallEvent): boolean {
    const { policy, arch } = this.#imported;
    const { origin } = evaluateCall(policy, arch, event);
    return policy.rules.some((rule) => rule.locked && rule.origin === origin);
  }

  #loseToBase(losses: Losses, event: SyscallEvent): void {
    const message = `\`${this.#call.name}\` gets ${this.#answerTo(event)} by \`${BASE}\``;
    this.#lose(losses, 'base', event, message);
  }

  #lose(losses: Losses, kind: LossKind, event: SyscallEvent, message: string): void {
    const { name } = this.#call;
    const origin = this.#imported.importer.originOf(name);
    losses.add({ kind, origin, message, calls: [name], example: this.#text(event) });
  }

  /** `ENOSYS instead of allow`. */
  #answerTo({ args }: SyscallEvent): string {
    const { strict, whole } = this.#meanings;
    const [meant, said] = [strict, whole].map((meaning) =>
      answerText(answerAt(this.#diagrams, meaning, args), this.#table),
    );
    return `${said} instead of ${meant}`;
  }

  #text(event: SyscallEvent): string {
    return callText(event, this.#table);
  }
}

/** The end that a function of arguments leads to. */
function answerAt(diagrams: Diagrams, meaning: Diagram, args: readonly bigint[]): Answer {
  const end = args.reduce((rest, value, index) => {
    const high = givenWord(diagrams, rest, SECCOMP_DATA.argHigh(index), Number(value >> 32n));
    return givenWord(diagrams, high, SECCOMP_DATA.argLow(index), Number(BigInt.asUintN(32, value)));
  }, meaning);
  // Nothing but arguments is left to depend on.
  return diagrams.valueOf(end) as Answer;
}
