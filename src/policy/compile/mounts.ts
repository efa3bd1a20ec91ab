/** The operations that build the sandbox's root, for one host. */
import type { MountOperation } from '../../plan/plan.js';
import { isWithin } from '../document/paths.js';
import type { Findings } from '../findings.js';
import { reaches } from '../resolve/file-tree.js';
import { isJobMount } from '../resolve/mounts.js';
import type { EffectiveMount, EffectivePolicy, HostFacts, Origin } from '../types.js';
import { MadeBefore } from './made-before.js';

type Flags = MountOperation['flags'];

type Operation = Partial<MountOperation> & Pick<MountOperation, 'kind' | 'target'>;

export interface RootMounts {
  readonly operations: readonly MountOperation[];
  /** Targets that were left out because the host has nothing there. */
  readonly missing: ReadonlySet<string>;
}

const known = new MadeBefore<RootMounts>();

/** Job mounts are not among the operations: they are made when a request is known. */
export function compileMounts(policy: EffectivePolicy, host: HostFacts, findings: Findings): RootMounts {
  const { mounts, landlock, proc, devices } = policy;
  const names = devices.map(({ value }) => value).join();
  return known.of(mounts, [landlock, proc.value, names, host], findings, () => rootMounts(policy, host, findings));
}

function rootMounts(policy: EffectivePolicy, host: HostFacts, findings: Findings): RootMounts {
  const builder = new RootBuilder(host, findings);
  for (const mount of policy.mounts) if (!isJobMount(mount)) builder.mount(mount);
  if (policy.proc.value === 'private') builder.proc(isWritable('/proc', policy));
  for (const { value, origin } of policy.devices) builder.device(value, origin);
  return { operations: Object.freeze(builder.operations), missing: builder.missing };
}

/** Rights with which nothing changes. */
const READING: ReadonlySet<string> = new Set(['read', 'execute', 'read_file', 'read_dir']);

/** Whether Landlock would let a job change something there; where not, the mount need not either. */
function isWritable(target: string, { landlock }: EffectivePolicy): boolean {
  return landlock.paths.some(
    ({ path, access }) => reaches(path, target) && access.some((right) => !READING.has(right)),
  );
}

class RootBuilder {
  readonly operations: MountOperation[] = [];
  readonly missing = new Set<string>();
  readonly #host: HostFacts;
  readonly #findings: Findings;

  constructor(host: HostFacts, findings: Findings) {
    this.#host = host;
    this.#findings = findings;
  }

  mount(mount: EffectiveMount): void {
    const { target } = mount;
    switch (mount.kind) {
      case 'bind':
        this.#bind(mount);
        break;
      case 'runtime':
        if (this.#host.runtimeDirectory === null) this.missing.add(target);
        else
          this.#add({
            kind: 'bind',
            source: this.#host.runtimeDirectory,
            target,
            flags: ['read_only', 'nosuid', 'nodev'],
          });
        break;
      case 'worker':
        this.#add({
          kind: 'bind',
          source: this.#host.workerDirectory,
          target,
          flags: ['read_only', 'nosuid', 'nodev'],
        });
        break;
      case 'tmpfs': {
        const { size, inodes, mode, noexec } = mount;
        this.#add({ kind: 'tmpfs', target, flags: flagsOf({ noexec }), size, inodes, mode });
        break;
      }
      case 'symlink':
        this.#add({ kind: 'symlink', source: mount.source, target });
    }
  }

  proc(writable: boolean): void {
    this.#add({ kind: 'proc', target: '/proc', flags: flagsOf({ readOnly: !writable, noexec: true }) });
  }

  device(name: string, origin: Origin): void {
    const { real, kind } = this.#host.resolve(`/dev/${name}`);
    if (kind === 'device') {
      // Read-only keeps the node as it is, for which `touch` needs no more than a write bit; a device can be written to all
      // the same.
      const flags: Flags = ['read_only', 'nosuid', 'noexec', 'file'];
      this.#add({ kind: 'device', source: real, target: `/dev/${name}`, flags });
      return;
    }
    this.#findings.add(
      'LW-M314',
      origin,
      `the host's \`/dev/${name}\` is ${kind === 'missing' ? 'missing' : `a ${kind}`}`,
    );
  }

  #add({ kind, target, source = '', flags = [], size = 0n, inodes = 0n, mode = 0 }: Operation): void {
    this.operations.push({ kind, source, target, flags, size, inodes, mode });
  }

  #bind(mount: EffectiveMount & { kind: 'bind' }): void {
    const { source, target, optional, origin } = mount;
    const { real, kind } = this.#host.resolve(source);
    if (kind === 'missing') {
      this.missing.add(target);
      if (!optional) this.#findings.add('LW-M303', origin, `the host has nothing at \`${source}\``);
      return;
    }
    if (kind === 'device') {
      this.#findings.add('LW-M311', origin, `\`${source}\` is a device`, { hint: 'name it in `devices`' });
      return;
    }
    const flags = flagsOf({
      readOnly: mount.readOnly,
      noexec: mount.noexec,
      submounts: mount.submounts,
      file: kind === 'file',
    });
    const inside = real === source ? undefined : this.#alreadyMounted(real, flags);
    // /lib is a link into /usr on most systems. A link in the sandbox costs less than a second mount of the same files.
    if (inside === undefined) this.#add({ kind: 'bind', source: real, target, flags });
    else this.#add({ kind: 'symlink', source: inside, target });
  }

  /** Where a host path is visible already, with the same rights. */
  #alreadyMounted(real: string, flags: Flags): string | undefined {
    const ofFile = flags.includes('file');
    const wanted = rightsOf(flags, ofFile);
    const mount = this.operations.find(({ kind, source, flags: has }) => {
      return kind === 'bind' && isWithin(real, source) && rightsOf(has, ofFile) === wanted;
    });
    return mount === undefined ? undefined : pathInside(real, mount);
  }
}

/** What a mount lets its users do, as one comparable text. A file has nothing mounted beneath it. */
function rightsOf(flags: Flags, ofFile: boolean): string {
  const counting = ofFile ? (['read_only', 'noexec'] as const) : (['read_only', 'noexec', 'recursive'] as const);
  return counting.filter((flag) => flags.includes(flag)).join();
}

/** The path inside the sandbox of a host path that a bind shows. */
function pathInside(real: string, { source, target }: MountOperation): string {
  return real === source ? target : `${target}/${real.slice(source === '/' ? 1 : source.length + 1)}`;
}

interface MountRights {
  readonly readOnly?: boolean;
  readonly noexec?: boolean;
  readonly submounts?: boolean;
  readonly file?: boolean;
}

// A setuid file or a device node in a mounted tree is never more than data.
function flagsOf({ readOnly, noexec, submounts, file }: MountRights): Flags {
  const flags: Flags[number][] = ['nosuid', 'nodev'];
  if (readOnly) flags.unshift('read_only');
  if (noexec) flags.push('noexec');
  if (submounts) flags.push('recursive');
  if (file) flags.push('file');
  return flags;
}

/** Where a sandbox path really lies after the links of the plan, or undefined when no operation provides it. */
export function followLinks(path: string, operations: readonly MountOperation[]): string {
  const link = operations.find(
    ({ kind, target, source }) => kind === 'symlink' && source.startsWith('/') && isWithin(path, target),
  );
  return link === undefined ? path : `${link.source}${path.slice(link.target.length)}`;
}

/** The host path that a sandbox path shows, or undefined when it shows none. */
export function hostPathOf(path: string, operations: readonly MountOperation[]): string | undefined {
  const inside = followLinks(path, operations);
  const mount = operations.find(({ kind, target }) => kind === 'bind' && isWithin(inside, target));
  return mount === undefined ? undefined : `${mount.source}${inside.slice(mount.target.length)}`;
}

/** The sandbox path at which a host path is visible, or undefined when no bind shows it. */
export function sandboxPathOf(real: string, operations: readonly MountOperation[]): string | undefined {
  const mount = operations.find(({ kind, source }) => kind === 'bind' && isWithin(real, source));
  return mount === undefined ? undefined : pathInside(real, mount);
}
