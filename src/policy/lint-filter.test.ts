import { describe, expect, it } from 'vitest';
import { loaderWith, shippedPolicy } from '../../test/policy/shipped.js';
import { kernelTable } from '../kernel/table.js';
import { lintPolicy } from './lint.js';

const HEAD = 'version: 1\nkind: Policy\nname: test\nextends: [builtin:python@1]\n';

const parent = (rest: string) => ({
  parent: `${HEAD.replace('name: test', 'name: parent')}${rest}`,
});

function lint(text: string, others: Readonly<Record<string, string>> = {}) {
  return lintPolicy([{ file: 'test.yaml', text }], loaderWith(others));
}

function found(text: string, others: Readonly<Record<string, string>> = {}): string[] {
  return lint(text, others).diagnostics.map(({ code, message }) => `${code} ${message}`);
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index).join(', ');
const oneOf = (call: string, argument: string, values: string) =>
  `{syscall: ${call}, args: {${argument}: {oneOf: [${values}]}}}`;

/** Calls that `python` does not speak of, each with an argument that takes small numbers. */
function otherCalls(count: number): (readonly [call: string, argument: string])[] {
  const { allow, rules } = shippedPolicy('python').syscalls;
  const spoken = new Set([...allow, ...rules].map(({ syscall }) => syscall));
  const table = kernelTable('arm64');
  const calls = table.names().flatMap((name) => {
    const argument = table.syscall(name)?.args.find(({ kind }) => kind === 'value' || kind === 'fd');
    return spoken.has(name) || argument === undefined ? [] : [[name, argument.name] as const];
  });
  return calls.slice(0, count);
}

describe('a long filter', () => {
  const entries = [
    oneOf('setpriority', 'who', '1, 2, 3'),
    oneOf('socket', 'type', numbers(0, 70)),
    oneOf('getpriority', 'who', numbers(0, 60)),
  ];
  const path = `${HEAD}syscalls:\n  allow:\n${entries.map((entry) => `    - ${entry}\n`).join('')}`;

  it('names the calls whose path is long, the longest first, with their conditions', () => {
    const [finding, ...more] = lint(path).diagnostics;
    expect(more).toEqual([]);
    expect(finding?.message).toMatch(
      /^the longest path through the filter has more than 64 instructions: [0-9]+ on x86_64 and [0-9]+ on arm64$/,
    );
    expect(finding?.related).toMatchObject([
      { range: { start: { line: 8, col: 38 } }, message: expect.stringMatching(/^`socket` takes up to [0-9]+ instr/) },
      { range: { start: { line: 9, col: 42 } }, message: expect.stringMatching(/^`getpriority` takes up to/) },
    ]);
  });

  it('is measured on each architecture for itself', () => {
    const messages = found(`${HEAD}syscalls: {allow: [${oneOf('eventfd', 'initval', numbers(0, 70))}]}\n`);
    expect(messages).toContainEqual(expect.stringMatching(/^LW-S125 .*: [0-9]+ on x86_64$/));
  });

  it('is long as a whole when no path is', () => {
    // Values of their own, because equal conditions are in the filter once.
    const many = otherCalls(40).map(([call, argument], index) => {
      return `    - ${oneOf(call, argument, numbers(30 * index, 30 * index + 30))}\n`;
    });
    const about = found(`${HEAD}syscalls:\n  allow:\n${many.join('')}`).filter((text) => text.startsWith('LW-S125'));
    expect(about).toEqual([expect.stringMatching(/the filter has more than 1024 instructions: [0-9]+ on x86_64 and /)]);
  });

  it('is silenced at the name', () => {
    const silenced = path.replace('name: test', 'name: test # leeward-allow LW-S125: a list that a vendor gave us');
    expect(lint(silenced)).toMatchObject({ diagnostics: [], suppressed: [{ diagnostic: { code: 'LW-S125' } }] });
  });
});

describe('a condition on a call that is made often', () => {
  const restricted = (call: string, condition: string) => `syscalls: {restrict: {${call}: {${condition}}}}\n`;

  it('is noted where it stands, in an entry, a restriction or a rule', () => {
    expect(found(`${HEAD}${restricted('lseek', 'whence: SEEK_SET')}`)).toEqual([
      'LW-S126 `lseek` is made often, and with a condition each call runs the filter',
    ]);
    const rule = '{names: [lseek], args: {whence: 9}, action: kill_process}';
    expect(found(`${HEAD}syscalls: {rules: [${rule}]}\n`)).toHaveLength(1);
    const base = HEAD.replace('python', 'base');
    const entries = '"@leeward/vital", {syscall: lseek, args: {whence: SEEK_SET}}';
    expect(found(`${base}syscalls: {allow: [${entries}]}\n`)).toHaveLength(1);
  });

  it('is not noted where an extended file has one already', () => {
    expect(found(`${HEAD}${restricted('mmap', 'prot: {noneOf: [PROT_EXEC]}')}`)).toEqual([]);
    const child = HEAD.replace('builtin:python@1', 'parent');
    const lseek = restricted('lseek', 'whence: SEEK_SET');
    expect(found(`${child}${lseek}`, parent(''))).toHaveLength(1);
    expect(found(`${child}${lseek}`, parent(lseek))).toEqual([]);
  });

  it('is not noted of a call that is not allowed at all, or that seldom is made', () => {
    const rules = '{names: [lseek], action: kill_process}, {names: [lseek], args: {whence: 9}, action: kill_process}';
    const codes = lint(`${HEAD}syscalls: {remove: [lseek], rules: [${rules}]}\n`).diagnostics.map(({ code }) => code);
    expect(codes).not.toContain('LW-S126');
    expect(found(`${HEAD}${restricted('dup3', 'flags: 0')}`)).toEqual([]);
  });
});
