import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grantCollect } from './collect.js';
import type { GrantedMount } from './mounts.js';
import { isWithin } from './paths.js';

function mount(target: string, writable: boolean): GrantedMount {
  const rest = { noexec: true, optional: false, createMode: null, place: { field: 'mounts[0].host' } };
  return { root: '/srv', path: '', target, writable, ...rest };
}

const MOUNTS = [mount('/input', false), mount('/output', true), mount('/work', true), mount('/work/fixed', false)];

function refusal(pattern: string, mounts: readonly GrantedMount[] = MOUNTS) {
  try {
    grantCollect({ collect: ['/output/ok', pattern] }, mounts);
  } catch (error) {
    return error;
  }
  throw new Error('accepted');
}

describe('grantCollect', () => {
  it('says in which mount a pattern lies, and in which folder of it', () => {
    const collect = ['/output/*.png', '/work/a/b/report-[0-9].csv', '/output/file', '/work', '/output/\\*'];
    expect(grantCollect({ collect }, MOUNTS)).toEqual([
      { pattern: '/output/*.png', mount: 1, folder: '', name: '*.png' },
      { pattern: '/work/a/b/report-[0-9].csv', mount: 2, folder: 'a/b', name: 'report-[0-9].csv' },
      { pattern: '/output/file', mount: 1, folder: '', name: 'file' },
      { pattern: '/work', mount: 2, folder: '', name: '' },
      { pattern: '/output/\\*', mount: 1, folder: '', name: '\\*' },
    ]);
    expect(grantCollect({}, MOUNTS)).toEqual([]);
  });

  it.each([
    ['/tmp/*', 'lies in no mount of this request (writable mounts: /output, /work)'],
    ['/outputs/a', 'lies in no mount of this request'],
    ['/output*', 'lies in no mount of this request'],
    ['/input/a', 'lies in /input, which is read-only'],
    ['/work/fixed/a', 'lies in /work/fixed, which is read-only'],
  ])('refuses %s', (pattern, words) => {
    const error = refusal(pattern);
    expect(error).toMatchObject({ code: 'LW_REQUEST_COLLECT_TARGET', place: { field: 'collect[1]' } });
    expect(String(error)).toContain(`${pattern} ${words}`);
  });

  it('says that there is no writable mount at all', () => {
    expect(() => grantCollect({ collect: ['/output/a'] }, [])).toThrow('(writable mounts: none)');
  });

  it.each([
    '/output/../etc/passwd',
    '/output/',
    '/output//a',
    'output/a',
    '/',
    '/output/*/a',
    '/output/a?/b',
    '/output/[ab]/c',
    '/output/a\\/b',
    '/output/**',
    '/output/**/a',
    '/output/a\nb',
    `/output/${'é'.repeat(600)}`,
  ])('takes %j for no pattern', (pattern) => {
    expect(refusal(pattern)).toMatchObject({ code: 'LW_PROTO_BAD_FIELD', place: { field: 'collect[1]' } });
  });

  it('leads nowhere but beneath a writable mount', () => {
    const part = fc.constantFrom('output', 'work', 'fixed', 'input', '..', '.', '', '*', 'a*', 'a');
    const pattern = fc.array(part, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`);
    fc.assert(
      fc.property(pattern, (written) => {
        for (const { mount: index, folder, name } of attempt(written)) {
          const place = MOUNTS[index];
          expect(place?.writable).toBe(true);
          expect([place?.target, folder, name].filter((text) => text !== '').join('/')).toBe(written);
          expect(isWithin(written, '/work/fixed')).toBe(false);
          expect(folder).not.toMatch(/[*]|(^|\/)\.{0,2}(\/|$)(?!$)/);
        }
      }),
    );
  });
});

function attempt(pattern: string) {
  try {
    return grantCollect({ collect: [pattern] }, MOUNTS);
  } catch {
    return [];
  }
}
