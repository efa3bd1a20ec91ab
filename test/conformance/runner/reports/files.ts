/** The report as files: for programs, for CI servers, for people. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { junit } from '../../../../src/probe/report/junit.js';
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
  writeFileSync(join(directory, 'junit.xml'), junitText(results));
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
export function junitText(results: readonly ProbeResult[]): string {
  return junit(
    results.map((result) => {
      const { id, class: letters, title, account, place, policy, outcome, reason = '', ms } = result;
      const text = outcome === 'SKIPPED' ? reason : failureText(result);
      const suite = `${letters} ${account}/${place}`;
      return { suite, classname: letters, name: `${id} ${title} (${policy})`, outcome, text, seconds: ms / 1000 };
    }),
  );
}
