import { LATEST_LANDLOCK_ABI } from '../../kernel/landlock.js';
import { kernelProbe } from '../../native/kernel-probe.js';
import { loadAddon } from '../../native/load.js';
import { type DaemonPaths, daemonPaths, type PathOptions, processFacts } from '../config/paths.js';
import { hostIdentities } from '../config/privilege.js';
import { RuntimeStore } from '../runtime/store.js';
import type { PolicyCompiler } from './compiling/compiler.js';
import { InProcessCompiler } from './compiling/in-process-compiler.js';
import { type KernelAbilities, Library } from './library.js';
import { PolicyFiles } from './policy-files.js';

/** The library of these paths; `kernel` is asked when something is compiled. `service`: jobs have ids of their own. */
export function libraryOf(
  paths: DaemonPaths,
  service: boolean,
  kernel: () => KernelAbilities,
  compiler: PolicyCompiler = new InProcessCompiler(),
): Library {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  const runtimes = new RuntimeStore({
    directory: paths.runtimes,
    identities: hostIdentities(service),
    flock: (fd) => loadAddon().flock(fd),
  });
  return new Library(new PolicyFiles(paths.policyDirectories, { uid, gid }), runtimes, kernel, compiler);
}

export interface LibraryOptions extends PathOptions {
  /** Plans are made as if the kernel had all of Landlock: to be looked at or tried, not for jobs. */
  readonly assumeLandlock?: boolean;
}

/**
 * Policies and runtimes as a daemon with these options would have them, without one: for `policy` and `runtime` commands.
 *
 * @throws LeewardError for paths that cannot be used
 */
export function openLibrary(options: LibraryOptions = {}): Library {
  const privileged = process.getuid?.() === 0;
  const kernel = () => ({
    landlockAbi: options.assumeLandlock === true ? LATEST_LANDLOCK_ABI : kernelProbe().landlockAbi,
    privileged,
  });
  return libraryOf(daemonPaths(options, processFacts()), privileged, kernel);
}
