/** Calls at which the answer of a policy can change. */
import type { KernelTable, Syscall, SyscallArgument } from '../../kernel/types.js';
import type { ArgumentConditions, Condition, EffectiveSyscalls, SyscallEvent } from '../types.js';
import { wordValue } from '../words.js';

const COMMON = [0n, 1n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n, 0xffff_ffff_ffff_ffffn];

/** How many argument vectors one call is checked with at most. */
const MOST_VECTORS = 4096;

/** The argument vectors that a call is worth checking with: all combinations of its conditions' boundary values. */
export function boundaryVectors(syscalls: EffectiveSyscalls, call: Syscall, table: KernelTable): bigint[][] {
  return combine(boundaryColumns(syscalls, call, table).map((values) => values ?? [0n]));
}

/** The values that each argument of the call is worth checking with; undefined where no condition is on it. */
export function boundaryColumns(
  syscalls: EffectiveSyscalls,
  call: Syscall,
  table: KernelTable,
): (readonly bigint[] | undefined)[] {
  const conditions = [...syscalls.rules, ...syscalls.restrict, ...syscalls.allow]
    .filter(({ syscall }) => syscall === call.name)
    .map(({ args }) => args);
  return call.args.map((argument) => valuesOf(argument, conditions, table));
}

function valuesOf(
  argument: SyscallArgument,
  conditions: readonly ArgumentConditions[],
  table: KernelTable,
): readonly bigint[] | undefined {
  const own = conditions.flatMap((args) => {
    const condition = args.get(argument.name);
    return condition === undefined ? [] : boundariesOf(condition.value, argument, table);
  });
  if (own.length === 0) return undefined;
  return [...new Set([...COMMON, ...own.flatMap((value) => aroundOf(value, argument.width))])];
}

/** The values that a condition names, and for a mask each of its bits and one bit outside it. */
function boundariesOf(condition: Condition, argument: SyscallArgument, table: KernelTable): bigint[] {
  const numbers = (words: readonly string[]) =>
    words.flatMap((word) => {
      const result = wordValue(word, table);
      return result.kind === 'value' ? [BigInt.asUintN(argument.width, result.value)] : [];
    });
  switch (condition.kind) {
    case 'oneOf':
      return numbers(condition.words);
    case 'noneOf':
      return numbers(condition.words).flatMap((value) => [value, ...bitsOf(value), ~value]);
    case 'masked': {
      const [mask = 0n, equals = 0n] = numbers([condition.mask, condition.equals]);
      return [mask, equals, equals | ~mask, ...bitsOf(mask).map((bit) => equals ^ bit)];
    }
    case 'range':
      return numbers([condition.min, condition.max]);
  }
}

function bitsOf(value: bigint): bigint[] {
  const bits: bigint[] = [];
  for (let bit = 0n; bit < 64n; bit++) if ((value >> bit) & 1n) bits.push(1n << bit);
  return bits;
}

/** A value, its neighbours, and the value with garbage or its sign in the half that the kernel may ignore. */
function aroundOf(value: bigint, width: 32 | 64): bigint[] {
  const near = [value, value - 1n, value + 1n];
  const high = [value | (1n << 32n), value | (1n << 63n), value ^ (1n << 31n)];
  const extended = width === 32 ? [BigInt.asIntN(32, value), value | 0xffff_ffff_0000_0000n] : [];
  return [...near, ...high, ...extended].map((candidate) => BigInt.asUintN(64, candidate));
}

/** All combinations while there are few; else each value of each argument beside the first ones of the others. */
function combine(columns: readonly (readonly bigint[])[]): bigint[][] {
  const size = columns.reduce((product, values) => product * values.length, 1);
  if (size <= MOST_VECTORS) {
    return columns.reduce<bigint[][]>(
      (rows, values) => rows.flatMap((row) => values.map((value) => [...row, value])),
      [[]],
    );
  }
  return pairs(columns).slice(0, MOST_VECTORS);
}

/**
 * Every pair of values of two arguments, the others at each column's last value, which is one that a condition names.
 */
function pairs(columns: readonly (readonly bigint[])[]): bigint[][] {
  const base = columns.map((values) => values.at(-1) ?? 0n);
  const rows: bigint[][] = [base];
  for (const [i, left] of columns.entries()) {
    for (const value of left) rows.push(base.with(i, value));
    for (const [offset, right] of columns.slice(i + 1).entries()) {
      for (const value of left) for (const other of right) rows.push(base.with(i, value).with(i + 1 + offset, other));
    }
  }
  return rows;
}

/**
 * Foreign architectures, numbers that nobody knows, and every known call. Conditional ones with their boundary values.
 */
export function* checkedCalls(syscalls: EffectiveSyscalls, table: KernelTable): Generator<SyscallEvent> {
  const arch = table.auditArch;
  for (const foreign of [0, arch - 1, arch + 1, 0x4000_0003, (arch ^ 0x4000_0000) >>> 0]) {
    yield { arch: foreign >>> 0, nr: 0, args: [] };
  }
  const above = table.highestNumber + 1;
  for (const nr of [
    above,
    0x3fff_ffff,
    0x4000_0000,
    0x4000_0001,
    0x7fff_ffff,
    0x8000_0000,
    0xbfff_ffff,
    0xffff_fffe,
    0xffff_ffff,
  ]) {
    yield { arch, nr, args: [] };
  }
  const conditional = new Set(
    [...syscalls.rules, ...syscalls.restrict, ...syscalls.allow]
      .filter(({ args }) => args.size > 0)
      .map(({ syscall }) => syscall),
  );
  for (let nr = 0; nr < above; nr++) {
    const call = table.syscallByNumber(nr);
    const vectors = call !== undefined && conditional.has(call.name) ? boundaryVectors(syscalls, call, table) : [[]];
    for (const args of vectors) yield { arch, nr, args };
  }
}
