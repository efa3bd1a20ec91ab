import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Daemon } from '../../daemon/index.js';
import { LeewardError } from '../../errors/leeward-error.js';
import type { ProbeJob } from '../../probe/context.js';
import type { ExecuteResponse } from '../../protocol/messages.gen.js';

export interface SandboxOptions {
  /** Name of a policy, or path of its file. */
  readonly policy: string;
  readonly paths: { readonly policyDirectories?: string[]; readonly stateDirectory?: string };
}

/** Real sandboxes of one policy, of a daemon in this process. */
export interface Sandboxes {
  /** The policy's own name. */
  readonly name: string;
  readonly daemon: Daemon;
  /** An empty directory of the host, removed afterwards. */
  readonly scratch: string;
  /** Runs a job. Refusals are answers. */
  readonly run: (job: ProbeJob) => Promise<ExecuteResponse>;
}

/**
 * Does something with sandboxes of a policy. Ctrl-C and SIGTERM end it, and the job that runs.
 *
 * @throws LeewardError LW_JOB_CANCELLED when it was interrupted
 */
export async function withSandboxes<T>(
  { policy, paths }: SandboxOptions,
  work: (sandboxes: Sandboxes) => Promise<T>,
): Promise<T> {
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort(new LeewardError('LW_JOB_CANCELLED', 'the command was interrupted'));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const { name, directories } = named(policy, paths.policyDirectories);
  const daemon = await Daemon.start({ ...paths, ...directories, embedded: true });
  const scratch = mkdtempSync(join(tmpdir(), 'leeward-policy-'));
  const run = async (job: ProbeJob) => {
    const { signal } = interrupt;
    signal.throwIfAborted();
    const answer = await daemon.execute({ ...job, type: 'Execute', policy: name }, daemon.ownPeer, { signal });
    signal.throwIfAborted();
    return answer;
  };
  try {
    return await work({ name, daemon, scratch: realpathSync(scratch), run });
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await daemon.stop(0);
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A path stands for the policy of this name in its folder, which is searched first. */
function named(
  policy: string,
  directories: readonly string[] = [],
): { name: string; directories: { policyDirectories?: string[] } } {
  if (!policy.includes('/') && !policy.endsWith('.yaml')) return { name: policy, directories: {} };
  return {
    name: basename(policy, '.yaml'),
    directories: { policyDirectories: [resolve(dirname(policy)), ...directories] },
  };
}
