/** proc_pid_mountinfo(5). */
import type { Fact } from './facts.js';

export interface Mount {
  readonly id: string;
  readonly parent: string;
  /** Which directory of the file system the mount shows. */
  readonly root: string;
  readonly point: string;
  readonly options: readonly string[];
  /** `shared:N` and the like: propagation (mount_namespaces(7)); none when private. */
  readonly propagation: readonly string[];
  readonly type: string;
  readonly source: string;
  readonly superOptions: readonly string[];
}

export function parseMounts(text: string): readonly Mount[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const fields = line.split(' ').map(unescapeOctal);
    const dash = fields.indexOf('-');
    const [id = '', parent = '', , root = '', point = '', options = ''] = fields;
    const [type = '', source = '', superOptions = ''] = fields.slice(dash + 1);
    const propagation = fields.slice(6, dash);
    return {
      id,
      parent,
      root,
      point,
      options: list(options),
      propagation,
      type,
      source,
      superOptions: list(superOptions),
    };
  });
}

function list(text: string): readonly string[] {
  return text.split(',').sort();
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** Each mount as a fact; one over another at the same point has a number. */
export function parseMountinfo(text: string): readonly { key: string; fact: Fact }[] {
  const mounts = parseMounts(text);
  const seen = new Map<string, number>();
  return mounts.map((mount) => {
    const count = (seen.get(mount.point) ?? 0) + 1;
    seen.set(mount.point, count);
    const on = mounts.find(({ id }) => id === mount.parent)?.point ?? null;
    return { key: `mount ${mount.point}${count === 1 ? '' : ` #${count}`}`, fact: mountFact(mount, on) };
  });
}

/** @param on the mount point of the mount on which this one lies; null for a root */
export function mountFact(mount: Omit<Mount, 'id' | 'parent' | 'point'>, on: string | null): Fact {
  const { root, options, propagation, type, source, superOptions } = mount;
  // Kernels built with CONFIG_TMPFS_INODE64 say so in each tmpfs.
  return {
    on,
    root,
    options,
    propagation,
    type,
    source,
    superOptions: superOptions.filter((word) => word !== 'inode64'),
  };
}
