/** File systems in memory: filled until the policy's size and inodes end it. Pure. */
import { kernelTable } from '../../kernel/table.js';
import type { MountOperation } from '../../plan/plan.js';
import { sizeText } from '../../policy/index.js';
import type { CompiledPolicy } from '../../policy/types.js';
import type { Accepted } from '../verdict.js';
import type { DerivedAttempt, DerivedAttempts, UntriedAttempt } from './derived-attempt.js';
import { isGranted, type SandboxPlace } from './sandbox-places.js';

/** More takes too long, and more memory than a host may have to spare. */
const MOST_BYTES = 512n << 20n;
const MOST_INODES = 131_072n;
/** Of the memory that a job has; the rest is Python's. */
const SHARE = 4n;

export function roomAttempts(compiled: CompiledPolicy, places: readonly SandboxPlace[]): DerivedAttempts {
  const own = places.flatMap((place) => {
    const { path, mount } = place;
    return mount?.kind === 'tmpfs' && mount.target === path ? [{ place, mount }] : [];
  });
  const parts = own.map(({ place, mount }) => partsOf(compiled, place, mount));
  return { attempts: parts.flatMap(({ attempts }) => attempts), untried: parts.flatMap(({ untried }) => untried) };
}

function partsOf(compiled: CompiledPolicy, { path, origin }: SandboxPlace, mount: MountOperation): DerivedAttempts {
  const { size, inodes } = mount;
  const attempts: DerivedAttempt[] = [];
  const untried: UntriedAttempt[] = [];
  const room = `${sizeText(size)}, ${inodes} inodes`;
  attempts.push({
    ...{ name: `room of ${path}`, do: 'room', with: { path, size: Number(size), inodes: Number(inodes) } },
    ...{ accepted: { kind: 'held', because: `at most ${room}` }, origin },
  });
  const full: Accepted = { kind: 'errno', errnos: ['ENOSPC'], because: room };
  const add = (name: string, reason: string | undefined, action: Pick<DerivedAttempt, 'do' | 'with'>) => {
    if (reason === undefined) attempts.push({ name, ...action, accepted: full, origin, alone: true });
    else untried.push({ name, reason, accepted: full, origin });
  };
  const closed = isGranted(compiled.plan, path, 'make_reg', 'write_file')
    ? undefined
    : 'no rule of Landlock lets a job write there';
  add(`fill ${path}`, closed ?? tooLarge(compiled, size), {
    do: 'fill',
    with: { directory: path, size: Number(size), largest: largestFile(compiled) },
  });
  const tooMany =
    inodes > MOST_INODES ? `${inodes} files would take too long; "room of ${path}" asks the kernel` : undefined;
  add(`crowd ${path}`, closed ?? tooMany, { do: 'crowd', with: { directory: path, inodes: Number(inodes) } });
  return { attempts, untried };
}

function tooLarge({ admission }: CompiledPolicy, size: bigint): string | undefined {
  if (size > MOST_BYTES) return `${sizeText(size)} would take too long; "room of" asks the kernel`;
  const memory = admission.limits.memory.value.default;
  return size * SHARE > memory * (SHARE - 1n) ? `the job's memory, ${sizeText(memory)}, ends before` : undefined;
}

function largestFile({ plan }: CompiledPolicy): number {
  const resource = Number(kernelTable(plan.arch).constant('RLIMIT_FSIZE') ?? 1n);
  const limit = plan.rlimits.find((one) => one.resource === resource)?.soft ?? MOST_BYTES;
  return Number(limit < MOST_BYTES ? limit : MOST_BYTES);
}
