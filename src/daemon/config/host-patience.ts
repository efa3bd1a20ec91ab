import { LeewardError } from '../../errors/leeward-error.js';
import { parseDuration } from '../../policy/index.js';

/** How long this host's disks and file servers may take; what a job may take is its policy's. Times are milliseconds. */
export interface HostPatience {
  /** For one answer of the helper that opens a peer's paths. */
  readonly openDeadlineMs: number;
  /** Helpers of one peer that wait for a file server for ever, before its requests are refused. */
  readonly openHangingMax: number;
  /** For a worker to be made. */
  readonly workerDeadlineMs: number;
  /** For a zygote to import its preload, from a cold disk. */
  readonly poolDeadlineMs: number;
}

const LONGEST_MS = 3_600_000;
const MOST_HANGING = 1024;

/**
 * Reads the settings that `docs/guide/running.md` lists.
 *
 * @throws LeewardError LW_DAEMON_SETTING for a value that is none
 */
export function hostPatience(env: Readonly<Record<string, string | undefined>>): HostPatience {
  return {
    openDeadlineMs: duration(env, 'LEEWARD_OPEN_DEADLINE', 30_000),
    openHangingMax: count(env, 'LEEWARD_OPEN_HANGING_MAX', 4),
    workerDeadlineMs: duration(env, 'LEEWARD_WORKER_DEADLINE', 20_000),
    poolDeadlineMs: duration(env, 'LEEWARD_POOL_DEADLINE', 120_000),
  };
}

function duration(env: Readonly<Record<string, string | undefined>>, name: string, standard: number): number {
  const text = env[name];
  if (text === undefined || text === '') return standard;
  const value = Number(parseDuration(text) ?? 0n);
  if (value >= 1 && value <= LONGEST_MS) return value;
  throw refusal(name, text, 'a time from 1ms to 1h, such as 30s');
}

function count(env: Readonly<Record<string, string | undefined>>, name: string, standard: number): number {
  const text = env[name];
  if (text === undefined || text === '') return standard;
  const value = /^[0-9]+$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= MOST_HANGING) return value;
  throw refusal(name, text, `a number from 1 to ${MOST_HANGING}`);
}

function refusal(name: string, text: string, wanted: string): LeewardError {
  return new LeewardError('LW_DAEMON_SETTING', `${name} is '${text}'; it must be ${wanted}`, {
    place: { field: name },
  });
}
