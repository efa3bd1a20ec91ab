/**
 * What a policy means for every possible call, read off the policy itself. Like `evaluateCall`, which says the same of one
 * call, it shares nothing with the compiler but the number tables and the reading of words.
 */
import { kernelTable } from '../../kernel/table.js';
import type { Arch, KernelTable, Syscall, SyscallArgument } from '../../kernel/types.js';
import { SECCOMP_DATA } from '../../plan/bpf/opcodes.js';
import { BySyscall } from '../by-syscall.js';
import type {
  AllowEntry,
  ArgumentConditions,
  AuditedDefault,
  Condition,
  DefaultAction,
  EffectiveSyscalls,
  RestrictEntry,
  RuleEntry,
} from '../types.js';
import { errnoNumber, wordValue } from '../words.js';
import { answerOf } from './answers.js';
import type { Diagram, Diagrams } from './diagrams.js';
import { argumentBits, chosenBy, hasAnyBit, isAtLeast, isEqual, isMasked, wordBits } from './words.js';

/** A number that a tracer sets to skip a call. */
const SKIPPED = 0xffff_ffff;
const SIGN = 1n << 31n;

/** The policy as a function of `struct seccomp_data`, with answers (`answers.ts`) at the ends. */
export function policyDiagram(diagrams: Diagrams, syscalls: EffectiveSyscalls, arch: Arch): Diagram {
  const table = kernelTable(arch);
  const killed = diagrams.constant(answerOf('kill_process', 0, false));
  const unknown = diagrams.constant(answerOf('errno', errnoNumber('ENOSYS', table), false));
  const meaning = new CallMeaning(diagrams, syscalls, table);
  const known = new Map(table.syscalls().map((call) => [call.number, meaning.of(call)]));
  const number = wordBits(SECCOMP_DATA.nr);
  const listed = chosenBy(diagrams, number, known, unknown);
  const x32 = hasAnyBit(diagrams, number, BigInt(table.x32Bit ?? 0));
  const skipped = isEqual(diagrams, number, BigInt(SKIPPED));
  const native = diagrams.choose(skipped, unknown, diagrams.choose(x32, killed, listed));
  return diagrams.choose(isEqual(diagrams, wordBits(SECCOMP_DATA.arch), BigInt(table.auditArch)), native, killed);
}

/** What the policy means for each call, as a function of its arguments. */
export function callDiagrams(
  diagrams: Diagrams,
  syscalls: EffectiveSyscalls,
  table: KernelTable,
): (call: Syscall) => Diagram {
  const meaning = new CallMeaning(diagrams, syscalls, table);
  return (call) => meaning.of(call);
}

/** All that a policy says about one call. */
interface Said {
  readonly rules: readonly RuleEntry[];
  readonly restrict: readonly RestrictEntry[];
  readonly allow: readonly AllowEntry[];
}

class CallMeaning {
  readonly #diagrams: Diagrams;
  readonly #rules: BySyscall<RuleEntry>;
  readonly #restrict: BySyscall<RestrictEntry>;
  readonly #allow: BySyscall<AllowEntry>;
  readonly #table: KernelTable;
  readonly #default: Diagram;
  readonly #audit: AuditedDefault | undefined;

  constructor(diagrams: Diagrams, syscalls: EffectiveSyscalls, table: KernelTable) {
    this.#diagrams = diagrams;
    this.#rules = new BySyscall(syscalls.rules);
    this.#restrict = new BySyscall(syscalls.restrict);
    this.#allow = new BySyscall(syscalls.allow);
    this.#table = table;
    this.#default = this.#denial(syscalls.default, false);
    this.#audit = syscalls.default.audit;
  }

  of(call: Syscall): Diagram {
    const { name } = call;
    const said = { rules: this.#rules.of(name), restrict: this.#restrict.of(name), allow: this.#allow.of(name) };
    const closed = this.#closedFor(call);
    if (said.rules.length === 0 && said.allow.length === 0) return closed;
    if (![said.rules, said.restrict, said.allow].some(haveConditions)) return this.#meaning(call, said, closed);
    // Policies have most of their conditions in common with others. The text is all that the function is made of.
    const key = `call ${this.#table.arch} ${name} ${closed} ${textOf(said)}`;
    return this.#diagrams.once(key, () => this.#meaning(call, said, closed));
  }

  #meaning(call: Syscall, { rules, restrict, allow: entries }: Said, closed: Diagram): Diagram {
    const always = this.#diagrams.always;
    const isWithin = restrict.reduce(
      (all, { args }) => this.#diagrams.and(all, this.#meets(args, call, false)),
      always,
    );
    const reported = this.#anyOf(
      entries.filter(({ report }) => report === 'daemon').map(({ args }) => args),
      call,
    );
    const plain = this.#anyOf(
      entries.map(({ args }) => args),
      call,
    );
    const allowed = this.#diagrams.choose(
      reported,
      this.#allowed(true),
      this.#diagrams.choose(plain, this.#allowed(false), closed),
    );
    const open = this.#diagrams.choose(isWithin, allowed, closed);
    const denials = rules.toSorted(strictestFirst);
    return denials.reduceRight(
      (rest, rule) =>
        this.#diagrams.choose(this.#meets(rule.args, call, true), this.#denial(rule, rule.args.size === 0), rest),
      open,
    );
  }

  /** What becomes of a call that no entry allows. */
  #closedFor({ name }: Syscall): Diagram {
    const isRefused = this.#audit?.refused.includes(name) === true;
    return isRefused ? this.#denial({ ...this.#audit.enforced, report: 'none' }, false) : this.#default;
  }

  #anyOf(alternatives: readonly ArgumentConditions[], call: Syscall): Diagram {
    return alternatives.reduce(
      (any, args) => this.#diagrams.or(any, this.#meets(args, call, false)),
      this.#diagrams.never,
    );
  }

  #allowed(isReported: boolean): Diagram {
    return this.#diagrams.constant(answerOf('allow', 0, isReported));
  }

  /** @param byNumber whether the number alone decides: else a kill that is to be reported is the kernel's own */
  #denial({ action, errno, report }: Pick<DefaultAction, 'action' | 'errno' | 'report'>, byNumber: boolean): Diagram {
    const isReported = report === 'daemon' && (action !== 'kill_process' || byNumber);
    const number = action === 'errno' ? errnoNumber(errno, this.#table) : 0;
    return this.#diagrams.constant(answerOf(action, number, isReported));
  }

  /** Where all conditions hold. */
  #meets(args: ArgumentConditions, call: Syscall, isDenial: boolean): Diagram {
    return [...args].reduce((all, [name, { value }]) => {
      const index = call.args.findIndex((argument) => argument.name === name);
      const argument = call.args[index];
      if (argument === undefined) return this.#diagrams.never;
      const holds = this.#holds(value, index, argument);
      // A denial holds for what the kernel would take the register for; an allow entry only for what a compiler makes
      // of a value.
      return this.#diagrams.and(
        all,
        isDenial ? holds : this.#diagrams.and(isClean(this.#diagrams, index, argument), holds),
      );
    }, this.#diagrams.always);
  }

  #holds(condition: Condition, index: number, argument: SyscallArgument): Diagram {
    const bits = argumentBits(index, argument.width);
    const largest = (1n << BigInt(argument.width)) - 1n;
    const number = (word: string) => {
      const result = wordValue(word, this.#table);
      return result.kind === 'value' ? BigInt.asUintN(argument.width, result.value) : undefined;
    };
    switch (condition.kind) {
      case 'oneOf':
        return this.#isOneOf(
          condition.words.flatMap((word) => number(word) ?? []),
          bits,
        );
      case 'noneOf': {
        const values = condition.words.flatMap((word) => number(word) ?? []);
        const isBits = argument.kind === 'flags' || argument.kind === 'mode';
        const mask = values.reduce((all, value) => all | value, 0n);
        return this.#not(isBits ? hasAnyBit(this.#diagrams, bits, mask) : this.#isOneOf(values, bits));
      }
      case 'masked': {
        const [mask, equals] = [number(condition.mask), number(condition.equals)];
        if (mask === undefined || equals === undefined) return this.#diagrams.never;
        return isMasked(this.#diagrams, bits, mask, equals);
      }
      case 'range': {
        const [min, max] = [number(condition.min), number(condition.max)];
        if (min === undefined || max === undefined) return this.#diagrams.never;
        const isAbove = isAtLeast(this.#diagrams, bits, largest, max + 1n);
        return this.#diagrams.and(isAtLeast(this.#diagrams, bits, largest, min), this.#not(isAbove));
      }
    }
  }

  #isOneOf(values: readonly bigint[], bits: readonly number[]): Diagram {
    return values.reduce(
      (any, value) => this.#diagrams.or(any, isEqual(this.#diagrams, bits, value)),
      this.#diagrams.never,
    );
  }

  #not(condition: Diagram): Diagram {
    return this.#diagrams.choose(condition, this.#diagrams.never, this.#diagrams.always);
  }
}

/** Where a 32-bit value is as a compiler leaves it in a register: zero-extended, or sign-extended when it is signed. */
export function isClean(diagrams: Diagrams, index: number, { width, signed }: SyscallArgument): Diagram {
  if (width === 64) return diagrams.always;
  const high = wordBits(SECCOMP_DATA.argHigh(index));
  const isZero = isEqual(diagrams, high, 0n);
  if (!signed) return isZero;
  const isNegative = hasAnyBit(diagrams, argumentBits(index, 32), SIGN);
  const isExtended = diagrams.and(isEqual(diagrams, high, 0xffff_ffffn), isNegative);
  return diagrams.or(isZero, isExtended);
}

function haveConditions(entries: readonly { readonly args: ArgumentConditions }[]): boolean {
  return entries.some(({ args }) => args.size > 0);
}

/** Different for entries that differ in anything but their places. */
function textOf({ rules, restrict, allow }: Said): string {
  const ofRule = ({ action, errno, report, locked }: RuleEntry) => [action, errno, report, locked];
  const texts = [
    rules.map((rule) => entryText(rule, ofRule)),
    restrict.map((entry) => entryText(entry, () => [])),
    allow.map((entry) => entryText(entry, ({ report }) => [report])),
  ];
  return texts.map((list) => list.join()).join(';');
}

/** By the entry, which policies that extend the same ones have in common. */
const entryTexts = new WeakMap<object, string>();

function entryText<Entry extends { args: ArgumentConditions }>(entry: Entry, said: (entry: Entry) => unknown): string {
  const known = entryTexts.get(entry);
  if (known !== undefined) return known;
  const conditions = [...entry.args].map(([name, { value }]) => [name, value]);
  const text = JSON.stringify([said(entry), conditions]);
  // Nobody can change it any more.
  if (Object.isFrozen(entry)) entryTexts.set(entry, text);
  return text;
}

/** The base's rules first, then those that kill: of all that match, the strictest decides. */
function strictestFirst(a: RuleEntry, b: RuleEntry): number {
  const kills = ({ action }: RuleEntry) => Number(action === 'kill_process');
  return Number(b.locked) - Number(a.locked) || kills(b) - kills(a);
}
