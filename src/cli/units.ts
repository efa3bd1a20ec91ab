import { isIP } from 'node:net';
import { UsageError } from './usage-error.js';

const SECONDS: Readonly<Record<string, number>> = { '': 1, ms: 0.001, s: 1, m: 60, min: 60, h: 3600, d: 86_400 };

const KIBI = 1024;
const POWERS: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4 };

/**
 * A duration as a flag takes it: `30s`, `500ms`, `1.5m`, `1h`; a bare number is seconds.
 *
 * @param flag name of the flag, for the message
 * @returns seconds, above 0
 * @throws UsageError for an unknown unit, or what is no number
 */
export function parseDuration(text: string, flag: string): number {
  const seconds = parseDelay(text, flag);
  if (seconds <= 0) throw new UsageError(`${flag} ${text}: must be more than 0`);
  return seconds;
}

/** As `parseDuration`, and `0s`. */
export function parseDelay(text: string, flag: string): number {
  const [number, unit] = split(text, flag, 'a duration such as 30s, 500ms, 5m or 1h');
  const factor = SECONDS[unit.toLowerCase()];
  if (factor === undefined) throw unknownUnit(text, flag, unit, 'ms, s, m, h, d');
  return round(number * factor);
}

/**
 * A size as a flag takes it: `512M`, `512MiB`, `1.5G`; a bare number is bytes. Units are binary.
 *
 * @param flag name of the flag, for the message
 * @returns bytes, above 0
 * @throws UsageError for an unknown unit (`MB` too: it may mean either), or what is no number
 */
export function parseSize(text: string, flag: string): number {
  const [number, unit] = split(text, flag, 'a size such as 512M or 2G');
  const power = POWERS[unit.toLowerCase().replace(/^([kmgt])ib$/, '$1')];
  if (power === undefined) throw unknownUnit(text, flag, unit, 'K, M, G, T (1024 to the power of 1 to 4)');
  const bytes = Math.round(number * KIBI ** power);
  if (bytes <= 0 || !Number.isSafeInteger(bytes)) throw new UsageError(`${flag} ${text}: out of range`);
  return bytes;
}

/** `512 MiB`: at most one decimal, and none when it is 0. */
export function formatSize(bytes: number): string {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let power = 0;
  while (value >= KIBI && power < names.length - 1) {
    value /= KIBI;
    power += 1;
  }
  return `${trimmed(value)} ${names[power]}`;
}

/** `45.2 s`, `3.4 ms`, `120 us`: three figures, in the unit that fits. */
export function formatMicroseconds(us: number): string {
  if (us < 1000) return `${Math.round(us)} us`;
  if (us < 1_000_000) return `${figures(us / 1000)} ms`;
  return `${figures(us / 1_000_000)} s`;
}

/** `850 ms`, `12 s`, `3 min 5 s`, `2 h 3 min`, `4 d 2 h`: the two largest units, cut. */
export function formatAge(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ] as const;
  const seconds = Math.floor(ms / 1000);
  const largest = units.findIndex(([, size]) => seconds >= size);
  const parts = units.slice(largest, largest + 2).map(([unit, size], index) => {
    const rest = index === 0 ? seconds : seconds % (units[largest]?.[1] ?? 1);
    return [Math.floor(rest / size), unit] as const;
  });
  return parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

function split(text: string, flag: string, wanted: string): [number, string] {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text.trim());
  if (match === null) throw new UsageError(`${flag} ${text}: not ${wanted}`);
  return [Number(match[1]), match[2] ?? ''];
}

function unknownUnit(text: string, flag: string, unit: string, known: string): UsageError {
  return new UsageError(`${flag} ${text}: unknown unit ${unit}`, `units: ${known}`);
}

// 0.1 * 60 and the like must not show as 6.000000000000001.
function round(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

function trimmed(value: number): string {
  return value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1).replace(/\.0$/, '');
}

function figures(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/**
 * A file mode as chmod(1) takes it in octal: `0660`.
 *
 * @throws UsageError for anything but permission bits
 */
export function parseMode(text: string, flag: string): number {
  if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8);
  throw new UsageError(`${flag} ${text}: it takes an octal mode such as 0660`);
}

/**
 * An IP address, of version 4 or 6.
 *
 * @throws UsageError for anything else, also for names of hosts
 */
export function parseAddress(text: string, flag: string): string {
  if (isIP(text) !== 0) return text;
  throw new UsageError(`${flag} ${text}: it takes an IP address such as 127.0.0.1 or ::1`);
}
