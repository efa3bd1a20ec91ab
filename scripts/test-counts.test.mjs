import { describe, expect, it } from 'vitest';
import { parsePrintedCounts, problemsOf, summaryLine } from './test-counts.mjs';

const ended = { exit: 0, timedOut: false, interrupted: false };
const counts = (passed, failed, skipped = [], failures = []) => ({ passed, failed, failures, skipped });

describe('parsePrintedCounts', () => {
  it('sums the last lines of all test programs and keeps the reason of each skip', () => {
    const output = [
      'cc -o plan_test',
      'skip notify_user_pid: kernel has no pidfd_getfd',
      '12 passed, 0 failed, 1 skipped',
      'ok 3 passed, 9 failed in words',
      '3 passed, 1 failed',
      '',
    ].join('\n');
    expect(parsePrintedCounts(output)).toEqual(
      counts(15, 1, [{ name: 'notify_user_pid', reason: 'kernel has no pidfd_getfd' }]),
    );
  });

  it('keeps the failures in words, with what is said about them below', () => {
    const output = [
      'not ok plan: plan_test.c:7: ok',
      'not ok ESCAPED A02: a call',
      '    ESCAPED y: EBADF',
      '  other',
      'ok a',
    ];
    expect(parsePrintedCounts(output.join('\n')).failures).toEqual([
      'plan: plan_test.c:7: ok',
      'ESCAPED A02: a call\n    ESCAPED y: EBADF',
    ]);
  });

  it('keeps a skip that was only counted, so that its missing reason is noticed', () => {
    expect(parsePrintedCounts('1 passed, 0 failed, 2 skipped\n').skipped).toHaveLength(2);
  });
});

describe('problemsOf', () => {
  it('finds none in a part that passed, with or without counts', () => {
    expect(problemsOf(ended)).toEqual([]);
    expect(problemsOf({ ...ended, counts: counts(1, 0, [{ name: 'a', reason: 'needs root' }]) })).toEqual([]);
  });

  it('does not count twice what the part has counted itself', () => {
    expect(problemsOf({ ...ended, exit: 1, counts: counts(4, 1) })).toEqual([]);
  });

  it('never lets a failed, empty, stopped or silently skipping part pass', () => {
    expect(problemsOf({ ...ended, exit: 1 })).toEqual(['ended with exit code 1']);
    expect(problemsOf({ ...ended, exit: 2, counts: counts(4, 0) })).toEqual(['ended with exit code 2']);
    expect(problemsOf({ ...ended, counts: counts(0, 0) })).toEqual(['no test was seen']);
    expect(problemsOf({ ...ended, exit: 137, timedOut: true })).toEqual(['stopped: its time limit was reached']);
    expect(problemsOf({ ...ended, exit: 130, interrupted: true })).toEqual(['interrupted']);
    expect(problemsOf({ ...ended, counts: counts(1, 0, [{ name: 'a' }]) })).toEqual(['skipped without a reason: a']);
  });
});

describe('summaryLine', () => {
  it('sums tests, and problems as failures', () => {
    const parts = [
      { counts: undefined, problems: ['ended with exit code 1'] },
      { counts: counts(2, 0, [{ name: 'a', reason: 'needs root' }]), problems: [] },
      { counts: counts(3, 1), problems: [] },
    ];
    expect(summaryLine(parts)).toEqual({ failed: 2, line: '5 passed, 2 failed, 1 skipped' });
  });
});
