import { compareDiagnostics, type Diagnostic, type Fix } from '../errors/diagnostic.js';
import { LINT_CATALOG, type LintCode } from './lint-catalog.gen.js';
import type { Origin } from './types.js';

export interface FindingDetails {
  readonly hint?: string | undefined;
  /** Other places that the finding is about, and what each is. */
  readonly related?: readonly { readonly origin: Origin; readonly message: string }[];
  /** Changes the finding's own file. */
  readonly fix?: Fix | undefined;
}

// A file of another kind can have a finding in each of its lines.
export const MOST_FINDINGS = 500;

/** Collects what the passes find. A pass goes on after a finding, so that one run shows everything that is wrong. */
export class Findings {
  readonly #list: Diagnostic[] = [];
  readonly #seen = new Set<string>();
  #errors = 0;
  #attempts = 0;

  /**
   * The severity is the catalogue's. The same finding at the same place is kept once.
   *
   * @param more the details, or a function that finds them out, which is only asked when the finding is kept
   */
  add(code: LintCode, origin: Origin, message: string, more: FindingDetails | (() => FindingDetails) = {}): void {
    const key = `${code} ${origin.file} ${origin.range.start.offset} ${message}`;
    this.#attempts += 1;
    if (this.#seen.has(key)) return;
    const { severity } = LINT_CATALOG[code];
    if (severity === 'error') this.#errors += 1;
    if (this.#seen.size >= MOST_FINDINGS) return;
    this.#seen.add(key);
    const details = typeof more === 'function' ? more() : more;
    const related = details.related?.map(({ origin: place, message: text }) => ({
      file: place.file,
      range: place.range,
      message: text,
    }));
    this.#list.push({
      code,
      severity,
      message,
      file: origin.file,
      range: origin.range,
      ...(details.hint === undefined ? {} : { hint: details.hint }),
      ...(related === undefined ? {} : { related }),
      ...(details.fix === undefined ? {} : { fix: details.fix }),
    });
  }

  /** Takes over what another pass found. */
  take(diagnostics: readonly Diagnostic[]): void {
    this.#attempts += diagnostics.length;
    this.#errors += diagnostics.filter(({ severity }) => severity === 'error').length;
    this.#list.push(...diagnostics);
  }

  /** How often something was found, what is dropped or kept already among it: unchanged after work that found nothing. */
  get attempts(): number {
    return this.#attempts;
  }

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  /** All findings, in the order of output. */
  sorted(): Diagnostic[] {
    return this.#list.toSorted(compareDiagnostics);
  }
}

/** `; did you mean a, b?` or nothing. */
export function didYouMean(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const quoted = names.map((name) => `\`${name}\``);
  return `did you mean ${quoted.length === 1 ? quoted[0] : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`}?`;
}
