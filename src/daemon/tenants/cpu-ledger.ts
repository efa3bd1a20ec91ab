import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { LeewardError } from '../../errors/leeward-error.js';

/** What is in the file: processor time of one day (UTC) by tenant, microseconds. */
interface Usage {
  readonly version: 1;
  readonly day: string;
  readonly microseconds: Readonly<Record<string, number>>;
}

const FILE = 'cpu-usage.json';
/** What a daemon that is killed forgets at most. */
const WRITE_MS = 1000;

/**
 * The processor time that each tenant has used on this day. It outlives the daemon: what is charged is in a file of the state directory
 * a second later, and at the end.
 */
export class CpuLedger {
  readonly #path: string;
  readonly #now: () => Date;
  readonly #onError: (error: unknown) => void;
  #day: string;
  #used: Map<string, number>;
  #writing: NodeJS.Timeout | undefined;

  /**
   * @param directory of the state
   * @param options.onError what happens when the file cannot be written; the daemon's own count goes on
   * @throws LeewardError LW_DAEMON_SETTING when there is a file that this class has not written
   */
  constructor(
    directory: string,
    { now = () => new Date(), onError }: { readonly now?: () => Date; readonly onError: (error: unknown) => void },
  ) {
    this.#path = join(directory, FILE);
    this.#now = now;
    this.#onError = onError;
    const usage = readUsage(this.#path);
    this.#day = usage?.day ?? '';
    this.#used = new Map(Object.entries(usage?.microseconds ?? {}));
    this.#turnDay();
  }

  /** Microseconds of this day. */
  used(tenant: string): number {
    this.#turnDay();
    return this.#used.get(tenant) ?? 0;
  }

  charge(tenant: string, microseconds: number): void {
    if (microseconds <= 0) return;
    this.#turnDay();
    this.#used.set(tenant, (this.#used.get(tenant) ?? 0) + microseconds);
    this.#writing ??= setTimeout(() => this.#write(), WRITE_MS).unref();
  }

  /** Milliseconds until the next day begins. */
  untilTomorrow(): number {
    const now = this.#now();
    return Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1) - now.getTime();
  }

  /** Writes what is not in the file yet. */
  close(): void {
    if (this.#writing !== undefined) this.#write();
  }

  #turnDay(): void {
    const day = this.#now().toISOString().slice(0, 10);
    if (day === this.#day) return;
    this.#day = day;
    this.#used = new Map();
  }

  #write(): void {
    clearTimeout(this.#writing);
    this.#writing = undefined;
    const usage: Usage = { version: 1, day: this.#day, microseconds: Object.fromEntries(this.#used) };
    try {
      replaceFile(this.#path, `${JSON.stringify(usage)}\n`);
    } catch (error) {
      this.#onError(error);
    }
  }
}

/** The old text or the new one is there, whatever happens meanwhile. */
function replaceFile(path: string, text: string): void {
  const fresh = `${path}.new`;
  const fd = openSync(fresh, 'w', 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(fresh, path);
}

function readUsage(path: string): Usage | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw unusable(`${path} cannot be read: ${code}`);
  }
  const usage = parsed(text);
  if (usage === undefined) throw unusable(`${path} is not a record of processor time as this version writes it`);
  return usage;
}

/** Starting at nothing would give every tenant the day's time again. */
function unusable(message: string): LeewardError {
  return new LeewardError('LW_DAEMON_SETTING', message, {
    hint: 'remove the file: the quotas of this day begin anew',
  });
}

function parsed(text: string): Usage | undefined {
  try {
    const { version, day, microseconds } = JSON.parse(text) as Partial<Usage>;
    if (version !== 1 || typeof day !== 'string' || typeof microseconds !== 'object' || microseconds === null)
      return undefined;
    const sound = Object.values(microseconds).every((value) => Number.isSafeInteger(value) && value >= 0);
    return sound ? { version, day, microseconds } : undefined;
  } catch {
    return undefined;
  }
}
