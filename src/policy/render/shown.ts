/** What a policy shows, as text in the form of a policy: each value with its places at the right. */
import type { Suppression } from '../document/suppressions.js';
import { isFileMode } from '../resolve/syscall-names.js';
import type { Saying, ShownPolicy, ShownRemoval, ShownValue } from '../show/shown.js';
import type { Origin } from '../types.js';
import { entryFlow, flow } from './flow.js';
import { placeText } from './place-text.js';

/** Where the places begin, for lines that leave them room. */
const NOTES = 60;

interface Line {
  readonly text: string;
  readonly notes: readonly string[];
}

/** A text that is itself YAML, its comments left out a policy without `extends`. */
export function renderShown(shown: ShownPolicy): string {
  const { name, description, abstract, files, values, removed, accepted } = shown;
  const head = [
    `# The effective policy ${name}, put together from ${files.join(', ')}`,
    'version: 1',
    'kind: Policy',
    `name: ${flow(name)}`,
    ...(description === '' ? [] : [`description: ${flow(description)}`]),
    ...(abstract ? ['abstract: true'] : []),
    '',
  ];
  const inline = new Set<Suppression>();
  const lines = valueLines(values, accepted, inline).flatMap(withNotes);
  const rest = accepted.filter((suppression) => !inline.has(suppression));
  const tail = [
    ...section('# removed', removed.map(removalLine)),
    ...section(
      '# further findings that are accepted',
      rest.map((suppression) => `${placeText(suppression.origin)}: ${acceptedText(suppression)}`),
    ),
  ];
  return `${[...head, ...lines, ...tail].join('\n')}\n`;
}

function section(title: string, rows: readonly string[]): string[] {
  return rows.length === 0 ? [] : ['', `${title}:`, ...rows.map((row) => `#   ${row}`)];
}

/** @param inline gets the suppressions that stand at the line of a value */
function valueLines(
  values: readonly ShownValue[],
  accepted: readonly Suppression[],
  inline: Set<Suppression>,
): readonly Line[] {
  const lines: Line[] = [];
  let open: readonly string[] = [];
  for (const shown of values) {
    const parents = shown.isEntry ? shown.path : shown.path.slice(0, -1);
    const common = parents.findIndex((key, depth) => key !== open[depth]);
    const from = common === -1 ? parents.length : common;
    if (lines.length > 0 && from === 0 && (parents.length > 0 || open.length > 0)) lines.push({ text: '', notes: [] });
    for (const [depth, key] of parents.entries()) {
      if (depth >= from) lines.push({ text: `${'  '.repeat(depth)}${flow(key)}:`, notes: [] });
    }
    const start = shown.isEntry ? '- ' : `${flow(shown.path.at(-1))}: `;
    const here = accepted.filter((suppression) =>
      placesOf(shown).some((place) => isSameLine(place, suppression.origin)),
    );
    for (const suppression of here) inline.add(suppression);
    const text = `${'  '.repeat(parents.length)}${start}${shownFlow(shown)}`;
    lines.push({ text, notes: [...notesOf(shown), ...here.map((suppression) => `  ${acceptedText(suppression)}`)] });
    open = parents;
  }
  return lines;
}

function placesOf({ origin, via, also }: ShownValue): Origin[] {
  return [{ origin, via }, ...also].flatMap((saying) => [saying.origin, ...saying.via.map((group) => group.origin)]);
}

function isSameLine(a: Origin, b: Origin): boolean {
  return a.file === b.file && a.range.start.line === b.range.start.line;
}

function notesOf(shown: ShownValue): string[] {
  return [
    sayingText(shown),
    ...shown.replaces.map(({ value, origin }) => `  replaces ${flow(value)} at ${placeText(origin)}`),
    ...shown.also.map((saying) => `  also ${sayingText(saying)}`),
    ...shown.restrictedBy.map((origin) => `  restricted at ${placeText(origin)}`),
  ];
}

/** Innermost group first, so that each place is explained by what follows. */
function sayingText({ origin, via }: Saying): string {
  const groups = via.toReversed().map((group) => ` via ${group.value} at ${placeText(group.origin)}`);
  return `${placeText(origin)}${groups.join('')}`;
}

function acceptedText({ code, reason }: Suppression): string {
  return `accepts ${code}: ${reason}`;
}

function removalLine({ path, value, origin, said }: ShownRemoval): string {
  return `${path.join('.')}: ${value}, removed at ${placeText(origin)}, said at ${said.map(sayingText).join(', ')}`;
}

/** The notes as comments, beneath each other in one column. */
function withNotes({ text, notes }: Line): string[] {
  const [first, ...others] = notes;
  if (first === undefined) return [text];
  const column = Math.max(NOTES, text.length + 2);
  return [`${text.padEnd(column)}# ${first}`, ...others.map((note) => `${' '.repeat(column)}# ${note}`)];
}

function shownFlow({ path, value }: ShownValue): string {
  const [section, part, call, argument] = path;
  if (section !== 'syscalls') return flow(value);
  if (part === 'restrict') return flow(value, undefined, isFileMode(call ?? '', argument ?? ''));
  return entryFlow(value);
}
