import { Command } from '@oclif/core/command';
import { failureOf, USAGE_EXIT } from './failure.js';
import { usageErrorOf } from './parse-error.js';
import { styleFor } from './terminal/style.js';

/** What all commands share: notes on standard error, JSON on standard output, errors in one form. */
export abstract class LeewardCommand extends Command {
  /** Exit code of a command line that cannot be understood. */
  static readonly usageExit: number = USAGE_EXIT;

  /** A line for people, on standard error. */
  protected note(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  /** A line of the result, on standard output. */
  protected print(line: string): void {
    process.stdout.write(`${line}\n`);
  }

  /** Nobody reads standard output any more, as behind `| head`. */
  protected get isUnread(): boolean {
    return !process.stdout.writable;
  }

  protected printJson(value: unknown): void {
    this.print(JSON.stringify(value, null, 2));
  }

  /** Prints the error and sets the exit code; the process then ends by itself, with all output flushed. */
  protected override async catch(thrown: Error): Promise<void> {
    const { usageExit, flags } = this.constructor as typeof LeewardCommand;
    const known = { command: (this.id ?? '').replaceAll(':', ' '), flags: Object.keys(flags ?? {}) };
    const debug = process.env['LEEWARD_DEBUG'] === '1';
    const failure = failureOf(usageErrorOf(thrown, known), styleFor(process.stderr), usageExit, debug);
    for (const line of failure.lines) this.note(line);
    if (this.#wantsJson()) this.printJson({ success: false, error: failure.body });
    process.exitCode = failure.exitCode;
  }

  // The flags may be what could not be parsed.
  #wantsJson(): boolean {
    const end = this.argv.indexOf('--');
    return (end === -1 ? this.argv : this.argv.slice(0, end)).includes('--json');
  }
}
