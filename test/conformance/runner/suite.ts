/** Goes through accounts, places, policies and probes, in this order, so that each daemon and each place is made once. */
import { existsSync } from 'node:fs';
import { isFailure, type Outcome, worst } from '../../../src/probe/verdict.js';
import { type Account, root, user } from '../../harness/account.js';
import { type AccountName, type Case, type CaseClass, DEFAULTS, isHostSide, type PlaceName } from './case.js';
import type { ControlSource } from './control.js';
import type { HostAttempt } from './host-probe.js';
import { NoSuchPlace, type Reached, reach } from './places.js';
import { ARCH, programOf } from './program.js';
import { REUSED, ReusedSandbox } from './reused.js';
import type { Sandbox, Variant } from './sandbox.js';
import { Shared } from './shared.js';
import { type Trial, tryProbe } from './trial.js';

export interface Selection {
  readonly classes: readonly CaseClass[];
  readonly accounts: readonly AccountName[];
  readonly places: readonly PlaceName[];
  readonly variant: Variant;
  readonly full: boolean;
  /** Whether cases with a usual account are tried as this one only. */
  readonly usual: boolean;
  /** Folder of the suite's probes, absolute. */
  readonly probes: string;
  /** Folders of policies, relative to the repository. */
  readonly policyFolders: readonly string[];
}

export interface ProbeResult {
  readonly id: string;
  readonly class: string;
  readonly title: string;
  readonly account: AccountName;
  readonly place: PlaceName;
  readonly policy: string;
  readonly outcome: Outcome;
  /** Why it was skipped. */
  readonly reason?: string;
  readonly attempts: readonly HostAttempt[];
  readonly ms: number;
}

const ACCOUNTS: Readonly<Record<AccountName, Account>> = { root, user };

/** Of places that differ in their past alone, in a usual run: each is tried, and each account comes to some. */
const USUAL_ACCOUNTS: Readonly<Partial<Record<PlaceName, AccountName>>> = {
  'after-timeout': 'user',
  'after-oom': 'root',
  reused: 'root',
};

/** @param onPlace called with the results of each place, one after the other */
export async function runSuite(
  selection: Selection,
  onPlace: (results: readonly ProbeResult[]) => void,
  controls: ControlSource,
): Promise<readonly ProbeResult[]> {
  const all: ProbeResult[] = [];
  for (const accountName of selection.accounts) {
    const account = ACCOUNTS[accountName];
    const sandboxes = new Sandboxes(selection.variant, account);
    const shared = new Shared();
    try {
      for (const place of selection.places) {
        const results = await runPlace(selection, { controls, shared, account, place }, () => sandboxes.at(place));
        onPlace(results);
        all.push(...results);
      }
    } finally {
      await shared.close();
      await sandboxes.close();
    }
  }
  return all;
}

/** Makers of sandboxes, each started when the first place needs it: one daemon does for most places of an account. */
class Sandboxes {
  readonly #variant: Variant;
  readonly #account: Account;
  readonly #open = new Map<string, Promise<Sandbox>>();

  constructor(variant: Variant, account: Account) {
    [this.#variant, this.#account] = [variant, account];
  }

  at(place: PlaceName): Promise<Sandbox> {
    switch (place) {
      case 'embedded':
        return this.#once(place, () => this.#variant.openEmbedded(this.#account));
      case 'reused':
        return this.#once(place, () => this.#reused());
      case 'landlock-1':
        return this.#once(place, () => this.#variant.open(this.#account, 1));
      default:
        return this.#once('daemon', () => this.#variant.open(this.#account));
    }
  }

  /** Without a sandbox there is no process that goes on. */
  async #reused(): Promise<Sandbox> {
    const sandbox = await this.at('fresh');
    return this.#variant.confines ? new ReusedSandbox(sandbox) : sandbox;
  }

  #once(name: string, open: () => Promise<Sandbox>): Promise<Sandbox> {
    const sandbox = this.#open.get(name) ?? open();
    this.#open.set(name, sandbox);
    return sandbox;
  }

  async close(): Promise<void> {
    for (const sandbox of this.#open.values()) await (await sandbox).close();
  }
}

async function runPlace(
  selection: Selection,
  at: Pick<Trial, 'controls' | 'shared' | 'account' | 'place'>,
  open: () => Promise<Sandbox>,
): Promise<readonly ProbeResult[]> {
  const { account, place } = at;
  const work = workAt(selection, account.name, place);
  const results = work.flatMap(({ letters, probe, reason }): readonly ProbeResult[] => {
    if (reason === undefined) return [];
    return [{ ...nameOf(letters, probe, account, place, policiesOf(probe)[0] ?? ''), ...skip(reason) }];
  });
  const toTry = byPolicy(work.filter(({ reason }) => reason === undefined)).filter(({ policy }) =>
    isUnder(policy, place),
  );
  if (toTry.length === 0) return results;
  const sandbox = await open();
  for (const { policy, fitting } of toTry) {
    const trial = {
      ...{ ...at, sandbox, program: programOf(policy, selection.policyFolders) },
      ...{ variant: selection.variant, probes: selection.probes, full: selection.full },
    };
    const reached = await arrive(place, sandbox, policy, selection.variant.confines);
    for (const { letters, probe } of fitting) {
      const name = nameOf(letters, probe, account, place, policy);
      if ('reason' in reached) results.push({ ...name, ...skip(reached.reason) });
      else if ('broken' in reached) results.push({ ...name, ...(await timed(async () => [reached.broken])) });
      else results.push({ ...name, ...(await timed(() => tryProbe(probe, trial))) });
    }
    if ('leave' in reached) await reached.leave();
  }
  return results;
}

interface Work {
  readonly letters: string;
  readonly probe: Case;
  /** Why it is skipped. */
  readonly reason: string | undefined;
}

function workAt(
  { classes, usual }: Pick<Selection, 'classes' | 'usual'>,
  account: AccountName,
  place: PlaceName,
): readonly Work[] {
  if (usual && (USUAL_ACCOUNTS[place] ?? account) !== account) return [];
  return classes.flatMap(({ class: letters, cases }) =>
    cases
      .filter((probe) => isFor(usual ? asUsual(probe) : probe, account, place))
      .map((probe) => ({ letters, probe, reason: probe.notYet ?? missingOf(probe) })),
  );
}

function byPolicy(work: readonly Work[]): readonly { policy: string; fitting: readonly Work[] }[] {
  return [...new Set(work.flatMap(({ probe }) => policiesOf(probe)))].map((policy) => {
    return { policy, fitting: work.filter(({ probe }) => policiesOf(probe).includes(policy)) };
  });
}

/** Every probe of the suite that is not skipped, once, in the order in which `runSuite` comes to them. */
export function probesToTry(
  selection: Pick<Selection, 'classes' | 'accounts' | 'places' | 'usual'>,
): ReadonlySet<Case> {
  const { accounts, places } = selection;
  const work = places.flatMap((place) => accounts.flatMap((account) => workAt(selection, account, place)));
  const tried = work.filter(({ reason }) => reason === undefined);
  return new Set(byPolicy(tried).flatMap(({ fitting }) => fitting.map(({ probe }) => probe)));
}

type Arrival = Reached | { readonly reason: string } | { readonly broken: HostAttempt };

async function arrive(place: PlaceName, sandbox: Sandbox, policy: string, confines: boolean): Promise<Arrival> {
  // Without a sandbox nothing has a past.
  if (!confines) return { leave: async () => undefined };
  try {
    return await reach(place, sandbox, policy);
  } catch (error) {
    if (error instanceof NoSuchPlace) return { reason: error.message };
    const detail = error instanceof Error ? error.message : String(error);
    return { broken: { name: `the place ${place}`, outcome: 'BROKEN', detail } };
  }
}

async function timed(body: () => Promise<readonly HostAttempt[]>) {
  const started = performance.now();
  const attempts = await body();
  const outcome = worst(attempts.map((attempt) => attempt.outcome));
  const reason = attempts.find((attempt) => attempt.outcome === 'SKIPPED')?.detail;
  const ms = Math.round(performance.now() - started);
  return { outcome, attempts, ms, ...(outcome === 'SKIPPED' && reason !== undefined ? { reason } : {}) };
}

function nameOf(letters: string, { id, title }: Case, { name }: Account, place: PlaceName, policy: string) {
  return { id, class: letters, title, account: name, place, policy };
}

function skip(reason: string) {
  return { outcome: 'SKIPPED', reason, attempts: [], ms: 0 } as const;
}

function policiesOf({ policies = DEFAULTS.policies }: Case): readonly string[] {
  return policies;
}

function asUsual(probe: Case): Case {
  return probe.usualAccount === undefined ? probe : { ...probe, accounts: [probe.usualAccount] };
}

function isFor(probe: Case, account: AccountName, place: PlaceName): boolean {
  // What the host's own parts do is the same after any job; its cases name other places where it is not.
  const places = probe.places ?? (isHostSide(probe) ? ['fresh'] : DEFAULTS.places);
  if (probe.provenBy !== undefined) return false;
  if (place === 'reused' && !policiesOf(probe).includes(REUSED.policy)) return false;
  if (place === 'landlock-1' && !probe.layers.includes('landlock')) return false;
  return (probe.accounts ?? DEFAULTS.accounts).includes(account) && places.includes(place);
}

/** What runs several jobs in a process is one policy with `reuse`, beside the one that it extends. */
function isUnder(policy: string, place: PlaceName): boolean {
  return place !== 'reused' || policy === REUSED.policy;
}

function missingOf({ requires }: Case): string | undefined {
  if (requires === undefined) return undefined;
  const { arch, file, because } = requires;
  if (arch !== undefined && arch !== ARCH) return `needs ${arch}: ${because}`;
  if (file !== undefined && !existsSync(file)) return `needs ${file}: ${because}`;
  return undefined;
}

/** Whether the run fails. */
export function failuresOf(results: readonly ProbeResult[]): readonly ProbeResult[] {
  return results.filter(({ outcome }) => isFailure(outcome));
}
