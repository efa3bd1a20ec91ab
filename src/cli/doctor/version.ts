/** True when a dotted version (`v20.19.1`, `6.1.0-18-amd64`) is `minimum` or newer. */
export function isAtLeast(version: string, minimum: string): boolean {
  const wanted = numbers(minimum);
  const found = numbers(version);
  for (const [index, number] of wanted.entries()) {
    const difference = (found[index] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function numbers(text: string): number[] {
  const parts = text.replace(/^v/, '').split(/[^0-9]+/);
  return parts.slice(0, 3).map(Number);
}
