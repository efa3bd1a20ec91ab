/** The files that `policy apply` sends: of folders as a daemon reads them, and single ones. */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LeewardError } from '../../errors/leeward-error.js';
import { UsageError } from '../usage-error.js';
import type { SourceLibrary } from './source.js';

/** A file, by the path that the user gave, under the name that the daemon will have for it. */
export interface GivenFile {
  readonly path: string;
  readonly name: string;
  readonly text: string;
}

const NAME =
  /^(?:(?:tenants\/)?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.yaml|runtimes\/[A-Za-z0-9][A-Za-z0-9._-]{0,127})$/;
const KIND = /^kind:\s*['"]?(\w+)/m;
const FOLDER_OF_KIND: Readonly<Record<string, string>> = { Runtime: 'runtimes', Tenant: 'tenants' };

/**
 * Reads files and folders, by the rules by which a daemon trusts files.
 *
 * @throws UsageError for what can be no file of a store, and for two files with the same name
 * @throws LeewardError LW_POLICY_NOT_FOUND, LW_POLICY_UNSAFE_FILE, LW_POLICY_INVALID
 */
export function givenFiles(paths: readonly string[], library: Pick<SourceLibrary, 'file'>): readonly GivenFile[] {
  const files = paths.flatMap((path) => (isFolder(path) ? folderFiles(path, library) : [givenFile(path, library)]));
  const seen = new Map<string, string>();
  for (const { name, path } of files) {
    const other = seen.get(name);
    if (other !== undefined) throw new UsageError(`${other} and ${path} are both ${name}`);
    seen.set(name, path);
  }
  return files;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** As a daemon looks into a folder: what else lies there is none of its files. */
function folderFiles(folder: string, library: Pick<SourceLibrary, 'file'>): readonly GivenFile[] {
  const within = (part: string) => namesIn(join(folder, part)).map((name) => join(part, name));
  const yaml = [...within(''), ...within('tenants')].filter((name) => name.endsWith('.yaml'));
  const names = [...yaml, ...within('runtimes')].filter((name) => !isEditors(basename(name)));
  return names.map((name) => {
    const path = join(folder, name);
    if (!NAME.test(name)) throw new UsageError(`${path} cannot be a file of a store`, NAMES);
    return { path, name, text: textOf(path, library) };
  });
}

const NAMES = 'names are NAME.yaml of small letters, digits and `-`; beside runtimes letters, digits, `.`, `_` and `-`';

function namesIn(folder: string): readonly string[] {
  if (!isFolder(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

function isEditors(name: string): boolean {
  return name.startsWith('.') || name.endsWith('~');
}

function givenFile(path: string, library: Pick<SourceLibrary, 'file'>): GivenFile {
  const text = textOf(path, library);
  const name = join(folderOf(path, text), basename(path));
  if (!NAME.test(name)) throw new UsageError(`${path} cannot be a file of a store`, NAMES);
  return { path, name, text };
}

/** What is no YAML file lies beside a runtime. */
function folderOf(path: string, text: string): string {
  if (!path.endsWith('.yaml')) return basename(dirname(path)) === 'runtimes' ? 'runtimes' : '';
  return FOLDER_OF_KIND[KIND.exec(text)?.[1] ?? ''] ?? '';
}

function textOf(path: string, library: Pick<SourceLibrary, 'file'>): string {
  const source = library.file(path);
  if (source === undefined) throw new LeewardError('LW_POLICY_NOT_FOUND', `there is no file ${path}`);
  return source.text;
}
