import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadAddon } from '../../native/load.js';
import type { RuntimeSpec } from '../../policy/types.js';
import { hostIdentities } from '../config/privilege.js';
import type { BuildProgress } from './build.js';
import { sealTree } from './seal-tree.js';
import { RuntimeStore } from './store.js';

const isRoot = process.getuid?.() === 0;
const start = { line: 1, col: 1, offset: 0 };
let directory: string;
let wheels: string;
let savedLinks: string | undefined;

/** A minimal wheel (PEP 427) without network: one module that says which user imports it. */
function makeWheel(): string {
  const file = join(wheels, 'lwprobe-1.0-py3-none-any.whl');
  const script = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as z:
    z.writestr('lwprobe.py', 'import os\\nVALUE = os.getuid()\\n')
    z.writestr('lwprobe-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: lwprobe\\nVersion: 1.0\\n')
    z.writestr('lwprobe-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    z.writestr('lwprobe-1.0.dist-info/RECORD', 'lwprobe.py,,\\nlwprobe-1.0.dist-info/METADATA,,\\nlwprobe-1.0.dist-info/WHEEL,,\\nlwprobe-1.0.dist-info/RECORD,,\\n')
`;
  execFileSync('/usr/bin/python3', ['-c', script, file]);
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function runtime(lock: string | null, preload: readonly string[] = ['lwprobe']) {
  const spec: RuntimeSpec = {
    name: 'probe',
    description: '',
    file: 'probe.yaml',
    interpreter: '/usr/bin/python3',
    requirements: lock === null ? null : 'probe.lock',
    preload,
    globals: {},
    warmup: null,
    pool: { standby: 1, max: 2 },
    share: 'tenant',
    origin: { file: 'probe.yaml', range: { start, end: start } },
  };
  return { spec, lock };
}

function store(): RuntimeStore {
  return new RuntimeStore({
    directory: join(directory, 'runtimes'),
    identities: hostIdentities(isRoot),
    flock: (fd) => loadAddon().flock(fd),
  });
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-runtimes-'));
  wheels = mkdtempSync(join(tmpdir(), 'leeward-wheels-'));
  execFileSync('chmod', ['755', wheels]);
  savedLinks = process.env['PIP_FIND_LINKS'];
  process.env['PIP_FIND_LINKS'] = wheels;
  process.env['PIP_NO_INDEX'] = '1';
});

afterEach(() => {
  if (savedLinks === undefined) delete process.env['PIP_FIND_LINKS'];
  else process.env['PIP_FIND_LINKS'] = savedLinks;
  delete process.env['PIP_NO_INDEX'];
  rmSync(directory, { recursive: true, force: true });
  rmSync(wheels, { recursive: true, force: true });
});

describe('RuntimeStore', () => {
  it('needs no files for a runtime without requirements', async () => {
    expect(await store().locate(runtime(null))).toEqual({ state: 'ready', directory: null, manifest: null });
  });

  it('builds once for two callers, sealed, and finds it again', { timeout: 120_000 }, async () => {
    const probe = runtime(`lwprobe==1.0 --hash=sha256:${makeWheel()}\n`);
    await expect(store().require(probe)).rejects.toMatchObject({
      code: 'LW_RUNTIME_NOT_BUILT',
      hint: 'run `leeward runtime build probe`',
    });
    const seen: BuildProgress[] = [];
    const onProgress = (progress: BuildProgress) => void seen.push(progress);
    // Either of them may come first and build, the other waits.
    const [first, second] = await Promise.all([
      store().build(probe, { onProgress }),
      store().build(probe, { onProgress }),
    ]);
    expect(first).toEqual(second);
    const tree = (await store().require(probe)) ?? '';
    expect(first.directory).toBe(tree);
    expect(new Set(seen.map(({ phase }) => phase))).toContain('compile');
    expect(seen.some((progress) => progress.package === 'lwprobe' && progress.done === 1 && progress.total === 1)).toBe(
      true,
    );
    expect(readdirSync(join(tree, 'bin')).every((name) => name.startsWith('python'))).toBe(true);
    expect(readFileSync(join(tree, 'pyvenv.cfg'), 'utf8')).not.toContain(directory);
    expect(
      execFileSync(join(tree, 'bin/python3'), ['-I', '-c', 'import lwprobe; print(lwprobe.__file__)'], {
        encoding: 'utf8',
      }),
    ).toContain(tree);
    checkSealed(tree);
    expect(readdirSync(join(directory, 'runtimes')).filter((name) => name.startsWith('.build'))).toEqual([]);
  });

  it('leaves nothing when a hash is wrong, and says what pip said', { timeout: 60_000 }, async () => {
    makeWheel();
    const probe = runtime(`lwprobe==1.0 --hash=sha256:${'0'.repeat(64)}\n`);
    await expect(store().build(probe)).rejects.toMatchObject({
      code: 'LW_RUNTIME_BUILD_FAILED',
      message: expect.stringContaining('DO NOT MATCH THE HASHES'),
    });
    expect(readdirSync(join(directory, 'runtimes')).filter((name) => !name.startsWith('.lock'))).toEqual([]);
  });

  it('refuses a runtime whose preload does not import', { timeout: 60_000 }, async () => {
    const probe = runtime(`lwprobe==1.0 --hash=sha256:${makeWheel()}\n`, ['lwprobe', 'no_such_module']);
    await expect(store().build(probe)).rejects.toMatchObject({
      message: expect.stringContaining("No module named 'no_such_module'"),
    });
    expect(existsSync(join(directory, 'runtimes', 'probe'))).toBe(false);
  });

  it('stops when it is aborted', { timeout: 60_000 }, async () => {
    const probe = runtime(`lwprobe==1.0 --hash=sha256:${makeWheel()}\n`);
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error('stopped'));
    await expect(store().build(probe, { signal: controller.signal, onProgress })).rejects.toThrow('stopped');
    expect(readdirSync(join(directory, 'runtimes')).filter((name) => !name.startsWith('.lock'))).toEqual([]);
  });

  it('leaves a build alone whose name begins with its own', { timeout: 60_000 }, async () => {
    const probe = runtime(`lwprobe==1.0 --hash=sha256:${makeWheel()}\n`);
    const longer = { ...probe, spec: { ...probe.spec, name: 'probe-gpu' } };
    let other: Promise<unknown> | undefined;
    const stopAtOnce = () => {
      const controller = new AbortController();
      const onProgress = () => controller.abort(new Error('stopped'));
      return store().build(probe, { signal: controller.signal, onProgress });
    };
    const onProgress = () => {
      other ??= expect(stopAtOnce()).rejects.toThrow('stopped');
    };
    expect(await store().build(longer, { onProgress })).toMatchObject({ state: 'ready' });
    await other;
  });

  it.runIf(isRoot)(
    'removes what a killed build left, with the builder’s rights (needs root)',
    { timeout: 60_000 },
    async () => {
      const runtimes = join(directory, 'runtimes');
      const precious = join(directory, 'precious');
      mkdirSync(join(runtimes, '.build-probe.killed/tools'), { recursive: true });
      writeFileSync(precious, '', { mode: 0o600 });
      symlinkSync(directory, join(runtimes, '.build-probe.killed/home'));
      const { tools } = hostIdentities(true);
      execFileSync('chown', ['-hR', `${tools?.uid}:${tools?.gid}`, join(runtimes, '.build-probe.killed')]);
      const probe = runtime(`lwprobe==1.0 --hash=sha256:${makeWheel()}\n`);
      expect(await store().build(probe)).toMatchObject({ state: 'ready' });
      expect(readdirSync(runtimes).filter((name) => name.startsWith('.build'))).toEqual([]);
      expect(existsSync(precious)).toBe(true);
    },
  );

  it('names an interpreter that is missing or none', async () => {
    const missing = runtime(null);
    const locate = (interpreter: string) => store().locate({ ...missing, spec: { ...missing.spec, interpreter } });
    await expect(locate('/usr/bin/python9')).rejects.toMatchObject({
      code: 'LW_RUNTIME_INVALID',
      message: expect.stringContaining('/usr/bin/python9 does not exist'),
    });
    await expect(locate('/bin/false')).rejects.toThrow('/bin/false is not a working CPython');
  });

  it.runIf(isRoot)('names the folder that keeps jobs from the interpreter (needs root)', async () => {
    const python = join(directory, 'python3');
    writeFileSync(python, '#!/bin/sh\necho cpython 3.11.2\n', { mode: 0o755 });
    const blocked = runtime(null);
    await expect(store().locate({ ...blocked, spec: { ...blocked.spec, interpreter: python } })).rejects.toMatchObject({
      code: 'LW_RUNTIME_NOT_REACHABLE',
      hint: `run \`chmod o+x ${directory}\``,
    });
  });
});

/** Everything belongs to this user, and nobody else may write. */
function checkSealed(tree: string): void {
  for (const name of readdirSync(tree, { recursive: true, encoding: 'utf8' })) {
    const stats = lstatSync(join(tree, name));
    expect(stats.uid).toBe(process.getuid?.());
    if (!stats.isSymbolicLink()) expect(statSync(join(tree, name)).mode & 0o022).toBe(0);
  }
}

describe('sealTree', () => {
  it('takes no link for a folder, and no file that is somewhere else too', () => {
    const tree = join(directory, 'tree');
    mkdirSync(tree);
    symlinkSync(tree, join(directory, 'link'));
    expect(() => sealTree(join(directory, 'link'), 0, 0)).toThrow('is no folder');
    writeFileSync(join(directory, 'outside'), '', { mode: 0o600 });
    linkSync(join(directory, 'outside'), join(tree, 'inside'));
    expect(() => sealTree(tree, process.getuid?.() ?? 0, process.getgid?.() ?? 0)).toThrow('is a hard link');
    expect(statSync(join(directory, 'outside')).mode & 0o777).toBe(0o600);
  });
});
