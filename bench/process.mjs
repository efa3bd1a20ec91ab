// What a process has used, by proc(5).
import { readFileSync } from 'node:fs';

const KIB = 1024;
const TICKS_A_SECOND = 100;

/** Milliseconds, user and system, of proc(5) `stat`. */
export function processorTime(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_A_SECOND;
}

/** Memory of a process that is in RAM. */
export function residentBytes(pid) {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmRSS:\s+(\d+) kB$/m);
  return Number(line[1]) * KIB;
}
