import { createHash } from 'node:crypto';
import { LeewardError } from '../../../errors/leeward-error.js';

const NAME = 'MANIFEST';
/** As sha256sum(1) prints it, binary or text. */
const LINE = /^([0-9a-f]{64}) [ *](?:\.\/)?(.+)$/;

/** Texts by their way from the folder; undefined for one that cannot be read. */
type Files = ReadonlyMap<string, string | undefined>;

interface Problem {
  readonly line: number;
  readonly why: string;
}

/**
 * Holds a folder against its MANIFEST, if it has one: `sha256sum *.yaml runtimes/* tenants/*.yaml > MANIFEST`. So a set that is still
 * being written is never taken for a whole one, however long that takes.
 *
 * @param folder path, for the message
 * @throws LeewardError LW_POLICY_INVALID with the line that does not hold
 */
export function checkManifest(folder: string, files: Files): void {
  if (!files.has(NAME)) return;
  const manifest = files.get(NAME);
  const problem = manifest === undefined ? { line: 1, why: 'it cannot be read' } : problemOf(manifest, files);
  if (problem === undefined) return;
  const { line, why } = problem;
  throw new LeewardError('LW_POLICY_INVALID', `the set is not whole: ${why}`, {
    place: { file: `${folder}/${NAME}`, line, col: 1 },
    hint: 'run sha256sum again when all files are there',
  });
}

function problemOf(manifest: string, files: Files): Problem | undefined {
  const listed = new Set<string>([NAME]);
  for (const [index, text] of manifest.split('\n').entries()) {
    if (text === '') continue;
    const [, digest, name] = LINE.exec(text) ?? [];
    const why = name === undefined ? 'no line of sha256sum' : differenceOf(name, digest, files);
    if (why !== undefined) return { line: index + 1, why };
    listed.add(name ?? '');
  }
  const other = [...files.keys()].find((name) => !listed.has(name));
  return other === undefined ? undefined : { line: 1, why: `${other} is not listed` };
}

function differenceOf(name: string, digest: string | undefined, files: Files): string | undefined {
  const found = files.get(name);
  if (found === undefined) return `${name} is not there`;
  // A byte order mark is no part of a text that was read, but of what sha256sum has read.
  const same = [found, `\uFEFF${found}`].some((text) => sha256(text) === digest);
  return same ? undefined : `${name} has another text`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
