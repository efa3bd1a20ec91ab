/** The positive control: the same attempts without a sandbox, once in a run for each case and policy. */
import { isRoot, root, user } from '../../harness/account.js';
import { testHost } from '../../harness/host.js';
import { Canaries } from './canaries.js';
import { type Case, isHostSide } from './case.js';
import { acceptedFor } from './expectation.js';
import { hostEffects, hostState } from './host-state.js';
import { runSnippet } from './jobs.js';
import { materialsOf } from './materials.js';
import type { Program } from './program.js';
import type { Sandbox } from './sandbox.js';
import type { Attempt } from './seen.js';
import { unknownNumber } from './snippet.js';
import { unconfined } from './unconfined.js';
import { controlProblem, isMissing } from './verdict.js';

export interface Control {
  /** By the attempt's name. */
  readonly attempts: ReadonlyMap<string, Attempt>;
  /** Why the control proves nothing; a probe whose control fails is BROKEN. */
  readonly problems: readonly string[];
}

export class Controls {
  readonly #done = new Map<string, Promise<Control>>();
  readonly #probes: string;
  #sandbox: Promise<Sandbox> | undefined;

  /** @param probes folder of the suite's probes */
  constructor(probes: string) {
    this.#probes = probes;
  }

  /** Only for snippets: host-side probes have a control of their own. */
  of(probe: Case, program: Program): Promise<Control> {
    const key = `${probe.id} ${program.policy}`;
    let control = this.#done.get(key);
    if (control === undefined) {
      control = this.#run(probe, program);
      this.#done.set(key, control);
    }
    return control;
  }

  async #run(probe: Case, program: Program): Promise<Control> {
    if (isHostSide(probe)) throw new Error(`${probe.id} has a control of its own`);
    const account = isRoot ? root : user;
    this.#sandbox ??= unconfined.open(account);
    const sandbox = await this.#sandbox;
    const canaries = await Canaries.create(testHost().scratch);
    const materials = materialsOf(probe, this.#probes, sandbox.place, account);
    const before = hostState();
    try {
      const { attempts, ends, broken } = await runSnippet(probe, program.policy, sandbox, false, materials, canaries);
      const given = [...ends.flatMap(({ stdout, stderr }) => [stdout, stderr]), ...materials.given()];
      const effects = [...canaries.effects(given), ...hostEffects(before, hostState())];
      const problems = attempts.flatMap(({ name, seen, call }) => {
        const problem = controlProblem(
          acceptedFor(probe, name, call, program),
          seen,
          probe.control?.reached ?? [],
          effects,
        );
        return problem === undefined ? [] : [`${name}: ${problem}`];
      });
      problems.push(...unclassified(probe, attempts));
      if (broken !== undefined) problems.push(broken);
      if (attempts.length === 0) problems.push('no attempt was made');
      return { attempts: new Map(attempts.map((attempt) => [attempt.name, attempt])), problems };
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
