import { fstatSync, readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { isatty } from 'node:tty';
import { TextDecoder } from 'node:util';
import { UsageError } from '../usage-error.js';

/** Where the code comes from: exactly one of `-c CODE` and `FILE`, where FILE may be `-`. */
export interface CodeSource {
  readonly code?: string | undefined;
  readonly file?: string | undefined;
}

/**
 * The code to run.
 *
 * @param readStdin gives all of standard input; called for `-` only
 * @throws UsageError when there is none or two, the file cannot be read, or the code is not UTF-8
 */
export async function readCode({ code, file }: CodeSource, readStdin: () => Promise<Uint8Array>): Promise<string> {
  if (code !== undefined && file !== undefined) {
    throw new UsageError(`both -c and the file ${file}`, 'arguments of the job go after --');
  }
  if (code !== undefined) return code;
  if (file === undefined)
    throw new UsageError('no code to run', "leeward exec -c 'print(1)', or a file, or - for standard input");
  return file === '-' ? decode(await readStdin(), 'standard input') : decode(readFile(file), file);
}

function readFile(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as NodeJS.ErrnoException).code}`);
  }
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${name} is not UTF-8`);
  }
}

/** True when standard input has something for the job: it is open, and neither a terminal nor /dev/null. */
export function hasStandardInput(): boolean {
  try {
    return !isatty(0) && !fstatSync(0).isCharacterDevice();
  } catch {
    return false; // closed
  }
}

/** All of standard input. `onWait` is called when its end has not come after a second. */
export async function readStandardInput(onWait: () => void): Promise<Uint8Array> {
  const timer = setTimeout(onWait, 1000);
  try {
    return await buffer(process.stdin);
  } finally {
    clearTimeout(timer);
  }
}
