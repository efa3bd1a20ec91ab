/** The formats of our schemas that JSON Schema does not have. */
import { hasControlCharacter, hasOpenPlaceholder, isNormalPath, placeholdersOf } from './paths.js';
import { parseDuration, parseSize } from './units.js';

const WORD_PART = '(-?(0x[0-9a-fA-F]+|0o[0-7]+|[0-9]+)|[A-Za-z_][A-Za-z0-9_]*)';
const WORD = new RegExp(`^${WORD_PART}( *\\| *${WORD_PART})*$`);

/** By name; each says whether a text has the format. */
export const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  size: (text) => parseSize(text) !== undefined,
  duration: (text) => parseDuration(text) !== undefined,
  uint64: (text) => /^[0-9]{1,20}$/.test(text) && BigInt(text) < 1n << 64n,
  word: (text) => WORD.test(text),
  'absolute-path': isNormalPath,
  // A placeholder stands for one part of a path.
  'path-template': (text) =>
    isNormalPath(text) && !hasOpenPlaceholder(text) && placeholdersOf(text).every((name) => !name.includes('/')),
  'path-text': (text) => !hasControlCharacter(text),
};
