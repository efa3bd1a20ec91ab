import type { Origin } from '../types.js';

/** `policies/python.yaml:14:5`. */
export function placeText({ file, range }: Origin): string {
  return `${file}:${range.start.line}:${range.start.col}`;
}

/** Rows as columns of equal width; what is last in a row is not padded. */
export function columns(rows: readonly (readonly string[])[], indent = '  '): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.slice(0, -1).entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  return rows.map((row) =>
    `${indent}${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd(),
  );
}
