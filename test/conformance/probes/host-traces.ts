/** What jobs could leave on a host, counted, so that it can be compared with what was there before. */

import { readdirSync } from 'node:fs';
import type { TestDaemon } from '../../harness/daemon.js';
import { groupsOf } from '../../harness/delegation.js';
import { descriptorCount, heldNamespaces, readProc, statusOf } from '../../harness/processes.js';
import { namesBeneath } from '../../harness/traces.js';
import { type HostState, hostEffects, hostState } from '../runner/host-state.js';

/** LW_POOL_NETWORKS_MAX. */
const POOLED = 512;

/** Where to look. */
export interface Territory {
  /** Host pids of those that outlive jobs: their descriptors and mounts are counted. */
  readonly servants: readonly number[];
  /** All processes whose namespaces are counted. */
  readonly processes: () => readonly number[];
  /** Directory of whatever serves jobs. */
  readonly directory: string;
  /** Directories in the control group hierarchies. */
  readonly groups: () => readonly string[];
}

export interface HostTraces {
  readonly counts: ReadonlyMap<string, readonly string[]>;
  readonly state: HostState;
}

export function territoryOf(daemon: TestDaemon, base: string | null): Territory {
  const [outer = 0, inner = 0] = daemon.supervisorPids;
  const servants = [daemon.mainPid, daemon.keeperPid ?? daemon.mainPid, daemon.daemonPid, outer, inner];
  return {
    servants: [...new Set(servants)],
    processes: () => daemon.processes(),
    directory: daemon.place.root,
    groups: () => (base === null ? [] : groupsOf(base)),
  };
}

/** Each kind with its members; what bears a number that only counts up is without it. */
export function tracesOf({ servants, processes, directory, groups }: Territory): HostTraces {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const counts = new Map<string, readonly string[]>([
    ['processes', all.flatMap((pid) => statusOf(Number(pid))?.get('Name') ?? [])],
    ['descriptors', servants.map((pid, index) => `${index}: ${descriptorCount(pid)}`)],
    ['mounts', [process.pid, ...servants].map((pid, index) => `${index}: ${mountsOf(pid)}`)],
    ['namespaces', namespacesIn(processes())],
    ['control groups', groups().map((group) => group.replace(/\d+$/, 'N'))],
    ['files', namesBeneath(directory)],
  ]);
  return { counts, state: hostState() };
}

/** What there is now and was not before, or the other way round; by kind. Kinds without any are left out. */
export function differences(before: HostTraces, after: HostTraces): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [kind, was] of before.counts) {
    const is = after.counts.get(kind) ?? [];
    const odd = [...new Set([...was, ...is])].filter((member) => count(is, member) !== count(was, member));
    const words = odd.map((member) => `${member} x ${count(was, member)} -> ${count(is, member)}`);
    if (words.length > 0) found.set(kind, words.slice(0, 8).join(', '));
  }
  const effects = hostEffects(before.state, after.state);
  if (effects.length > 0) found.set('the host itself', effects.join(', '));
  return found;
}

function count(members: readonly string[], wanted: string): number {
  return members.filter((member) => member === wanted).length;
}

/** Empty networks are kept for later jobs, up to `POOLED` in a pool: only in steps of that does their number tell. */
function namespacesIn(pids: readonly number[]): readonly string[] {
  const kinds = [...heldNamespaces(pids)].map((name) => name.replace(/:.*/, ''));
  const networks = kinds.filter((kind) => kind === 'net').length;
  return [...kinds.filter((kind) => kind !== 'net'), `${Math.ceil(networks / POOLED)} times ${POOLED} networks`];
}

function mountsOf(pid: number): number {
  return (readProc(`/proc/${pid}/mountinfo`) ?? '').split('\n').length;
}
