import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { LeewardError } from '../../errors/leeward-error.js';
import type { Interpreter } from './interpreter.js';
import { type Manifest, writeManifest } from './manifest.js';
import { lockedPackages, pipEvent } from './pip-output.js';
import { type Identity, runTool, type ToolResult } from './run-tool.js';
import { sealTree } from './seal-tree.js';

export type BuildPhase = 'wait' | 'environment' | 'download' | 'install' | 'compile' | 'check' | 'finish';

/** What a progress display shows. Counts are of packages, bytes of what is being or was downloaded. */
export interface BuildProgress {
  readonly runtime: string;
  readonly phase: BuildPhase;
  readonly package: string | undefined;
  readonly done: number;
  readonly total: number;
  readonly bytes: number;
}

export interface BuildInput {
  readonly name: string;
  readonly digest: string;
  readonly interpreter: Interpreter;
  /** Text of the lock file. */
  readonly lock: string;
  /** Modules that must import from the result. */
  readonly preload: readonly string[];
  /** Where the finished runtime shall be; its parent exists, it does not. */
  readonly target: string;
  /** An empty directory beside it, removed by the caller. */
  readonly scratch: string;
  /** Ids that the tools run with; undefined: this process's own. */
  readonly identity: Identity | undefined;
  readonly onProgress: (progress: BuildProgress) => void;
  readonly signal: AbortSignal | undefined;
}

/** Of the environment pip sees only what says where packages come from; hashes decide what is accepted. */
const PIP_SETTINGS =
  /^(PIP_(INDEX_URL|EXTRA_INDEX_URL|NO_INDEX|FIND_LINKS|TRUSTED_HOST|CERT|CLIENT_CERT|PROXY|TIMEOUT|DEFAULT_TIMEOUT|RETRIES|CONFIG_FILE)|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|(https?|no|all)_proxy)$/i;

/**
 * Builds a virtual environment from a lock file and moves it to `target` when all of it is right. Wheels only: no code of a
 * package runs before the final check, and that check, like everything here, has the builder's ids.
 *
 * @throws LeewardError LW_RUNTIME_BUILD_FAILED with the last lines of the tool that failed
 */
export async function buildRuntime(input: BuildInput): Promise<Manifest> {
  const build = new Build(input);
  await build.environment();
  await build.install();
  await build.compile();
  await build.check();
  return build.finish();
}

class Build {
  readonly #input: BuildInput;
  readonly #tools: string;
  readonly #home: string;
  readonly #tree: string;
  #progress: BuildProgress;

  constructor(input: BuildInput) {
    this.#input = input;
    this.#tools = join(input.scratch, 'tools');
    this.#home = join(input.scratch, 'home');
    this.#tree = join(input.scratch, 'runtime');
    const total = lockedPackages(input.lock).length;
    this.#progress = { runtime: input.name, phase: 'environment', package: undefined, done: 0, total, bytes: 0 };
  }

  /** One environment with pip that is thrown away, and an empty one that becomes the runtime. */
  async environment(): Promise<void> {
    this.#report({ phase: 'environment' });
    const python = this.#input.interpreter.path;
    mkdirSync(this.#home, { mode: 0o700 });
    writeFileSync(join(this.#home, 'requirements.lock'), this.#input.lock);
    // From the inside out: what another process of the builder may already reach is not touched any more. A package that an earlier
    // build imported can have left one.
    if (this.#input.identity !== undefined) {
      const { uid, gid } = this.#input.identity;
      for (const path of [join(this.#home, 'requirements.lock'), this.#home, this.#input.scratch])
        chownSync(path, uid, gid);
    }
    await this.#run(python, ['-I', '-m', 'venv', this.#tools]);
    await this.#run(python, ['-I', '-m', 'venv', '--without-pip', '--symlinks', this.#tree]);
  }

  async install(): Promise<void> {
    this.#report({ phase: 'download' });
    const options = ['--require-hashes', '--only-binary=:all:', '--ignore-installed', '--no-compile', '--no-cache-dir'];
    const quiet = ['--disable-pip-version-check', '--no-input', '--no-warn-script-location', '--progress-bar', 'off'];
    const what = ['--prefix', this.#tree, '-r', join(this.#home, 'requirements.lock')];
    const pip = join(this.#tools, 'bin', 'python3');
    await this.#run(pip, ['-I', '-m', 'pip', 'install', ...options, ...quiet, ...what], (line) => this.#pipLine(line));
  }

  /** The runtime is read-only for jobs: what is not compiled now would be compiled by each of them. */
  async compile(): Promise<void> {
    this.#report({ phase: 'compile', package: undefined });
    // -S: no .pth file of a package runs. A module that does not compile (a template, a test's bad example) is nobody's import.
    const args = ['-I', '-S', '-m', 'compileall', '-q', '-x', 'site-packages/.*/tests?/', join('runtime', 'lib')];
    await this.#tool(this.#input.interpreter.path, args);
  }

  async check(): Promise<void> {
    this.#report({ phase: 'check' });
    if (this.#input.preload.length === 0) return;
    const script = `import ${this.#input.preload.join(', ')}`;
    await this.#run(join(this.#tree, 'bin', 'python3'), ['-I', '-c', script]);
  }

  finish(): Manifest {
    this.#report({ phase: 'finish' });
    const { name, digest, interpreter, lock, target, scratch } = this.#input;
    const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
    // From the outside in: the builder cannot put anything in the place of what lies in a folder that is ours.
    chownSync(scratch, uid, gid);
    sealTree(this.#tree, uid, gid);
    try {
      this.#strip();
      const { files, bytes } = sealTree(this.#tree, uid, gid);
      const manifest = { name, digest, interpreter, packages: lockedPackages(lock), files, bytes };
      writeManifest(this.#tree, manifest);
      renameSync(this.#tree, target);
      return manifest;
    } catch (error) {
      // It is ours now: nobody else could remove it.
      rmSync(this.#tree, { recursive: true });
      throw error;
    }
  }

  /** Scripts name the scratch directory in their first line, and the configuration the command that made it: both are of no use. */
  #strip(): void {
    const bin = join(this.#tree, 'bin');
    if (!lstatSync(bin).isDirectory()) throw buildFailed(this.#input.name, 'finish', `${bin} is no folder`);
    for (const name of readdirSync(bin)) {
      if (!/^python[0-9.]*$/.test(name)) rmSync(join(bin, name), { recursive: true });
    }
    const { real, version } = this.#input.interpreter;
    const home = real.slice(0, real.lastIndexOf('/'));
    const config = join(this.#tree, 'pyvenv.cfg');
    unlinkSync(config);
    writeFileSync(config, `home = ${home}\ninclude-system-site-packages = false\nversion = ${version}\n`, {
      flag: 'wx',
      mode: 0o644,
    });
  }

  #pipLine(line: string): void {
    const event = pipEvent(line);
    if (event?.kind === 'package')
      this.#report({ package: event.name, done: Math.min(this.#progress.done + 1, this.#progress.total) });
    if (event?.kind === 'download') this.#report({ bytes: this.#progress.bytes + event.bytes });
    if (event?.kind === 'installing')
      this.#report({ phase: 'install', package: undefined, done: this.#progress.total });
  }

  #report(change: Partial<BuildProgress>): void {
    this.#progress = { ...this.#progress, ...change };
    this.#input.onProgress(this.#progress);
  }

  async #run(file: string, args: readonly string[], onLine?: (line: string) => void): Promise<void> {
    const { status, output } = await this.#tool(file, args, onLine);
    if (status !== 0) throw buildFailed(this.#input.name, this.#progress.phase, output);
  }

  #tool(file: string, args: readonly string[], onLine?: (line: string) => void): Promise<ToolResult> {
    const { identity, scratch, signal } = this.#input;
    const env = {
      ...pipSettings(process.env, identity),
      HOME: this.#home,
      TMPDIR: this.#home,
      PYTHONDONTWRITEBYTECODE: '1',
    };
    return runTool(file, args, { identity, cwd: scratch, env, signal, ...(onLine === undefined ? {} : { onLine }) });
  }
}

function pipSettings(env: NodeJS.ProcessEnv, identity: Identity | undefined): Record<string, string> {
  const settings = Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => PIP_SETTINGS.test(entry[0]) && entry[1] !== undefined,
    ),
  );
  // HOME is a scratch directory, so a user's own configuration has to be named. Root's is not the builder's business.
  const own = join(homedir(), '.config', 'pip', 'pip.conf');
  if (identity === undefined && settings['PIP_CONFIG_FILE'] === undefined && existsSync(own))
    settings['PIP_CONFIG_FILE'] = own;
  return settings;
}

const SHOWN_LINES = 12;

function buildFailed(name: string, phase: BuildPhase, output: string): LeewardError {
  const lines = output.trim().split('\n').slice(-SHOWN_LINES).join('\n');
  const hint = output.includes('ensurepip')
    ? 'install the interpreter’s venv module (Debian: apt-get install python3-venv)'
    : undefined;
  return new LeewardError('LW_RUNTIME_BUILD_FAILED', `runtime ${name} could not be built (${phase}):\n${lines}`, {
    hint,
  });
}
