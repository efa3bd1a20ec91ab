/** Characters that no policy needs, and that a reader does not see or sees elsewhere. */

/**
 * Control characters, surrogates without their other half, what reorders the text around it (CVE-2021-42574), separators of lines that
 * few editors show as such, a byte order mark and the two code points that are no characters. YAML 1.2 admits most of them in no file, and
 * all of them as escapes.
 */
const HIDDEN = /(?![\t\n\r])[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029\ufeff\ufffe\uffff]/u;

/** The first such character of a text, by its offset and length in UTF-16 units; a byte order mark may come first. */
export function hiddenCharacterIn(text: string): { readonly at: number; readonly length: number } | undefined {
  const from = text.startsWith('\ufeff') ? 1 : 0;
  const found = HIDDEN.exec(from === 0 ? text : text.slice(from));
  return found === null ? undefined : { at: found.index + from, length: found[0].length };
}

/** `U+0000` for the character at an offset. */
export function codePointText(text: string, at: number): string {
  return `U+${(text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
