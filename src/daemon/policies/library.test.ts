import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Library } from './library.js';
import { openLibrary } from './open-library.js';
import { PolicyStore } from './policy-store.js';

let directory: string;
let library: Library;

function write(name: string, text: string): string {
  const path = join(directory, 'policies', name);
  writeFileSync(path, text, { mode: 0o644 });
  return path;
}

const HEAD = 'version: 1\nkind: Policy\n';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-library-'));
  mkdirSync(join(directory, 'policies', 'runtimes'), { recursive: true });
  library = openLibrary({ stateDirectory: join(directory, 'state'), policyDirectories: [join(directory, 'policies')] });
});

afterEach(() => rmSync(directory, { recursive: true }));

describe('Library', () => {
  it('compiles a shipped policy, named from the package’s root', async () => {
    const { compiled, digest } = await library.compile('python');
    expect(compiled.plan.policyName).toBe('python');
    expect(compiled.policy.origin.file).toBe('policies/python.yaml');
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('prefers a named folder, and extends what is shipped', async () => {
    const path = write('python.yaml', `${HEAD}name: python\nextends: [builtin:python@1]\nlimits: {pids: 7}\n`);
    const { compiled, digest } = await library.compile('python');
    expect(compiled.plan.limits.pidsMax).toBe(7n);
    expect(compiled.policy.origin.file).toBe(path);
    expect(digest).not.toBe((await openLibrary({ stateDirectory: directory }).compile('python')).digest);
  });

  it('says which runtimes there are, with the nearest name', () => {
    expect(() => library.runtime('pyhton')).toThrow(expect.objectContaining({ hint: 'did you mean python?' }));
    expect(() => library.runtime('zig')).toThrow(
      expect.objectContaining({ hint: 'runtimes: python, python-data, python-ml' }),
    );
  });

  it('compares and tests no policy with a condition that stands for nothing', () => {
    write(
      'bad.yaml',
      `${HEAD}name: bad\nextends: [builtin:python@1]\nsyscalls: {allow: [{syscall: bind, args: {fd: NONE}}]}\n`,
    );
    expect(() => library.resolved(library.source('bad'))).toThrow('there is no constant `NONE`');
  });

  it('has the tenants of its folders, and what each cannot use', () => {
    expect(library.tenants()).toEqual([]);
    mkdirSync(join(directory, 'policies', 'tenants'));
    const path = write(
      'tenants/acme.yaml',
      'version: 1\nkind: Tenant\nname: acme\nidentities: {uids: [1201]}\npolicies: [python, gone]\nceiling: python\n',
    );
    expect(library.tenants()).toMatchObject([
      {
        name: 'acme',
        uids: [1201],
        policies: [
          { name: 'python', error: undefined },
          { name: 'gone', error: { code: 'LW-U900', file: path, range: { start: { line: 5 } } } },
        ],
      },
    ]);
    write('tenants/acme.yaml', 'version: 1\nkind: Tenant\nname: acme\npolicies: [python]\n');
    expect(() => library.tenants()).toThrow(/acme\.yaml:1:1: error LW-P\d+: .*identities/);
  });

  it('says which policies there are, with the nearest name', async () => {
    await expect(library.compile('pyhton')).rejects.toMatchObject({
      code: 'LW_REQUEST_UNKNOWN_POLICY',
      message: "there is no policy 'pyhton'",
      place: { field: 'policy' },
      hint: 'did you mean python?',
    });
    for (const name of ['../python', '', 'A', 'builtin/base']) {
      await expect(library.compile(name)).rejects.toMatchObject({ code: 'LW_REQUEST_UNKNOWN_POLICY' });
    }
  });

  it('gives every error of a file with its place', async () => {
    const path = write(
      'bad.yaml',
      `${HEAD}name: bad\nextends: [builtin:python@1]\nlimits: {pids: many, memori: 1GiB}\n`,
    );
    await expect(library.compile('bad')).rejects.toMatchObject({
      code: 'LW_POLICY_INVALID',
      place: { file: path, line: 5 },
      message: expect.stringMatching(/bad\.yaml:5:\d+: error LW-[\s\S]*bad\.yaml:5:\d+: error LW-/),
    });
    expect(library.policies().map(({ name, error }) => [name, error?.code])).toEqual([
      ['bad', 'LW_POLICY_INVALID'],
      ['python', undefined],
      ['python-data', undefined],
      ['python-ml', undefined],
      ['strict', undefined],
    ]);
  });

  it('lists a policy as its parent is now', () => {
    const parent = (text: string) => write('parent.yaml', `${HEAD}name: parent\nextends: [builtin:python@1]\n${text}`);
    write('child.yaml', `${HEAD}name: child\nextends: [parent]\n`);
    const listed = () => library.policies().find(({ name }) => name === 'child');
    parent('runtime: python\n');
    expect([listed()?.runtime, listed()?.error]).toEqual(['python', null]);
    parent('runtime: python-data\n');
    expect(listed()?.runtime).toBe('python-data');
    parent('limits: {pids: many}\n');
    expect(listed()?.error?.code).toBe('LW_POLICY_INVALID');
    parent('runtime: python\n');
    expect(listed()).toMatchObject({ runtime: 'python', error: null });
  });

  it('gives no more errors than somebody reads', async () => {
    const keys = Array.from({ length: 300 }, (_, number) => `key${number}: 1\n`).join('');
    write('long.yaml', `${HEAD}name: long\nextends: [builtin:python@1]\n${keys}`);
    const { error } = library.policies().find(({ name }) => name === 'long') ?? {};
    expect(error?.message).toMatch(/and 280 more$/);
    expect(error?.message.match(/error LW-P010/g)).toHaveLength(20);
  });

  it('refuses a file that others may write, also when it is only extended', async () => {
    const parent = write('parent.yaml', `${HEAD}name: parent\nextends: [builtin:python@1]\n`);
    write('child.yaml', `${HEAD}name: child\nextends: [parent]\n`);
    await library.compile('child');
    chmodSync(parent, 0o666);
    await expect(library.compile('child')).rejects.toMatchObject({
      code: 'LW_POLICY_UNSAFE_FILE',
      message: expect.stringContaining(parent),
    });
  });

  it('names a runtime that is missing, not built, or without its lock file', async () => {
    write('ghost.yaml', `${HEAD}name: ghost\nextends: [builtin:python@1]\nruntime: ghost\n`);
    const missing = {
      code: 'LW_RUNTIME_NOT_FOUND',
      message: "there is no runtime 'ghost'",
      place: { file: expect.stringMatching(/ghost\.yaml$/), line: 5, col: 10 },
    };
    await expect(library.compile('ghost')).rejects.toMatchObject(missing);
    expect(library.policies().find(({ name }) => name === 'ghost')).toMatchObject({ runtime: 'ghost', error: missing });
    write('runtimes/ghost.yaml', 'version: 1\nkind: Runtime\nname: ghost\nrequirements: ghost.lock\n');
    await expect(library.compile('ghost')).rejects.toThrow('ghost.lock, which');
    await expect(library.compile('python-data')).rejects.toMatchObject({
      code: 'LW_RUNTIME_NOT_BUILT',
      hint: 'run `leeward runtime build python-data`',
    });
    const states = (await library.runtimes()).map(({ name, state }) => [name, state]);
    expect(states).toEqual([
      ['ghost', 'error'],
      ['python', 'ready'],
      ['python-data', 'not_built'],
      ['python-ml', 'not_built'],
    ]);
  });

  it('misses a named folder that does not exist', async () => {
    const elsewhere = openLibrary({ policyDirectories: [join(directory, 'nope')] });
    await expect(elsewhere.compile('python')).rejects.toMatchObject({ code: 'LW_POLICY_NOT_FOUND' });
  });
});

describe('PolicyStore', () => {
  it('compiles once, and tries again after a failure', async () => {
    const store = new PolicyStore(library, { allowAudit: false, generation: 1 });
    write('late.yaml', `${HEAD}name: late\nextends: [builtin:python@1]\nlimits: {pids: x}\n`);
    await expect(store.get('late')).rejects.toMatchObject({ code: 'LW_POLICY_INVALID' });
    write('late.yaml', `${HEAD}name: late\nextends: [builtin:python@1]\nlimits: {pids: 9}\n`);
    const [first, second] = await Promise.all([store.get('late'), store.get('late')]);
    expect(first).toBe(second);
    expect(first.identity).toEqual({
      name: 'late',
      generation: 1,
      digest: store.compiled.get('late')?.identity.digest,
    });
    expect(store.compiled.has('python')).toBe(false);
  });
});
