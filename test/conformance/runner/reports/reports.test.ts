import { describe, expect, it } from 'vitest';
import type { ProbeResult } from '../suite.js';
import { countsLine, detailLines, placeLines } from './console.js';
import { junitText, markdown } from './files.js';

const base: ProbeResult = {
  id: 'A01',
  class: 'A',
  title: 'a <call> | "another"',
  account: 'root',
  place: 'fresh',
  policy: 'python',
  outcome: 'BLOCKED',
  attempts: [{ name: 'x', outcome: 'BLOCKED', detail: 'EACCES' }],
  ms: 1500,
};
const escaped: ProbeResult = {
  ...base,
  id: 'A02',
  outcome: 'ESCAPED',
  attempts: [...base.attempts, { name: 'y', outcome: 'ESCAPED', detail: 'EBADF; EACCES\u0007: the policy' }],
};
const skipped: ProbeResult = {
  ...base,
  id: 'A03',
  place: 'warm',
  outcome: 'SKIPPED',
  reason: 'no memory limit',
  attempts: [],
};
const results = [base, escaped, skipped];

describe('what the run prints', () => {
  it('a line for each class of a place, with the counts of outcomes', () => {
    expect(placeLines([base, escaped])).toEqual(['A  root/fresh            3.0 s  1 BLOCKED, 1 ESCAPED']);
  });

  it('each failure with its failed attempts, each skip with its reason', () => {
    expect(detailLines(results)).toEqual([
      'not ok ESCAPED A02 root/fresh/python: a <call> | "another"\n    ESCAPED y: EBADF; EACCES\u0007: the policy',
      'skip A03 root/warm/python: no memory limit',
    ]);
  });

  it('the counts', () => {
    expect(countsLine(results)).toBe('1 passed, 1 failed, 1 skipped');
  });
});

describe('the files', () => {
  it('Markdown has a row for each probe and a column for each place', () => {
    const cases = ['A01', 'A02', 'A03'].map((id) => ({ id, title: base.title, layers: ['seccomp'], origin: 'review' }));
    const text = markdown(
      { variant: 'as shipped', kernel: '6.18', date: 'today' },
      [{ class: 'A', title: 'things', cases }],
      results,
    );
    expect(text).toContain('| probe | what is tried | root fresh | root warm |');
    expect(text).toContain('| A01 | a <call> \\| "another" | blocked |  |');
    expect(text).toContain('| A02 | a <call> \\| "another" | **ESCAPED** |  |');
    expect(text).toContain('| SKIPPED | 0 | 1 |');
  });

  it('JUnit counts and escapes', () => {
    const text = junitText(results);
    expect(text).toContain('<testsuite name="A root/fresh" tests="2" failures="1" skipped="0">');
    expect(text).toContain('<skipped message="no memory limit"/>');
    expect(text).toContain('name="A01 a &lt;call&gt; | &quot;another&quot; (python)"');
    expect(text).not.toContain('\u0007');
  });
});
