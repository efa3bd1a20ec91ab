import { kernelProbe } from '../../native/kernel-probe.js';
import { loadAddon } from '../../native/load.js';
import { type DaemonPaths, daemonPaths, type PathOptions, processFacts } from '../config/paths.js';
import { hostIdentities } from '../config/privilege.js';
import { RuntimeStore } from '../runtime/store.js';
import { type KernelAbilities, Library } from './library.js';
import { PolicyFiles } from './policy-files.js';

/** The library of these paths; `kernel` is asked when something is compiled. */
export function libraryOf(paths: DaemonPaths, kernel: () => KernelAbilities): Library {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  const runtimes = new RuntimeStore({
    directory: paths.runtimes,
    identities: hostIdentities(),
    flock: (fd) => loadAddon().flock(fd),
  });
  return new Library(new PolicyFiles(paths.policyDirectories, { uid, gid }), runtimes, kernel);
}

/**
 * Policies and runtimes as a daemon with these options would have them, without one: for `policy` and `runtime` commands.
 *
 * @throws LeewardError for paths that cannot be used
 */
export function openLibrary(options: PathOptions = {}): Library {
  const kernel = () => ({ landlockAbi: kernelProbe().landlockAbi, privileged: process.getuid?.() === 0 });
  return libraryOf(daemonPaths(options, processFacts()), kernel);
}
