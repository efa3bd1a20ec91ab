// A vitest reporter that writes the counts of a run as JSON to the file that LEEWARD_TEST_COUNTS names. Vitest's own json
// reporter leaves out why a test was skipped, and `npm test` prints every skip with its reason.
import { writeFileSync } from 'node:fs';

// A skip decided before the test runs (`describe.skipIf`) has no note; its title then says what it needs.
const NEEDS = /\((needs [^)]+)\)/;

/** @returns {string | undefined} why the test was skipped, if anyone said so */
export function skipReason(fullName, note) {
  return note ?? NEEDS.exec(fullName)?.[1];
}

/** Counts what vitest reports; an error outside a test (import, hook) counts as a failure of its own. */
export function countModules(testModules, unhandledErrors) {
  const counts = {
    passed: 0,
    failures: unhandledErrors.map((error) => failureText('outside a test', [error])),
    skipped: [],
  };
  for (const module of testModules) {
    const fail = (name, errors) => counts.failures.push(failureText(`${module.relativeModuleId} ${name}`, errors));
    for (const error of module.errors()) fail('as a whole', [error]);
    for (const suite of module.children.allSuites()) for (const error of suite.errors()) fail(suite.fullName, [error]);
    for (const test of module.children.allTests()) {
      const { state, note, errors } = test.result();
      if (state === 'passed') counts.passed += 1;
      else if (state === 'failed') fail(test.fullName, errors);
      else counts.skipped.push({ name: test.fullName, reason: skipReason(test.fullName, note) });
    }
  }
  return { ...counts, failed: counts.failures.length };
}

function failureText(name, errors) {
  return [name, ...errors.map(({ message }) => String(message).split('\n')[0])].join(': ');
}

export default class CountsReporter {
  onTestRunEnd(testModules, unhandledErrors) {
    writeFileSync(process.env['LEEWARD_TEST_COUNTS'], JSON.stringify(countModules(testModules, unhandledErrors)));
  }
}
