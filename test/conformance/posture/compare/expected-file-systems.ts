/** What is mounted in a worker and what lies there, from the plan's operations. */
import type { MountOperation } from '../../../../src/plan/plan.js';
import type { Fact, Facts } from './facts.js';
import { type Mount, mountFact } from './mountinfo.js';
import type { RawEntry } from './raw.js';
import type { RequestMount, Surroundings } from './surroundings.js';

/** Of native/core/lw_mount.c. */
const ROOT_MODE = 0o755;
const ATIME = ['noatime', 'nodiratime', 'relatime'];

const S_IFDIR = 0o040000;
const S_IFLNK = 0o120000;

interface Tmpfs {
  readonly point: string;
  readonly bytes: number;
  readonly inodes: number;
  readonly mode: number;
}

function tmpfsOf({ plan }: Surroundings): readonly Tmpfs[] {
  const parent = plan.jobParentTmpfs;
  const parents = [plan.jobParents.readOnly, plan.jobParents.writable].filter((point) => point !== '');
  return [
    { point: '/', bytes: Number(plan.root.size), inodes: Number(plan.root.inodes), mode: ROOT_MODE },
    ...plan.mounts
      .filter(({ kind }) => kind === 'tmpfs')
      .map(({ target, size, inodes, mode }) => ({ point: target, bytes: Number(size), inodes: Number(inodes), mode })),
    ...parents.map((point) => ({
      point,
      bytes: Number(parent.size),
      inodes: Number(parent.inodes),
      mode: parent.mode,
    })),
  ];
}

/** shmem_show_options of the kernel's mm/shmem.c. */
function tmpfsFact({ point, bytes, inodes, mode }: Tmpfs, options: readonly string[], from: Surroundings): Fact {
  const shown = [`size=${bytes / 1024}k`, `nr_inodes=${inodes}`];
  if (mode !== 0o1777) shown.push(`mode=${mode.toString(8).padStart(3, '0')}`);
  if (from.poolId !== 0) shown.push(`uid=${from.poolId}`);
  if (from.poolGid !== 0) shown.push(`gid=${from.poolGid}`);
  const superOptions = ['rw', ...shown].sort();
  const mount = { root: '/', options, propagation: [], type: 'tmpfs', source: 'none', superOptions };
  return mountFact(mount, point === '/' ? null : '/');
}

/** The host's mount that shows a path: the deepest one, and of several at one point the last. */
function mountOf(path: string, mounts: readonly Mount[]): Mount {
  const within = mounts.filter(({ point }) => point === '/' || path === point || path.startsWith(`${point}/`));
  const deepest = Math.max(...within.map(({ point }) => point.length));
  const found = within.findLast(({ point }) => point.length === deepest);
  if (found === undefined) throw new Error(`no mount of the host shows ${path}`);
  return found;
}

function bindFact(source: string, flags: readonly string[], on: string, { host }: Surroundings): Fact {
  const real = host.real(source);
  const mount = mountOf(real, host.mounts);
  const beneath = mount.point === '/' ? real : real.slice(mount.point.length);
  const root = `${mount.root === '/' ? '' : mount.root}${beneath}` || '/';
  const atime = mount.options.filter((option) => ATIME.includes(option));
  const access = flags.includes('ro') ? [] : ['rw'];
  const options = [...flags, ...access, ...atime].sort();
  return mountFact({ ...mount, root, options, propagation: [] }, on);
}

function optionsOf({ flags }: MountOperation): readonly string[] {
  return flags.flatMap((flag) =>
    flag === 'read_only' ? ['ro'] : flag === 'recursive' || flag === 'file' ? [] : [flag],
  );
}

/** A tree that the plan binds with what the host has mounted in it. */
function bindFacts(operation: MountOperation, from: Surroundings): readonly (readonly [string, Fact])[] {
  const { source, target, flags } = operation;
  const options = optionsOf(operation);
  const own = [`mount ${target}`, bindFact(source, options, '/', from)] as const;
  if (!flags.includes('recursive')) return [own];
  const beneath = from.host.mounts.filter(({ point }) => point.startsWith(`${source}/`));
  return [
    own,
    ...beneath.map(({ point }) => {
      const inside = `${target}${point.slice(source.length)}`;
      const on = mountOf(point.slice(0, point.lastIndexOf('/')), from.host.mounts).point;
      const parent = on.startsWith(`${source}/`) ? `${target}${on.slice(source.length)}` : target;
      return [`mount ${inside}`, bindFact(point, options, parent, from)] as const;
    }),
  ];
}

function requestFact({ source, point, writable }: RequestMount, from: Surroundings): Fact {
  const flags = ['nosuid', 'nodev', 'noexec', ...(writable ? [] : ['ro']), ...(from.privileged ? ['idmapped'] : [])];
  return bindFact(source, flags, point.slice(0, point.lastIndexOf('/')), from);
}

const PROC = { root: '/', propagation: [], type: 'proc', source: 'none', superOptions: ['rw', 'subset=pid'] };

/** @param requests whether the request's mounts are to be seen: not in a zygote */
export function expectedMounts(from: Surroundings, requests: boolean): Facts {
  const { plan } = from;
  const facts = new Map<string, Fact>();
  for (const tmpfs of tmpfsOf(from)) {
    const operation = plan.mounts.find(({ kind, target }) => kind === 'tmpfs' && target === tmpfs.point);
    const access = tmpfs.point === '/' ? ['ro', 'nosuid', 'nodev'] : ['rw', 'nosuid', 'nodev', 'noexec'];
    const options = operation === undefined ? access : ['rw', ...optionsOf(operation)];
    facts.set(`mount ${tmpfs.point}`, tmpfsFact(tmpfs, [...options, 'relatime'].sort(), from));
    facts.set(`size of ${tmpfs.point}`, { bytes: tmpfs.bytes, inodes: tmpfs.inodes });
  }
  for (const operation of plan.mounts) {
    const { kind, target } = operation;
    if (kind === 'proc') {
      const access = operation.flags.includes('read_only') ? [] : ['rw'];
      const options = [...access, 'relatime', ...optionsOf(operation)].sort();
      facts.set(`mount ${target}`, mountFact({ ...PROC, options }, '/'));
    }
    if (kind === 'bind' || kind === 'device')
      for (const [key, fact] of bindFacts(operation, from)) facts.set(key, fact);
  }
  if (requests) for (const mount of from.requestMounts) facts.set(`mount ${mount.point}`, requestFact(mount, from));
  return facts;
}

function made(mode: number, { poolId, poolGid }: Surroundings, link = ''): RawEntry {
  return { mode, uid: poolId, gid: poolGid, rdev: 0, link };
}

function entryOf(operation: MountOperation, from: Surroundings): RawEntry {
  const { kind, source, mode } = operation;
  if (kind === 'symlink') return made(S_IFLNK | 0o777, from, source);
  if (kind === 'directory' || kind === 'tmpfs') return made(S_IFDIR | mode, from);
  if (kind === 'proc') return { mode: S_IFDIR | 0o555, uid: 0, gid: 0, rdev: 0, link: '' };
  return from.host.entry(source);
}

/** Directories of the root that exist because something is mounted or linked beneath them. */
function directoriesAbove(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => {
    const parts = path.split('/').slice(1, -1);
    return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
  });
}

/** Everything in the root and in the parents of request mounts. */
export function expectedTree(from: Surroundings, requests: boolean): Facts {
  const { plan } = from;
  const entries = new Map<string, RawEntry>();
  const parents = [plan.jobParents.readOnly, plan.jobParents.writable].filter((path) => path !== '');
  const targets = [...plan.mounts, ...plan.jobMounts].map(({ target }) => target);
  for (const path of directoriesAbove([...targets, ...parents])) entries.set(path, made(S_IFDIR | 0o755, from));
  for (const operation of plan.mounts) entries.set(operation.target, entryOf(operation, from));
  for (const path of parents) entries.set(path, made(S_IFDIR | plan.jobParentTmpfs.mode, from));
  for (const { target, name, writable } of plan.jobMounts) {
    const link = `${writable ? plan.jobParents.writable : plan.jobParents.readOnly}/${name}`;
    entries.set(target, made(S_IFLNK | 0o777, from, link));
  }
  // Seen by the host's root: an id-mapped mount shows the slot's id, which stands for the peer's inside.
  const owner = from.privileged ? { uid: from.jobId, gid: from.jobGid } : {};
  for (const { point, source } of requests ? from.requestMounts : [])
    entries.set(point, { ...from.host.entry(source), ...owner });
  return new Map([...entries].map(([path, entry]): [string, Fact] => [`entry ${path}`, { ...entry }]));
}
