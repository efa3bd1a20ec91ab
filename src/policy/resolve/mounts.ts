import { nearestNames } from '../../errors/nearest.js';
import { fileSystemMagic, fileSystemNames } from '../../kernel/file-systems.js';
import type { Mount as WrittenMount } from '../document/document.gen.js';
import { placeholdersOf, unknownPlaceholders } from '../document/paths.js';
import { type Places, step } from '../document/places.js';
import { durationText, parseDuration, parseSize } from '../document/units.js';
import { didYouMean, type Findings } from '../findings.js';
import type { EffectiveMount, EffectiveRequestMounts, Origin, Sourced } from '../types.js';
import type { Layer } from './layers.js';
import { Required, unionOf } from './scalars.js';

// The sandbox's builder owns a tmpfs, and the job is someone else.
const TMPFS_MODE = '1777';

/** The mounts of all layers, parents' first. One with the target of an inherited one takes its place in the order. */
export function resolveMounts(layers: readonly Layer[], findings: Findings): EffectiveMount[] {
  const byTarget = new Map<string, { mount: EffectiveMount; layer: number }>();
  for (const [layer, { file }] of layers.entries()) {
    (file.document.mounts ?? []).forEach((written, index) => {
      const mount = readMount(written, step('/mounts', index), file.places);
      checkMount(mount, file.places, step('/mounts', index), findings);
      const other = byTarget.get(mount.target);
      if (other !== undefined) noteReplaced(mount, other.mount, other.layer === layer, findings);
      byTarget.set(mount.target, { mount, layer });
    });
  }
  return [...byTarget.values()].map(({ mount }) => mount);
}

function noteReplaced(mount: EffectiveMount, other: EffectiveMount, inSameFile: boolean, findings: Findings): void {
  const related = [{ origin: other.origin, message: 'the other mount' }];
  const isSame = JSON.stringify(withoutPlace(mount)) === JSON.stringify(withoutPlace(other));
  if (inSameFile) findings.add('LW-M300', mount.origin, `\`${mount.target}\` has two mounts`, { related });
  else if (!isSame)
    findings.add('LW-M301', mount.origin, `the inherited mount at \`${mount.target}\` is replaced`, { related });
}

function withoutPlace({ origin: _, ...mount }: EffectiveMount): Record<string, unknown> {
  return mount.kind === 'tmpfs' ? { ...mount, size: String(mount.size), inodes: String(mount.inodes) } : mount;
}

function readMount(written: WrittenMount, pointer: string, places: Places): EffectiveMount {
  const origin = places.value(pointer);
  if ('tmpfs' in written) {
    return {
      kind: 'tmpfs',
      target: written.tmpfs,
      size: parseSize(written.size) ?? 0n,
      inodes: BigInt(written.inodes),
      mode: Number.parseInt(written.mode ?? TMPFS_MODE, 8),
      optional: false,
      noexec: written.noexec ?? true,
      origin,
    };
  }
  const common = { target: written.target, optional: false, noexec: false, origin };
  if ('symlink' in written) return { kind: 'symlink', source: written.symlink, ...common };
  if ('runtime' in written) return { kind: 'runtime', ...common };
  if ('worker' in written) return { kind: 'worker', ...common };
  return {
    kind: 'bind',
    source: written.source,
    target: written.target,
    readOnly: written.readOnly ?? false,
    createMode: written.create === undefined ? null : Number.parseInt(written.create.mode, 8),
    submounts: written.submounts ?? false,
    optional: written.optional ?? false,
    noexec: written.noexec ?? placeholdersOf(written.source).length > 0,
    origin,
  };
}

/** True for a mount that is made when the request is known. */
export function isJobMount(mount: EffectiveMount): mount is EffectiveMount & { kind: 'bind' } {
  return mount.kind === 'bind' && placeholdersOf(mount.source).length > 0;
}

// They lead to the host itself: its processes, devices, sockets.
const FORBIDDEN_TREES = ['/proc', '/sys', '/dev', '/run', '/var/run'];

function checkMount(mount: EffectiveMount, places: Places, pointer: string, findings: Findings): void {
  if (mount.kind === 'tmpfs') checkTmpfsSize(mount.target, mount.size, places.value(step(pointer, 'size')), findings);
  if (mount.kind !== 'bind') return;
  const source = places.value(step(pointer, 'source'));
  checkPlaceholders(mount.source, source, findings);
  if (
    mount.source === '/' ||
    FORBIDDEN_TREES.some((tree) => mount.source === tree || mount.source.startsWith(`${tree}/`))
  ) {
    findings.add('LW-M311', source, `\`${mount.source}\` of the host is never mounted`);
  }
  if (mount.createMode !== null && (mount.readOnly || !isJobMount(mount))) {
    findings.add('LW-M307', places.key(step(pointer, 'create')), '`create` is for writable mounts with a placeholder');
  }
  if (!mount.readOnly && !isJobMount(mount)) {
    findings.add('LW-M306', mount.origin, `\`${mount.source}\` is writable for all jobs of this policy`);
  }
}

/** @param name what has the size, for people */
export function checkTmpfsSize(name: string, size: bigint, origin: Origin, findings: Findings): void {
  if (size === 0n) findings.add('LW-M316', origin, `\`${name}\` has size 0, which a tmpfs takes for no limit`);
}

function checkPlaceholders(template: string, origin: Origin, findings: Findings): void {
  for (const name of unknownPlaceholders(template)) {
    const near = nearestNames(name, ['tenant', 'job.id']).map((known) => `\${${known}}`);
    const hint = didYouMean(near) ?? '${tenant}, ${job.id} or ${params.NAME}';
    findings.add('LW-M304', origin, `there is no placeholder \`\${${name}}\``, { hint });
  }
}

const NO_TMPFS = { size: 0n, inodes: 0n, mode: 0 };

/** An hour: beyond it nobody waits for the answer any more. */
const DEADLINE_MAX_MS = 3_600_000n;

function checkDeadline({ value, origin }: EffectiveRequestMounts['deadline'], findings: Findings): void {
  if (value >= 1n && value <= DEADLINE_MAX_MS) return;
  findings.add('LW-L404', origin, `requestMounts.deadline is ${durationText(value)}; it must be 1ms to 1h`);
}

/** What requests may mount: the union of what the layers allow. */
export function resolveRequestMounts(layers: readonly Layer[], findings: Findings): EffectiveRequestMounts {
  const allowedPaths = resolveAllowedPaths(layers, findings);
  for (const { value, origin } of allowedPaths) checkPlaceholders(value, origin, findings);
  const fileSystems = unionOf(layers, '/requestMounts/fileSystems', ({ requestMounts }) => requestMounts?.fileSystems);
  for (const { value, origin } of fileSystems) checkFileSystem(value, origin, findings);
  const required = new Required(layers, findings);
  const parents = required.last(
    '/requestMounts/parents',
    { readOnly: '', writable: '' },
    ({ requestMounts }) => requestMounts?.parents,
  );
  const parentTmpfs = required.last('/requestMounts/parentTmpfs', NO_TMPFS, ({ requestMounts }) => {
    const tmpfs = requestMounts?.parentTmpfs;
    return tmpfs && { size: parseSize(tmpfs.size) ?? 0n, inodes: BigInt(tmpfs.inodes), mode: parseInt(tmpfs.mode, 8) };
  });
  if (parentTmpfs.value !== NO_TMPFS)
    checkTmpfsSize('requestMounts.parentTmpfs', parentTmpfs.value.size, parentTmpfs.origin, findings);
  const deadline = required.last('/requestMounts/deadline', 0n, ({ requestMounts }) =>
    requestMounts?.deadline === undefined ? undefined : parseDuration(requestMounts.deadline),
  );
  checkDeadline(deadline, findings);
  return { allowedPaths, parents, parentTmpfs, deadline, fileSystems };
}

/** The union, without the paths that a layer takes out again. */
function resolveAllowedPaths(layers: readonly Layer[], findings: Findings): Sourced<string>[] {
  const all = unionOf(layers, '/requestMounts/allowedPaths', ({ requestMounts }) => requestMounts?.allowedPaths);
  const removed = new Set<string>();
  for (const { file } of layers) {
    (file.document.requestMounts?.remove ?? []).forEach((path, index) => {
      removed.add(path);
      if (all.some(({ value }) => value === path)) return;
      const origin = file.places.value(`/requestMounts/remove/${index}`);
      const hint = didYouMean(nearestNames(path, new Set(all.map(({ value }) => value))));
      findings.add('LW-M317', origin, `no allowed path \`${path}\` is inherited`, { hint });
    });
  }
  return all.filter(({ value }) => !removed.has(value));
}

function checkFileSystem(name: string, origin: Origin, findings: Findings): void {
  if (fileSystemMagic(name) !== undefined) return;
  const hint = didYouMean(nearestNames(name, fileSystemNames())) ?? `known: ${fileSystemNames().join(', ')}`;
  findings.add('LW-M309', origin, `there is no file system \`${name}\` in the table`, { hint });
}
