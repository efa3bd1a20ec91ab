import { printable } from '../../terminal/printable.js';
import type { Style } from '../../terminal/style.js';

const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

/** A line of the daemon's log for people: when, how serious, what, and the fields beside it. A line that is none stays as it is. */
export function lineText(line: string, style: Style): string {
  const fields = parsed(line);
  if (fields === undefined) return printable(line);
  const { level, time, msg = '', ...rest } = fields;
  const name = LEVELS[Number(level)] ?? String(level);
  const when = typeof time === 'number' ? new Date(time).toISOString() : '-';
  const words = [String(msg), ...Object.entries(rest).map(([key, value]) => `${key}=${valueText(value)}`)];
  const paint = Number(level) >= 50 ? style.red : Number(level) >= 40 ? style.yellow : (text: string) => text;
  return `${style.dim(when)} ${paint(`${name.padEnd(5)} ${printable(words.join(' '))}`)}`;
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** An error by its message: its stack is in the line that `--json` prints. */
function valueText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { message } = value as { readonly message?: unknown };
  return JSON.stringify(typeof message === 'string' ? message : value);
}
