/** The shipped policies as tests see them: read from the repository, on a host that does not change. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compareDiagnostics, type Diagnostic } from '../../src/errors/diagnostic.js';
import type { Arch } from '../../src/kernel/types.js';
import { builtinPath, compilePolicy, parseRuntime, resolvePolicy } from '../../src/policy/index.js';
import type {
  CompiledPolicy,
  EffectivePolicy,
  HostFacts,
  PolicyLoader,
  ResolvedPath,
  RuntimeSpec,
  SourceFile,
} from '../../src/policy/types.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

export const SHIPPED = ['strict', 'python', 'python-data', 'python-ml'] as const;

/** Those with a filter of their own: python-ml has that of python-data. */
export const WITH_OWN_FILTER = ['strict', 'python', 'python-data'] as const;

const files = new Map<string, SourceFile>();

/** A file of the repository, named by its path in it. Always the same object, as a daemon has it: the parser reads it once. */
export function readFile(file: string): SourceFile {
  let source = files.get(file);
  if (source === undefined) {
    source = { file, text: readFileSync(`${root}/${file}`, 'utf8') };
    files.set(file, source);
  }
  return source;
}

/** Builtins from the repository; other names from `others`. */
export function loaderWith(others: Readonly<Record<string, string>> = {}): PolicyLoader {
  return (reference) => {
    const path = builtinPath(reference);
    if (path !== undefined) return existsSync(`${root}/${path}`) ? readFile(path) : undefined;
    const text = others[reference];
    return text === undefined ? undefined : { file: `${reference}.yaml`, text };
  };
}

const DIRECTORIES = ['/usr', '/usr/lib', '/usr/lib64', '/usr/bin', '/data/jobs', '/srv/models'];
const FILES = ['/etc/ld.so.cache', '/usr/share/zoneinfo/Etc/UTC', '/usr/bin/python3.11'];
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'].map((name) => `/dev/${name}`);
const LINKS = new Map([
  ['/lib', '/usr/lib'],
  ['/lib64', '/usr/lib64'],
  ['/etc/localtime', '/usr/share/zoneinfo/Etc/UTC'],
  ['/usr/bin/python3', '/usr/bin/python3.11'],
]);

function resolve(path: string): ResolvedPath {
  const real = LINKS.get(path) ?? path;
  if (DIRECTORIES.includes(real)) return { real, kind: 'directory' };
  if (FILES.includes(real)) return { real, kind: 'file' };
  return { real, kind: DEVICES.includes(real) ? 'device' : 'missing' };
}

/** A Debian-like host on which every link and file is as it is here. */
export function fakeHost(arch: Arch = 'x86_64', changes: Partial<HostFacts> = {}): HostFacts {
  const built = { runtimeDirectory: '/var/lib/leeward/runtimes/built', workerDirectory: '/usr/lib/leeward/worker' };
  return { arch, landlockAbi: 7, privileged: true, resolve, ...built, ...changes };
}

/** A policy of the given text, resolved. The file is `test.yaml` unless the test says otherwise. */
export function resolveText(text: string, others: Readonly<Record<string, string>> = {}, file = 'test.yaml') {
  return resolvePolicy({ file, text }, loaderWith(others));
}

export function shippedPolicy(name: string): EffectivePolicy {
  const { value, diagnostics } = resolvePolicy(readFile(`policies/${name}.yaml`), loaderWith());
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return value;
}

export function shippedRuntime(name: string): RuntimeSpec {
  const { value, diagnostics } = parseRuntime(readFile(`policies/runtimes/${name}.yaml`));
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return value;
}

export function compileShipped(name: string, arch: Arch): CompiledPolicy {
  const policy = shippedPolicy(name);
  const { value, diagnostics } = compilePolicy(policy, shippedRuntime(policy.runtime?.value ?? ''), fakeHost(arch));
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return value;
}

/** `LW-P010 4:1`, and the file when it is not the test's own, in the order of output. */
export function placesOf(diagnostics: readonly Diagnostic[], own = 'test.yaml'): string[] {
  return diagnostics.toSorted(compareDiagnostics).map(({ code, file, range }) => {
    return `${code} ${file === own ? '' : `${file}:`}${range.start.line}:${range.start.col}`;
  });
}

export function findingsText(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map(({ code, file, range, message }) => `${code} ${file}:${range.start.line}: ${message}`)
    .join('\n');
}
