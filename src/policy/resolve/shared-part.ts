import type { Diagnostic } from '../../errors/diagnostic.js';
import type { PolicyDocument } from '../document/document.gen.js';
import type { PolicyFile } from '../document/parse.js';
import { Findings } from '../findings.js';
import type { Layer } from './layers.js';

interface Known<Value> {
  /** Those that say something about it, in their order. */
  readonly layers: readonly Layer[];
  readonly value: Value;
  /** None of them an error: those can be about the policy itself. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A part of which most policies say nothing themselves: what they extend is put together once for all of them. */
export class SharedPart<Value extends object> {
  readonly #speaks: (layer: Layer) => boolean;
  /** By the last file that says something: one each, so that what was read before a file changed is let go. */
  readonly #known = new WeakMap<PolicyFile, Known<Value>>();

  /** @param speaks whether a file says anything that the part depends on */
  constructor(speaks: (layer: Layer) => boolean) {
    this.#speaks = speaks;
  }

  /** A part that depends on these words of a file alone. */
  static saidBy<Value extends object>(...words: readonly (keyof PolicyDocument)[]): SharedPart<Value> {
    return new SharedPart(({ file: { document } }) => words.some((word) => document[word] !== undefined));
  }

  /**
   * What was found without an error for the same files is the same object again, which nobody can change. A policy that speaks for
   * itself, or that is only there to be extended, is always looked at anew.
   *
   * @param resolve puts the part together from the layers
   */
  of(layers: readonly Layer[], findings: Findings, resolve: (findings: Findings) => Value): Value {
    const speaking = layers.filter(this.#speaks);
    const own = layers.at(-1);
    const last = speaking.at(-1);
    const isShared = own !== undefined && last !== undefined && own !== last && own.file.document.abstract !== true;
    if (!isShared) return resolve(findings);
    const latest = this.#known.get(last.file);
    const isSame = latest !== undefined && haveSameFiles(latest.layers, speaking);
    const entry = isSame ? latest : resolveOnce(speaking, resolve);
    findings.take(entry.diagnostics);
    if (!isSame && !findings.hasErrors) this.#known.set(last.file, entry);
    return entry.value;
  }
}

function resolveOnce<Value extends object>(
  layers: readonly Layer[],
  resolve: (findings: Findings) => Value,
): Known<Value> {
  const findings = new Findings();
  const value = Object.freeze(resolve(findings));
  return { layers, value, diagnostics: findings.sorted() };
}

function haveSameFiles(a: readonly Layer[], b: readonly Layer[]): boolean {
  return (
    a.length === b.length && a.every(({ file, isBase }, index) => file === b[index]?.file && isBase === b[index].isBase)
  );
}
