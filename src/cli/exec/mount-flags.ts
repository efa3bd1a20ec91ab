import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Mount } from '../../protocol/messages.gen.js';
import { UsageError } from '../usage-error.js';

/** The flags of `exec` that name host directories. */
export interface MountFlags {
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  readonly mount?: readonly string[] | undefined;
  readonly 'allow-path'?: readonly string[] | undefined;
}

/**
 * The mounts that the flags ask for. Host paths become real paths: links are refused below an allowed root, and the
 * operator who types one means what it leads to.
 *
 * @param cwd what relative paths start from
 * @throws UsageError for a malformed `--mount`, or two mounts at one target
 */
export function mountsOf(flags: MountFlags, cwd: string): Mount[] {
  const mounts = [
    ...(flags.input === undefined ? [] : [{ host: hostPath(flags.input, cwd), sandbox: '/input', ro: true }]),
    ...(flags.output === undefined ? [] : [{ host: hostPath(flags.output, cwd), sandbox: '/output', ro: false }]),
    ...(flags.mount ?? []).map((text) => parseMount(text, cwd)),
  ];
  const targets = new Set<string>();
  for (const { sandbox } of mounts) {
    if (targets.has(sandbox)) throw new UsageError(`two mounts at ${sandbox}`);
    targets.add(sandbox);
  }
  return mounts;
}

/** The roots that the local operator allows: where the command was typed, and what `--allow-path` names. */
export function allowedPathsOf(flags: MountFlags, cwd: string): string[] {
  return [...new Set([cwd, ...(flags['allow-path'] ?? [])].map((path) => hostPath(path, cwd)))];
}

function parseMount(text: string, cwd: string): Mount {
  // The host path may hold colons, so the target is what begins with the last `:/`.
  const match = /^(.+):(\/[^:]*)(?::(ro|rw))?$/s.exec(text);
  const [, host, sandbox, mode] = match ?? [];
  if (host === undefined || sandbox === undefined) {
    throw new UsageError(`--mount ${text}: not HOST:SANDBOX[:ro|rw]`, 'SANDBOX is an absolute path inside the sandbox');
  }
  return { host: hostPath(host, cwd), sandbox, ro: mode !== 'rw' };
}

/** Absolute and without links; the part that does not exist (yet) stays as it is, for the daemon to create or refuse. */
function hostPath(path: string, cwd: string): string {
  const absolute = resolve(cwd, path);
  try {
    return realpathSync(absolute);
  } catch {
    const parent = dirname(absolute);
    return parent === absolute ? absolute : join(hostPath(parent, cwd), basename(absolute));
  }
}
