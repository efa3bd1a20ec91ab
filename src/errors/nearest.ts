/**
 * Number of single edits between two words: insert, delete, replace, or swap of two neighbours (the restricted
 * Damerau-Levenshtein distance, "optimal string alignment").
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replace = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + replace);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        best = Math.min(best, at(beforeLast, column - 2) + 1);
      }
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? 0;
}

// Words longer than any name in our tables get no hint: the cost grows with the product of both lengths, and the word
// may come from a hostile file.
const LONGEST_WORD = 128;

/**
 * The candidates that a mistyped word may have meant, nearest first, ties in the candidates' order.
 *
 * @param word what was written; case is ignored when comparing
 * @param limit how many at most
 * @returns candidates within a third of the word's length (at least 1 edit); empty when none is near
 */
export function nearestNames(word: string, candidates: Iterable<string>, limit = 3): string[] {
  if (word.length > LONGEST_WORD) {
    return [];
  }
  const wanted = word.toLowerCase();
  const allowed = Math.max(1, Math.floor(word.length / 3));
  const near: { name: string; distance: number }[] = [];
  for (const name of candidates) {
    if (Math.abs(name.length - word.length) > allowed) {
      continue;
    }
    const distance = editDistance(wanted, name.toLowerCase());
    if (distance <= allowed) {
      near.push({ name, distance });
    }
  }
  near.sort((a, b) => a.distance - b.distance);
  return near.slice(0, limit).map((entry) => entry.name);
}
