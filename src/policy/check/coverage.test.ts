import { describe, expect, it } from 'vitest';
import { findingsText, resolveText } from '../../../test/policy/shipped.js';
import { coverageOf } from './coverage.js';

const POLICY = `version: 1
kind: Policy
name: test
extends: [builtin:base@1]
syscalls:
  allow:
    - "@leeward/vital"
    - lseek
    - {syscall: kill, args: {sig: 0}}
  restrict:
    lseek: {whence: SEEK_SET}
  rules:
    - {names: [ptrace, bpf], action: kill_process}
`;

function missed(tests: string): string[] {
  const { value, diagnostics } = resolveText(`${POLICY}tests: [${tests}]\n`);
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return coverageOf(value).missed.map(({ kind, subject, origin }) => `${kind} ${subject} ${origin.range.start.line}`);
}

const ALL = [
  'allow @leeward/vital 7',
  'allow lseek 8',
  'allow kill 9',
  'restrict lseek 11',
  'rules ptrace 13',
  'rules bpf 13',
];
const without = (...lines: readonly string[]) => ALL.filter((line) => !lines.includes(line));

describe('coverage of a policy by its tests', () => {
  it('is of the lines in its own file alone', () => {
    expect(missed('').sort()).toEqual(ALL.toSorted());
    expect(missed('{syscall: clone3, expect: {errno: ENOSYS}}').sort()).toEqual(ALL.toSorted());
  });

  it.each([
    ['{syscall: brk, expect: allow}', 'allow @leeward/vital 7'],
    ['{syscall: lseek, expect: allow}', 'allow lseek 8'],
    ['{syscall: lseek, args: {whence: SEEK_END}, expect: {errno: EACCES}}', 'restrict lseek 11'],
    ['{syscall: bpf, expect: kill_process}', 'rules bpf 13'],
    ['{syscall: kill, args: {sig: 0}, expect: allow}', 'allow kill 9'],
  ])('%s meets the line that decides', (test, line) => {
    expect(missed(test).sort()).toEqual(without(line).sort());
  });

  it('is also of a line beside which another one allows the same', () => {
    const { value } = resolveText(
      POLICY.replace('    - lseek\n', '    - lseek\n    - exit_group\n').concat(
        'tests: [{syscall: exit_group, expect: allow}]\n',
      ),
    );
    expect(value && coverageOf(value).missed.map(({ subject }) => subject)).not.toContain('exit_group');
    expect(value && coverageOf(value).lines.map(({ subject }) => subject)).toContain('exit_group');
  });

  it('is not what the default answers, nor a test in Python', () => {
    const others = '{syscall: kill, args: {sig: 9}, expect: {errno: EACCES}}, {python: "1", expect: ok}';
    expect(missed(others).sort()).toEqual(ALL.toSorted());
  });
});
