/** What no probe may change on the host, beside the canaries. */
import { readFileSync, realpathSync } from 'node:fs';
import { hostname } from 'node:os';
import { entryOf, stampOf } from './fingerprint.js';

export type HostState = ReadonlyMap<string, string>;

const FILES = [
  '/proc/self/mountinfo',
  '/proc/swaps',
  '/proc/modules',
  '/proc/sysvipc/shm',
  '/proc/sysvipc/sem',
  '/proc/sysvipc/msg',
  '/proc/sys/kernel/domainname',
  '/proc/sys/kernel/core_pattern',
  '/proc/sys/kernel/modprobe',
  '/proc/sys/fs/file-max',
  '/proc/sys/vm/overcommit_memory',
];

/** Devices that sandboxes have from the host: their inodes are the host's own. */
const DEVICES = ['/dev/null', '/dev/zero', '/dev/full', '/dev/random', '/dev/urandom'];

/** What runs the suite and most jobs. */
const PROGRAMS = [process.execPath, '/usr/bin/python3'].map((path) => realpathSync(path));

/** A clock that somebody sets jumps against the monotonic one; NTP slews it by less than this. */
const CLOCK_STEP_MS = 2000;

export function hostState(): HostState {
  const state = new Map(FILES.map((file) => [file, contentOf(file)]));
  for (const device of DEVICES) state.set(device, entryOf(device));
  for (const program of PROGRAMS) state.set(program, stampOf(program));
  state.set('host name', hostname());
  state.set('clock', String(Math.round((Date.now() - performance.now()) / CLOCK_STEP_MS)));
  return state;
}

/** What differs, in words. */
export function hostEffects(before: HostState, after: HostState): readonly string[] {
  return [...before].flatMap(([what, was]) => {
    const is = after.get(what);
    if (what === 'clock' && Math.abs(Number(is) - Number(was)) <= 1) return [];
    return is === was ? [] : [`${what} of the host has changed`];
  });
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return 'not there';
  }
}
