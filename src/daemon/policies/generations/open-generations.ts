import { join } from 'node:path';
import { asLeewardError, LeewardError } from '../../../errors/leeward-error.js';
import { type DaemonOptions, DEFAULT_COMPILE_THREADS } from '../../config/options.js';
import type { DaemonPaths } from '../../config/paths.js';
import { processPeer } from '../../config/process-peer.js';
import { refuseForeignIds } from '../../tenants/tenant-set.js';
import type { PolicyCompilers } from '../compiling/compiler.js';
import { CompilerPool } from '../compiling/compiler-pool.js';
import { InProcessCompilers } from '../compiling/in-process-compiler.js';
import type { PolicyHistory } from '../history/history.js';
import type { KnownAbilities } from '../kernel-abilities.js';
import { foldersOf, librariesOf } from '../open-library.js';
import type { Generation } from './generation.js';
import { Generations } from './generations.js';
import { GenerationLoader } from './loader.js';

/** `exec` has one policy: a thread would take longer to start. */
export function compilersOf({ embedded, compileThreads = DEFAULT_COMPILE_THREADS }: DaemonOptions): PolicyCompilers {
  if (embedded === true || compileThreads === 0) return new InProcessCompilers();
  const pool = new CompilerPool({ threads: compileThreads });
  pool.warm();
  return pool;
}

export interface GenerationParts {
  readonly options: DaemonOptions;
  readonly paths: DaemonPaths;
  readonly service: boolean;
  readonly compilers: PolicyCompilers;
  readonly kernel: KnownAbilities;
  /** Undefined: nobody keeps one. */
  readonly history: PolicyHistory | undefined;
}

/**
 * Loads what a daemon starts with.
 *
 * @throws LeewardError as `GenerationLoader.first`
 */
export async function openGenerations(parts: GenerationParts): Promise<Generations> {
  const { options, paths, service, compilers, kernel, history } = parts;
  const { embedded = false, allowAudit = embedded } = options;
  const loader = new GenerationLoader({
    directories: paths.policyDirectories,
    folders: foldersOf(paths, () => history?.stored() ?? new Map()),
    compilers,
    libraryOf: librariesOf(paths, service, () => kernel.get(), compilers),
    allowAudit,
    // `exec` is to begin at once, and keeps nothing that was read.
    settles: !embedded,
    numberOf: history && ((folders) => history.numberOf(folders)),
    checkTenants: (tenants) => {
      if (!service) refuseForeignIds(tenants, processPeer());
    },
    // `exec` serves its own user alone.
    withTenants: !embedded,
  });
  return new Generations(await first(loader, parts), loader, history);
}

async function first(loader: GenerationLoader, { history, paths }: GenerationParts): Promise<Generation> {
  const number = history?.pin?.generation;
  if (history === undefined || number === undefined) return await loader.first();
  try {
    return await loader.first({ number, folders: history.servable(number, paths.policyDirectories) });
  } catch (thrown) {
    throw pinnedError(asLeewardError(thrown), number, paths);
  }
}

/** `policy unpin` needs a daemon, which is what there is not. */
function pinnedError(error: LeewardError, number: number, { policyHistory }: DaemonPaths): LeewardError {
  const { code, message, place, cause } = error;
  const remedy = `generation ${number} is pinned; remove ${join(policyHistory, 'pin.json')}, and none is`;
  const hint = error.hint === undefined ? remedy : `${error.hint}; ${remedy}`;
  return new LeewardError(code, message, { hint, ...(place && { place }), ...(cause === undefined ? {} : { cause }) });
}
