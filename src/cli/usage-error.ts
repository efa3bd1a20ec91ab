/** What was typed is not a command: an unknown flag, a value without its unit, two things that exclude each other. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly hint: string | undefined;

  /**
   * @param message lower-case, names what was typed
   * @param hint what to type instead
   */
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
