/**
 * A policy as rules of libseccomp, read off the policy's meaning. libseccomp has no order of rules: those of one call that answer
 * differently must not overlap. It compares each argument once in a rule, always with all 64 bits of its register.
 */
import type { KernelTable, Syscall, SyscallArgument } from '../../src/kernel/types.js';
import type {
  ArgumentConditions,
  Condition,
  Decision,
  DefaultAction,
  EffectiveSyscalls,
  Report,
  RuleEntry,
} from '../../src/policy/types.js';
import { errnoNumber } from '../../src/policy/words.js';
import { retOf } from './boundary-calls.js';
import { ALL_BITS, type Box, difference, intersection, type Side, TooManyBoxes, UNIVERSE } from './boxes.js';
import { cleanSides, conditionSides, numbersOf } from './condition-sides.js';

type Comparison = readonly [index: number, op: 'EQ' | 'NE' | 'LE' | 'GE' | 'MASKED_EQ', first: string, second: string];

/** Calls with all these arguments get the answer, a RET value. */
export interface LibseccompRule {
  readonly answer: number;
  readonly call: Syscall;
  readonly conditions: readonly Comparison[];
}

/** What a call gets that no rule is about; numbers that are no call, too, which libseccomp cannot tell apart. */
export function defaultAnswer({ default: closed }: EffectiveSyscalls, table: KernelTable): number {
  return denialAnswer(closed, false, table);
}

export interface LibseccompRules {
  readonly rules: readonly LibseccompRule[];
  /** Names of calls that would take too many rules. */
  readonly unsaid: readonly string[];
}

/** The rules of every call of the table that does not always get the default. */
export function libseccompRules(syscalls: EffectiveSyscalls, table: KernelTable): LibseccompRules {
  const rules: LibseccompRule[] = [];
  const unsaid: string[] = [];
  for (const name of table.names()) {
    try {
      rules.push(...new CallRules(syscalls, table.syscall(name) as Syscall, table).rules());
    } catch (error) {
      if (!(error instanceof TooManyBoxes)) throw error;
      unsaid.push(name);
    }
  }
  return { rules, unsaid };
}

/** Calls that get one answer unless an earlier part has another for them. */
interface Part {
  readonly answer: number;
  readonly boxes: readonly Box[];
}

class CallRules {
  readonly #syscalls: EffectiveSyscalls;
  readonly #call: Syscall;
  readonly #table: KernelTable;

  constructor({ rules, restrict, allow, default: closed }: EffectiveSyscalls, call: Syscall, table: KernelTable) {
    const own = <T extends { readonly syscall: string }>(entries: readonly T[]) =>
      entries.filter(({ syscall }) => syscall === call.name);
    this.#syscalls = { rules: own(rules), restrict: own(restrict), allow: own(allow), default: closed };
    this.#call = call;
    this.#table = table;
  }

  rules(): LibseccompRule[] {
    const plain = this.#plainRule();
    if (plain !== undefined) return [plain];
    const parts = [...this.#denials(), ...this.#allowed()];
    return parts.flatMap(({ answer, boxes }, index) => {
      if (answer === defaultAnswer(this.#syscalls, this.#table)) return [];
      const others = parts.slice(0, index).filter((part) => part.answer !== answer);
      const own = difference(
        boxes,
        others.flatMap((part) => part.boxes),
      );
      return own.map((box) => ({ answer, call: this.#call, conditions: box.flatMap(comparisonOf) }));
    });
  }

  /** One condition on one argument, where libseccomp has a comparison that says just that. */
  #plainRule(): LibseccompRule | undefined {
    const { rules, restrict, allow } = this.#syscalls;
    const [entry, ...others] = allow;
    if (rules.length + restrict.length + others.length > 0 || entry?.args.size !== 1) return undefined;
    const index = this.#call.args.findIndex(({ name }) => entry.args.has(name));
    const condition = entry.args.get(this.#call.args[index]?.name ?? '');
    const comparison = condition && this.#plainComparison(condition.value, index);
    return comparison && { answer: allowAnswer(entry.report), call: this.#call, conditions: [comparison] };
  }

  #plainComparison(condition: Condition, index: number): Comparison | undefined {
    const { width, kind, signed } = this.#call.args[index] as SyscallArgument;
    if (condition.kind === 'noneOf' && width === 64 && kind !== 'flags' && kind !== 'mode') {
      const [value, ...others] = numbersOf(condition.words, width, this.#table);
      return value === undefined || others.length > 0 ? undefined : [index, 'NE', `${value}`, '0'];
    }
    if (condition.kind !== 'range') return undefined;
    const [min, max] = numbersOf([condition.min, condition.max], width, this.#table);
    if (min === undefined || max === undefined) return undefined;
    // At most a number of 32 bits: the high half is clean then, too.
    if (min === 0n && (width === 64 || !signed)) return [index, 'LE', `${max}`, '0'];
    return max === ALL_BITS ? [index, 'GE', `${min}`, '0'] : undefined;
  }

  /** The base's first, then those that kill, then in the order of the policy. */
  #denials(): Part[] {
    const strictness = ({ locked, action }: RuleEntry) => 2 * Number(locked) + Number(action === 'kill_process');
    return this.#syscalls.rules
      .toSorted((a, b) => strictness(b) - strictness(a))
      .map((rule) => ({
        answer: denialAnswer(rule, rule.args.size === 0, this.#table),
        boxes: this.#boxes(rule.args, true),
      }));
  }

  #allowed(): Part[] {
    const within = this.#syscalls.restrict.reduce<readonly Box[]>(
      (boxes, { args }) => intersection(boxes, this.#boxes(args, false)),
      [UNIVERSE],
    );
    const reportedFirst = this.#syscalls.allow.toSorted(
      (a, b) => Number(b.report === 'daemon') - Number(a.report === 'daemon'),
    );
    return reportedFirst.map(({ args, report }) => ({
      answer: allowAnswer(report),
      boxes: intersection(this.#boxes(args, false), within),
    }));
  }

  /** Where all conditions hold; a denial holds whatever the high half of a 32-bit argument is. */
  #boxes(args: ArgumentConditions, isDenial: boolean): readonly Box[] {
    return [...args].reduce<readonly Box[]>(
      (boxes, [name, { value }]) => {
        const index = this.#call.args.findIndex((argument) => argument.name === name);
        const argument = this.#call.args[index];
        if (argument === undefined) return [];
        const holds = conditionSides(value, argument, this.#table).map((side) => UNIVERSE.with(index, side));
        const both = intersection(boxes, holds);
        return isDenial
          ? both
          : intersection(
              both,
              cleanSides(argument).map((side) => UNIVERSE.with(index, side)),
            );
      },
      [UNIVERSE],
    );
  }
}

function comparisonOf({ mask, value }: Side, index: number): Comparison[] {
  if (mask === 0n) return [];
  return [mask === ALL_BITS ? [index, 'EQ', `${value}`, '0'] : [index, 'MASKED_EQ', `${mask}`, `${value}`]];
}

function allowAnswer(report: Report): number {
  return retOf({ action: 'allow', errno: 0, notify: report === 'daemon', origin: null });
}

/** @param byNumber whether the number alone decides, so that the supervisor can carry out a kill that is reported */
function denialAnswer(
  { action, errno, report }: Pick<DefaultAction, 'action' | 'errno' | 'report'>,
  byNumber: boolean,
  table: KernelTable,
): number {
  const isReported = report === 'daemon' && (action === 'errno' || byNumber);
  const decision: Omit<Decision, 'errno'> = { action, notify: isReported, origin: null };
  return retOf({ ...decision, errno: action === 'errno' ? errnoNumber(errno, table) : 0 });
}
