import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { daemonPaths, processFacts } from '../../config/paths.js';
import { InProcessCompilers } from '../compiling/in-process-compiler.js';
import { librariesOf, liveFolders } from '../open-library.js';
import type { Generation } from './generation.js';
import { GenerationLoader } from './loader.js';

const HEAD = 'version: 1\nkind: Policy\nextends: [builtin:python@1]\nruntime: python\n';

let directory: string;
let loader: GenerationLoader;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-generations-'));
  for (const part of ['runtimes', 'tenants']) mkdirSync(join(directory, part));
  const paths = daemonPaths({ stateDirectory: directory, policyDirectories: [directory] }, processFacts());
  const compilers = new InProcessCompilers();
  loader = new GenerationLoader({
    directories: paths.policyDirectories,
    folders: liveFolders(),
    compilers,
    libraryOf: librariesOf(paths, true, () => ({ landlockAbi: 6, privileged: true }), compilers),
    allowAudit: false,
    settles: true,
    withTenants: true,
    checkTenants: () => {},
  });
  policy('mine', 'limits: {pids: 7}\n');
  policy('other', 'limits: {pids: 7}\n');
});

afterEach(() => rmSync(directory, { recursive: true }));

function write(name: string, text: string): void {
  writeFileSync(join(directory, name), text);
  chmodSync(join(directory, name), 0o644);
}

const policy = (name: string, rest: string) => write(`${name}.yaml`, `${HEAD}name: ${name}\n${rest}`);

async function nextOf(current: Generation): Promise<Generation> {
  const next = await loader.next(current);
  if (next === undefined) throw new Error('nothing has changed');
  return next;
}

it('the first generation is what two readings agree upon', async () => {
  const first = loader.first();
  // The first reading is over at the first turn of the loop, the second one is later.
  await new Promise(setImmediate);
  policy('late', 'limits: {pids: 7}\n');
  expect((await first).library.policyNames()).toContain('late');
});

describe('the next generation', () => {
  it('is none while nothing has changed', async () => {
    expect(await loader.next(await loader.first())).toBeUndefined();
  });

  it('has compiled what has changed, and takes over what has not', async () => {
    const first = await loader.first();
    const [mine, other] = [await first.policies.get('mine'), await first.policies.get('other')];
    policy('mine', 'limits: {pids: 8}\n');
    const next = await nextOf(first);
    expect(next.number).toBe(2);
    const served = next.policies.compiled;
    expect([...served.keys()].sort()).toEqual(['mine', 'other']);
    expect(served.get('mine')?.compiled.plan.limits.pidsMax).toBe(8n);
    expect(served.get('other')?.compiled).toBe(other.compiled);
    expect(served.get('other')?.identity).toEqual({ ...other.identity, generation: 2 });
    // Who has the first one goes on with it.
    expect(await first.policies.get('mine')).toBe(mine);
  });

  it('takes over what is compiled while it is made', async () => {
    const first = await loader.first();
    policy('mine', 'limits: {pids: 8}\n');
    const next = await nextOf(first);
    const late = await first.policies.get('other');
    next.policies.inherit(first.policies);
    expect((await next.policies.get('other')).compiled).toBe(late.compiled);
    await first.policies.get('mine');
    next.policies.inherit(first.policies);
    expect((await next.policies.get('mine')).compiled.plan.limits.pidsMax).toBe(8n);
  });

  it('follows what is extended, and runtimes', async () => {
    policy('child', 'limits: {pids: 6}\n');
    write('child.yaml', 'version: 1\nkind: Policy\nname: child\nextends: [mine]\nruntime: own\n');
    write('runtimes/own.yaml', 'version: 1\nkind: Runtime\nname: own\npool: {standby: 1, max: 4}\n');
    const first = await loader.first();
    const before = await first.policies.get('child');
    policy('mine', 'limits: {pids: 8}\n');
    const second = await nextOf(first);
    const after = await second.policies.get('child');
    expect([before, after].map(({ compiled }) => compiled.plan.limits.pidsMax)).toEqual([7n, 8n]);
    write('runtimes/own.yaml', 'version: 1\nkind: Runtime\nname: own\npool: {standby: 2, max: 4}\n');
    const third = await (await nextOf(second)).policies.get('child');
    expect(third.compiled.runtime.pool.standby).toBe(2);
  });

  it('is refused for an error that was not there before, and only for that', async () => {
    const broken = 'limits: {pids: many}\n';
    policy('other', broken);
    const first = await loader.first();
    policy('mine', broken);
    const place = { file: join(directory, 'mine.yaml'), line: 6, col: 16 };
    await expect(loader.next(first)).rejects.toMatchObject({ code: 'LW_POLICY_INVALID', place });
    policy('mine', 'limits: {pids: 8}\n');
    expect((await nextOf(first)).number).toBe(2);
    policy('third', broken);
    await expect(loader.next(first)).rejects.toMatchObject({ place: { file: join(directory, 'third.yaml') } });
  });

  it('is refused for what shows only when it is compiled', async () => {
    const first = await loader.first();
    policy('mine', 'landlock: {minimumAbi: 7, abi: 7}\n');
    await expect(loader.next(first)).rejects.toMatchObject({ code: 'LW_POLICY_INVALID', message: /LW-F204/ });
    policy('mine', 'mode: audit\n');
    await expect(loader.next(first)).rejects.toMatchObject({ code: 'LW_POLICY_AUDIT' });
  });

  it('is not refused for a runtime that is not built', async () => {
    const first = await loader.first();
    write(
      'mine.yaml',
      'version: 1\nkind: Policy\nname: mine\nextends: [builtin:python-data@1]\nruntime: python-data\n',
    );
    const next = await nextOf(first);
    await expect(next.policies.get('mine')).rejects.toMatchObject({ code: 'LW_RUNTIME_NOT_BUILT' });
  });

  it('is refused for a runtime that is not there, or goes', async () => {
    const first = await loader.first();
    const naming = (runtime: string) =>
      write('mine.yaml', `version: 1\nkind: Policy\nname: mine\nextends: [builtin:python@1]\nruntime: ${runtime}\n`);
    naming('pyton');
    await expect(loader.next(first)).rejects.toMatchObject({
      code: 'LW_RUNTIME_NOT_FOUND',
      place: { file: join(directory, 'mine.yaml'), line: 5, col: 10 },
      hint: 'did you mean python?',
    });
    naming('own');
    write('runtimes/own.yaml', 'version: 1\nkind: Runtime\nname: own\n');
    const next = await nextOf(first);
    rmSync(join(directory, 'runtimes/own.yaml'));
    await expect(loader.next(next)).rejects.toMatchObject({
      code: 'LW_RUNTIME_NOT_FOUND',
      place: { line: 5, col: 10 },
    });
  });

  it('is refused for a runtime that no job could be started with', async () => {
    const first = await loader.first();
    const own = (rest: string) => write('runtimes/own.yaml', `version: 1\nkind: Runtime\nname: own\n${rest}`);
    write('mine.yaml', 'version: 1\nkind: Policy\nname: mine\nextends: [builtin:python@1]\nruntime: own\n');
    own('interpreter: /usr/bin/no-python\n');
    await expect(loader.next(first)).rejects.toMatchObject({ code: 'LW_RUNTIME_INVALID' });
    own('requirements: own.lock\n');
    await expect(loader.next(first)).rejects.toMatchObject({ code: 'LW_RUNTIME_NOT_FOUND', place: { line: 5 } });
  });

  it('is refused for tenants that cannot be served, and has those that can', async () => {
    const first = await loader.first();
    const tenant = 'version: 1\nkind: Tenant\nname: acme\npolicies: [mine, gone]\n';
    write('tenants/acme.yaml', `${tenant}identities: {uids: [nobody]}\n`);
    await expect(loader.next(first)).rejects.toMatchObject({ place: { file: join(directory, 'tenants/acme.yaml') } });
    write('tenants/acme.yaml', `${tenant.replace(', gone', '')}identities: {uids: [1201]}\n`);
    const next = await nextOf(first);
    expect(next.tenants).toMatchObject([{ name: 'acme', policies: [{ name: 'mine', error: undefined }] }]);
  });

  it('is refused when it takes policies from a tenant by an error that the one before did not have', async () => {
    const acme = (rest: string) =>
      write('tenants/acme.yaml', `version: 1\nkind: Tenant\nname: acme\nidentities: {uids: [1201]}\n${rest}`);
    acme('policies: [mine, gone]\nceiling: other\n');
    const first = await loader.first();
    expect(first.tenants).toMatchObject([
      { policies: [{ name: 'mine', error: undefined }, { error: { code: 'LW-U900' } }] },
    ]);
    acme('policies: [mine, gone]\nceiling: othre\n');
    await expect(loader.next(first)).rejects.toMatchObject({
      code: 'LW_POLICY_INVALID',
      message: expect.stringMatching(/^.*tenants\/acme\.yaml:6:10: error LW-U900: .*othre(?!.*LW-U900)/s),
      place: { file: join(directory, 'tenants/acme.yaml'), line: 6, col: 10 },
    });
    acme('policies: [mine, gone]\nceiling: other\nquota: {concurrent: 2}\n');
    const second = await nextOf(first);
    rmSync(join(directory, 'mine.yaml'));
    await expect(loader.next(second)).rejects.toMatchObject({ message: expect.stringContaining('LW-U900') });
    policy('mine', 'limits: {pids: 8}\n');
    const third = await nextOf(second);
    expect(third.tenants[0]?.policies[0]).toMatchObject({ name: 'mine', error: { code: 'LW-U905' } });
  });

  it('is asked for again when the host had no room to look the folders through', async () => {
    const first = await loader.first();
    const compilers = new InProcessCompilers();
    let failures = 1;
    const paths = daemonPaths({ stateDirectory: directory, policyDirectories: [directory] }, processFacts());
    const unlucky = new GenerationLoader({
      directories: paths.policyDirectories,
      folders: liveFolders(),
      compilers: {
        compilerOf: () => compilers.compilerOf(),
        survey: async (folders) => {
          if (failures-- > 0) throw new Error('no room for a thread');
          return compilers.survey(folders);
        },
        lint: (folders, files) => compilers.lint(folders, files),
        warm: () => {},
        close: () => {},
      },
      libraryOf: () => first.library,
      allowAudit: false,
      withTenants: true,
      checkTenants: () => {},
    });
    const { survey } = await unlucky.first();
    await expect(survey()).rejects.toThrow('no room');
    expect((await survey()).policies.some(({ name }) => name === 'mine')).toBe(true);
  });

  it('tells of a set that is not whole before it tells of what is wrong in it', async () => {
    const first = await loader.first();
    policy('mine', 'limits: {pids: many}\n');
    write('MANIFEST', `${'0'.repeat(64)}  mine.yaml\n`);
    const notWhole = 'the set is not whole: mine.yaml has another text';
    await expect(loader.next(first)).rejects.toThrow(notWhole);
    await expect(loader.first()).rejects.toThrow(notWhole);
  });

  it('has no policy that is gone', async () => {
    const first = await loader.first();
    await first.policies.get('mine');
    rmSync(join(directory, 'mine.yaml'));
    const next = await nextOf(first);
    expect(next.policies.compiled.has('mine')).toBe(false);
    await expect(next.policies.get('mine')).rejects.toMatchObject({ code: 'LW_REQUEST_UNKNOWN_POLICY' });
  });
});
