/** What a probe's job gets: its input files, its output directory, its machine code. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from '../../harness/account.js';
import type { Place } from '../../harness/place.js';
import type { Case, InputFile } from './case.js';
import { fingerprint } from './fingerprint.js';

export interface Materials {
  readonly probes: string;
  readonly input: string | undefined;
  readonly output: string | undefined;
  readonly code: Readonly<Record<string, string>>;
  /** Texts of everything that the job left in its output directory. */
  given(): readonly string[];
  /** What has changed in the input directory since it was made: no job may write to it. */
  effects(): readonly string[];
  remove(): void;
}

/** A file that a job left is read up to here: secrets are short. */
const LARGEST = 1 << 20;

let count = 0;

/** @param place of the account whose job it is; its directories are those that requests may mount */
export function materialsOf(probe: Case, probes: string, place: Place, account: Account): Materials {
  const name = `jobs/probe-${count++}`;
  const wanted = probe.files !== undefined || probe.output === true;
  const root = wanted ? place.directory(name, 0o755) : undefined;
  const input = probe.files === undefined ? undefined : place.directory(`${name}/input`, 0o755);
  const output = probe.output === true ? place.directory(`${name}/output`, 0o755, account) : undefined;
  for (const [file, content] of Object.entries(probe.files ?? {})) {
    inputFile(place, `${name}/input/${file}`, content, probes);
  }
  const code = Object.fromEntries(
    Object.entries(probe.code ?? {}).map(([key, file]) => [key, machineCode(join(probes, file))]),
  );
  const before = fingerprint(input);
  return {
    probes,
    input,
    output,
    code,
    given: () => (output === undefined ? [] : textsBelow(output)),
    effects: () => (fingerprint(input) === before ? [] : ['the input directory was changed']),
    remove: () => root !== undefined && rmSync(root, { recursive: true, force: true }),
  };
}

function inputFile(place: Place, name: string, content: InputFile, probes: string): void {
  if ('text' in content) {
    place.file(name, content.text);
  } else if ('program' in content) {
    place.file(name, readFileSync(compiled(join(probes, content.program), PROGRAM)), 0o755);
  } else {
    const { major, minor } = content.device;
    execFileSync('mknod', ['-m', '0666', join(place.root, name), 'c', `${major}`, `${minor}`]);
  }
}

const PROGRAM = ['-O1', '-static'];
/** Only the text section is taken: no libc, no data (not even tables of jumps), the entry point first. */
const CODE = [
  '-Os',
  '-fPIC',
  '-ffreestanding',
  '-fno-stack-protector',
  '-fcf-protection=none',
  '-fno-toplevel-reorder',
  '-fno-jump-tables',
  '-c',
];

const cache = new Map<string, string>();
let folder: string | undefined;

/** The path of what `cc` makes of a C file. */
function compiled(source: string, flags: readonly string[]): string {
  const key = [source, ...flags].join('\0');
  const known = cache.get(key);
  if (known !== undefined) return known;
  folder ??= mkdtempSync('/tmp/leeward-conformance-');
  const target = join(folder, `${cache.size}`);
  execFileSync('cc', ['-std=gnu11', '-Wall', '-Werror', ...flags, '-o', target, source], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  cache.set(key, target);
  return target;
}

function machineCode(source: string): string {
  const object = compiled(source, CODE);
  const text = `${object}.text`;
  execFileSync('objcopy', ['-O', 'binary', '-j', '.text', object, text]);
  return readFileSync(text).toString('hex');
}

/** Removes what was compiled. */
export function removeCompiled(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

function textsBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    return entry.isFile() && statSync(path).size <= LARGEST ? [readFileSync(path, 'latin1')] : [];
  });
}
