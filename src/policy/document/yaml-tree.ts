/** From the nodes of the yaml package to plain values with the place of each. */
import { type Document, isAlias, isMap, isScalar, isSeq, type Pair, type ParsedNode, type Scalar } from 'yaml';
import type { Range } from '../../errors/diagnostic.js';
import type { FindingDetails, Findings } from '../findings.js';
import type { LintCode } from '../lint-catalog.gen.js';
import type { Origin, SourceFile } from '../types.js';
import { codePointText, hiddenCharacterIn } from './characters.js';
import { Places, step } from './places.js';
import { type Comment, DEEPEST, readSyntax, TextPlaces } from './yaml-syntax.js';

const MOST_ALIASES = 64;
const MOST_VALUES = 50_000;

// After these the rest of the file is still worth checking.
const STILL_READABLE: readonly LintCode[] = ['LW-P002', 'LW-P006', 'LW-P007'];

export interface YamlTree {
  /**
   * Objects without a prototype, arrays, strings, numbers, booleans, null. An integer that no number holds is its
   * digits.
   */
  readonly value: unknown;
  readonly places: Places;
  readonly comments: readonly Comment[];
}

/** Reads one file; undefined when it cannot be relied on, and then the findings say why. Never throws. */
export function readYaml(source: SourceFile, findings: Findings): YamlTree | undefined {
  const text = new TextPlaces(source.file);
  const syntax = readSyntax(source, text, findings);
  if (syntax === undefined) return undefined;
  const tree = new TreeBuilder(source, syntax.document, text, findings);
  const value = tree.convert(syntax.document.contents, '', 0);
  return tree.broken ? undefined : { value, places: tree.places, comments: syntax.comments };
}

class TreeBuilder {
  readonly places: Places;
  /** True when the values cannot be relied on. */
  broken = false;
  readonly #document: Document.Parsed;
  readonly #text: TextPlaces;
  readonly #findings: Findings;
  #aliases = 0;
  #values = 0;

  constructor(source: SourceFile, document: Document.Parsed, text: TextPlaces, findings: Findings) {
    this.#document = document;
    this.#text = text;
    this.#findings = findings;
    this.places = new Places(source);
  }

  convert(node: ParsedNode | null | undefined, pointer: string, depth: number, key?: Range): unknown {
    const range =
      node?.range === undefined ? (key ?? this.#text.range(0, 0)) : this.#text.range(node.range[0], node.range[1]);
    this.places.set(pointer, range, key);
    if (node === null || node === undefined || !this.#hasRoom(range, depth)) return null;
    if (isAlias(node)) return this.#alias(node, pointer, depth, range);
    if (node.tag !== undefined) this.#refuse('LW-P004', range, `the tag \`${node.tag}\` is not allowed`);
    if (isScalar(node)) return this.#scalar(node, range);
    if (isSeq(node)) {
      return node.items.map((item, index) => this.convert(item as ParsedNode | null, step(pointer, index), depth + 1));
    }
    return isMap(node) ? this.#map(node.items as readonly Pair<ParsedNode, ParsedNode | null>[], pointer, depth) : null;
  }

  #refuse(code: LintCode, range: Range, message: string, details?: FindingDetails): void {
    this.broken ||= !STILL_READABLE.includes(code);
    this.#findings.add(code, this.#origin(range), message, details);
  }

  #origin(range: Range): Origin {
    return { file: this.#text.file, range };
  }

  // Aliases can multiply values and close circles that the text does not show.
  #hasRoom(range: Range, depth: number): boolean {
    this.#values += 1;
    if (depth > DEEPEST) this.#refuse('LW-P003', range, `values are nested deeper than ${DEEPEST} levels`);
    if (this.#values === MOST_VALUES + 1)
      this.#refuse('LW-P003', range, `the file has more than ${MOST_VALUES} values`);
    return depth <= DEEPEST && this.#values <= MOST_VALUES;
  }

  #alias(node: ParsedNode & { source: string }, pointer: string, depth: number, range: Range): unknown {
    this.#aliases += 1;
    if (this.#aliases === MOST_ALIASES + 1) {
      this.#refuse('LW-P005', range, `more than ${MOST_ALIASES} aliases are used`);
    }
    if (this.#aliases > MOST_ALIASES) return null;
    const target = isAlias(node) ? node.resolve(this.#document) : undefined;
    if (target === undefined) {
      this.#refuse('LW-P001', range, `no anchor \`&${node.source}\` stands before this alias`);
      return null;
    }
    const value = this.convert(target as ParsedNode, pointer, depth + 1);
    this.places.set(pointer, range);
    return value;
  }

  #scalar({ value, source, type }: Scalar.Parsed, range: Range): unknown {
    if (type === 'PLAIN' && /^[-+]?0[0-9]+$/.test(source)) {
      this.#refuse('LW-P006', range, `\`${source}\` looks octal, but YAML 1.2 reads it as decimal`, {
        fix: { title: 'put it in quotes', edits: [{ range, text: `"${source}"` }] },
      });
    }
    if (typeof value === 'string') this.#refuseHidden(value, range);
    if (typeof value !== 'bigint') return value;
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  }

  // The text of the file has none any more: they come of escapes.
  #refuseHidden(text: string, range: Range): void {
    const hidden = hiddenCharacterIn(text);
    if (hidden === undefined) return;
    this.#refuse('LW-P007', range, `the text has the character ${codePointText(text, hidden.at)}`);
  }

  #map(pairs: readonly Pair<ParsedNode, ParsedNode | null>[], pointer: string, depth: number): unknown {
    // No prototype: a key such as __proto__ is only a key.
    const object: Record<string, unknown> = Object.create(null);
    const keys = new Map<string, Range>();
    for (const { key, value } of pairs) {
      const range = this.#text.range(key.range[0], key.range[1]);
      const name = isScalar(key) ? String(key.value) : '';
      if (!isScalar(key)) this.#refuse('LW-P001', range, 'a key must be plain text');
      if (key.tag !== undefined) this.#refuse('LW-P004', range, `the tag \`${key.tag}\` is not allowed`);
      this.#refuseHidden(name, range);
      if (name === '<<') this.#refuse('LW-P004', range, 'merge keys (`<<`) are not allowed');
      const first = keys.get(name);
      if (first !== undefined) {
        const related = [{ origin: this.#origin(first), message: 'first written here' }];
        this.#refuse('LW-P002', range, `the key \`${name}\` is written twice`, { related });
      }
      keys.set(name, range);
      object[name] = this.convert(value, step(pointer, name), depth + 1, range);
    }
    return object;
  }
}
