import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Daemon } from '../../daemon/daemon.js';
import { LeewardError } from '../../errors/leeward-error.js';
import { probePolicy } from '../../probe/probe.js';
import { Program } from '../../probe/program.js';
import type { Area, ProbeReport } from '../../probe/result.js';

export interface ProbeOptions {
  /** Name of a policy, or path of its file. */
  readonly policy: string;
  readonly paths: { readonly policyDirectories?: string[]; readonly stateDirectory?: string };
  readonly areas: readonly Area[];
  readonly onArea: (area: Area) => void;
}

/**
 * Tries a policy in real sandboxes of a daemon in this process. Ctrl-C and SIGTERM end it, and the job that runs.
 *
 * @throws LeewardError when the policy does not compile, or this host runs no job of it
 */
export async function probe({ policy, paths, areas, onArea }: ProbeOptions): Promise<ProbeReport> {
  const started = performance.now();
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort(new LeewardError('LW_JOB_CANCELLED', 'the probe was interrupted'));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const { name, directories } = named(policy, paths.policyDirectories);
  const daemon = await Daemon.start({ ...paths, ...directories, embedded: true });
  const scratch = mkdtempSync(join(tmpdir(), 'leeward-probe-'));
  try {
    const { compiled, digest } = await daemon.library.compile(name);
    const program = new Program(compiled.plan, compiled.policy.syscalls);
    const { signal } = interrupt;
    const results = await probePolicy(
      {
        compiled,
        program,
        hostNames,
        scratch: realpathSync(scratch),
        run: async (job) => {
          signal.throwIfAborted();
          const answer = await daemon.execute({ ...job, type: 'Execute', policy: name }, daemon.ownPeer, { signal });
          signal.throwIfAborted();
          return answer;
        },
      },
      areas,
      onArea,
    );
    const host = { kernel: release(), arch: compiled.plan.arch, uid: process.getuid?.() ?? 0 };
    const seconds = (performance.now() - started) / 1000;
    return { policy: name, digest: `sha256:${digest}`, ...host, areas, results, seconds };
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await daemon.stop(0);
    rmSync(scratch, { recursive: true, force: true });
  }
}

function hostNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
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
