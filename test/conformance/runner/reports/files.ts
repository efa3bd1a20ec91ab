/** The report as files: for programs, for CI servers, for people. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFailure, OUTCOMES, type Outcome, worst } from '../../../../src/probe/verdict.js';
import type { CaseClass } from '../case.js';
import type { ProbeResult } from '../suite.js';
import { failureText } from './console.js';

/** What the run was, beside its results. */
export interface RunFacts {
  readonly variant: string;
  readonly kernel: string;
  readonly date: string;
}

/** Writes `report.json`, `report.md` and `junit.xml`. */
export function writeReports(
  directory: string,
  facts: RunFacts,
  classes: readonly CaseClass[],
  results: readonly ProbeResult[],
): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, 'report.json'),
    `${JSON.stringify({ ...facts, counts: counts(results), results }, null, 2)}\n`,
  );
  writeFileSync(join(directory, 'report.md'), markdown(facts, classes, results));
  writeFileSync(join(directory, 'junit.xml'), junit(results));
}

function counts(results: readonly ProbeResult[]): Readonly<Record<Outcome, number>> {
  const entries = OUTCOMES.map((outcome) => [outcome, results.filter((result) => result.outcome === outcome).length]);
  return Object.fromEntries(entries) as Record<Outcome, number>;
}

const WORDS: Readonly<Record<Outcome, string>> = {
  BLOCKED: 'blocked',
  NO_EFFECT: 'no effect',
  SKIPPED: 'skipped',
  BROKEN: '**BROKEN**',
  ESCAPED: '**ESCAPED**',
};

/** A table of outcomes by account and place, then one of probes by account and place. */
export function markdown(facts: RunFacts, classes: readonly CaseClass[], results: readonly ProbeResult[]): string {
  const columns = [...new Set(results.map(columnOf))];
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = (first: readonly string[]) => [
    row([...first, ...columns]),
    row([...first, ...columns].map(() => '---')),
  ];
  const cell = (own: readonly ProbeResult[]) =>
    own.length === 0 ? '' : WORDS[worst(own.map(({ outcome }) => outcome))];
  const totals = OUTCOMES.map((outcome) => {
    const numbers = columns.map((column) => {
      return String(results.filter((result) => columnOf(result) === column && result.outcome === outcome).length);
    });
    return row([outcome, ...numbers]);
  });
  const tables = classes.flatMap(({ class: letters, title, cases }) => [
    '',
    `## ${letters}. ${title}`,
    '',
    ...head(['probe', 'what is tried']),
    ...cases.map(({ id, title: tried, provenBy = [] }) => {
      const own = results.filter((result) => result.id === id);
      return row([
        id,
        [tried.replaceAll('|', '\\|'), ...provenBy.map(({ file }) => `proven by \`${file}\``)].join('; '),
        ...columns.map((column) => cell(own.filter((result) => columnOf(result) === column))),
      ]);
    }),
  ]);
  const failures = results
    .filter(({ outcome }) => isFailure(outcome))
    .map((result) => `\n\`\`\`\n${failureText(result)}\n\`\`\``);
  return [
    `# Conformance: ${facts.variant}`,
    '',
    `${facts.date}, Linux ${facts.kernel}`,
    '',
    ...head(['outcome']),
    ...totals,
    ...tables,
    ...(failures.length === 0 ? [] : ['', '## Failures', ...failures]),
    '',
  ].join('\n');
}

function columnOf({ account, place }: ProbeResult): string {
  return `${account} ${place}`;
}

/** A suite for each class, account and place; a case for each probe and policy. */
export function junit(results: readonly ProbeResult[]): string {
  const suiteOf = ({ class: letters, account, place }: ProbeResult) => `${letters} ${account}/${place}`;
  const text = [...new Set(results.map(suiteOf))].map((name) => {
    const own = results.filter((result) => suiteOf(result) === name);
    const failures = own.filter(({ outcome }) => isFailure(outcome)).length;
    const skipped = own.filter(({ outcome }) => outcome === 'SKIPPED').length;
    const cases = own.map((result) => junitCase(result)).join('\n');
    return `  <testsuite name="${xml(name)}" tests="${own.length}" failures="${failures}" skipped="${skipped}">\n${cases}\n  </testsuite>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${text.join('\n')}\n</testsuites>\n`;
}

function junitCase(result: ProbeResult): string {
  const { id, title, policy, outcome, reason, ms } = result;
  const open = `    <testcase classname="${xml(result.class)}" name="${xml(`${id} ${title} (${policy})`)}" time="${(ms / 1000).toFixed(3)}"`;
  if (outcome === 'SKIPPED') return `${open}><skipped message="${xml(reason ?? '')}"/></testcase>`;
  if (!isFailure(outcome)) return `${open}/>`;
  return `${open}><failure message="${xml(outcome)}">${xml(failureText(result))}</failure></testcase>`;
}

function xml(text: string): string {
  // Control characters are not allowed in XML 1.0, not even escaped.
  const clean = [...text].map((char) => (char < ' ' && !'\t\n\r'.includes(char) ? '\ufffd' : char)).join('');
  return clean.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
