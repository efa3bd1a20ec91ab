/** What the sandbox's files come from, and what that means for the Landlock paths. Needs no host. */
import { isWithin } from '../document/paths.js';
import type { Findings } from '../findings.js';
import type { EffectivePolicy, LandlockPath, Origin } from '../types.js';
import { isJobMount } from './mounts.js';

/** A place in the sandbox that something provides. */
export interface Provider {
  readonly kind: 'bind' | 'job' | 'runtime' | 'worker' | 'tmpfs' | 'symlink' | 'proc' | 'device';
  readonly target: string;
  readonly readOnly: boolean;
  readonly origin: Origin;
}

type TreeParts = Pick<EffectivePolicy, 'mounts' | 'proc' | 'devices'>;

/** Several passes ask for those of the same policy. */
const known = new WeakMap<TreeParts['mounts'], { readonly of: TreeParts; readonly providers: readonly Provider[] }>();

/** Everything that the root holds, in the order in which it is made. */
export function providersOf({ mounts, proc, devices }: TreeParts): readonly Provider[] {
  const last = known.get(mounts);
  if (last?.of.proc === proc && last.of.devices === devices) return last.providers;
  const providers = providersFrom({ mounts, proc, devices });
  known.set(mounts, { of: { mounts, proc, devices }, providers });
  return providers;
}

function providersFrom({ mounts, proc, devices }: TreeParts): readonly Provider[] {
  const providers: Provider[] = mounts.map((mount) => ({
    kind: isJobMount(mount) ? 'job' : mount.kind,
    target: mount.target,
    readOnly: mount.kind === 'bind' ? mount.readOnly : mount.kind !== 'tmpfs',
    origin: mount.origin,
  }));
  if (proc.value === 'private') providers.push({ kind: 'proc', target: '/proc', readOnly: false, origin: proc.origin });
  for (const { value, origin } of devices) {
    providers.push({ kind: 'device', target: `/dev/${value}`, readOnly: false, origin });
  }
  return providers;
}

/** The provider that a path lies in: the one with the longest target. */
function providerOf(path: string, providers: readonly Provider[]): Provider | undefined {
  let best: Provider | undefined;
  for (const provider of providers) {
    if (isWithin(path, provider.target) && provider.target.length >= (best?.target.length ?? 0)) best = provider;
  }
  return best;
}

/** Job mounts that a Landlock path reaches: the path is the target, lies in it, or leads to it. */
export function reaches(path: string, target: string): boolean {
  return isWithin(path, target) || isWithin(target, path);
}

/** True for a place where only a request can put something: no mount is at it or above it. */
export function isRequestTarget(path: string, providers: readonly Provider[]): boolean {
  return providerOf(path, providers) === undefined;
}

type CheckedParts = TreeParts &
  Pick<EffectivePolicy, 'landlock' | 'requestMounts' | 'workingDirectory' | 'abstract' | 'origin'>;

/** Mount points that cannot be made, Landlock paths that nothing provides, and mounts without rights. */
export function checkFileTree(policy: CheckedParts, findings: Findings): void {
  const providers = providersOf(policy);
  for (const provider of providers) checkMountPoint(provider, providers, findings);
  checkParents(policy, providers, findings);
  if (policy.abstract) return;
  for (const entry of policy.landlock.paths) checkPath(entry, policy, providers, findings);
  for (const provider of providers) checkCovered(provider, policy.landlock.paths, findings);
  if (!providers.some(({ kind }) => kind === 'worker')) {
    findings.add('LW-M312', policy.origin, 'no mount has `worker: true`: Leeward cannot start a sandbox without it');
  }
  const { value: directory, origin } = policy.workingDirectory;
  if (directory !== '/' && !isProvided(directory, providers)) {
    findings.add('LW-M315', origin, `no mount provides the working directory \`${directory}\``);
  }
}

function checkMountPoint(provider: Provider, providers: readonly Provider[], findings: Findings): void {
  const { target, origin } = provider;
  if (target === '/') findings.add('LW-M302', origin, 'the root itself cannot be a target');
  for (const other of providers) {
    // The sandbox's builder can make a mount point in a tmpfs, which is empty and its own.
    const isRoom = other.kind === 'tmpfs' && providers.indexOf(other) < providers.indexOf(provider);
    if (other === provider || isRoom || !isWithin(target, other.target)) continue;
    const related = [{ origin: other.origin, message: 'the other mount' }];
    findings.add('LW-M302', origin, `\`${target}\` lies inside the mount at \`${other.target}\``, { related });
  }
}

function checkParents({ requestMounts }: CheckedParts, providers: readonly Provider[], findings: Findings): void {
  const { value, origin } = requestMounts.parents;
  const { readOnly, writable } = value;
  if (readOnly === '' || writable === '') return;
  if (reaches(readOnly, writable)) {
    findings.add('LW-M310', origin, `\`${readOnly}\` and \`${writable}\` lie in each other`);
  }
  for (const provider of providers) {
    const parent = [readOnly, writable].find((path) => reaches(path, provider.target));
    if (parent === undefined) continue;
    const related = [{ origin, message: 'the parents of job mounts' }];
    findings.add('LW-M310', provider.origin, `\`${provider.target}\` is not clear of \`${parent}\``, { related });
  }
}

function isProvided(path: string, providers: readonly Provider[]): boolean {
  return providers.some(({ target }) => reaches(path, target));
}

function checkPath(
  entry: LandlockPath,
  policy: CheckedParts,
  providers: readonly Provider[],
  findings: Findings,
): void {
  const { path, origin } = entry;
  const { readOnly, writable } = policy.requestMounts.parents.value;
  if (reaches(path, readOnly) || reaches(path, writable)) {
    findings.add('LW-F210', origin, `\`${path}\` reaches the parents of job mounts`);
    return;
  }
  if (!isProvided(path, providers)) {
    const byRequest = policy.requestMounts.allowedPaths.length > 0;
    if (byRequest) findings.add('LW-F201', origin, `only a request can put something at \`${path}\``);
    else findings.add('LW-F200', origin, `no mount provides \`${path}\``);
    return;
  }
  for (const provider of providers) checkAgainst(entry, provider, findings);
}

function checkAgainst({ path, access, origin }: LandlockPath, provider: Provider, findings: Findings): void {
  const { kind, target, readOnly } = provider;
  if (kind === 'job' && path !== target && isWithin(path, target)) {
    findings.add('LW-F211', origin, `\`${path}\` lies in the job mount \`${target}\`: the rights hold for all of it`);
  }
  if (kind === 'job' && access.includes('make_sym') && reaches(path, target)) {
    findings.add('LW-F212', origin, `\`make_sym\` is never granted on the job mount \`${target}\``);
  }
  const isFiles = kind === 'bind' || kind === 'job' || kind === 'runtime' || kind === 'worker';
  if (isFiles && readOnly && access.includes('write') && isWithin(path, target)) {
    const related = [{ origin: provider.origin, message: 'mounted read-only here' }];
    findings.add('LW-F209', origin, `\`${path}\` cannot be written: \`${target}\` is read-only`, { related });
  }
}

/** Files that are mounted but cannot be opened. Devices and the worker have rights of their own or need none. */
function checkCovered({ kind, target, origin }: Provider, paths: readonly LandlockPath[], findings: Findings): void {
  if (kind === 'device' || kind === 'symlink' || kind === 'worker' || kind === 'proc') return;
  if (paths.some(({ path }) => reaches(path, target))) return;
  findings.add('LW-F208', origin, `no Landlock path covers \`${target}\`, so nothing in it can be opened`);
}
