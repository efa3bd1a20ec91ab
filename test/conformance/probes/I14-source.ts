/** Source texts that are hard to read. */
import { type End, type HostileJob, hostileJobsProbe } from './hostile-jobs.js';

const fails =
  (...names: string[]) =>
  ({ status, error }: End): boolean =>
    (status === 'error' || status === 'refused') && names.includes(error?.name ?? '');

const prints =
  (text: string) =>
  ({ status, stdout }: End): boolean =>
    status === 'ok' && stdout === text;

/** For the trusting worker the text before is what differs: it leaves something behind for the next. */
const BEFORE = 'left = 1\n';
const next = { code: 'print("left" in globals())', prints: 'False\n' };

const jobs: Record<string, HostileJob> = {
  'a NUL': { code: 'print(1)\0print(2)', holds: fails('ValueError', 'SyntaxError') },
  'a NUL in a comment': { code: `${BEFORE}# \0\nprint(2)`, holds: fails('ValueError', 'SyntaxError') },
  // As `python -c` has it; the command line takes it from a file before it sends the text.
  'a mark of byte order': { code: `\ufeff${BEFORE}print("read")`, holds: fails('SyntaxError') },
  'a cookie of another coding': { code: `# coding: utf-16\n${BEFORE}print("é")`, holds: prints('é\n') },
  'a cookie of none': { code: `# -*- coding: none-such -*-\n${BEFORE}print("read")`, holds: prints('read\n') },
  'line ends of every kind': { code: `left = 1\r\nx = 2\rprint(x)\n`, holds: prints('2\n') },
  'a form feed and other spaces': { code: `\f${BEFORE}print(1)\u2028`, holds: fails('SyntaxError') },
  'letters that look alike': { code: `${BEFORE}\u0430 = 1; a = 2; print(\u0430)`, holds: prints('1\n') },
  'text in two directions': { code: `${BEFORE}x = "\u202e\u2066"; print(len(x))`, holds: prints('2\n') },
  'brackets, deep': {
    code: `${BEFORE}${'('.repeat(50_000)}${')'.repeat(50_000)}`,
    holds: fails('SyntaxError', 'MemoryError', 'RecursionError'),
  },
  'operators, deep': {
    code: `left = 1\nx = ${'-'.repeat(90_000)}1`,
    holds: fails('RecursionError', 'MemoryError', 'SyntaxError'),
  },
  'attributes, deep': {
    code: `left = 1\nx = left${'.real'.repeat(20_000)}`,
    holds: fails('RecursionError', 'MemoryError'),
  },
  'blocks, deep': {
    code: `left = 1\n${Array.from({ length: 120 }, (_, depth) => `${' '.repeat(depth)}if 1:\n`).join('')}`,
    holds: fails('IndentationError', 'SyntaxError'),
  },
  'an integer of many digits': {
    code: `left = 1\nx = ${'9'.repeat(100_000)}`,
    holds: fails('SyntaxError', 'ValueError'),
  },
  'a number that takes for ever': {
    code: 'left = 1\nx = 9 ** 9 ** 9',
    fields: { timeout_secs: 0.5 },
    holds: ({ status }) => status === 'timed_out',
  },
  'an expression that takes for ever': {
    code: 'import re\nre.match(r"(a+)+$", "a" * 64 + "b")',
    fields: { timeout_secs: 0.5 },
    holds: ({ status }) => status === 'timed_out',
  },
  'eight mebibytes': {
    code: `left = 1\n${'# a comment of the job\n'.repeat(360_000)}print("read")`,
    fields: { timeout_secs: 30 },
    holds: prints('read\n'),
  },
  'one line of four mebibytes': {
    code: `left = 1\nx = "${'y'.repeat(4 << 20)}"; print(len(x))`,
    holds: prints(`${4 << 20}\n`),
  },
};

export const probe = hostileJobsProbe(
  Object.fromEntries(Object.entries(jobs).map(([name, job]) => [name, { ...job, next }])),
);
