import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitrarySyscalls } from '../../../test/policy/arbitrary-syscalls.js';
import { findingsText, resolveText } from '../../../test/policy/shipped.js';
import { kernelTable } from '../../kernel/table.js';
import { ARCHES } from '../../kernel/types.js';
import { checkedCalls } from '../check/boundaries.js';
import { evaluateCall } from '../check/evaluate.js';
import { answerOf, answerRank } from '../prove/answers.js';
import type { EffectiveSyscalls, SyscallEvent } from '../types.js';
import { compareCalls, witnesses } from './calls.js';

const ARCH = 'x86_64';
const RUNS = { numRuns: 5 };

function syscallsOf(syscalls: string): EffectiveSyscalls | undefined {
  return resolveText(`version: 1\nkind: Policy\nname: test\nextends: [builtin:base@1]\n${syscalls}`).value?.syscalls;
}

function written(lines: string): EffectiveSyscalls {
  const text = `version: 1\nkind: Policy\nname: test\nextends: [builtin:base@1]\nsyscalls:\n${lines}`;
  const { value, diagnostics } = resolveText(text);
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return value.syscalls;
}

// Random entries can be an error together.
const arbitrary = arbitrarySyscalls(ARCH)
  .map(syscallsOf)
  .filter((syscalls) => syscalls !== undefined);

function answerAt(syscalls: EffectiveSyscalls, event: SyscallEvent) {
  const { action, errno, notify } = evaluateCall(syscalls, ARCH, event);
  return answerOf(action, errno, notify);
}

const directionsOf = (a: EffectiveSyscalls, b: EffectiveSyscalls) =>
  witnesses(a, b, ARCH).map(({ name, direction }) => `${name} ${direction}`);

describe('system calls of two policies', () => {
  it('are equal to themselves', () => {
    fc.assert(
      fc.property(arbitrary, (syscalls) => {
        expect(compareCalls(syscalls, structuredClone(syscalls))).toEqual([]);
      }),
      { numRuns: 4 },
    );
  });

  it('swap wider and narrower when they are swapped', () => {
    const swapped = (text: string) =>
      text.replace(/wider|narrower/, (word) => (word === 'wider' ? 'narrower' : 'wider'));
    fc.assert(
      fc.property(arbitrary, arbitrary, (a, b) => {
        expect(directionsOf(b, a).map(swapped).sort()).toEqual(directionsOf(a, b).sort());
      }),
      RUNS,
    );
  });

  it('differ as the policies themselves say of each example, and in no call of which there is none', () => {
    const calls = (a: EffectiveSyscalls, b: EffectiveSyscalls) =>
      [a, b].flatMap((syscalls) => [...checkedCalls(syscalls, kernelTable(ARCH))]);
    fc.assert(
      fc.property(arbitrary, arbitrary, (a, b) => {
        const found = witnesses(a, b, ARCH);
        for (const { event, answers, direction } of found) {
          expect([answerAt(a, event), answerAt(b, event)]).toEqual(answers);
          const [left, right] = answers.map(answerRank) as [number, number];
          expect(Math.sign(right - left)).toBe({ wider: 1, narrower: -1, different: 0, incomparable: NaN }[direction]);
        }
        for (const event of calls(a, b)) {
          const [left, right] = [answerAt(a, event), answerAt(b, event)];
          if (left === right) continue;
          const sign = Math.sign(answerRank(right) - answerRank(left));
          const direction = sign > 0 ? 'wider' : sign < 0 ? 'narrower' : 'different';
          expect(found.some((one) => one.event.nr === event.nr && one.direction === direction)).toBe(true);
        }
      }),
      { numRuns: 3 },
    );
  });

  it('never become narrower by an allow entry, nor wider by a restriction', () => {
    fc.assert(
      fc.property(arbitrary, arbitrary, fc.nat(), (a, b, random) => {
        const entry = b.allow[random % b.allow.length];
        const more = { ...a, allow: [...a.allow, ...(entry === undefined ? [] : [entry])] };
        expect(directionsOf(a, more).filter((text) => !text.endsWith('wider'))).toEqual([]);
        const less = { ...a, restrict: [...a.restrict, ...b.restrict] };
        expect(directionsOf(a, less).filter((text) => !text.endsWith('narrower'))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('that are no wider than others are no wider than what those are no wider than', () => {
    const isWithin = (a: EffectiveSyscalls, b: EffectiveSyscalls) =>
      witnesses(a, b, ARCH).every(({ direction }) => direction !== 'wider');
    fc.assert(
      fc.property(arbitrary, arbitrary, arbitrary, (a, b, c) => {
        const narrowed = { ...a, restrict: [...a.restrict, ...b.restrict, ...c.restrict] };
        const [first, second] = [narrowed, { ...a, restrict: [...a.restrict, ...b.restrict] }];
        expect([isWithin(a, second), isWithin(second, first), isWithin(a, first)]).toEqual([true, true, true]);
        if (isWithin(a, b) && isWithin(b, c)) expect(isWithin(a, c)).toBe(true);
      }),
      { numRuns: 4 },
    );
  });
});

describe('a difference of system calls', () => {
  const plain = written('  allow: ["@leeward/vital"]\n');
  const textsOf = (a: EffectiveSyscalls, b: EffectiveSyscalls) =>
    compareCalls(a, b).map(({ direction, a: left, b: right, calls }) => {
      return `${direction} ${calls?.example}: ${left?.text} at ${left?.origin.range.start.line}, ${right?.text} at ${right?.origin.range.start.line}`;
    });

  it('has the call, both answers and both lines', () => {
    const wider = written('  allow:\n    - "@leeward/vital"\n    - {syscall: kill, args: {sig: 9}}\n');
    expect(textsOf(plain, wider)).toEqual([
      expect.stringMatching(/^wider kill\(pid=0x0, sig=0x9\): reported EACCES at \d+, allow at 8$/),
    ]);
  });

  it('show file modes in octal', () => {
    const made = written('  allow: ["@leeward/vital", {syscall: mkdir, args: {mode: 0o755}}]\n');
    expect(compareCalls(plain, made)[0]?.calls?.example).toBe('mkdir(pathname=0x0, mode=0o755)');
  });

  it('names the restriction that narrows', () => {
    const open = written('  allow: ["@leeward/vital", lseek]\n');
    const narrow = written('  allow: ["@leeward/vital", lseek]\n  restrict:\n    lseek: {whence: SEEK_SET}\n');
    expect(textsOf(open, narrow)).toEqual([
      'narrower lseek(fd=0x0, offset=0x0, whence=0x1): allow at 6, reported EACCES by restrict at 8',
    ]);
  });

  it.each(['errno: EPERM, report: daemon', 'errno: EACCES, report: none'])('of %s gives no right', (text) => {
    const other = written(`  allow: ["@leeward/vital"]\n  rules: [{names: [kill], action: errno, ${text}}]\n`);
    expect(compareCalls(plain, other).map(({ direction }) => direction)).toEqual(['different']);
  });

  it('of killing, refusing, asking and allowing is in that order', () => {
    const rule = (text: string) => written(`  allow: ["@leeward/vital"]\n  rules: [{names: [kill], ${text}}]\n`);
    const allowing = written('  allow: ["@leeward/vital", kill]\n');
    const steps: EffectiveSyscalls[] = [
      rule('action: kill_process, report: none'),
      rule('action: errno, errno: EPERM'),
      { ...allowing, allow: allowing.allow.map((entry) => ({ ...entry, report: 'daemon' as const })) },
      allowing,
    ];
    for (const [index, step] of steps.slice(1).entries()) {
      expect(directionsOf(steps[index] as EffectiveSyscalls, step)).toContain('kill wider');
    }
  });

  it('is one for all calls that one line decides', () => {
    const more = written('  allow: ["@leeward/vital", "@leeward/file-read"]\n');
    const [only, ...others] = compareCalls(plain, more);
    expect(others).toEqual([]);
    expect(only?.b?.text).toBe('allow by @leeward/file-read');
    expect(only?.calls?.names.length).toBeGreaterThan(5);
    expect(only?.calls?.arches).toEqual([...ARCHES]);
  });
});
