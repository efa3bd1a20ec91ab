/** One process of a worker against its plan. */
import { expectedMounts, expectedTree } from './expected-file-systems.js';
import { expectedNamespaces, expectedProcess, POOL_INIT_DESCRIPTORS } from './expected-process.js';
import { expectedThread, type ThreadSurroundings } from './expected-threads.js';
import { type Difference, differencesOf, type Facts, placed, together } from './facts.js';
import { fileSystemFacts, namespaceFacts, processFacts, threadFacts } from './process-facts.js';
import type { RawProcess } from './raw.js';
import type { Role } from './surroundings.js';

/** A process, and whom it is compared with: which namespaces it shares with each of them. */
export interface Judged {
  readonly role: Role;
  readonly raw: RawProcess;
  readonly others: Readonly<Record<string, RawProcess>>;
  /** Pid of its session's leader. */
  readonly session: number;
}

function expectedOf({ role, raw, others, session }: Judged, from: ThreadSurroundings): Facts {
  const threads = Object.entries(raw.threads).map(([tid, { filters }]) => {
    const seen = { session, readable: filters !== null };
    return placed(`thread ${tid}`, expectedThread(role, from, seen));
  });
  const namespaces = expectedNamespaces(role, Object.keys(raw.namespaces), Object.keys(others));
  if (role === 'pool init') return together(namespaces, new Map([['descriptors of other kinds', []]]), ...threads);
  const isInSandbox = role !== 'zygote';
  return together(
    namespaces,
    ...threads,
    expectedProcess(role, from, from.host.entry('/dev/null').rdev),
    expectedMounts(from, isInSandbox),
    expectedTree(from, isInSandbox),
  );
}

/** It holds a network namespace for each worker, more or fewer of them with time: kinds count, not numbers. */
function poolInitDescriptors(raw: RawProcess): Facts {
  const facts = [...processFacts(raw)].filter(([name]) => name.startsWith('descriptor '));
  const known = POOL_INIT_DESCRIPTORS.map((fact) => JSON.stringify(fact));
  const unknown = facts.map(([, fact]) => fact).filter((fact) => !known.includes(JSON.stringify(fact)));
  return new Map([['descriptors of other kinds', unknown]]);
}

/** The image of a job init is the supervisor's own: command line, environment and executable are not the plan's. */
const OF_THE_SUPERVISORS_IMAGE = /^(auxiliary |cmdline$|environ$|exe$)/;

/** The pool init moves on to the network namespace of each worker that it makes, and is in a job's own until it makes the next. */
function withoutPoolNetwork(others: Judged['others']): Judged['others'] {
  const { 'pool init': poolInit, ...rest } = others;
  if (poolInit === undefined) return others;
  const { net: _, ...namespaces } = poolInit.namespaces;
  return { ...rest, 'pool init': { ...poolInit, namespaces } };
}

function foundOf({ role, raw, others }: Judged): Facts {
  const threads = Object.entries(raw.threads).map(([tid, thread]) => placed(`thread ${tid}`, threadFacts(thread)));
  const namespaces = namespaceFacts(raw, role.startsWith('job') ? withoutPoolNetwork(others) : others);
  if (role === 'pool init') return together(namespaces, poolInitDescriptors(raw), ...threads);
  const own = [...processFacts(raw)].filter(([name]) => role !== 'job init' || !OF_THE_SUPERVISORS_IMAGE.test(name));
  return together(namespaces, ...threads, new Map(own), fileSystemFacts(raw));
}

/** Everything about the process that is not as the plan has it. */
export function differencesOfProcess(judged: Judged, from: ThreadSurroundings): readonly Difference[] {
  const { role } = judged;
  return differencesOf(placed(role, expectedOf(judged, from)), placed(role, foundOf(judged)));
}
