/** The positive control: the same attempts without a sandbox, once in a run for each case and policy. */
import { root } from '../../harness/account.js';
import { testHost } from '../../harness/host.js';
import { Canaries, placesOfOthers } from './canaries.js';
import { type Case, DEFAULTS } from './case.js';
import { acceptedFor } from './expectation.js';
import { hostEffects, hostState } from './host-state.js';
import { runSnippet } from './jobs.js';
import { materialsOf } from './materials.js';
import type { Program } from './program.js';
import type { Sandbox } from './sandbox.js';
import type { Attempt } from './seen.js';
import { unknownNumber } from './snippet.js';
import { richest, unconfined } from './unconfined.js';
import { controlProblem, isMissing } from './verdict.js';

export interface Control {
  /** By the attempt's name. */
  readonly attempts: ReadonlyMap<string, Attempt>;
  /** Why the control proves nothing; a probe whose control fails is BROKEN. */
  readonly problems: readonly string[];
}

/** What the attempts got outside; the same for every policy. */
interface Outside {
  readonly attempts: readonly Attempt[];
  readonly effects: readonly string[];
  readonly broken: string | undefined;
}

export class Controls {
  readonly #done = new Map<string, Promise<Outside>>();
  readonly #probes: string;
  #sandbox: Promise<Sandbox> | undefined;

  /** @param probes folder of the suite's probes */
  constructor(probes: string) {
    this.#probes = probes;
  }

  /** Only for snippets: host-side probes have a control of their own. */
  async of(probe: Case, program: Program): Promise<Control> {
    let outside = this.#done.get(probe.id);
    if (outside === undefined) {
      outside = this.#run(probe, program);
      this.#done.set(probe.id, outside);
    }
    const { attempts, effects, broken } = await outside;
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

  async #run(probe: Case, program: Program): Promise<Outside> {
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
