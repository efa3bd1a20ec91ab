import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { memoryOfWorkers } from './worker-memory.js';

const base = mkdtempSync(join(tmpdir(), 'leeward-groups-'));

afterAll(() => rmSync(base, { recursive: true }));

function group(slot: number, file: string, content: string): void {
  mkdirSync(join(base, `worker-${slot}`), { recursive: true });
  writeFileSync(join(base, `worker-${slot}`, file), content);
}

it('reads the file of the version that the host has', async () => {
  group(0, 'memory.usage_in_bytes', '4096\n');
  group(1, 'memory.current', '8192\n');
  expect(await memoryOfWorkers({ cgroupVersion: 1, cgroupBase: base }, [0, 1])).toEqual(new Map([[0, 4096]]));
  expect(await memoryOfWorkers({ cgroupVersion: 2, cgroupBase: base }, [0, 1])).toEqual(new Map([[1, 8192]]));
});

it('has nothing of groups that are not there, or say something else', async () => {
  group(2, 'memory.current', 'max\n');
  group(3, 'memory.current', '\n');
  group(4, 'memory.current', '1\n');
  expect(await memoryOfWorkers({ cgroupVersion: 2, cgroupBase: base }, [2, 3, 4, 5])).toEqual(new Map([[4, 1]]));
});

it('has nothing where there are no control groups', async () => {
  expect(await memoryOfWorkers({ cgroupVersion: 0, cgroupBase: '' }, [0])).toEqual(new Map());
  expect(await memoryOfWorkers({ cgroupVersion: 2, cgroupBase: '' }, [0])).toEqual(new Map());
});

it('reads more workers than are read in one turn', async () => {
  const slots = Array.from({ length: 150 }, (_, slot) => 100 + slot);
  for (const slot of slots) group(slot, 'memory.current', `${slot}\n`);
  expect([...(await memoryOfWorkers({ cgroupVersion: 2, cgroupBase: base }, slots)).keys()]).toEqual(slots);
});
