/** Runs a snippet, over as many jobs as it needs. */
import { type AttemptsRun, makeAttempts } from '../../../src/probe/attempts/jobs.js';
import type { Canaries } from './canaries.js';
import type { Case } from './case.js';
import { DEFAULTS } from './case.js';
import type { Materials } from './materials.js';
import type { Sandbox } from './sandbox.js';
import { snippetOf } from './snippet.js';

/** What a snippet is run with. */
export interface SnippetWork {
  /** Name of the policy. */
  readonly policy: string;
  /** Where the policy's plan mounts something. */
  readonly mounts: readonly string[];
  readonly sandbox: Sandbox;
  readonly sandboxed: boolean;
  readonly materials: Materials;
  readonly canaries: Canaries;
}

export async function runSnippet(probe: Case, work: SnippetWork): Promise<AttemptsRun> {
  const { policy, mounts, sandbox, sandboxed, materials, canaries } = work;
  const { input, output } = materials;
  const timeoutSeconds = probe.timeout ?? DEFAULTS.timeout;
  const setup = {
    ...sandbox.paths(materials),
    canary: canaries.names,
    sandboxed,
    children: !sandboxed || probe.children === true,
    seconds: timeoutSeconds / 2,
    code: materials.code,
    mounts,
  };
  return makeAttempts((skip) => {
    const code = snippetOf(probe, materials.probes, { ...setup, skip });
    return sandbox.run({ code, policy, timeoutSeconds, input, output });
  });
}
