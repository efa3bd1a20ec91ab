/** A host-side probe, once: its control and itself, each with canaries and a directory of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Program } from '../../../src/probe/program.js';
import type { Account } from '../../harness/account.js';
import { testHost } from '../../harness/host.js';
import { Canaries } from './canaries.js';
import type { Case, PlaceName } from './case.js';
import type { HostAttempt, HostContext, HostProbe } from './host-probe.js';
import { nativeProbe } from './native.js';
import type { Sandbox, Variant } from './sandbox.js';
import { Shared } from './shared.js';
import type { Trial } from './trial.js';
import { unconfined } from './unconfined.js';

/** Where and against what. */
interface Surroundings {
  readonly account: Account;
  readonly place: PlaceName;
  readonly program: Program;
  readonly variant: Variant;
  readonly sandbox: Sandbox;
  readonly shared: Shared;
  readonly full: boolean;
}

export async function tryHostProbe(probe: Case, trial: Trial): Promise<readonly HostAttempt[]> {
  const host = await moduleOf(probe, trial.probes);
  // A run of the matrix is about sandboxes; controls are every other run's.
  if (trial.variant.lacks !== undefined) return inContext(probe, trial, (context) => host.run(context));
  const control = await (host.controlIsSameForAll === true
    ? trial.controls.ofHostProbe(probe)
    : inContext(probe, await withoutSandbox(trial), (context) => host.control(context)));
  const inside = await inContext(probe, trial, (context) => host.run(context));
  const skipped = new Set(inside.filter(({ outcome }) => outcome === 'SKIPPED').map(({ name }) => name));
  const weak = control.filter(
    ({ name, outcome }) => outcome !== 'ESCAPED' && !(outcome === 'SKIPPED' && skipped.has(name)),
  );
  return [
    ...inside,
    ...weak.map(({ name, outcome, detail }) => {
      const why = `${name}: without a sandbox ${outcome}, ${detail}`;
      return { name: 'control', outcome: 'BROKEN', detail: why } as const;
    }),
    ...(control.length === 0 ? [{ name: 'control', outcome: 'BROKEN', detail: 'no attempt was made' } as const] : []),
  ];
}

/** @param probes folder of the suite's probes */
export async function controlOfHostProbe(
  probe: Case,
  account: Account,
  program: Program,
  probes: string,
): Promise<readonly HostAttempt[]> {
  const host = await moduleOf(probe, probes);
  const shared = new Shared();
  try {
    const surroundings = await withoutSandbox({ account, place: 'fresh', program, shared, full: false });
    return await inContext(probe, surroundings, (context) => host.control(context));
  } finally {
    await shared.close();
  }
}

async function withoutSandbox(from: Omit<Surroundings, 'variant' | 'sandbox'>): Promise<Surroundings> {
  const { account, place, program, shared, full } = from;
  return { account, place, program, shared, full, variant: unconfined, sandbox: await unconfined.open(account) };
}

async function moduleOf({ native, file = '' }: Case, probes: string): Promise<HostProbe> {
  if (native !== undefined) return nativeProbe(native);
  const { probe: host } = (await import(pathToFileURL(join(probes, file)).href)) as { probe?: HostProbe };
  if (host === undefined) throw new Error(`${file} does not export \`probe\``);
  return host;
}

async function inContext(
  probe: Case,
  { full, ...surroundings }: Surroundings,
  body: (context: HostContext) => Promise<readonly HostAttempt[]>,
): Promise<readonly HostAttempt[]> {
  const scratch = mkdtempSync(join(testHost().scratch, `${probe.id}-`));
  const canaries = await Canaries.create(testHost().scratch);
  const times = full ? (probe.repeat?.full ?? 1) : (probe.repeat?.times ?? 1);
  try {
    return await body({ ...surroundings, policy: surroundings.program.policy, canaries, scratch, times });
  } finally {
    await canaries.remove();
    rmSync(scratch, { recursive: true, force: true });
  }
}
