/** A daemon on a host whose mounts are shared, as systemd leaves them: what is mounted later reaches the supervisor. */
import { execFileSync } from 'node:child_process';
import { testHost } from '../../harness/host.js';
import type { HostContext } from '../runner/host-probe.js';
import { type DaemonSandbox, sandboxOf } from '../runner/shipped.js';

const SHARE = 'mount --bind "$1" "$1"; mount --make-rshared "$1"; shift; exec "$@"';

/** One for all probes of an account. */
export function sandboxOnSharedMounts({ account, shared }: HostContext): Promise<DaemonSandbox> {
  return shared.get('a daemon on shared mounts', () =>
    sandboxOf(account, { by: ['/bin/sh', '-ec', SHARE, 'sh', testHost().scratch] }),
  );
}

/** The arguments of nsenter(1) that run a script with `path` as its $1 where the daemon's mounts are; without a daemon, here. */
export function inMountsOf(sandbox: DaemonSandbox | undefined, script: string, path: string): readonly string[] {
  const enter = sandbox === undefined ? [] : [`--target=${sandbox.daemon.daemonPid}`, '--mount', '--pid'];
  return [...enter, '--', 'sh', '-ec', script, 'sh', path];
}

export function mountThere(sandbox: DaemonSandbox | undefined, script: string, path: string): void {
  execFileSync('nsenter', inMountsOf(sandbox, script, path), { stdio: ['ignore', 'ignore', 'pipe'] });
}
