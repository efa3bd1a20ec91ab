import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

/** Where the groups of workers are, as a supervisor says it when it is ready. */
export interface GroupPlace {
  readonly cgroupVersion: number;
  /** Empty where there are no control groups. */
  readonly cgroupBase: string;
}

/** Files that are read before others have their turn: one takes some microseconds. */
const FILES_A_TURN = 64;
const FILES: Readonly<Record<number, string>> = { 1: 'memory.usage_in_bytes', 2: 'memory.current' };

/**
 * Bytes that the groups of workers are charged for (cgroup-v1/memory.rst, cgroup-v2.rst), by slot. A worker whose group is not there yet
 * or any more, and a host that does not count memory, have none.
 */
export async function memoryOfWorkers(place: GroupPlace, slots: readonly number[]): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  const file = FILES[place.cgroupVersion];
  if (file === undefined || place.cgroupBase === '') return found;
  for (const [index, slot] of slots.entries()) {
    if (index > 0 && index % FILES_A_TURN === 0) await turn();
    const bytes = readCount(join(place.cgroupBase, `worker-${slot}`, file));
    if (bytes !== undefined) found.set(slot, bytes);
  }
  return found;
}

function readCount(path: string): number | undefined {
  try {
    const text = readFileSync(path, 'latin1').trim();
    return /^\d+$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}
