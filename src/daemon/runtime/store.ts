import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LeewardError } from '../../errors/leeward-error.js';
import type { RuntimeSpec } from '../../policy/types.js';
import type { HostIdentities } from '../config/privilege.js';
import { type BuildProgress, buildRuntime } from './build.js';
import { discard } from './discard.js';
import { type Interpreter, inspectInterpreter, notReachable, unreachable } from './interpreter.js';
import { KnownVersions } from './known-versions.js';
import { type Manifest, readManifest } from './manifest.js';

/** A runtime's file and the lock file that it names. */
export interface LoadedRuntime {
  readonly spec: RuntimeSpec;
  /** Text of the lock file, or null when the runtime has no requirements. */
  readonly lock: string | null;
}

/** Whether a runtime can be used, and where its files are: null when it needs none. */
export type RuntimeState =
  | { readonly state: 'ready'; readonly directory: string | null; readonly manifest: Manifest | null }
  | { readonly state: 'not_built'; readonly directory: string };

export interface RuntimeStoreOptions {
  /** Where built runtimes are kept. */
  readonly directory: string;
  readonly identities: HostIdentities;
  /** flock(2), non-blocking, exclusive. */
  readonly flock: (fd: number) => boolean;
}

export interface BuildOptions {
  readonly onProgress?: ((progress: BuildProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

// Counts changes of what `buildRuntime` makes of the same input.
const BUILD_FORMAT = 1;
const LOCK_POLL_MS = 200;

/** The built runtimes of a state directory. */
export class RuntimeStore {
  readonly #options: RuntimeStoreOptions;
  readonly #versions = new KnownVersions();

  constructor(options: RuntimeStoreOptions) {
    this.#options = options;
  }

  /**
   * Where the runtime's files are.
   *
   * @throws LeewardError LW_RUNTIME_INVALID or LW_RUNTIME_NOT_REACHABLE about its interpreter
   */
  async locate(runtime: LoadedRuntime): Promise<RuntimeState> {
    const interpreter = await this.#inspect(runtime.spec.interpreter);
    if (runtime.lock === null) return { state: 'ready', directory: null, manifest: null };
    const digest = runtimeDigest(interpreter, runtime.lock);
    const directory = join(this.#options.directory, `${runtime.spec.name}-${digest.slice(0, 16)}`);
    const manifest = readManifest(directory, digest, process.getuid?.() ?? 0);
    return manifest === undefined ? { state: 'not_built', directory } : { state: 'ready', directory, manifest };
  }

  /** @throws LeewardError LW_RUNTIME_NOT_BUILT with the command, and as `locate` */
  async require(runtime: LoadedRuntime): Promise<string | null> {
    const found = await this.locate(runtime);
    if (found.state === 'ready') return found.directory;
    const { name } = runtime.spec;
    throw new LeewardError('LW_RUNTIME_NOT_BUILT', `runtime ${name} is not built`, {
      hint: `run \`leeward runtime build ${name}\``,
    });
  }

  /**
   * Builds the runtime unless it is there. Of several builds at a time one works and the others wait for it.
   *
   * @throws LeewardError LW_RUNTIME_BUILD_FAILED, and as `locate`; the signal's reason when it aborts
   */
  async build(runtime: LoadedRuntime, options: BuildOptions = {}): Promise<RuntimeState> {
    const before = await this.locate(runtime);
    if (before.state === 'ready' || runtime.lock === null) return before;
    this.#prepareDirectory();
    const lock = await this.#lock(runtime.spec.name, options);
    try {
      const found = await this.locate(runtime);
      return found.state === 'ready' ? found : await this.#build(runtime, runtime.lock, found.directory, options);
    } finally {
      closeSync(lock);
    }
  }

  async #inspect(interpreter: string): Promise<Interpreter> {
    return await inspectInterpreter(interpreter, this.#options.identities, this.#versions);
  }

  async #build({ spec }: LoadedRuntime, lock: string, target: string, options: BuildOptions): Promise<RuntimeState> {
    const { identities, directory } = this.#options;
    const prefix = `.build-${spec.name}.`;
    // We hold the lock of this name: what is there was left by a build that was killed. Names have no dot.
    for (const name of readdirSync(directory)) {
      if (name.startsWith(prefix)) await discard(join(directory, name), identities.tools);
    }
    rmSync(target, { recursive: true, force: true });
    const scratch = mkdtempSync(join(directory, prefix));
    try {
      const interpreter = await this.#inspect(spec.interpreter);
      const manifest = await buildRuntime({
        name: spec.name,
        digest: runtimeDigest(interpreter, lock),
        interpreter,
        lock,
        preload: [...new Set([...spec.preload, ...Object.values(spec.globals)])],
        target,
        scratch,
        identity: identities.tools,
        onProgress: options.onProgress ?? (() => {}),
        signal: options.signal,
      });
      return { state: 'ready', directory: target, manifest };
    } finally {
      await discard(scratch, identities.tools);
    }
  }

  /** The builder must be able to pass the state directory; jobs see a bind mount, and need not. */
  #prepareDirectory(): void {
    const { directory, identities } = this.#options;
    const parent = join(directory, '..');
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    if (identities.tools === undefined) return;
    for (const path of [parent, directory]) {
      const { mode, uid } = statSync(path);
      if ((mode & 0o001) === 0 && uid === process.getuid?.()) chmodSync(path, (mode & 0o7777) | 0o111);
    }
    const forbidding = unreachable(directory, identities.tools);
    if (forbidding !== undefined) throw notReachable(directory, forbidding);
  }

  async #lock(name: string, { onProgress, signal }: BuildOptions): Promise<number> {
    const fd = openSync(join(this.#options.directory, `.lock-${name}`), constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      while (!this.#options.flock(fd)) {
        onProgress?.({ runtime: name, phase: 'wait', package: undefined, done: 0, total: 0, bytes: 0 });
        await sleep(LOCK_POLL_MS, undefined, signal === undefined ? {} : { signal });
      }
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    return fd;
  }
}

function runtimeDigest(interpreter: { readonly real: string; readonly version: string }, lock: string): string {
  const content = JSON.stringify([BUILD_FORMAT, interpreter.real, interpreter.version, lock]);
  return createHash('sha256').update(content).digest('hex');
}
