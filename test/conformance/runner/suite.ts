/** Goes through accounts, places, policies and probes, in this order, so that each daemon and each place is made once. */
import { existsSync } from 'node:fs';
import { type Account, root, user } from '../../harness/account.js';
import { type AccountName, type Case, type CaseClass, DEFAULTS, isHostSide, type PlaceName } from './case.js';
import { Controls } from './control.js';
import type { HostAttempt } from './host-probe.js';
import { NoSuchPlace, type Reached, reach } from './places.js';
import { ARCH, programOf } from './program.js';
import type { Sandbox, Variant } from './sandbox.js';
import { tryProbe } from './trial.js';
import { isFailure, type Outcome, worst } from './verdict.js';

export interface Selection {
  readonly classes: readonly CaseClass[];
  readonly accounts: readonly AccountName[];
  readonly places: readonly PlaceName[];
  readonly variant: Variant;
  readonly full: boolean;
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

/**
 * @param onPlace called with the results of each place, one after the other
 * @param controls of an earlier suite of the same probes
 */
export async function runSuite(
  selection: Selection,
  onPlace: (results: readonly ProbeResult[]) => void,
  controls: Controls = new Controls(selection.probes),
): Promise<readonly ProbeResult[]> {
  const all: ProbeResult[] = [];
  for (const accountName of selection.accounts) {
    const account = ACCOUNTS[accountName];
    const sandboxes = new Sandboxes(selection.variant, account);
    try {
      for (const place of selection.places) {
        const results = await runPlace(selection, controls, account, place, () => sandboxes.at(place));
        onPlace(results);
        all.push(...results);
      }
    } finally {
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
      case 'landlock-1':
        return this.#once(place, () => this.#variant.open(this.#account, 1));
      default:
        return this.#once('daemon', () => this.#variant.open(this.#account));
    }
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
  controls: Controls,
  account: Account,
  place: PlaceName,
  open: () => Promise<Sandbox>,
): Promise<readonly ProbeResult[]> {
  const work = selection.classes.flatMap(({ class: letters, cases }) =>
    cases.filter((probe) => isFor(probe, account.name, place)).map((probe) => ({ letters, probe })),
  );
  const skipped = work.flatMap(({ letters, probe }) => {
    const reason = probe.notYet ?? missingOf(probe);
    return reason === undefined ? [] : [{ letters, probe, reason }];
  });
  const results: ProbeResult[] = skipped.map(({ letters, probe, reason }) => {
    return { ...nameOf(letters, probe, account, place, policiesOf(probe)[0] ?? ''), ...skip(reason) };
  });
  const toTry = work.filter(({ probe }) => !skipped.some((other) => other.probe === probe));
  if (toTry.length === 0) return results;
  const sandbox = await open();
  for (const policy of new Set(toTry.flatMap(({ probe }) => policiesOf(probe)))) {
    const fitting = toTry.filter(({ probe }) => policiesOf(probe).includes(policy));
    const trial = {
      ...{ account, place, sandbox, controls, program: programOf(policy, selection.policyFolders) },
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

function isFor(probe: Case, account: AccountName, place: PlaceName): boolean {
  // What the host's own parts do is the same after any job; its cases name other places where it is not.
  const places = probe.places ?? (isHostSide(probe) ? ['fresh'] : DEFAULTS.places);
  if (probe.provenBy !== undefined) return false;
  if (place === 'landlock-1' && !probe.layers.includes('landlock')) return false;
  return (probe.accounts ?? DEFAULTS.accounts).includes(account) && places.includes(place);
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
