/** One line of `leeward doctor`. */
export interface Finding {
  /** What was looked at, one or two words; stable, for programs. */
  readonly check: string;
  /** `fail`: no job can run. `warn`: jobs run, with less than the policy says or slower. */
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was done to find out; absent where something was only read. */
  readonly tried?: string;
  /** What was found, lower-case; of a trial what the kernel answered. */
  readonly message: string;
  /** What to do about it: a command where one does it. Absent with `ok`. */
  readonly remedy?: string;
}

/** Of an error's message: what follows shows the place in a file, which one line has no room for. */
export function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}

export function ok(check: string, message: string): Finding {
  return { check, status: 'ok', message };
}

export function warn(check: string, message: string, remedy: string): Finding {
  return { check, status: 'warn', message, remedy };
}

export function fail(check: string, message: string, remedy: string): Finding {
  return { check, status: 'fail', message, remedy };
}
