/** Which lines of a policy's own file its simulated tests meet. */
import { ARCHES } from '../../kernel/types.js';
import { asEnforced } from '../resolve/audit.js';
import type { AllowEntry, EffectivePolicy, Origin } from '../types.js';
import { admittedBy, evaluateCall, restrictionOf } from './evaluate.js';
import { testedCall } from './simulated-tests.js';

/** An entry of `allow`, `restrict` or `rules`, as it was written: a group is one. */
export interface CoveredLine {
  readonly kind: 'allow' | 'restrict' | 'rules';
  /** The group, or the system call; of a rule the first one that it names. */
  readonly subject: string;
  readonly origin: Origin;
}

export interface Coverage {
  readonly lines: readonly CoveredLine[];
  readonly missed: readonly CoveredLine[];
}

/** Only the policy's own file: what it extends has tests of its own. Tests in Python are not looked into. */
export function coverageOf(written: EffectivePolicy): Coverage {
  const policy = asEnforced(written);
  const own = linesOf(policy).filter(({ origin }) => origin.file === policy.origin.file);
  const lines = [...new Map(own.map((line) => [line.origin.range.start.offset, line])).values()];
  const met = new Set(policy.tests.flatMap((test) => (test.kind === 'syscall' ? placesMetBy(test, policy) : [])));
  return { lines, missed: lines.filter(({ origin }) => !met.has(origin.range.start.offset)) };
}

function linesOf({ syscalls: { allow, restrict, rules } }: EffectivePolicy): CoveredLine[] {
  return [
    ...allow.map((entry) => ({ kind: 'allow' as const, subject: subjectOf(entry), origin: writtenAt(entry) })),
    ...restrict.map(({ syscall, origin }) => ({ kind: 'restrict' as const, subject: syscall, origin })),
    ...rules.map(({ syscall, origin }) => ({ kind: 'rules' as const, subject: syscall, origin })),
  ];
}

/** Where the entry, or the group that it came from, was written. */
function writtenAt({ via, origin }: AllowEntry): Origin {
  return via[0]?.origin ?? origin;
}

function subjectOf({ via, syscall }: AllowEntry): string {
  return via[0]?.value ?? syscall;
}

type SyscallTest = Parameters<typeof testedCall>[0];

/** The lines that decide the test's call, on each architecture: what denies it, or all entries that allow it. */
function placesMetBy(test: SyscallTest, { syscalls, origin: own }: EffectivePolicy): number[] {
  return ARCHES.flatMap((arch) => {
    const event = testedCall(test, arch);
    if (event === undefined) return [];
    const entries = admittedBy(syscalls, arch, event);
    const { origin } = restrictionOf(syscalls, arch, event) ?? evaluateCall(syscalls, arch, event);
    const places = entries.length > 0 ? entries.map(writtenAt) : [origin];
    return places.flatMap((place) => (place?.file === own.file ? place.range.start.offset : []));
  });
}
