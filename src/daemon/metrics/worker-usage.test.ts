import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { cpuTimeOfWorkers, memoryOfWorkers } from './worker-usage.js';

const base = mkdtempSync(join(tmpdir(), 'leeward-groups-'));

afterAll(() => rmSync(base, { recursive: true }));

const place = (cgroupVersion: number, path: string) => ({ cgroupVersion, cgroupBase: path, cgroupCpuBase: path });

function group(slot: number, file: string, content: string): void {
  mkdirSync(join(base, `worker-${slot}`), { recursive: true });
  writeFileSync(join(base, `worker-${slot}`, file), content);
}

it('reads the file of the version that the host has', async () => {
  group(0, 'memory.usage_in_bytes', '4096\n');
  group(1, 'memory.current', '8192\n');
  expect(await memoryOfWorkers(place(1, base), [0, 1])).toEqual(new Map([[0, 4096]]));
  expect(await memoryOfWorkers(place(2, base), [0, 1])).toEqual(new Map([[1, 8192]]));
});

it('has nothing of groups that are not there, or say something else', async () => {
  group(2, 'memory.current', 'max\n');
  group(3, 'memory.current', '\n');
  group(4, 'memory.current', '1\n');
  expect(await memoryOfWorkers(place(2, base), [2, 3, 4, 5])).toEqual(new Map([[4, 1]]));
});

it('has nothing where there are no control groups', async () => {
  expect(await memoryOfWorkers(place(0, ''), [0])).toEqual(new Map());
  expect(await memoryOfWorkers(place(2, ''), [0])).toEqual(new Map());
});

it('reads more workers than are read in one turn', async () => {
  const slots = Array.from({ length: 150 }, (_, slot) => 100 + slot);
  for (const slot of slots) group(slot, 'memory.current', `${slot}\n`);
  expect([...(await memoryOfWorkers(place(2, base), slots)).keys()]).toEqual(slots);
});

it('reads processor time in microseconds, whichever version counts it', async () => {
  group(0, 'cpuacct.usage', '1500600\n');
  group(1, 'cpu.stat', 'usage_usec 18446744073709\nuser_usec 7\nsystem_usec 1\n');
  group(2, 'cpu.stat', 'nr_periods 7\n');
  expect(await cpuTimeOfWorkers(place(1, base), [0, 1])).toEqual(new Map([[0, 1501]]));
  expect(await cpuTimeOfWorkers(place(2, base), [0, 1, 2])).toEqual(new Map([[1, 18446744073709]]));
  expect(await cpuTimeOfWorkers({ ...place(2, base), cgroupCpuBase: '' }, [1])).toEqual(new Map());
  expect(await cpuTimeOfWorkers(place(0, base), [1])).toEqual(new Map());
});
