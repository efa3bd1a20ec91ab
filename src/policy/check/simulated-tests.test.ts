import { describe, expect, it } from 'vitest';
import { findingsText, placesOf, resolveText } from '../../../test/policy/shipped.js';
import { runSimulatedTests } from './simulated-tests.js';

function run(rows: string, arch: 'x86_64' | 'arm64' = 'x86_64') {
  const { value, diagnostics } = resolveText(
    `version: 1\nkind: Policy\nname: test\nextends: [builtin:python@1]\ntests:\n${rows}`,
  );
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return runSimulatedTests(value, arch);
}

describe('tests of a policy', () => {
  it('pass when the policy means what they expect', () => {
    const { run: counts, diagnostics } = run(
      [
        '  - {syscall: getpid, expect: allow}',
        '  - {syscall: ptrace, expect: kill_process}',
        '  - {syscall: socket, args: {domain: AF_INET}, expect: {errno: EACCES}}\n',
      ].join('\n'),
    );
    expect(counts).toEqual({ passed: 3, failed: 0, skipped: 0 });
    expect(diagnostics).toEqual([]);
  });

  it('may have several calls in one row, each a test of its own', () => {
    const { run: counts, diagnostics } = run('  - {syscall: [getpid, ptrace, dup2], expect: allow}\n', 'arm64');
    expect(counts).toEqual({ passed: 1, failed: 1, skipped: 1 });
    expect(placesOf(diagnostics)).toEqual(['LW-T700 6:24', 'LW-T701 6:32']);
    expect(diagnostics[0]?.message).toBe('`ptrace` gets kill_process, not allow');
  });

  it('fail with what the policy says instead, and where', () => {
    const { run: counts, diagnostics } = run('  - {syscall: openat, args: {mode: 0o4755}, expect: allow}\n');
    expect(counts.failed).toBe(1);
    expect(diagnostics[0]).toMatchObject({
      code: 'LW-T700',
      message: '`openat` gets EACCES, not allow',
      range: { start: { line: 6, col: 5 } },
      related: [{ file: 'policies/builtin/base.yaml' }],
    });
  });

  it('that need a sandbox or another architecture are skipped', () => {
    const { run: counts } = run('  - {python: "1", expect: ok}\n  - {syscall: open, expect: allow}\n', 'arm64');
    expect(counts).toEqual({ passed: 0, failed: 0, skipped: 2 });
  });

  it.each([
    ['{syscall: opennat, expect: allow}', 'LW-S100'],
    ['{syscall: openat, args: {modes: 1}, expect: allow}', 'LW-S105'],
    ['{syscall: openat, args: {flags: O_NOTHING}, expect: allow}', 'LW-S107'],
    ['{syscall: openat, expect: {errno: EACCESS}}', 'LW-S117'],
  ])('%s is wrong itself', (row, code) => {
    const { run: counts, diagnostics } = run(`  - ${row}\n`);
    expect(counts.failed).toBe(1);
    expect(diagnostics[0]?.code).toBe(code);
  });
});
