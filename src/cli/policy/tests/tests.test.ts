import { describe, expect, it } from 'vitest';
import { findingsText, resolveText } from '../../../../test/policy/shipped.js';
import { coverageOf } from '../../../policy/index.js';
import type { ExecuteResponse } from '../../../protocol/messages.gen.js';
import { styleOf } from '../../terminal/style.js';
import { leftOutRow, type PythonTest, reasonOf } from './live.js';
import { coveredPercent, type PolicyTestReport, testExitCode } from './report.js';
import { simulatedRow } from './simulated.js';
import { testJson, testJunit, testText } from './text.js';

const plain = styleOf({ isTTY: false, env: {} });

/** As with --no-live. */
function report(tests: string): PolicyTestReport {
  const text = `version: 1\nkind: Policy\nname: test\nextends: [builtin:strict@1]\nsyscalls:\n  allow: [{syscall: kill, args: {sig: 0}}]\ntests:\n${tests}`;
  const { value, diagnostics } = resolveText(text);
  if (value === undefined) throw new Error(findingsText(diagnostics));
  const rows = value.tests.map((test) =>
    test.kind === 'syscall' ? simulatedRow(test, value) : leftOutRow(test, 'needs a real sandbox (--no-live)'),
  );
  return { label: 'mine', rows, coverage: coverageOf(value) };
}

const good = report('  - {syscall: kill, args: {sig: 0}, expect: allow}\n  - {python: "1", expect: ok}\n');
const bad = report('  - {syscall: kill, args: {sig: SIGKILL}, expect: allow}\n');
const python = report('  - {python: "1", expect: ok}\n');

describe('policy test', () => {
  it('ends with 1 for a failure, for a policy of which no test ran, and for too little coverage', () => {
    expect([[good], [bad], [python], [good, python], [good, bad]].map((all) => testExitCode(all, 0))).toEqual([
      0, 1, 1, 1, 1,
    ]);
    expect([coveredPercent(good.coverage), coveredPercent(bad.coverage)]).toEqual([100, 0]);
    const halfway = { ...good, coverage: { ...good.coverage, missed: good.coverage.lines } };
    expect([testExitCode([good], 100), testExitCode([halfway], 1)]).toEqual([0, 1]);
  });

  it('shows what failed and why, both places, and which lines were not met', () => {
    expect(testText(good, plain, 0)).toEqual([
      'mine: 2 tests: 1 passed, 0 failed, 1 left out; 1 of 1 line met (100 %)',
    ]);
    expect(testText(bad, plain, 0)).toEqual([
      'failed kill(sig=SIGKILL) gets allow  (test.yaml:8:5)',
      expect.stringMatching(/^ {2}`kill` gets EACCES, not allow, decided here: policies\/builtin\/base\.yaml:\d+:\d+$/),
      'no test meets allow kill  (test.yaml:6:11)',
      'mine: 1 test: 0 passed, 1 failed, 0 left out; 0 of 1 line met (0 %)',
    ]);
  });

  it('says that nothing ran, because that is no success', () => {
    expect(testText(python, plain, 0)).toEqual([
      'no test meets allow kill  (test.yaml:6:11)',
      'mine has no test that ran',
      'mine: 1 test: 0 passed, 0 failed, 1 left out; 0 of 1 line met (0 %)',
    ]);
  });

  it('reads file modes in octal, and all else in hexadecimal', () => {
    const rows = report('  - {syscall: openat, args: {flags: 0x41, mode: 0o644}, expect: allow}\n').rows;
    expect(rows[0]?.title).toBe('openat(flags=0x41, mode=0o644) gets allow');
  });

  it('is JSON and JUnit for programs', () => {
    expect(testJson([good], 0)).toMatchObject({
      ok: true,
      policies: [{ tests: [{ kind: 'simulated', outcome: 'passed', line: 8, col: 5 }, { outcome: 'left_out' }] }],
    });
    const text = testJunit([good, bad], 0);
    expect(text).toContain('<testsuite name="mine" tests="3" failures="1" skipped="1">');
    expect(text).toContain('<skipped message="needs a real sandbox (--no-live)"/>');
    expect(text).toContain('gets EACCES, not allow');
  });

  it('says in every form what a policy lacks whose tests all passed', () => {
    const halfway = { ...good, coverage: { ...good.coverage, missed: good.coverage.lines } };
    const shortfall = 'mine: tests meet 0 % of its lines, and --min-coverage is 50';
    expect(testText(halfway, plain, 50)).toContain(shortfall);
    expect(testJson([halfway], 50)).toMatchObject({ ok: false, policies: [{ shortfalls: [shortfall] }] });
    const text = testJunit([halfway], 50);
    expect(text).toContain('<testsuite name="mine" tests="3" failures="1" skipped="1">');
    expect(text).toContain(
      `<failure message="BROKEN">${shortfall}\nno test meets allow kill (test.yaml:6:11)</failure>`,
    );
    expect(testJunit([python], 0)).toContain('mine has no test that ran');
    for (const enough of [testText(halfway, plain, 0).join(), testJunit([halfway], 0)])
      expect(enough).not.toContain('--min');
    expect(testJson([good], 100)).toMatchObject({ ok: true, policies: [{ shortfalls: [] }] });
  });
});

describe('an answer to a test in Python', () => {
  const { origin } = good.rows[0] as { origin: PythonTest['origin'] };
  const test = (error: string | null): PythonTest => ({ kind: 'python', code: '1', error, origin });
  const answer = (status: string, name: string | null, refused: readonly string[] = []) =>
    ({
      result: {
        status,
        error: name === null ? null : { name, value: 'no' },
        denials: refused.map((syscall) => ({ syscall })),
      },
    }) as unknown as ExecuteResponse;

  it('is good when the code ends as it should', () => {
    expect(reasonOf(test(null), answer('ok', null))).toBeUndefined();
    expect(reasonOf(test('OSError'), answer('error', 'OSError'))).toBeUndefined();
  });

  it.each([
    [null, answer('error', 'OSError', ['socket', 'socket']), 'it raised OSError: no (refused: socket)'],
    ['OSError', answer('ok', null), 'it ended with status ok'],
    ['OSError', answer('error', 'ValueError'), 'it raised ValueError: no'],
    // What a job says of itself, while the supervisor says that it was killed.
    ['OSError', answer('timed_out', 'OSError'), 'it ended with status timed_out'],
    [
      null,
      { success: false, error: { message: 'no runtime' } } as unknown as ExecuteResponse,
      'it was refused: no runtime',
    ],
  ])('that should be %s is not another', (error, response, reason) => {
    expect(reasonOf(test(error), response)).toBe(reason);
  });
});
