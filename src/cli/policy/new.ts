import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Library } from '../../daemon/index.js';
import { LeewardError } from '../../errors/leeward-error.js';
import { nearestNames } from '../../errors/nearest.js';
import { builtinReferences, parsePolicy } from '../../policy/index.js';
import type { SourceFile } from '../../policy/types.js';
import { PACKAGE_ROOT } from '../package.js';
import { UsageError } from '../usage-error.js';

/** The file that every new policy is a copy of; it is a policy itself, and checked as one. */
const TEMPLATE = join(PACKAGE_ROOT, 'policies', 'templates', 'my-policy.yaml');

type ParentLibrary = Pick<Library, 'extended' | 'policyNames'>;

export interface NewPolicy {
  readonly name: string;
  /** What the policy extends: a builtin with its version or without, or a policy of the library. */
  readonly from: string;
}

/**
 * The text of a new policy: the commented template with this name and parent.
 *
 * @throws UsageError for a name that no policy can have; LeewardError LW_POLICY_NOT_FOUND when there is no such parent
 */
export function newPolicy({ name, from }: NewPolicy, library: ParentLibrary): string {
  const parent = parentOf(from, library);
  const schema = join(PACKAGE_ROOT, 'schemas', 'policy.schema.json');
  const text = readFileSync(TEMPLATE, 'utf8')
    .replace(/^# yaml-language-server: .*$/m, () => `# yaml-language-server: $schema=${schema}`)
    .replace(/^name: .*$/m, () => `name: ${name}`)
    .replace(/^extends: .*$/m, () => `extends: [${parent}]`);
  // The text is read back: what YAML takes for a number or for more than a name is none.
  if (parsePolicy({ file: name, text }).value?.document.name === name) return text;
  throw new UsageError(
    `'${name}' cannot be the name of a policy`,
    'lower-case letters, digits and hyphens, at most 63',
  );
}

/**
 * Writes a new policy to NAME.yaml in a folder, and never over a file.
 *
 * @returns path of the file
 * @throws UsageError when it is there already or cannot be written
 */
export function writePolicy(name: string, text: string, directory: string): string {
  const path = resolve(directory, `${name}.yaml`);
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o644 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'is there already' : `cannot be written: ${code}`;
    throw new UsageError(`${path} ${why}`);
  }
  return path;
}

/** `python` means its builtin: a name with a version stays what it is. */
function parentOf(from: string, library: ParentLibrary): string {
  const builtin = builtinReferences().findLast((reference) => reference.replace(/^builtin:|@[0-9]+$/g, '') === from);
  const reference = builtin ?? from;
  const source: SourceFile | undefined = library.extended(reference);
  if (source !== undefined && parsePolicy(source).value !== undefined) return reference;
  const why = source === undefined ? `there is no policy '${from}'` : `${source.file} has errors`;
  const near = nearestNames(from, library.policyNames());
  const hint = near.length === 0 ? undefined : `did you mean ${near.join(' or ')}?`;
  throw new LeewardError('LW_POLICY_NOT_FOUND', why, { hint });
}
