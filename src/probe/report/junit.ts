/** JUnit's XML, which CI servers read. Pure. */
import { isFailure, type Outcome } from '../verdict.js';

export interface JunitCase {
  readonly suite: string;
  readonly classname: string;
  readonly name: string;
  readonly outcome: Outcome;
  /** What went wrong, or why it was skipped. */
  readonly text: string;
  readonly seconds?: number;
}

/** A suite for each name, in the order in which they come first. */
export function junit(cases: readonly JunitCase[]): string {
  const suites = [...new Set(cases.map(({ suite }) => suite))].map((name) => {
    const own = cases.filter(({ suite }) => suite === name);
    const failures = own.filter(({ outcome }) => isFailure(outcome)).length;
    const skipped = own.filter(({ outcome }) => outcome === 'SKIPPED').length;
    const counts = `tests="${own.length}" failures="${failures}" skipped="${skipped}"`;
    return `  <testsuite name="${xml(name)}" ${counts}>\n${own.map(caseText).join('\n')}\n  </testsuite>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('\n')}\n</testsuites>\n`;
}

function caseText({ classname, name, outcome, text, seconds }: JunitCase): string {
  const time = seconds === undefined ? '' : ` time="${seconds.toFixed(3)}"`;
  const open = `    <testcase classname="${xml(classname)}" name="${xml(name)}"${time}`;
  if (outcome === 'SKIPPED') return `${open}><skipped message="${xml(text)}"/></testcase>`;
  if (!isFailure(outcome)) return `${open}/>`;
  return `${open}><failure message="${xml(outcome)}">${xml(text)}</failure></testcase>`;
}

function xml(text: string): string {
  // Control characters are not allowed in XML 1.0, not even escaped.
  const clean = [...text].map((char) => (char < ' ' && !'\t\n\r'.includes(char) ? '\ufffd' : char)).join('');
  return clean.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
