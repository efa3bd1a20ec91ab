import { closeSync, constants, openSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LeewardError } from '../../errors/leeward-error.js';
import { nearestNames } from '../../errors/nearest.js';
import { builtinPath } from '../../policy/index.js';
import type { SourceFile } from '../../policy/types.js';
import { PACKAGE_ROOT, type PolicyDirectory } from '../config/paths.js';
import type { Trust } from './owner.js';
import { readTrustedFile } from './trusted-file.js';

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const SHIPPED = join(PACKAGE_ROOT, 'policies');

/** A runtime's file, and where its lock file lies. */
export interface RuntimeFile {
  readonly source: SourceFile;
  readonly directory: string;
}

/** The files of the policy folders. Every read checks that nobody else could have written what is read. */
export class PolicyFiles {
  readonly #directories: readonly PolicyDirectory[];
  readonly #trust: Trust;
  /** By path, as last read. While a text stays the same so does its object, by which parsers know it again. */
  readonly #last = new Map<string, SourceFile>();

  constructor(directories: readonly PolicyDirectory[], trust: Trust) {
    this.#directories = directories;
    this.#trust = trust;
  }

  /** The file of a policy, from the first folder that has it. Undefined when none does. */
  policy(name: string): SourceFile | undefined {
    return NAME.test(name) ? this.#first(`${name}.yaml`) : undefined;
  }

  runtime(name: string): RuntimeFile | undefined {
    if (!NAME.test(name)) return undefined;
    for (const { path } of this.#directories) {
      const directory = join(path, 'runtimes');
      const source = this.#read(join(directory, `${name}.yaml`));
      if (source !== undefined) return { source, directory };
    }
    return undefined;
  }

  /** A lock file beside a runtime's file. */
  lock({ directory }: RuntimeFile, name: string): string | undefined {
    return readTrustedFile(join(directory, basename(name)), this.#trust);
  }

  /** What `extends` names: a builtin of the package, or another policy. */
  extended(reference: string): SourceFile | undefined {
    const path = builtinPath(reference);
    if (path === undefined) return reference.startsWith('builtin:') ? undefined : this.policy(reference);
    return this.#read(join(PACKAGE_ROOT, path));
  }

  /** A file by its path, as the command line names it. */
  file(path: string): SourceFile | undefined {
    const text = readTrustedFile(path, this.#trust);
    return text === undefined ? undefined : { file: path, text };
  }

  /** The file of a tenant; undefined when there is none. */
  tenant(name: string): SourceFile | undefined {
    return NAME.test(name) ? this.#first(join('tenants', `${name}.yaml`)) : undefined;
  }

  policyNames(): readonly string[] {
    return this.#names('');
  }

  runtimeNames(): readonly string[] {
    return this.#names('runtimes');
  }

  tenantNames(): readonly string[] {
    return this.#names('tenants');
  }

  /** The error of a policy that no folder has. */
  noPolicy(name: string): LeewardError {
    return new LeewardError('LW_REQUEST_UNKNOWN_POLICY', `there is no policy '${name}'`, {
      place: { field: 'policy' },
      hint: hintFor(name, 'policies', this.policyNames()),
    });
  }

  /** The error of a runtime that no folder has. */
  noRuntime(name: string): LeewardError {
    const hint = hintFor(name, 'runtimes', this.runtimeNames());
    return new LeewardError('LW_RUNTIME_NOT_FOUND', `there is no runtime '${name}'`, { hint });
  }

  #first(name: string): SourceFile | undefined {
    for (const { path, required } of this.#directories) {
      if (required) checkExists(path);
      const found = this.#read(join(path, name));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #read(path: string): SourceFile | undefined {
    const text = readTrustedFile(path, this.#trust);
    const last = this.#last.get(path);
    if (text !== undefined && text === last?.text) return last;
    if (text === undefined) {
      this.#last.delete(path);
      return undefined;
    }
    const source = { file: shownName(path), text };
    this.#last.set(path, source);
    return source;
  }

  #names(folder: string): readonly string[] {
    const files = this.#directories.flatMap(({ path, required }) =>
      filesOf(join(path, folder), required && folder === ''),
    );
    return [...new Set(files.filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -5)))]
      .filter((name) => NAME.test(name))
      .sort();
  }
}

function hintFor(name: string, what: string, known: readonly string[]): string {
  const near = nearestNames(name, known);
  return near.length === 0 ? `${what}: ${known.join(', ')}` : `did you mean ${near.join(' or ')}?`;
}

/** Shipped files are named from the package's root: its place says nothing, and differs from host to host. */
function shownName(path: string): string {
  return path.startsWith(`${SHIPPED}/`) ? path.slice(dirname(SHIPPED).length + 1) : path;
}

function checkExists(directory: string): void {
  try {
    closeSync(openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY));
  } catch (error) {
    throw unreadable(directory, error);
  }
}

function filesOf(directory: string, required: boolean): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' && !required) return [];
    if (code === 'ENOTDIR' && !required) return [];
    throw unreadable(directory, error);
  }
}

function unreadable(directory: string, error: unknown): LeewardError {
  const { code } = error as NodeJS.ErrnoException;
  return new LeewardError('LW_POLICY_NOT_FOUND', `policy folder ${directory} cannot be read: ${code}`);
}
