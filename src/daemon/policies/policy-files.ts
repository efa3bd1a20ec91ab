import { basename, dirname, join, resolve } from 'node:path';
import { type FilePlace, LeewardError } from '../../errors/leeward-error.js';
import { nearestNames } from '../../errors/nearest.js';
import { builtinPath } from '../../policy/index.js';
import type { PolicyLoader, SourceFile } from '../../policy/types.js';
import { PACKAGE_ROOT, type PolicyDirectory } from '../config/paths.js';
import type { Folders } from './folders.js';

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const SHIPPED = join(PACKAGE_ROOT, 'policies');

/** A runtime's file, and where its lock file lies. */
export interface RuntimeFile {
  readonly source: SourceFile;
  readonly directory: string;
}

/** By path, as last read. While a text stays the same so does its object, by which parsers know it again. */
export interface SourceFiles {
  get(path: string): SourceFile | undefined;
  set(path: string, file: SourceFile): unknown;
  delete(path: string): unknown;
}

/** The files of the policy folders. */
export class PolicyFiles {
  readonly #directories: readonly PolicyDirectory[];
  readonly #folders: Folders;
  readonly #last: SourceFiles;

  constructor(directories: readonly PolicyDirectory[], folders: Folders, last: SourceFiles = new Map()) {
    this.#directories = directories;
    this.#folders = folders;
    this.#last = last;
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
    return this.#folders.read(join(directory, basename(name)));
  }

  /** What `extends` names: a builtin of the package, or another policy. */
  extended(reference: string): SourceFile | undefined {
    const path = builtinPath(reference);
    if (path === undefined) return reference.startsWith('builtin:') ? undefined : this.policy(reference);
    return this.#read(join(PACKAGE_ROOT, path));
  }

  /** As `extended`, with the names that there are. */
  get loader(): PolicyLoader {
    return Object.assign((reference: string) => this.extended(reference), {
      names: () => this.policyNames(),
      runtimes: () => this.runtimeNames(),
    });
  }

  /** A file by its path, as the command line names it. */
  file(path: string): SourceFile | undefined {
    const text = this.#folders.read(path);
    return text === undefined ? undefined : { file: path, text };
  }

  /** A policy's file by the name that findings have for it. */
  shown(name: string): SourceFile | undefined {
    return this.#read(resolve(PACKAGE_ROOT, name));
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

  /** The error of a runtime that no folder has. @param place where a policy names it */
  noRuntime(name: string, place?: FilePlace): LeewardError {
    const hint = hintFor(name, 'runtimes', this.runtimeNames());
    return new LeewardError('LW_RUNTIME_NOT_FOUND', `there is no runtime '${name}'`, { place, hint });
  }

  #first(name: string): SourceFile | undefined {
    for (const { path, required } of this.#directories) {
      if (required) this.#folders.require(path);
      const found = this.#read(join(path, name));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #read(path: string): SourceFile | undefined {
    const text = this.#folders.read(path);
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
      this.#folders.list(join(path, folder), required && folder === ''),
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
