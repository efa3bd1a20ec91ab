import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadAddon, nativeFile } from '../../native/load.js';
import { type RealPathOptions, RealPaths } from './real-paths.js';

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'leeward-real-paths-')));
mkdirSync(join(directory, 'real/deep'), { recursive: true });
symlinkSync('real', join(directory, 'link'));
afterAll(() => rmSync(directory, { recursive: true }));

function script(name: string, body: string): string {
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return path;
}

const nothingCached = () => ({ resolveCached: () => null });

function realPaths(options: Partial<RealPathOptions>): RealPaths {
  const helper = () => nativeFile('leeward-resolve');
  return new RealPaths({ addon: loadAddon, helper, deadlineMs: 30_000, hangingMax: 1, ...options });
}

describe.each([
  ['by what the kernel knows', loadAddon],
  ['by the helper', nothingCached],
])('%s', (_, addon) => {
  const paths = realPaths({ addon });

  it('a path is found without its links', async () => {
    realpathSync(join(directory, 'link/deep')); // now the kernel knows it
    expect(await paths.of(join(directory, 'link/deep'))).toEqual({ kind: 'found', path: join(directory, 'real/deep') });
    expect(await paths.of('/')).toEqual({ kind: 'found', path: '/' });
  });

  it('one that is not there is missing', async () => {
    expect(await paths.of(join(directory, 'none'))).toEqual({ kind: 'missing' });
    expect(await paths.of(join(directory, 'one/file/too/many'))).toEqual({ kind: 'missing' });
  });
});

describe('a helper', () => {
  it('that does not answer is given up, and its path is stalled', async () => {
    const helper = script('silent', 'exec sleep 1000');
    const paths = realPaths({ addon: nothingCached, helper: () => helper, deadlineMs: 50 });
    expect(await paths.of('/a')).toEqual({ kind: 'stalled' });
    expect(await paths.of('/b')).toEqual({ kind: 'stalled' });
  });

  it('is asked once about a path, by however many requests', async () => {
    const log = join(directory, 'log');
    const helper = script('counting', `echo "$1" >> ${log}; sleep 0.2; printf %s "$1"`);
    const paths = realPaths({ addon: nothingCached, helper: () => helper });
    const answers = await Promise.all([paths.of('/a'), paths.of('/a'), paths.of('/a')]);
    expect(answers).toEqual(Array(3).fill({ kind: 'found', path: '/a' }));
    expect(readFileSync(log, 'utf8')).toBe('/a\n');
  });
});
