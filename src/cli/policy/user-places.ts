import { LeewardError } from '../../errors/leeward-error.js';
import type { PolicyChangeResult } from '../../protocol/messages.gen.js';
import type { GivenFile } from './policy-set.js';

/** Translates names that the daemon has for files into those that the user gave. */
export class UserPlaces {
  readonly #paths: ReadonlyMap<string, string>;
  readonly #names: RegExp | undefined;

  /** @param folder in which the daemon sees the files */
  constructor(folder: string, files: readonly GivenFile[]) {
    this.#paths = new Map(files.map(({ name, path }) => [`${folder}/${name}`, path]));
    // The longest first: no name ends in the middle of another one.
    const names = [...this.#paths.keys()].sort((a, b) => b.length - a.length).map(escaped);
    this.#names = names.length === 0 ? undefined : new RegExp(`(?<![^\\s(])(?:${names.join('|')})(?![^\\s:),])`, 'g');
  }

  error(error: LeewardError): LeewardError {
    const { code, message, place, hint, retryable } = error;
    const own = place !== undefined && 'file' in place ? { ...place, file: this.path(place.file) } : place;
    return new LeewardError(code, this.#text(message), { place: own, hint: hint && this.#text(hint), retryable });
  }

  /** What a policy was stays where it is; what it is to be, and what is found, is in the user's files. */
  result(result: PolicyChangeResult): PolicyChangeResult {
    return {
      ...result,
      findings: result.findings.map((one) => ({ ...one, file: this.path(one.file) })),
      policies: result.policies.map(({ differences, ...rest }) => ({
        ...rest,
        differences: differences.map(({ after, ...difference }) => ({
          ...difference,
          after: after && { ...after, file: this.path(after.file) },
        })),
      })),
    };
  }

  path(file: string): string {
    return this.#paths.get(file) ?? file;
  }

  #text(text: string): string {
    return this.#names === undefined ? text : text.replace(this.#names, (file) => this.path(file));
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
