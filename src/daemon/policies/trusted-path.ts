import { closeSync, constants, lstatSync, openSync, readlinkSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { checkFolder, checkLink, type Trust } from './owner.js';

/** open(2); node:fs does not name it. The same on x86-64 and arm64. */
const O_PATH = 0o10000000;
/** As the kernel (path_resolution(7)). */
const MAX_LINKS = 40;

/** An error of the walk, with the place that it is about. */
export class PathError extends Error {
  readonly path: string;
  readonly code: string;

  constructor(path: string, code: string) {
    super(`${path}: ${code}`);
    this.path = path;
    this.code = code;
  }
}

/** Where a file lies when every link on the way to it was followed. */
export interface FileEntry {
  /** O_PATH descriptor of the folder, which the caller closes. */
  readonly folder: number;
  readonly name: string;
  /** Canonical path, for people. */
  readonly path: string;
}

/**
 * Walks to a file one name at a time, as the kernel would, and checks each folder from the root down: those of the links as
 * well as those of their targets. What was checked is held by a descriptor while the next name is looked up in it, so nothing
 * can be swapped in between. The file itself, the last entry that is no link, is left to the caller.
 *
 * A folder that others may write leads elsewhere whenever they like; where it is sticky they can rename nothing that is not
 * theirs (inode(7)), so it may be on the way, but not the last one: there they could put what is not there yet.
 *
 * @throws LeewardError LW_POLICY_UNSAFE_FILE naming the folder or link
 * @throws PathError with the errno of what could not be looked at
 */
export function walkTo(path: string, trust: Trust): FileEntry {
  const walk = new Walk(trust);
  try {
    return walk.to(isAbsolute(path) ? path : `${process.cwd()}/${path}`);
  } catch (error) {
    walk.close();
    throw error;
  }
}

class Walk {
  readonly #trust: Trust;
  #folder = -1;
  #path = '/';
  #links = 0;

  constructor(trust: Trust) {
    this.#trust = trust;
  }

  to(path: string): FileEntry {
    this.#enter('/', '/');
    const names = namesOf(path);
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      const last = names.length === 0;
      const target = name === '..' ? undefined : this.#linkTarget(name, last);
      if (target !== undefined) {
        if (isAbsolute(target)) this.#enter('/', '/');
        names.unshift(...namesOf(target));
      } else if (last && name !== '..') {
        checkFolder(this.#path, this.#folder, this.#trust, 'last');
        return { folder: this.#folder, name, path: this.#joined(name) };
      } else {
        this.#enter(`/proc/self/fd/${this.#folder}/${name}`, this.#joined(name));
      }
    }
    // It ends in `..`, or is the root itself: no file, as the caller will find.
    return { folder: this.#folder, name: '.', path: this.#path };
  }

  close(): void {
    if (this.#folder >= 0) closeSync(this.#folder);
    this.#folder = -1;
  }

  #enter(opened: string, path: string): void {
    const fd = attempt(path, () => openSync(opened, O_PATH | constants.O_DIRECTORY));
    this.close();
    this.#folder = fd;
    this.#path = path;
    checkFolder(path, fd, this.#trust, 'on the way');
  }

  /** Undefined for what is no link. */
  #linkTarget(name: string, last: boolean): string | undefined {
    const opened = `/proc/self/fd/${this.#folder}/${name}`;
    const path = this.#joined(name);
    const stats = attempt(path, () => lstatSync(opened));
    if (!stats.isSymbolicLink()) return undefined;
    if (last) checkFolder(this.#path, this.#folder, this.#trust, 'last');
    checkLink(path, stats, this.#trust);
    this.#links++;
    if (this.#links > MAX_LINKS) throw new PathError(path, 'ELOOP');
    return attempt(path, () => readlinkSync(opened));
  }

  #joined(name: string): string {
    if (name === '..') return this.#path.slice(0, this.#path.lastIndexOf('/')) || '/';
    return this.#path === '/' ? `/${name}` : `${this.#path}/${name}`;
  }
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

/** @throws PathError with the errno that `act` met */
export function attempt<Value>(path: string, act: () => Value): Value {
  try {
    return act();
  } catch (error) {
    throw new PathError(path, (error as NodeJS.ErrnoException).code ?? String(error));
  }
}
