/** From text to the nodes of the yaml package: YAML 1.2 core, one document, bounded size and depth, no directives. */
import { Composer, type CST, type Document, Lexer, LineCounter, Parser } from 'yaml';
import type { Position, Range } from '../../errors/diagnostic.js';
import type { Findings } from '../findings.js';
import type { Origin, SourceFile } from '../types.js';
import { codePointText, hiddenCharacterIn } from './characters.js';

const LARGEST_FILE = 256 * 1024;

// Twenty times those of the largest file that is shipped. The yaml package takes microseconds for each, and its stack overflows
// when there are a hundred thousand in a row.
const MOST_TOKENS = 40_000;

// After the first mistake in the syntax most others are its echo.
const MOST_ERRORS = 3;

// Some of the yaml package's messages repeat what stands there.
const LONGEST_MESSAGE = 300;

/** Deeper than any policy; the yaml package's composer calls itself once a level. */
export const DEEPEST = 32;

/** A comment with its `#`. */
export interface Comment {
  readonly text: string;
  readonly origin: Origin;
}

/** Turns offsets of a text into places. */
export class TextPlaces {
  readonly file: string;
  readonly lines = new LineCounter();

  constructor(file: string) {
    this.file = file;
  }

  range(start: number, end: number): Range {
    return { start: this.#position(start), end: this.#position(end) };
  }

  origin(start: number, end: number): Origin {
    return { file: this.file, range: this.range(start, end) };
  }

  #position(offset: number): Position {
    const { line, col } = this.lines.linePos(offset);
    // Before the first line was seen the counter answers line 0.
    return line === 0 ? { line: 1, col: offset + 1, offset } : { line, col, offset };
  }
}

export interface YamlSyntax {
  readonly document: Document.Parsed;
  readonly comments: readonly Comment[];
}

/** Reads the syntax of one file; undefined when it cannot be relied on, and then the findings say why. Never throws. */
export function readSyntax(source: SourceFile, places: TextPlaces, findings: Findings): YamlSyntax | undefined {
  const size = Buffer.byteLength(source.text);
  if (size > LARGEST_FILE) {
    findings.add('LW-P003', places.origin(0, 0), `the file has ${size} bytes; at most ${LARGEST_FILE} are read`);
    return undefined;
  }
  const tokens = parse(source.text, places);
  if (tokens === undefined) {
    findings.add('LW-P003', places.origin(0, 0), `the file has more than ${MOST_TOKENS} words and signs`);
    return undefined;
  }
  if (refuseHidden(source.text, places, findings)) return undefined;
  const { tooDeep, comments } = survey(tokens);
  if (tooDeep !== undefined) {
    findings.add('LW-P003', places.origin(tooDeep, tooDeep + 1), `values are nested deeper than ${DEEPEST} levels`);
    return undefined;
  }
  const document = compose(tokens, source.text.length, places, findings);
  if (document === undefined) return undefined;
  return {
    document,
    comments: comments.map(({ offset, source: text }) => ({
      text,
      origin: places.origin(offset, offset + text.length),
    })),
  };
}

function refuseHidden(text: string, places: TextPlaces, findings: Findings): boolean {
  const hidden = hiddenCharacterIn(text);
  if (hidden === undefined) return false;
  const { at, length } = hidden;
  findings.add('LW-P007', places.origin(at, at + length), `the file has the character ${codePointText(text, at)}`);
  return true;
}

/** The concrete syntax; undefined when the file has too many tokens. */
function parse(text: string, { lines }: TextPlaces): readonly CST.Token[] | undefined {
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    count += 1;
    if (count > MOST_TOKENS) return undefined;
    tokens.push(...parser.next(lexeme));
  }
  return [...tokens, ...parser.end()];
}

function compose(
  tokens: readonly CST.Token[],
  end: number,
  places: TextPlaces,
  findings: Findings,
): Document.Parsed | undefined {
  // Unique keys are checked in the tree, where it costs no square.
  const options = {
    uniqueKeys: false,
    intAsBigInt: true,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'silent',
  } as const;
  const composer = new Composer({ version: '1.2', schema: 'core', merge: false, resolveKnownTags: false, ...options });
  const documents = [...composer.compose(tokens, true, end)];
  const broken = refuseDirectives(tokens, places, findings);
  for (const { errors, warnings } of documents) {
    for (const { code, pos, message } of [...errors, ...warnings].slice(0, MOST_ERRORS)) {
      const rule = code === 'TAG_RESOLVE_FAILED' ? 'LW-P004' : 'LW-P001';
      findings.add(
        rule,
        // Of a quote that is not closed the end lies behind the text.
        places.origin(Math.min(pos[0], end), Math.min(pos[1], end)),
        message.charAt(0).toLowerCase() + message.slice(1, LONGEST_MESSAGE),
      );
    }
  }
  const second = documents[1];
  if (second !== undefined) {
    findings.add('LW-P004', places.origin(second.range[0], second.range[0]), 'a second document begins here');
  }
  const usable =
    !broken &&
    documents.length === 1 &&
    documents.every(({ errors, warnings }) => errors.length + warnings.length === 0);
  return usable ? documents[0] : undefined;
}

// %YAML 1.1 would bring back `yes` as a truth value and 0700 as octal.
function refuseDirectives(tokens: readonly CST.Token[], places: TextPlaces, findings: Findings): boolean {
  const directives = tokens.filter((token) => token.type === 'directive');
  for (const { offset, source } of directives) {
    findings.add(
      'LW-P004',
      places.origin(offset, offset + source.length),
      `the directive \`${source}\` is not allowed`,
    );
  }
  return directives.length > 0;
}

interface Survey {
  /** Where the first value stands that is nested too deep. */
  readonly tooDeep: number | undefined;
  readonly comments: readonly CST.SourceToken[];
}

/** Looks at all tokens with a stack of its own: a recursive walk could be overflown by the file. */
function survey(tokens: readonly CST.Token[]): Survey {
  const comments: CST.SourceToken[] = [];
  const open: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (token.type === 'comment') comments.push(token);
    const nests = token.type === 'block-map' || token.type === 'block-seq' || token.type === 'flow-collection';
    if (nests && depth === DEEPEST) return { tooDeep: token.offset, comments };
    for (const child of childrenOf(token)) open.push({ token: child, depth: nests ? depth + 1 : depth });
  }
  return { tooDeep: undefined, comments };
}

function childrenOf(token: CST.Token): CST.Token[] {
  const children: (CST.Token | null | undefined)[] = [];
  if ('start' in token) children.push(...[token.start].flat());
  if ('props' in token) children.push(...token.props);
  if ('items' in token) {
    for (const item of token.items) children.push(...item.start, item.key, ...(item.sep ?? []), item.value);
  }
  if ('value' in token) children.push(token.value);
  if ('end' in token) children.push(...(token.end ?? []));
  return children.filter((child) => child !== null && child !== undefined);
}
