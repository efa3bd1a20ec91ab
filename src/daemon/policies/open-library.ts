import { LATEST_LANDLOCK_ABI } from '../../kernel/landlock.js';
import { kernelProbe } from '../../native/kernel-probe.js';
import { loadAddon } from '../../native/load.js';
import { type DaemonPaths, daemonPaths, type PathOptions, processFacts } from '../config/paths.js';
import { hostIdentities } from '../config/privilege.js';
import { RuntimeStore } from '../runtime/store.js';
import type { PolicyCompilers } from './compiling/compiler.js';
import { InProcessCompiler } from './compiling/in-process-compiler.js';
import { type Folders, LiveFolders } from './folders.js';
import type { FrozenFolders } from './frozen-folders.js';
import { type KernelAbilities, Library } from './library.js';
import { PolicyFiles } from './policy-files.js';
import { type StoredFiles, StoredFolders } from './store/stored-folders.js';

/** The library of these paths as they are; `kernel` is asked when something is compiled. `service`: jobs have ids of their own. */
export function libraryOf(
  paths: DaemonPaths,
  service: boolean,
  kernel: () => KernelAbilities,
  folders: Folders = liveFolders(),
): Library {
  const files = new PolicyFiles(paths.policyDirectories, folders);
  return new Library(files, runtimesOf(paths, service), kernel, new InProcessCompiler());
}

/** As `libraryOf`, for the paths as they were at some time. */
export function librariesOf(
  paths: DaemonPaths,
  service: boolean,
  kernel: () => KernelAbilities,
  compilers: PolicyCompilers,
): (folders: FrozenFolders) => Library {
  const runtimes = runtimesOf(paths, service);
  return (folders) => {
    const files = new PolicyFiles(paths.policyDirectories, folders);
    return new Library(files, runtimes, kernel, compilers.compilerOf(folders));
  };
}

function runtimesOf(paths: DaemonPaths, service: boolean): RuntimeStore {
  return new RuntimeStore({
    directory: paths.runtimes,
    identities: hostIdentities(service),
    flock: (fd) => loadAddon().flock(fd),
  });
}

/** The policy folders, as this user may trust them. */
export function liveFolders(): LiveFolders {
  return new LiveFolders({ uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
}

/**
 * The folders of these paths, with what is in the store, where they have one.
 *
 * @param stored called at each look
 */
export function foldersOf({ policyDirectories }: DaemonPaths, stored: () => StoredFiles): Folders {
  const store = policyDirectories.find((directory) => directory.stored);
  const live = liveFolders();
  return store === undefined ? live : new StoredFolders(store.path, stored, live);
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
