/** Policy files that others could have written, or that are no files: none is used, and nobody waits for one. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, linkSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Attempt, daemonProbe } from './daemon-probe.js';
import { freshName, HEAD, refusedPolicy, refusedSet } from './policy-files.js';

const STRANGER = 54_321;

/** Makes `path`, for a policy `name`; only root writes in `scratch`. Gives the path that the refusal must name. */
type Making = (path: string, name: string, scratch: string) => string;

const text = (name: string): string => HEAD.replace('NAME', name);

const file =
  (mode: number, uid = 0, gid = 0): Making =>
  (path, name) => {
    writeFileSync(path, text(name));
    chownSync(path, uid, gid);
    chmodSync(path, mode);
    return path;
  };

/** A link to a file in a folder of another name. */
const linked =
  (mode: number, folderMode: number, linkOwner = 0): Making =>
  (path, name, scratch) => {
    const folder = join(scratch, name);
    const target = join(folder, `${name}.yaml`);
    mkdirSync(folder);
    file(mode)(target, name, scratch);
    chmodSync(folder, folderMode);
    symlinkSync(target, path);
    execFileSync('chown', ['-h', `${linkOwner}:0`, path]);
    if (linkOwner !== 0) return path;
    return (folderMode & 0o022) === 0 ? target : folder;
  };

const UNSAFE = 'writable by others';
const FOREIGN = `belongs to uid ${STRANGER}`;

/** In the same folder: a link does not lead from one mount to another. */
const firstNameOf = (path: string): string => `${path}-first`;

const FILES: Readonly<Record<string, readonly [make: Making, words: string]>> = {
  'writable by all': [file(0o666), UNSAFE],
  'writable by others alone': [file(0o646), UNSAFE],
  'writable by a group': [file(0o664, 0, STRANGER), UNSAFE],
  'of another user': [file(0o644, STRANGER), FOREIGN],
  'of another user, and read-only': [file(0o444, STRANGER), FOREIGN],
  'a link of another user': [linked(0o644, 0o755, STRANGER), FOREIGN],
  'a link to a file that all may write': [linked(0o666, 0o755), UNSAFE],
  'a link into a folder that all may write': [linked(0o644, 0o777), UNSAFE],
  'a link into a sticky folder that all may write': [linked(0o644, 0o1777), UNSAFE],
  'a second name of a file of another user': [
    (path, name, scratch) => {
      const other = firstNameOf(path);
      file(0o644, STRANGER)(other, name, scratch);
      linkSync(other, path);
      return path;
    },
    FOREIGN,
  ],
  'a FIFO': [
    (path) => {
      execFileSync('mkfifo', ['-m', '644', path]);
      return path;
    },
    'is not a regular file',
  ],
  'a folder': [
    (path) => {
      mkdirSync(path);
      return path;
    },
    'is not a regular file',
  ],
  'a device': [
    (path) => {
      symlinkSync('/dev/null', path);
      return '/dev/null';
    },
    UNSAFE,
  ],
  'a link to itself': [
    (path, name) => {
      symlinkSync(`${name}.yaml`, path);
      return path;
    },
    'ELOOP',
  ],
};

/** By the name of the attempt: its policy, and what makes the file. */
const NAMED = Object.entries(FILES).map(([attempt, [make, words]]) => ({ attempt, policy: freshName(), make, words }));

/** Where the refusal of a policy must be, by its name. Made once for each folder: the daemon starts with them. */
const places = new Map<string, string>();

function make(folder: string, scratch: string): void {
  chmodSync(scratch, 0o755);
  const elsewhere = join(scratch, `elsewhere-${places.size}`);
  mkdirSync(elsewhere, { mode: 0o755, recursive: true });
  for (const { policy, make: making } of NAMED) {
    places.set(`${folder} ${policy}`, making(join(folder, `${policy}.yaml`), policy, elsewhere));
  }
}

const refused =
  (policy: string, words: string): Attempt =>
  async (target, { scratch }) => {
    const key = `${target.policies} ${policy}`;
    if (!places.has(key)) make(target.policies, scratch);
    return await refusedPolicy(target, policy, words, places.get(key) ?? '');
  };

/** What is served already goes on; nothing new is read from a folder that others may write. */
const folder =
  (change: (path: string) => void, words: string): Attempt =>
  async (target) => {
    const { mode, uid, gid } = statSync(target.policies);
    const name = freshName();
    const path = join(target.policies, `${name}.yaml`);
    change(target.policies);
    file(0o644)(path, name, '');
    try {
      return await refusedSet(target, name, words, target.policies);
    } finally {
      chownSync(target.policies, uid, gid);
      chmodSync(target.policies, mode & 0o7777);
      rmSync(path);
    }
  };

export const probe = daemonProbe(
  {
    ...Object.fromEntries(NAMED.map(({ attempt, policy, words }) => [attempt, refused(policy, words)])),
    'in a folder that all may write': folder((path) => chmodSync(path, 0o777), UNSAFE),
    'in a sticky folder that all may write': folder((path) => chmodSync(path, 0o1777), UNSAFE),
    'in a folder of another user': folder((path) => chownSync(path, STRANGER, STRANGER), FOREIGN),
  },
  (path, { scratch }) => make(path, scratch),
);
