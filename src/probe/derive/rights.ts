/** Each right of Landlock by itself, tried in the directories where nothing but Landlock decides. Pure. */
import { landlockRight } from '../../kernel/landlock.js';
import type { Plan } from '../../plan/plan.js';
import type { CompiledPolicy, Origin } from '../../policy/types.js';
import { type DerivedAttempt, type DerivedAttempts, NOT_GRANTED, refused, works } from './derived-attempt.js';
import { grantOrigin, isGranted, type SandboxPlace } from './sandbox-places.js';

/** What is tried in a directory, and the rights by which a job makes what it is tried on. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  make_reg: [],
  make_dir: [],
  make_sym: [],
  make_fifo: [],
  make_sock: [],
  make_char: [],
  make_block: [],
  remove_file: ['make_reg'],
  remove_dir: ['make_dir'],
  read_file: ['make_reg'],
  write_file: ['make_reg'],
  truncate: ['make_reg'],
  refer: ['make_reg', 'make_dir', 'remove_file'],
  // Linux opens what it executes for reading.
  execute: ['make_reg', 'write_file', 'read_file'],
};

/** A directory in which a job may change things as far as mounts and modes have a say. */
export interface OpenDirectory {
  /** As a job names it. */
  readonly directory: string;
  /** What Landlock's rules are asked for: of a request mount the parent beneath which it lies. */
  readonly ruled: string;
  readonly origin: Origin;
  readonly noexec: boolean;
}

/** Others than the owner may make files: no job is the owner of what the plan mounts. */
const OPEN_TO_OTHERS = 0o003;

/** The file system in memory that the plan mounts at a place, if its mode lets a job change it. */
export function openTmpfs({ path, mount, origin }: SandboxPlace): OpenDirectory | undefined {
  if (mount?.kind !== 'tmpfs' || mount.target !== path || mount.flags.includes('read_only')) return undefined;
  if ((mount.mode & OPEN_TO_OTHERS) !== OPEN_TO_OTHERS) return undefined;
  return { directory: path, ruled: path, origin, noexec: mount.flags.includes('noexec') };
}

export function rightAttempts({ plan }: CompiledPolicy, open: OpenDirectory): DerivedAttempts {
  const { directory, ruled, origin, noexec } = open;
  // Of a file that the mount does not let be executed, Landlock's answer cannot be told from the mount's.
  const rights = Object.keys(NEEDS).filter((right) => right !== 'execute' || !noexec);
  const all = rights.map((right) => {
    const attempt: DerivedAttempt = {
      ...{ name: `${right} in ${directory}`, do: 'right', with: { right, directory }, right, origin },
      accepted: acceptedOf(plan, ruled, right),
    };
    const missing = (NEEDS[right] ?? []).filter((needed) => !isGranted(plan, ruled, needed));
    return { attempt, missing };
  });
  return {
    attempts: all.flatMap(({ attempt, missing }) => (missing.length === 0 ? [attempt] : [])),
    untried: all.flatMap(({ attempt, missing }) =>
      missing.length === 0 ? [] : [{ ...attempt, reason: `without ${missing.join(', ')} it cannot be tried` }],
    ),
  };
}

/** Requests that a device does not have: Landlock has a say before the device says so. */
export function ioctlAttempts(compiled: CompiledPolicy, place: SandboxPlace): DerivedAttempt[] {
  const { plan } = compiled;
  const { path, kind } = place;
  const access = ['read_file', 'write_file'].findIndex((right) => isGranted(plan, path, right));
  if (kind !== 'device' || access < 0) return [];
  const right = 'ioctl_dev';
  return [
    {
      ...{ name: `${right} of ${path}`, do: 'right', with: { right, path, flags: access }, right },
      ...{ accepted: acceptedOf(plan, path, right), origin: grantOrigin(compiled, place) },
    },
  ];
}

/** The kernel's answer to `refer` is another than to all other rights, and it demands it whether a plan handles it or not. */
export function acceptedOf(plan: Plan, path: string, right: string): DerivedAttempt['accepted'] {
  if (right !== 'refer')
    return isGranted(plan, path, right) ? works(`Landlock grants ${right}`) : refused(['EACCES'], NOT_GRANTED);
  const bit = landlockRight('fs', right)?.bit ?? 0n;
  const isHandled = (plan.landlock.handledFs & bit) !== 0n;
  return isHandled && isGranted(plan, path, right)
    ? works(`Landlock grants ${right}`)
    : refused(['EXDEV'], NOT_GRANTED);
}
