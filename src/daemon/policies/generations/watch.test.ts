import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PolicyWatch } from './watch.js';

let directory: string;
let watch: PolicyWatch | undefined;
let looks: number;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-watch-'));
  looks = 0;
});

afterEach(async () => {
  await watch?.close();
  rmSync(directory, { recursive: true });
});

const path = (name: string) => join(directory, name);

interface Options {
  readonly rereadMs?: number;
  readonly onChange?: () => Promise<void>;
}

function watchOf(folder: string, { rereadMs = 60_000, onChange = async () => {} }: Options = {}): PolicyWatch {
  return new PolicyWatch({
    directories: [{ path: folder, required: false }],
    onStir: () => {},
    onChange: async () => {
      looks++;
      await onChange();
    },
    onError: (error) => {
      throw error;
    },
    quietMs: 20,
    rereadMs,
  });
}

async function open(folder: string): Promise<void> {
  watch = watchOf(folder);
  await quiet();
}

/** Until nothing is looked at any more: the library looks itself before it watches, and that takes a moment. */
async function quiet(): Promise<void> {
  do {
    looks = 0;
    await new Promise((resolve) => setTimeout(resolve, 300));
  } while (looks > 0);
}

async function looked(atLeast = 1): Promise<void> {
  while (looks < atLeast) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a watch', () => {
  it('tells of what changes in a folder and in those within it, when they stand still', async () => {
    mkdirSync(path('policies'));
    mkdirSync(path('policies/tenants'));
    await open(path('policies'));
    for (let index = 0; index < 20; index++) writeFileSync(path(`policies/${index}.yaml`), '');
    await looked();
    expect(looks).toBeLessThan(10);
    const before = looks;
    writeFileSync(path('policies/tenants/acme.yaml'), '');
    await looked(before + 1);
  });

  it('follows a folder that is a link when the link is swapped, and watches what it leads to then', async () => {
    for (const version of ['one', 'two']) mkdirSync(path(version));
    symlinkSync('one', path('policies'));
    await open(path('policies'));
    symlinkSync('two', path('next'));
    renameSync(path('next'), path('policies'));
    await looked();
    await quiet();
    writeFileSync(path('two/mine.yaml'), '');
    await looked();
  });

  it('sees a folder that comes later', async () => {
    await open(path('policies'));
    mkdirSync(path('policies'));
    await looked();
    await quiet();
    writeFileSync(path('policies/mine.yaml'), '');
    await looked();
  });

  it('is not stirred by what lies beside the folder', async () => {
    mkdirSync(path('policies'));
    await open(path('policies'));
    writeFileSync(path('beside'), '');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(looks).toBe(0);
  });

  it('looks without an event, too, and never twice at a time', async () => {
    let [now, most] = [0, 0];
    const onChange = async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 40));
      now--;
    };
    watch = watchOf(path('nowhere'), { rereadMs: 15, onChange });
    await looked(4);
    expect(most).toBe(1);
  });
});
