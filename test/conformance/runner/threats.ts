/** The tables of docs/threat-model.md: which row names which cases of the catalogue. Pure. */
import type { Case, CaseClass } from './case.js';

export interface Threat {
  /** `T7`. */
  readonly id: string;
  /** Index of its line in the text. */
  readonly line: number;
  readonly cells: readonly [threat: string, probes: string, layers: string];
}

/** A row's word for cases: one and, if it has no letter, those with one; or all between two numbers, with their letters. */
interface Reference {
  readonly from: string;
  readonly to: string;
}

export function threatsOf(text: string): readonly Threat[] {
  return text.split('\n').flatMap((content, line) => {
    const [, id, threat, probes, layers] = content.split('|').map((cell) => cell.trim());
    if (id === undefined || !/^T\d+$/.test(id)) return [];
    return [{ id, line, cells: [threat ?? '', probes ?? '', layers ?? ''] as const }];
  });
}

function referencesOf({ cells: [, probes] }: Threat): readonly Reference[] {
  return probes.split(/,\s*/).map((text) => {
    const [from = '', to = from] = text.split('-');
    return { from, to };
  });
}

/** How exactly a reference names a case: not at all, by its number, by its own id. The most exact one counts. */
function exactness({ from, to }: Reference, id: string): 0 | 1 | 2 {
  if (from === to && id === from) return 2;
  const isWithin = numberOf(from) <= numberOf(id) && numberOf(id) <= numberOf(to);
  const isWithoutLetter = [from, to].every((end) => lettersOf(end) === lettersOf(id) && /\d$/.test(end));
  return isWithin && isWithoutLetter ? 1 : 0;
}

/** Ids of the rows that name a case, and none more exactly; a case that no row names has none. */
function rowsOf({ id }: Case, threats: readonly Threat[]): readonly string[] {
  const named = threats.map((threat) => {
    return [threat.id, Math.max(...referencesOf(threat).map((one) => exactness(one, id)))] as const;
  });
  const most = Math.max(0, ...named.map(([, exact]) => exact));
  return named.flatMap(([row, exact]) => (most > 0 && exact === most ? [row] : []));
}

/** The cases that belong to a row. */
export function casesOf(row: string, threats: readonly Threat[], classes: readonly CaseClass[]): readonly Case[] {
  return classes.flatMap(({ cases }) => cases.filter((probe) => rowsOf(probe, threats).includes(row)));
}

/** What is wrong between the document and the catalogue, both ways. */
export function threatFindings(threats: readonly Threat[], classes: readonly CaseClass[]): readonly string[] {
  return [...threats.flatMap((threat) => unknownIds(threat, classes)), ...misplaced(threats, classes)];
}

function unknownIds(threat: Threat, classes: readonly CaseClass[]): readonly string[] {
  const known = new Set(classes.flatMap(({ cases }) => cases.map(({ id }) => id)));
  return referencesOf(threat).flatMap(({ from, to }) => {
    const missing = [...new Set([from, to])].filter((id) => !known.has(id));
    return missing.map((id) => `${threat.id} names ${id}, which is no case of the catalogue`);
  });
}

function misplaced(threats: readonly Threat[], classes: readonly CaseClass[]): readonly string[] {
  let before = 'none';
  return classes.flatMap(({ cases }) =>
    cases.flatMap((probe) => {
      const [row, ...more] = rowsOf(probe, threats);
      const neighbour = before;
      before = row ?? before;
      if (row === undefined) return [nowhere(probe, neighbour)];
      return more.length === 0
        ? []
        : [`${probe.id} is in ${[row, ...more].join(' and ')}: a case belongs to one threat`];
    }),
  );
}

function nowhere({ id, title }: Case, neighbour: string): string {
  const what = 'put it into the row whose threat it tries, and run `npm run golden:update -- threat-model`';
  return `${id} (${title}) is in no row of docs/threat-model.md: ${what}; the case before it is in ${neighbour}`;
}

/**
 * The text with each row's layers: all that its cases name.
 *
 * @param order the vocabulary of layers
 */
export function withLayers(text: string, classes: readonly CaseClass[], order: readonly string[]): string {
  const lines = text.split('\n');
  const threats = threatsOf(text);
  for (const threat of threats) {
    const [description, probes] = threat.cells;
    const layers = layersOf(casesOf(threat.id, threats, classes), order);
    lines[threat.line] = `| ${[threat.id, description, probes, layers].join(' | ')} |`;
  }
  return lines.join('\n');
}

function layersOf(cases: readonly Case[], order: readonly string[]): string {
  const named = new Set(
    cases.flatMap(({ layers, attemptLayers = {} }) => [...layers, ...Object.values(attemptLayers).flat()]),
  );
  return order
    .filter((layer) => named.has(layer))
    .map((layer) => `\`${layer}\``)
    .join(', ');
}

function lettersOf(id: string): string {
  return /^[A-Z]+/.exec(id)?.[0] ?? '';
}

function numberOf(id: string): number {
  return Number(/\d+/.exec(id)?.[0]);
}
