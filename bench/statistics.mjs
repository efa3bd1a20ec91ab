// Sorted samples and what is printed of them. Nearest-rank percentiles: every figure is one that was measured.

/**
 * @param {readonly number[]} samples any unit
 * @returns {{n: number, min: number, p50: number, p90: number, p99: number}}
 */
export function summary(samples) {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (fraction) => sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)];
  return { n: sorted.length, min: at(0), p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

/** Microseconds as text: whole below 10 ms, then milliseconds. */
export function microseconds(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return '-';
  return value < 10_000 ? `${Math.round(value)} us` : `${(value / 1000).toFixed(1)} ms`;
}

/** Rows of equal length as aligned text; the first column to the left, the others to the right. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])));
  return rows.map((row) => `  ${line(row).join('  ')}`).join('\n');
}
