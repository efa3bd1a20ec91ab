import { describe, expect, it } from 'vitest';
import type { ProbeReport, ProbeResult } from '../result.js';
import { probeMarkdown } from './markdown.js';
import { failureText, probeExitCode, probeJson, probeJunit, verdictLine } from './report.js';

const blocked: ProbeResult = {
  area: 'syscalls',
  name: 'ptrace',
  outcome: 'BLOCKED',
  expected: 'ended by SIGSYS',
  seen: 'ended by SIGSYS',
  place: 'policies/python.yaml:22:7',
  hint: null,
};
const allowed: ProbeResult = { ...blocked, name: 'read', outcome: 'NO_EFFECT', expected: 'reaches the kernel' };
const skipped: ProbeResult = { ...blocked, name: 'exit', outcome: 'SKIPPED', seen: 'it would end | the <thread>' };
const escaped: ProbeResult = {
  ...blocked,
  name: 'bpf',
  outcome: 'ESCAPED',
  seen: 'EINVAL',
  hint: 'see `leeward doctor`',
};

const reportOf = (...results: readonly ProbeResult[]): ProbeReport => ({
  policy: 'python',
  digest: 'sha256:00',
  kernel: '6.18',
  arch: 'x86_64',
  uid: 0,
  areas: ['syscalls'],
  results,
  seconds: 2.25,
});

describe('a report', () => {
  const held = reportOf(blocked, allowed, skipped);
  const failed = reportOf(blocked, escaped, skipped);

  it('says in one line whether the policy holds, and never counts a skip as an attempt', () => {
    expect(verdictLine(held)).toBe(
      'policy python holds on this host: 2 attempts, all as the policy says (1 blocked, 1 work as it allows, 1 skipped; syscalls in 2.3 s)',
    );
    expect(verdictLine(failed)).toContain('does not hold on this host: 1 of 2 attempts are not as the policy says');
  });

  it('ends with 0 or 1', () => {
    expect([held, failed].map(probeExitCode)).toEqual([0, 1]);
  });

  it('shows nothing, and fails, where all was skipped', () => {
    expect(probeExitCode(reportOf(skipped))).toBe(1);
    expect(verdictLine(reportOf(skipped))).toContain('nothing of policy python could be tried');
  });

  it('tells of a failure what the policy says and where, what was seen, and what to do', () => {
    expect(failureText(escaped)).toBe(
      'ESCAPED syscalls bpf\n  policy: policies/python.yaml:22:7\n  expected: ended by SIGSYS\n  seen: EINVAL\n  hint: see `leeward doctor`',
    );
    expect(failureText({ ...escaped, place: null, hint: null })).toContain('policy: no policy can change it');
  });

  it('is JSON with counts for programs', () => {
    expect(probeJson(failed)).toMatchObject({ ok: false, counts: { ESCAPED: 1, SKIPPED: 1 }, policy: 'python' });
  });

  it('is JUnit with a failure and a skip', () => {
    const text = probeJunit(failed);
    expect(text).toContain('<testsuite name="python syscalls" tests="3" failures="1" skipped="1">');
    expect(text).toContain('<skipped message="it would end | the &lt;thread&gt;"/>');
    expect(text).toContain('<failure message="ESCAPED">ESCAPED syscalls bpf');
  });

  it('is a page with a row for each area', () => {
    const text = probeMarkdown(failed);
    expect(text).toContain('| syscalls | 1 | 0 | 1 | 0 | 1 |');
    expect(text).toContain('## Not as the policy says\n\n```\nESCAPED syscalls bpf');
    expect(text).toContain('- it would end | the <thread> (syscalls: exit)');
    expect(probeMarkdown(held)).not.toContain('## Not as');
  });
});
