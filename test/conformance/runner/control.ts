/** The positive control: the same attempts without a sandbox, once in a run for each case. */

import type { Attempt } from '../../../src/probe/attempts/seen.js';
import type { Program } from '../../../src/probe/program.js';
import { root } from '../../harness/account.js';
import { testHost } from '../../harness/host.js';
import { Canaries, placesOfOthers } from './canaries.js';
import { type Case, DEFAULTS } from './case.js';
import { acceptedFor } from './expectation.js';
import type { HostAttempt } from './host-probe.js';
import { hostEffects, hostState } from './host-state.js';
import { controlOfHostProbe } from './host-trial.js';
import { runSnippet } from './jobs.js';
import { materialsOf } from './materials.js';
import { programOf } from './program.js';
import type { Sandbox } from './sandbox.js';
import { unknownNumber } from './snippet.js';
import { richest, unconfined } from './unconfined.js';
import { controlProblem, isMissing } from './verdict.js';

export interface Control {
  /** By the attempt's name. */
  readonly attempts: ReadonlyMap<string, Attempt>;
  /** Why the control proves nothing; a probe whose control fails is BROKEN. */
  readonly problems: readonly string[];
}

/** What the attempts of a snippet got outside; the same for every policy and account. */
export interface Outside {
  readonly attempts: readonly Attempt[];
  readonly effects: readonly string[];
  readonly broken: string | undefined;
}

/** Where controls are made. What they answer is plain data: it may come from another process. */
export interface ControlSource {
  ofSnippet(probe: Case): Promise<Outside>;
  /** Of a host-side probe whose control is the same for all accounts and policies. */
  ofHostProbe(probe: Case): Promise<readonly HostAttempt[]>;
}

/** What a snippet's control says of each attempt under a policy. */
export async function controlOf(source: ControlSource, probe: Case, program: Program): Promise<Control> {
  const { attempts, effects, broken } = await source.ofSnippet(probe);
  const problems = attempts.flatMap(({ name, seen, call }) => {
    const accepted = acceptedFor(probe, name, call, program);
    const problem = controlProblem(accepted, seen, probe.control?.reached ?? [], effects);
    return problem === undefined ? [] : [`${name}: ${problem}`];
  });
  problems.push(...unclassified(probe, attempts));
  if (broken !== undefined) problems.push(broken);
  if (attempts.length === 0) problems.push('no attempt was made');
  return { attempts: new Map(attempts.map((attempt) => [attempt.name, attempt])), problems };
}

/** Makes the controls in this process, each once, and one after the other: they all look at the same host. */
export class Controls implements ControlSource {
  readonly #snippets = new Map<string, Promise<Outside>>();
  readonly #hostProbes = new Map<string, Promise<readonly HostAttempt[]>>();
  readonly #probes: string;
  readonly #policyFolders: readonly string[];
  #sandbox: Promise<Sandbox> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param probes folder of the suite's probes
   * @param policyFolders relative to the repository
   */
  constructor(probes: string, policyFolders: readonly string[]) {
    [this.#probes, this.#policyFolders] = [probes, policyFolders];
  }

  ofSnippet(probe: Case): Promise<Outside> {
    return this.#once(this.#snippets, probe, (program) => this.#snippet(probe, program));
  }

  ofHostProbe(probe: Case): Promise<readonly HostAttempt[]> {
    return this.#once(this.#hostProbes, probe, (program) => controlOfHostProbe(probe, root, program, this.#probes));
  }

  #once<T>(done: Map<string, Promise<T>>, probe: Case, make: (program: Program) => Promise<T>): Promise<T> {
    const known = done.get(probe.id);
    if (known !== undefined) return known;
    const [policy = ''] = probe.policies ?? DEFAULTS.policies;
    const made = this.#last.then(() => make(programOf(policy, this.#policyFolders)));
    this.#last = made.catch(() => undefined);
    done.set(probe.id, made);
    return made;
  }

  async #snippet(probe: Case, program: Program): Promise<Outside> {
    this.#sandbox ??= unconfined.open(root);
    const sandbox = await this.#sandbox;
    const canaries = await Canaries.create(testHost().scratch, placesOfOthers(sandbox.place));
    const materials = materialsOf(probe, this.#probes, sandbox.place, root);
    const before = hostState();
    try {
      const policy = richest(probe.policies ?? DEFAULTS.policies);
      const work = { policy, mounts: program.mounts, sandbox, sandboxed: false, materials, canaries };
      const { attempts, ends, broken } = await runSnippet(probe, work);
      const given = [...ends.flatMap(({ stdout, stderr }) => [stdout, stderr]), ...materials.given()];
      const effects = [...canaries.effects(given), ...hostEffects(before, hostState())];
      return { attempts, effects, broken };
    } finally {
      await canaries.remove();
      materials.remove();
    }
  }
}

/** Calls of a kernel that is newer than the tables: no policy has ever said anything about them. */
function unclassified({ sweep }: Case, attempts: readonly Attempt[]): readonly string[] {
  if (sweep === undefined) return [];
  return attempts.flatMap(({ name, call, seen }) => {
    const isUnknown = call !== undefined && name === unknownNumber(call.nr);
    if (!isUnknown || isMissing(seen)) return [];
    return [`this kernel has system call ${call.nr}, which the tables of src/kernel do not`];
  });
}
