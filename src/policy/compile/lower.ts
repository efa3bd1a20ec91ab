/**
 * The syscall part of a policy for one architecture: per call an ordered list of clauses, of which the first that
 * matches decides. Names become numbers, words become values, `restrict` becomes part of each allow entry.
 */
import { nearestNames } from '../../errors/nearest.js';
import type { KernelTable, Syscall, SyscallArgument } from '../../kernel/types.js';
import { BySyscall } from '../by-syscall.js';
import { didYouMean, type Findings } from '../findings.js';
import { conditionText } from '../resolve/conditions.js';
import type {
  ActionName,
  AllowEntry,
  ArgumentConditions,
  Condition,
  DefaultAction,
  EffectiveSyscalls,
  Origin,
  Report,
  RestrictEntry,
  RuleEntry,
  Sourced,
} from '../types.js';
import { wordValue } from '../words.js';
import type { ArgumentTest, Clause, LoweredSyscall, LoweredSyscalls, ValueTest } from './lowered.js';
import { keepCall, knownCall } from './lowered-calls.js';

/** Lowers the calls of a policy; names that the architecture lacks are left out. */
export function lowerSyscalls(syscalls: EffectiveSyscalls, table: KernelTable, findings: Findings): LoweredSyscalls {
  const calls = new Map<number, LoweredSyscall>();
  const rules = new BySyscall(syscalls.rules);
  const allow = new BySyscall(syscalls.allow);
  const restrict = new BySyscall(syscalls.restrict);
  const context = { table, findings };
  const { audit } = syscalls.default;
  for (const name of new Set([...rules.names(), ...allow.names(), ...(audit?.refused ?? [])])) {
    const call = table.syscall(name);
    if (call === undefined) continue;
    const said = { rules: rules.of(name), restrict: restrict.of(name), allow: allow.of(name) };
    const closing = audit?.refused.includes(name) === true ? [closingClause(audit.enforced, 'none', table)] : [];
    calls.set(
      call.number,
      closing.length > 0 ? lowerCall(call, said, context, closing) : lowerOnce(call, said, context),
    );
  }
  return { table, calls, default: closingClause(syscalls.default, syscalls.default.report, table) };
}

/** All that a policy says about one call. */
interface Said {
  readonly rules: readonly RuleEntry[];
  readonly restrict: readonly RestrictEntry[];
  readonly allow: readonly AllowEntry[];
}

function lowerOnce(call: Syscall, said: Said, context: Context): LoweredSyscall {
  const { table, findings } = context;
  const entries = [...said.rules, ...said.restrict, ...said.allow];
  const known = knownCall(table.arch, entries);
  if (known !== undefined) return known;
  const before = findings.attempts;
  const lowered = lowerCall(call, said, context, []);
  if (findings.attempts === before) keepCall(table.arch, entries, lowered);
  return lowered;
}

function lowerCall(call: Syscall, said: Said, context: Context, closing: readonly Clause[]): LoweredSyscall {
  const { number, name } = call;
  const clauses = [
    ...said.rules.toSorted(byStrictness).flatMap((rule) => ruleClause(rule, call, context)),
    ...said.allow.flatMap((entry) => allowClause(entry, said.restrict, call, context)),
    ...closing,
  ];
  return { number, name, clauses: reachable(withoutRepeats(clauses)) };
}

/** Decides what nothing before it has. A default that kills is the kernel's own. */
function closingClause({ action, errno, origin }: DefaultAction, report: Report, table: KernelTable): Clause {
  return { ...answerOf(action, errno, action === 'kill_process' ? 'none' : report, table), tests: [], origin };
}

interface Context {
  readonly table: KernelTable;
  readonly findings: Findings;
}

// The base's rules first, then kill_process, so that no order of files can loosen an answer.
function byStrictness(a: RuleEntry, b: RuleEntry): number {
  return Number(b.locked) - Number(a.locked) || rank(a) - rank(b);
}

function rank({ action }: RuleEntry): number {
  return action === 'kill_process' ? 0 : 1;
}

/** Clauses without those whose conditions an earlier one has, too: a group that two files allow has each entry twice. */
function withoutRepeats(clauses: readonly Clause[]): readonly Clause[] {
  const met = new Set<string>();
  return clauses.filter(({ tests }) => {
    if (tests.length === 0) return true;
    const key = tests.map(keyOf).join(' ');
    return !met.has(key) && met.add(key);
  });
}

function keyOf({ index, high, test }: ArgumentTest): string {
  return `${index} ${high} ${test.kind} ${valuesOf(test).join()}`;
}

function valuesOf(test: ValueTest): readonly bigint[] {
  if (test.kind === 'range') return [test.min, test.max];
  return test.kind === 'masked' ? [test.mask, test.equals] : [...test.values.keys()];
}

/** Clauses up to the first that always matches. */
function reachable(clauses: readonly Clause[]): Clause[] {
  const open = clauses.filter(({ tests }) => tests.length === 0);
  const first = open[0];
  if (first === undefined) return [...clauses];
  // A plain allow of a call that the base reports is already met by the base's entry.
  const reported = open.find(({ action, notify }) => action === 'allow' && notify);
  const always = first.action === 'allow' && reported !== undefined ? reported : first;
  return [...clauses.slice(0, clauses.indexOf(first)), always];
}

function answerOf(action: ActionName, errno: string, report: Report, table: KernelTable) {
  const number = action === 'errno' ? (table.errno(errno) ?? 0) : 0;
  return { action, errno: number, notify: report === 'daemon' };
}

/**
 * A kill is reported only where the number alone decides: the supervisor sees a call, not which condition sent it. A default
 * that kills stays with the kernel, too: it must not depend on a table of what is notified.
 */
export function isKilledByKernel({ action, args, report }: Pick<RuleEntry, 'action' | 'args' | 'report'>): boolean {
  return action === 'kill_process' && (args.size > 0 || report !== 'daemon');
}

function ruleClause(rule: RuleEntry, call: Syscall, context: Context): Clause[] {
  const tests = argumentTests(rule.args, call, 'ignored', context);
  if (tests === undefined) return [];
  const report = isKilledByKernel(rule) ? 'none' : rule.report;
  return [{ ...answerOf(rule.action, rule.errno, report, context.table), tests, origin: rule.origin }];
}

function allowClause(entry: AllowEntry, restrict: readonly RestrictEntry[], call: Syscall, context: Context): Clause[] {
  const conditions = [entry.args, ...restrict.map(({ args }) => args)];
  const tests = conditions.map((args) => argumentTests(args, call, 'clean', context));
  if (tests.includes(undefined)) return [];
  const all = tests.flatMap((list) => list ?? []);
  return [{ ...answerOf('allow', '', entry.report, context.table), tests: all, origin: entry.origin }];
}

/** The tests of one entry; undefined when it can never match here. */
function argumentTests(
  args: ArgumentConditions,
  call: Syscall,
  high: ArgumentTest['high'],
  context: Context,
): ArgumentTest[] | undefined {
  const tests: ArgumentTest[] = [];
  for (const [name, { value: condition, origin }] of args) {
    const index = call.args.findIndex((argument) => argument.name === name);
    const argument = call.args[index];
    if (argument === undefined) {
      unknownArgument(name, call, origin, context.findings);
      return undefined;
    }
    const test = valueTest({ value: condition, origin }, argument, context);
    if (test === undefined) return undefined;
    const text = `${name} ${conditionText(condition)}`;
    tests.push({ index, width: argument.width, high, signed: argument.signed, test, name, text, origin });
  }
  return tests;
}

function unknownArgument(name: string, { name: syscall, args }: Syscall, origin: Origin, findings: Findings): void {
  const names = args.map((argument) => argument.name);
  const hint = didYouMean(nearestNames(name, names)) ?? `its arguments: ${names.join(', ') || 'none'}`;
  findings.add('LW-S105', origin, `\`${syscall}\` has no argument \`${name}\``, { hint });
}

function valueTest(sourced: Sourced<Condition>, argument: SyscallArgument, context: Context): ValueTest | undefined {
  const { value: condition } = sourced;
  if (argument.kind === 'pointer' && !isNullTest(condition)) {
    const message = `\`${argument.name}\` is a pointer: a filter sees the address, not what it points at`;
    context.findings.add('LW-S106', sourced.origin, message, { hint: 'only `0` can be asked for' });
    return undefined;
  }
  switch (condition.kind) {
    case 'oneOf':
    case 'noneOf':
      return listTest(condition, sourced.origin, argument, context);
    case 'masked':
      return maskedTest(condition, sourced.origin, argument, context);
    case 'range':
      return rangeTest(condition, sourced.origin, argument, context);
  }
}

function isNullTest(condition: Condition): boolean {
  return condition.kind === 'oneOf' && condition.words.every((word) => word === '0');
}

function listTest(
  { kind, words }: Extract<Condition, { kind: 'oneOf' | 'noneOf' }>,
  origin: Origin,
  argument: SyscallArgument,
  context: Context,
): ValueTest | undefined {
  const values = new Map<bigint, string>();
  for (const word of words) {
    const value = argumentValue(word, origin, argument, context);
    if (value !== undefined && !values.has(value)) values.set(value, word);
  }
  if (kind === 'oneOf') return values.size === 0 ? undefined : { kind, values };
  const isBits = argument.kind === 'flags' || argument.kind === 'mode';
  if (!isBits) return { kind, values };
  return { kind: 'masked', mask: [...values.keys()].reduce((mask, value) => mask | value, 0n), equals: 0n };
}

function maskedTest(
  { mask, equals }: Extract<Condition, { kind: 'masked' }>,
  origin: Origin,
  argument: SyscallArgument,
  context: Context,
): ValueTest | undefined {
  const bits = argumentValue(mask, origin, argument, context);
  const value = argumentValue(equals, origin, argument, context);
  if (bits === undefined || value === undefined) return undefined;
  if ((value & ~bits) !== 0n) {
    context.findings.add('LW-S121', origin, `\`${equals}\` has bits outside the mask \`${mask}\`, so this never holds`);
    return undefined;
  }
  return { kind: 'masked', mask: bits, equals: value };
}

function rangeTest(
  { min, max }: Extract<Condition, { kind: 'range' }>,
  origin: Origin,
  argument: SyscallArgument,
  context: Context,
): ValueTest | undefined {
  const largest = largestOf(argument);
  const from = argumentValue(min, origin, argument, context);
  // A range without `max` reaches to the end of the argument, whatever its width.
  const to = max === '0xffffffffffffffff' ? largest : argumentValue(max, origin, argument, context);
  if (from === undefined || to === undefined) return undefined;
  if (from > to) {
    context.findings.add('LW-S121', origin, `\`${min}\` is above \`${max}\` (compared unsigned), so this never holds`);
    return undefined;
  }
  return { kind: 'range', min: from, max: to };
}

function largestOf({ width }: SyscallArgument): bigint {
  return (1n << BigInt(width)) - 1n;
}

/** The unsigned value of a word; undefined when the architecture lacks it, or when it does not fit. */
function argumentValue(
  word: string,
  origin: Origin,
  argument: SyscallArgument,
  { table, findings }: Context,
): bigint | undefined {
  const value = wordValue(word, table);
  if (value.kind === 'unknown') {
    const hint = didYouMean(nearestNames(value.name, table.constantNames()));
    findings.add('LW-S107', origin, `there is no constant \`${value.name}\``, { hint });
  }
  if (value.kind !== 'value') return undefined;
  const largest = largestOf(argument);
  const smallest = argument.signed ? -(1n << BigInt(argument.width - 1)) : 0n;
  if (value.value < smallest || value.value > largest) {
    const type = `${argument.signed ? 'signed' : 'unsigned'} ${argument.width}-bit`;
    findings.add('LW-S108', origin, `\`${word}\` does not fit \`${argument.name}\`, which is ${type}`);
    return undefined;
  }
  return BigInt.asUintN(argument.width, value.value);
}
