import type { PolicyChange, PolicyGeneration, PolicyHistoryResult } from '../../protocol/messages.gen.js';
import { printable } from '../terminal/printable.js';
import { table } from '../terminal/table.js';

/** As many policies as somebody reads in one line. */
const MOST_POLICIES = 3;

/** Generations for people, a line for each; the one that serves has a star. */
export function historyText({ serving, generations }: PolicyHistoryResult): string[] {
  const rows = generations.map((generation) => [
    `${generation.number === serving ? '*' : ' '}${generation.number}`,
    generation.time,
    `${generation.act} by ${authorText(generation)}`,
    changesText(generation.changes),
    generation.message ?? '',
  ]);
  return table(
    ['generation', 'time', 'made', 'policies', 'message'],
    rows.map((row) => row.map(printable)),
  );
}

function authorText({ act, author }: PolicyGeneration): string {
  if (author !== null) return author.name ?? `uid ${author.uid}`;
  return act === 'start' ? 'the daemon' : 'the policy folders';
}

/** `mine narrower, other added and 2 more`. */
export function changesText(changes: readonly PolicyChange[] | null): string {
  if (changes === null) return 'not compared';
  if (changes.length === 0) return 'unchanged';
  const shown = changes.slice(0, MOST_POLICIES).map(({ policy, relation }) => `${policy} ${relation}`);
  const left = changes.length - MOST_POLICIES;
  return shown.join(', ') + (left > 0 ? ` and ${left} more` : '');
}
