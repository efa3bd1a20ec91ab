import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';

/** Where the groups of workers are, as a supervisor says it when it is ready; a path is empty where there are none. */
export interface GroupPlace {
  readonly cgroupVersion: number;
  readonly cgroupBase: string;
  /** Where processor time is counted. */
  readonly cgroupCpuBase: string;
}

/** A file of a group, and the number in its text. */
interface Count {
  readonly file: string;
  readonly number: RegExp;
  /** Of the unit that is wanted, one of the file's. */
  readonly unit: number;
}

const WHOLE = /^(\d+)\n?$/;
const MEMORY: Readonly<Record<number, Count>> = {
  1: { file: 'memory.usage_in_bytes', number: WHOLE, unit: 1 },
  2: { file: 'memory.current', number: WHOLE, unit: 1 },
};
const CPU_TIME: Readonly<Record<number, Count>> = {
  1: { file: 'cpuacct.usage', number: WHOLE, unit: 1 / 1000 },
  2: { file: 'cpu.stat', number: /^usage_usec (\d+)\n/, unit: 1 },
};

/** Files that are read before others have their turn: one takes some microseconds. */
const FILES_A_TURN = 64;

/**
 * Bytes that the groups of workers are charged for (cgroup-v1/memory.rst, cgroup-v2.rst), by slot. A worker whose group is not there yet
 * or any more, and a host that does not count memory, have none.
 */
export function memoryOfWorkers(place: GroupPlace, slots: readonly number[]): Promise<Map<number, number>> {
  return readAll(place.cgroupBase, MEMORY[place.cgroupVersion], slots);
}

/** Microseconds of processor time that the groups of workers have had (cgroup-v1/cpuacct.rst, cgroup-v2.rst), in the same way. */
export function cpuTimeOfWorkers(place: GroupPlace, slots: readonly number[]): Promise<Map<number, number>> {
  return readAll(place.cgroupCpuBase, CPU_TIME[place.cgroupVersion], slots);
}

async function readAll(base: string, count: Count | undefined, slots: readonly number[]): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  if (count === undefined || base === '') return found;
  for (const [index, slot] of slots.entries()) {
    if (index > 0 && index % FILES_A_TURN === 0) await turn();
    const value = readCount(`${base}/worker-${slot}/${count.file}`, count.number);
    if (value !== undefined) found.set(slot, Math.round(value * count.unit));
  }
  return found;
}

/** Longer than any number that the kernel writes, with the word before it. */
const buffer = Buffer.alloc(48);

/** As few calls as it takes: `readFileSync` asks for the size first, and once more for what is not there. */
function readCount(path: string, number: RegExp): number | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const [, digits] = number.exec(buffer.toString('latin1', 0, readSync(fd, buffer))) ?? [];
    return digits === undefined ? undefined : Number(digits);
  } catch {
    // The group is being removed.
    return undefined;
  } finally {
    closeSync(fd);
  }
}
