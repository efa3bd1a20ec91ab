import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decidingEntry } from '../../../test/policy/oci-evaluator.js';
import { DOCKER, imported, importOutcome, PODMAN, profileWith, syscallsOf } from '../../../test/policy/profiles.js';
import { kernelTable } from '../../kernel/table.js';
import { ARCHES, type Arch } from '../../kernel/types.js';
import { evaluateCall } from '../check/evaluate.js';
import { parsePolicy } from '../document/parse.js';
import type { OciOperator, OciSyscall } from './profile.js';

const CALLS = [
  'socket',
  'openat',
  'kill',
  'lseek',
  'clone',
  'fcntl',
  'prctl',
  'ioctl',
  'getpid',
  'futex',
  'mmap',
  'fchmod',
];
const OPERATORS: readonly OciOperator[] = [
  'SCMP_CMP_NE',
  'SCMP_CMP_LT',
  'SCMP_CMP_LE',
  'SCMP_CMP_EQ',
  'SCMP_CMP_GE',
  'SCMP_CMP_GT',
  'SCMP_CMP_MASKED_EQ',
];
const EDGES = [
  ...[0n, 1n, 2n, 22n, 0x5401n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_fffen, 0xffff_ffffn, 0x1_0000_0000n, 0x1_0000_0002n],
  ...[0xffff_ffff_0000_0000n, 0xffff_ffff_7fff_ffffn, 0xffff_ffff_8000_0000n, 0xffff_ffff_ffff_fffen],
  0xffff_ffff_ffff_ffffn,
];

const value = fc.constantFrom(...EDGES);
const answer = fc.constantFrom(
  { action: 'SCMP_ACT_ALLOW' as const },
  { action: 'SCMP_ACT_ALLOW' as const },
  { action: 'SCMP_ACT_ERRNO' as const, errnoRet: 1 },
  { action: 'SCMP_ACT_ERRNO' as const, errnoRet: 13 },
  { action: 'SCMP_ACT_KILL_PROCESS' as const },
);
const args = fc.array(fc.record({ index: fc.nat(5), value, valueTwo: value, op: fc.constantFrom(...OPERATORS) }), {
  maxLength: 3,
});
const entry: fc.Arbitrary<OciSyscall> = fc
  .tuple(fc.subarray(CALLS, { minLength: 1, maxLength: 3 }), answer, args)
  .map(([names, said, conditions]) => ({ names, ...said, args: conditions }));
const event = fc.tuple(fc.constantFrom(...CALLS), fc.array(value, { minLength: 6, maxLength: 6 }));

/** JSON with integers of 64 bits. */
function jsonOf(profile: object): string {
  const text = JSON.stringify(profile, (_, member: unknown) =>
    typeof member === 'bigint' ? `uint ${member}` : member,
  );
  return text.replace(/"uint ([0-9]+)"/g, '$1');
}

const RANKS = ['SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_ERRNO', 'SCMP_ACT_ALLOW'];

/** Whether the strictest reading of the entries allows a call. */
function isAllowed(
  entries: readonly OciSyscall[],
  closed: Omit<OciSyscall, 'names'>,
  name: string,
  call: readonly bigint[],
): boolean {
  const own = entries
    .filter(({ action, errnoRet }) => action !== closed.action || errnoRet !== closed.errnoRet)
    .toSorted((a, b) => RANKS.indexOf(a.action) - RANKS.indexOf(b.action));
  const profile = { defaultAction: closed.action, architectures: [], syscalls: own };
  return (decidingEntry(profile, name, call) ?? closed).action === 'SCMP_ACT_ALLOW';
}

/** The call in every form in which the kernel takes its negative numbers of 32 bits for the same. */
function formsOf(name: string, call: readonly bigint[], arch: Arch): (readonly bigint[])[] {
  const parameters = kernelTable(arch).syscall(name)?.args ?? [];
  return parameters.reduce<(readonly bigint[])[]>(
    (forms, { width, signed }, index) => {
      if (width === 64 || !signed) return forms;
      const low = BigInt.asUintN(32, call[index] ?? 0n);
      const extended = BigInt.asUintN(64, BigInt.asIntN(32, low));
      if (call[index] !== low && call[index] !== extended) return forms;
      return forms.flatMap((form) => [form.with(index, low), form.with(index, extended)]);
    },
    [call],
  );
}

it('a policy allows nothing that its profile does not, and what it does not allow of it is named', () => {
  let allowed = 0;
  fc.assert(
    fc.property(
      fc.array(entry, { maxLength: 10 }),
      answer,
      fc.array(event, { minLength: 60, maxLength: 60 }),
      (entries, closed, events) => {
        const vital = profileWith([]) as { readonly syscalls: readonly OciSyscall[] };
        const all = [...vital.syscalls, ...entries];
        const { action: defaultAction, ...rest } = closed;
        const defaults = { defaultAction, ...('errnoRet' in rest && { defaultErrnoRet: rest.errnoRet }) };
        const result = imported(jsonOf({ ...defaults, syscalls: all }));
        const findings = result.losses.filter(({ kind }) => kind === 'lint').map(({ message }) => message);
        expect(findings.filter((message) => !message.startsWith('LW-S116'))).toEqual([]);
        const named = new Set(result.losses.flatMap(({ calls }) => calls));
        const syscalls = syscallsOf(result);
        for (const arch of ARCHES) {
          const table = kernelTable(arch);
          for (const [name, call] of events) {
            const nr = table.syscall(name)?.number ?? -1;
            const isOpen = evaluateCall(syscalls, arch, { arch: table.auditArch, nr, args: call }).action === 'allow';
            if (isOpen) allowed += 1;
            if (isOpen) expect(formsOf(name, call, arch).some((form) => isAllowed(all, closed, name, form))).toBe(true);
            else if (isAllowed(all, closed, name, call)) expect(named).toContain(name);
          }
        }
      },
    ),
    { numRuns: 12, endOnFailure: true },
  );
  expect(allowed).toBeGreaterThan(50);
});

/** The value with one member somewhere in it replaced, removed or added. */
function changed(whole: unknown, way: readonly number[], member: unknown): unknown {
  const [turn = 0, ...rest] = way;
  if (whole === null || typeof whole !== 'object') return member;
  const keys = Object.keys(whole);
  const key = keys[turn % (keys.length + 1)] ?? 'added';
  const before = (whole as Record<string, unknown>)[key];
  const after = rest.length === 0 ? member : changed(before, rest, member);
  if (Array.isArray(whole)) return whole.map((one, index) => (String(index) === key ? after : one));
  return { ...whole, [key]: after };
}

it('any file is a policy that can be read, or a finding with its place', () => {
  const odd = fc.constantFrom<unknown>(
    ...[
      null,
      true,
      -1,
      0.5,
      2 ** 60,
      '',
      'x',
      'SCMP_ACT_LOG',
      'SCMP_CMP_GE',
      'SCMP_ARCH_PPC',
      [],
      {},
      ['openat'],
      [['a']],
    ],
    ...[
      { caps: ['CAP_X'] },
      { arches: ['amd64'] },
      { minKernel: '7.0' },
      '\n# leeward-allow LW-S120: x',
      'x'.repeat(300),
    ],
  );
  const texts = fc.oneof(
    fc
      .tuple(fc.constantFrom<unknown>(DOCKER, PODMAN), fc.array(fc.nat(40), { maxLength: 5 }), odd)
      .map(([profile, way, member]) => JSON.stringify(changed(profile, way, member)) ?? ''),
    fc.json(),
    fc.string({ unit: 'binary' }),
  );
  let policies = 0;
  fc.assert(
    fc.property(texts, (text) => {
      const { value: result, diagnostics } = importOutcome(text);
      if (result === undefined) expect(diagnostics[0]?.range.start.line).toBeGreaterThan(0);
      else expect(parsePolicy({ file: 'test.yaml', text: result.text }).value?.document.name).toBe('test');
      if (result !== undefined) policies += 1;
    }),
    { numRuns: 60, endOnFailure: true },
  );
  expect(policies).toBeGreaterThan(0);
});
