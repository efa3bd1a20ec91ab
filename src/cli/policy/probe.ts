import { release } from 'node:os';
import { probePolicy } from '../../probe/probe.js';
import { Program } from '../../probe/program.js';
import type { Area, ProbeReport } from '../../probe/result.js';
import { hostFiles } from './host-files.js';
import { type SandboxOptions, withSandboxes } from './sandboxes.js';

export interface ProbeOptions extends SandboxOptions {
  readonly areas: readonly Area[];
  /** Milliseconds that one limit may take until it is crossed. */
  readonly maxWait: bigint;
  readonly onArea: (area: Area) => void;
}

/**
 * Tries a policy in real sandboxes of a daemon in this process.
 *
 * @throws LeewardError when the policy does not compile, or this host runs no job of it
 */
export async function probe({ areas, maxWait, onArea, ...options }: ProbeOptions): Promise<ProbeReport> {
  const started = performance.now();
  return await withSandboxes(options, async ({ name, daemon, scratch, run }) => {
    const { compiled, digest } = await daemon.library.compile(name);
    const program = new Program(compiled.plan, compiled.policy.syscalls);
    const context = { compiled, program, host: hostFiles, maxWait, scratch, run };
    const results = await probePolicy(context, areas, onArea);
    const host = { kernel: release(), arch: compiled.plan.arch, uid: process.getuid?.() ?? 0 };
    const seconds = (performance.now() - started) / 1000;
    return { policy: name, digest: `sha256:${digest}`, ...host, areas, results, seconds };
  });
}
