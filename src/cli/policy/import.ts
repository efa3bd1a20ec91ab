import { basename } from 'node:path';
import type { Library } from '../../daemon/index.js';
import { LeewardError } from '../../errors/leeward-error.js';
import { type ImportLoss, lossText, type OciImport, parsePolicy } from '../../policy/index.js';
import { jsonValue } from '../json.js';
import { UsageError } from '../usage-error.js';
import type { CompileArch } from './compile.js';

export interface ImportRequest {
  /** Path of the profile. */
  readonly file: string;
  /** Of the policy; undefined: the file's. */
  readonly name: string | undefined;
  readonly runtime: string;
  readonly arch: CompileArch | undefined;
}

/**
 * Imports the profile of a file.
 *
 * @throws UsageError for a name that no policy can have; LeewardError LW_POLICY_NOT_FOUND, LW_POLICY_INVALID, LW_POLICY_UNSAFE_FILE
 */
export function importFile(
  library: Pick<Library, 'file' | 'importedProfile'>,
  { file, name, runtime, arch }: ImportRequest,
): OciImport {
  const own = name ?? basename(file).replace(/\.json$/, '');
  checkName('name', own, name === undefined);
  checkName('runtime', runtime, false);
  const source = library.file(file);
  if (source === undefined) throw new LeewardError('LW_POLICY_NOT_FOUND', `there is no file ${file}`);
  return library.importedProfile(source, { name: own, runtime, label: plainText(basename(file)), arch });
}

/** A name is read back as a policy would have it. */
function checkName(key: 'name' | 'runtime', value: string, isFromFile: boolean): void {
  const names = key === 'name' ? `name: ${value}` : `name: policy\nruntime: ${value}`;
  const text = `version: 1\nkind: Policy\n${names}\n`;
  if (parsePolicy({ file: value, text }).value?.document[key] === value) return;
  const rule = 'lower-case letters, digits and hyphens, at most 63';
  throw new UsageError(
    `'${value}' cannot be the name of a ${key === 'name' ? 'policy' : 'runtime'}`,
    isFromFile ? `--name NAME: ${rule}` : rule,
  );
}

/** The name of a file for one line of a comment. */
function plainText(text: string): string {
  return text.replace(/[^ -~]/g, '?').slice(0, 200);
}

/** 0: the policy means what the profile does; 1: there are losses. */
export function importExitCode({ losses }: OciImport): number {
  return losses.length > 0 ? 1 : 0;
}

/** A loss on a line of standard error. */
export function importLossLine(loss: ImportLoss): string {
  return `${loss.origin.file}:${lossText(loss)}`;
}

/** For programs; places count lines and columns from 1. */
export function importJson({ arches, document, losses }: OciImport): unknown {
  return {
    policy: jsonValue(document),
    arches,
    losses: losses.map(({ kind, origin: { file, range }, message, calls, example }) => ({
      kind,
      file,
      line: range.start.line,
      col: range.start.col,
      message,
      calls,
      ...(example !== undefined && { example }),
    })),
  };
}
