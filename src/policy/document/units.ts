/** Sizes and durations of the policy language. A unit is always written; nothing is guessed. */

const SIZE_UNITS: ReadonlyMap<string, bigint> = new Map([
  ['B', 1n],
  ['KiB', 1n << 10n],
  ['MiB', 1n << 20n],
  ['GiB', 1n << 30n],
  ['TiB', 1n << 40n],
]);

const DURATION_UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ms', 1n],
  ['s', 1_000n],
  ['m', 60_000n],
  ['h', 3_600_000n],
]);

export const SIZE_UNIT_NAMES: readonly string[] = [...SIZE_UNITS.keys()];
export const DURATION_UNIT_NAMES: readonly string[] = [...DURATION_UNITS.keys()];

// Above this the kernel's signed 64-bit counters, and ours in microseconds, would overflow.
export const LARGEST_QUANTITY = 1n << 53n;

/** Bytes of `100MiB`, or of 0, the same in every unit; undefined for what is not a size. */
export function parseSize(text: string | number): bigint | undefined {
  if (typeof text === 'number') return text === 0 ? 0n : undefined;
  return parseQuantity(text, SIZE_UNITS);
}

/** Milliseconds of `30s`; undefined when the text is not a duration. */
export function parseDuration(text: string): bigint | undefined {
  return parseQuantity(text, DURATION_UNITS);
}

function parseQuantity(text: string, units: ReadonlyMap<string, bigint>): bigint | undefined {
  const match = /^([0-9]{1,16})([A-Za-z]+)$/.exec(text);
  const unit = units.get(match?.[2] ?? '');
  if (match?.[1] === undefined || unit === undefined) return undefined;
  const value = BigInt(match[1]) * unit;
  return value <= LARGEST_QUANTITY ? value : undefined;
}

/** `4GiB` for 4294967296n: the largest unit that divides the bytes. */
export function sizeText(bytes: bigint): string {
  return quantityText(bytes, SIZE_UNITS);
}

/** `30s` for 30000n. */
export function durationText(milliseconds: bigint): string {
  return quantityText(milliseconds, DURATION_UNITS);
}

function quantityText(value: bigint, units: ReadonlyMap<string, bigint>): string {
  const fitting = [...units].filter(([, unit]) => value !== 0n && value % unit === 0n);
  const [name, unit] = fitting.at(-1) ?? [[...units.keys()][0] ?? '', 1n];
  return `${value / unit}${name}`;
}
