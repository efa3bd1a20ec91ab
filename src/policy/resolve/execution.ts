import { isWithin } from '../document/paths.js';
import type { Findings } from '../findings.js';
import type { EffectivePolicy } from '../types.js';
import { reaches } from './file-tree.js';

const WRITING = ['write', 'write_file', 'make_reg'];

/** A place where a job may run what it wrote itself: `execute` and `write` meet there, and no mount is `noexec`. */
export function checkExecutable(policy: Pick<EffectivePolicy, 'landlock' | 'mounts'>, findings: Findings): void {
  const {
    landlock: { paths },
    mounts,
  } = policy;
  const isOpen = (path: string): boolean =>
    mounts.some((mount) => {
      const isWritable = mount.kind === 'tmpfs' || (mount.kind === 'bind' && !mount.readOnly);
      return isWritable && !mount.noexec && reaches(path, mount.target);
    });
  const writable = paths.filter(({ access }) => access.some((word) => WRITING.includes(word)));
  for (const { path, origin } of paths.filter(({ access }) => access.includes('execute'))) {
    const written = writable.find((other) => {
      return reaches(path, other.path) && isOpen(isWithin(path, other.path) ? path : other.path);
    });
    if (written === undefined) continue;
    const related = [{ origin: written.origin, message: 'writable here' }];
    findings.add('LW-F213', origin, `what a job writes to \`${written.path}\` can be executed`, { related });
  }
}
