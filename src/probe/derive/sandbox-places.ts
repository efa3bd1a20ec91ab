/** The places of a sandbox that a plan makes, and what may be done there. Pure. */
import { landlockRight } from '../../kernel/landlock.js';
import type { MountOperation, Plan } from '../../plan/plan.js';
import { isWithin } from '../../policy/document/paths.js';
import type { CompiledPolicy, Origin } from '../../policy/types.js';

/** A path that is there in every sandbox of the plan. */
export interface SandboxPlace {
  readonly path: string;
  readonly kind: 'directory' | 'file' | 'device';
  /** What is mounted there or above; undefined in the root that holds the mount points. */
  readonly mount: MountOperation | undefined;
  /** What in the policy makes it. */
  readonly origin: Origin;
}

/** Targets of mounts, and the directories that lead to them. Links are not among them. */
export function sandboxPlaces({ plan, policy }: CompiledPolicy): readonly SandboxPlace[] {
  const { readOnly, writable } = plan.jobParents;
  const parents = [readOnly, writable].filter((path) => path !== '');
  const targets = [
    ...plan.mounts.map(({ target }) => target),
    ...plan.jobMounts.map(({ target }) => target),
    ...parents,
  ];
  const places: SandboxPlace[] = plan.mounts.flatMap((mount) => {
    if (mount.kind === 'symlink') return [];
    return [{ path: mount.target, kind: kindOf(mount), mount, origin: mountOrigin(mount, policy) }];
  });
  const room = (path: string, origin: Origin): SandboxPlace => {
    return { path, kind: 'directory', mount: mountAt(plan, path), origin };
  };
  places.push(...parents.map((path) => room(path, policy.requestMounts.parents.origin)));
  places.push(...targets.flatMap(above).map((path) => room(path, policy.root.origin)));
  const first = new Map<string, SandboxPlace>();
  for (const place of places) if (!first.has(place.path)) first.set(place.path, place);
  return [...first.values()];
}

function kindOf({ kind, flags }: MountOperation): SandboxPlace['kind'] {
  if (kind === 'device') return 'device';
  return flags.includes('file') ? 'file' : 'directory';
}

/** The directories that lead to a path, the root first. */
function above(path: string): string[] {
  const parts = path.split('/').slice(1, -1);
  return ['/', ...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)];
}

export function mountOrigin({ target }: MountOperation, policy: CompiledPolicy['policy']): Origin {
  const mount = policy.mounts.find((one) => one.target === target);
  const device = policy.devices.find(({ value }) => target === `/dev/${value}`);
  return mount?.origin ?? device?.origin ?? policy.proc.origin;
}

/** What is mounted at a path or above it, the nearest. */
export function mountAt({ mounts }: Plan, path: string): MountOperation | undefined {
  return mounts
    .filter(({ kind, target }) => kind !== 'symlink' && isWithin(path, target))
    .reduce<MountOperation | undefined>(
      (best, one) => (best && best.target.length > one.target.length ? best : one),
      undefined,
    );
}

/** Whether Landlock's rules grant a right at a path; a path that a rule leads to has the rule's. */
export function isGranted({ landlock }: Plan, path: string, ...rights: readonly string[]): boolean {
  const granted = landlock.rules
    .filter((rule) => isWithin(path, rule.path))
    .reduce((access, rule) => access | rule.access, 0n);
  return rights.every((name) => {
    const bit = landlockRight('fs', name)?.bit ?? 0n;
    return (landlock.handledFs & bit) === 0n || (granted & bit) !== 0n;
  });
}

/** The place in the policy that grants something at a path, or that of what is there. */
export function grantOrigin({ policy }: CompiledPolicy, { path, origin }: SandboxPlace): Origin {
  return policy.landlock.paths.find((entry) => isWithin(path, entry.path))?.origin ?? origin;
}
