import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CompiledPolicy } from '../../policy/types.js';
import { openLibrary } from '../policies/open-library.js';
import { type FileRules, grantFiles } from './files.js';
import type { GrantedMount } from './mounts.js';
import { isWithin } from './paths.js';

let rules: FileRules;

function rulesOf({ policy, admission }: CompiledPolicy): FileRules {
  return { ...policy, jobMounts: admission.jobMounts };
}

beforeAll(async () => {
  rules = rulesOf((await openLibrary().compile('python')).compiled);
});

function mount(target: string, writable: boolean): GrantedMount {
  const rest = { noexec: true, optional: false, createMode: null, place: { field: 'mounts[0].host' } };
  return { root: '/srv', path: '', target, writable, ...rest };
}

const OUTPUT = mount('/output', true);
const INPUT = mount('/input', false);

function refusal(path: string, mounts: readonly GrantedMount[] = [], others: object = {}) {
  try {
    grantFiles({ files: { [path]: '', ...others } }, rules, mounts);
  } catch (error) {
    return error;
  }
  throw new Error('accepted');
}

describe('grantFiles', () => {
  it('gives files beneath places of the policy and beneath writable mounts, text as UTF-8', () => {
    const bytes = Uint8Array.of(0, 255);
    const files = { '/tmp/a.csv': 'olá', '/dev/shm/deep/b': bytes, '/output/c': '' };
    expect(grantFiles({ files }, rules, [OUTPUT])).toEqual([
      { path: '/tmp/a.csv', data: Buffer.from('olá') },
      { path: '/dev/shm/deep/b', data: bytes },
      { path: '/output/c', data: Buffer.alloc(0) },
    ]);
    expect(grantFiles({}, rules, [])).toEqual([]);
  });

  it.each([
    ['/etc/passwd', 'is not beneath a place where this job may write (places for files: /tmp, /dev/shm, /output)'],
    ['/tmp', 'is not beneath a place where this job may write'],
    ['/tmpfile', 'is not beneath a place where this job may write'],
    ['/output', 'is not beneath a place where this job may write'],
    ['/input/a', 'is beneath /input, which is read-only'],
    ['/usr/lib/a.py', 'is beneath /usr, which is read-only'],
    ['/proc/self/comm', 'is not beneath a place where this job may write'],
  ])('refuses %s', (path, words) => {
    const error = refusal(path, [INPUT, OUTPUT]);
    expect(error).toMatchObject({ code: 'LW_REQUEST_FILE_TARGET', place: { field: `files["${path}"]` } });
    expect(String(error)).toContain(`${path} ${words}`);
  });

  it('says that a folder of the policy is not mounted for this job', () => {
    const words = '/output/a is beneath /output, which is not mounted (places for files: /tmp, /dev/shm)';
    expect(String(refusal('/output/a'))).toContain(words);
  });

  it('refuses what has more than one spelling, and a file that is the folder of another', () => {
    expect(refusal('/tmp/../etc/a')).toMatchObject({ code: 'LW_PROTO_BAD_FIELD' });
    expect(refusal('/tmp//a')).toMatchObject({ hint: 'write /tmp/a', place: { field: 'files["/tmp//a"]' } });
    const error = refusal('/tmp/a', [], { '/tmp/a/b': '' });
    expect(String(error)).toContain('/tmp/a cannot be a file and the folder of /tmp/a/b');
  });

  it('goes by the deepest mount, and by what Landlock lets a job write', () => {
    const tmpfs = rules.mounts.find(({ target }) => target === '/tmp') as FileRules['mounts'][number];
    const own = { ...tmpfs, target: '/tmp/models', kind: 'runtime' } as FileRules['mounts'][number];
    const inside = { ...rules, mounts: [...rules.mounts, own] };
    expect(() => grantFiles({ files: { '/tmp/models/a': '' } }, inside, [])).toThrow('/tmp/models, which is read-only');
    const paths = [{ path: '/tmp/work', access: ['read', 'write'], origin: tmpfs.origin }];
    const less = { ...rules, landlock: { ...rules.landlock, paths } } as FileRules;
    expect(grantFiles({ files: { '/tmp/work/a': '' } }, less, [])).toHaveLength(1);
    expect(() => grantFiles({ files: { '/tmp/a': '' } }, less, [])).toThrow('(places for files: /tmp/work)');
  });

  it('gives nothing that is outside of what it names', () => {
    const part = fc.constantFrom('tmp', 'output', 'input', 'usr', 'proc', 'dev', 'shm', '..', '.', '', 'a');
    const path = fc.array(part, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`);
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 3 }), (paths) => {
        const files = Object.fromEntries(paths.map((name) => [name, '']));
        const granted = attempt(() => grantFiles({ files }, rules, [INPUT, OUTPUT]));
        for (const { path: name } of granted) {
          expect(['/tmp', '/dev/shm', '/output'].some((place) => name !== place && isWithin(name, place))).toBe(true);
          expect(name).not.toMatch(/\/(\.{0,2})(\/|$)/);
        }
      }),
    );
  });
});

function attempt(grant: () => ReturnType<typeof grantFiles>) {
  try {
    return grant();
  } catch {
    return [];
  }
}
