import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { TestDaemon } from './daemon.js';
import { groupsOf } from './delegation.js';
import { descriptorCount, heldNamespaces, namespacesOf, readProc, startOf, statusOf } from './processes.js';
import { eventually } from './wait.js';

/** How long what is left of killed processes may take to go, milliseconds. */
const GONE_MS = 2000;

const IDLE_MOMENTS = 10;
const IDLE_MS = 20;

/** One process: a pid alone may be another's by the time one looks again. */
interface Life {
  readonly pid: number;
  readonly start: string | undefined;
}

/**
 * What some processes of a daemon have of the host, taken down while they live, so that one can look for it when they are killed.
 * Namespaces are looked for with those who lived before and still do, which are the only ones that can have got hold of one: the
 * kernel gives an inode's number to the next namespace, which may be anybody's.
 */
export class Traces {
  readonly #doomed: readonly Life[];
  readonly #others: readonly Life[];
  readonly #namespaces: readonly string[];
  readonly #groups: ReadonlyMap<string, number>;

  /**
   * @param doomed host pids of those who are to die
   * @param base   the supervisor's control group, null where it has none
   */
  constructor(daemon: TestDaemon, doomed: readonly number[], base: string | null) {
    const others = [process.pid, daemon.initPid, ...daemon.processes()].filter((pid) => !doomed.includes(pid));
    this.#doomed = doomed.map(lifeOf);
    this.#others = others.map(lifeOf);
    const shared = namespacesOf(others);
    this.#namespaces = [...namespacesOf(doomed)].filter((name) => !shared.has(name));
    const groups = base === null ? [] : groupsOf(base).filter((group) => /\/(worker|zygote)-\d+$/.test(group));
    this.#groups = new Map(groups.flatMap((group) => inodeOf(group).map((inode) => [group, inode])));
  }

  get namespaces(): readonly string[] {
    return this.#namespaces;
  }

  /** Waits until no process, namespace, mount and descriptor is left. Control groups may stay until the next start. */
  async areGone(): Promise<void> {
    await eventually('no process of ours', GONE_MS, () => !this.#doomed.some(isAlive));
    const others = () => this.#others.filter(isAlive);
    await eventually('no namespace of ours', GONE_MS, () => {
      const held = heldNamespaces(others().map(({ pid }) => pid));
      return !this.#namespaces.some((name) => held.has(name));
    });
    for (const { pid } of others()) {
      const mounts = readProc(`/proc/${pid}/mountinfo`) ?? '';
      expect(mounts).not.toMatch(/leeward-test-.*\/(state|workspace|jobs)/);
      expect(this.#namespaces.filter((name) => mounts.includes(` ${name} `))).toEqual([]);
    }
  }

  /** Control groups that are still those of the dead: a group that was made anew under the same name has another inode. */
  groupsLeft(): readonly string[] {
    return [...this.#groups].filter(([group, inode]) => inodeOf(group).includes(inode)).map(([group]) => group);
  }
}

/** How many descriptors each of the processes has, that have no client at the time: the fewest of some moments, as one may still be going. */
export async function idleDescriptors(pids: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const fewest = new Map<number, number>();
  for (let moment = 0; moment < IDLE_MOMENTS; moment++) {
    for (const pid of pids)
      fewest.set(pid, Math.min(fewest.get(pid) ?? Number.POSITIVE_INFINITY, descriptorCount(pid)));
    await sleep(IDLE_MS);
  }
  return fewest;
}

/** Names of everything beneath a directory, without what lies behind links. */
export function namesBeneath(directory: string, prefix = ''): readonly string[] {
  return readdirSync(join(directory, prefix), { withFileTypes: true }).flatMap((entry) => {
    const name = join(prefix, entry.name);
    return entry.isDirectory() ? [name, ...namesBeneath(directory, name)] : [name];
  });
}

function lifeOf(pid: number): Life {
  return { pid, start: startOf(pid) };
}

function isAlive({ pid, start }: Life): boolean {
  return start !== undefined && startOf(pid) === start && statusOf(pid)?.get('State')?.startsWith('Z') === false;
}

/** None for what is gone: jobs come and go meanwhile. */
function inodeOf(path: string): readonly number[] {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? [] : [found.ino];
}
