/**
 * Text of a job, a file or a peer, safe for one line of a terminal: control and bidirectional characters are shown as
 * escapes, so that they cannot move the cursor, colour or reorder what stands around them.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
