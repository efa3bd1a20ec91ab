/** The files that make up a policy: its own and all that it extends. */
import { nearestNames } from '../../errors/nearest.js';
import { type PolicyFile, parsePolicy } from '../document/parse.js';
import { didYouMean, type Findings } from '../findings.js';
import type { Origin, PolicyLoader, SourceFile } from '../types.js';
import { BASE, builtinReferences } from './builtins.js';

export interface Layer {
  readonly file: PolicyFile;
  /** `builtin:base@1` itself, whose rules no other file may override. */
  readonly isBase: boolean;
}

/**
 * Loads a policy with everything that it extends, each file once.
 *
 * @returns parents before children, the policy itself last; undefined when a file is missing or wrong
 */
export function loadLayers(source: SourceFile, loader: PolicyLoader, findings: Findings): Layer[] | undefined {
  const chain = new Chain(loader, findings);
  // The loader says which file is the base; a file's own name proves nothing.
  const isBase = loader(BASE)?.file === source.file;
  chain.add(source, isBase ? BASE : null, []);
  return chain.complete ? chain.layers : undefined;
}

class Chain {
  readonly layers: Layer[] = [];
  complete = true;
  readonly #loader: PolicyLoader;
  readonly #findings: Findings;
  readonly #loaded = new Set<string>();

  constructor(loader: PolicyLoader, findings: Findings) {
    this.#loader = loader;
    this.#findings = findings;
  }

  /** Adds a file after everything that it extends. `above` are the files whose `extends` led here. */
  add(source: SourceFile, reference: string | null, above: readonly string[]): void {
    const { value: file, diagnostics } = parsePolicy(source);
    this.#findings.take(diagnostics);
    if (file === undefined) {
      this.complete = false;
      return;
    }
    this.#loaded.add(source.file);
    (file.document.extends ?? []).forEach((name, index) => {
      this.#extend(name, file.places.value(`/extends/${index}`), [...above, source.file]);
    });
    this.layers.push({ file, isBase: reference === BASE });
  }

  #extend(reference: string, origin: Origin, above: readonly string[]): void {
    const source = this.#loader(reference);
    if (source === undefined) {
      const known = [...builtinReferences(), ...(this.#loader.names?.() ?? builtinReferences().map(bareName))];
      const hint = didYouMean(nearestNames(reference, known));
      this.#refuse('LW-P020', origin, `there is no policy \`${reference}\``, hint);
    } else if (above.includes(source.file)) {
      const circle = [...above.slice(above.indexOf(source.file)), source.file].join(' -> ');
      this.#refuse('LW-P021', origin, `policies extend each other: ${circle}`);
    } else if (!this.#loaded.has(source.file)) {
      this.add(source, reference, above);
    }
  }

  #refuse(code: 'LW-P020' | 'LW-P021', origin: Origin, message: string, hint?: string): void {
    this.#findings.add(code, origin, message, { hint });
    this.complete = false;
  }
}

/** `python` of `builtin:python@1`. */
function bareName(reference: string): string {
  return reference.replace(/^builtin:|@[0-9]+$/g, '');
}
