import { closeSync, openSync, readSync } from 'node:fs';
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
    const bytes = readCount(`${place.cgroupBase}/worker-${slot}/${file}`);
    if (bytes !== undefined) found.set(slot, bytes);
  }
  return found;
}

/** Longer than any number that the kernel writes. */
const buffer = Buffer.alloc(32);

/** As few calls as it takes: `readFileSync` asks for the size first, and once more for what is not there. */
function readCount(path: string): number | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const text = buffer.toString('latin1', 0, readSync(fd, buffer)).trim();
    return /^\d+$/.test(text) ? Number(text) : undefined;
  } catch {
    // The group is being removed.
    return undefined;
  } finally {
    closeSync(fd);
  }
}
