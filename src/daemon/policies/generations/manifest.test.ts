import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkManifest } from './manifest.js';

const sum = (text: string) => createHash('sha256').update(text).digest('hex');
const line = (name: string, text: string) => `${sum(text)}  ${name}\n`;
const check = (manifest: string, files: Readonly<Record<string, string | undefined>>) =>
  checkManifest('/etc/leeward/policies', new Map(Object.entries({ MANIFEST: manifest, ...files })));

const FILES = { 'a.yaml': 'a', 'runtimes/b.lock': 'b', 'tenants/c.yaml': 'c' };
const WHOLE = `${line('a.yaml', 'a')}${line('./runtimes/b.lock', 'b')}${sum('c')} *tenants/c.yaml\n`;

describe('a MANIFEST', () => {
  it('holds when each file has the text that it says, in either form of sha256sum', () => {
    check(WHOLE, FILES);
  });

  it('holds for a file with a byte order mark, which is dropped when it is read', () => {
    check(WHOLE.replace(sum('a'), sum('\uFEFFa')), FILES);
  });

  it('need not be there', () => {
    checkManifest('/nowhere', new Map([['a.yaml', 'a']]));
  });

  it.each([
    [WHOLE, { ...FILES, 'a.yaml': 'other' }, 1, 'a.yaml has another text'],
    [WHOLE, { 'a.yaml': 'a', 'runtimes/b.lock': 'b' }, 3, 'tenants/c.yaml is not there'],
    [WHOLE, { ...FILES, 'a.yaml': undefined }, 1, 'a.yaml is not there'],
    [WHOLE, { ...FILES, 'd.yaml': 'd' }, 1, 'd.yaml is not listed'],
    [`${WHOLE}half a li`, FILES, 4, 'no line of sha256sum'],
    [line('a.yaml', 'a'), FILES, 1, 'runtimes/b.lock is not listed'],
  ])('says the line that does not hold (case %#)', (manifest, files, number, why) => {
    expect(() => check(manifest, files)).toThrow(
      expect.objectContaining({
        code: 'LW_POLICY_INVALID',
        message: `the set is not whole: ${why}`,
        place: { file: '/etc/leeward/policies/MANIFEST', line: number, col: 1 },
      }),
    );
  });

  it('does not hold when it cannot be read', () => {
    expect(() => checkManifest('/x', new Map([['MANIFEST', undefined]]))).toThrow('it cannot be read');
  });
});
