import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { onlyMember } from './owner.js';
import { readTrustedFile } from './trusted-file.js';

const me = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const isRoot = me.uid === 0;
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leeward-trust-'));
  file = join(folder, 'p.yaml');
  writeFileSync(file, 'version: 1\n', { mode: 0o644 });
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Root may read everything, so root lends the files to a user and acts as him. */
function asUser(uid: number, act: () => void): void {
  if (isRoot) for (const path of [folder, file]) chownSync(path, uid, uid);
  process.seteuid?.(uid);
  try {
    act();
  } finally {
    process.seteuid?.(me.uid);
  }
}

describe('readTrustedFile', () => {
  it('reads a file of this user, also through a symbolic link', () => {
    expect(readTrustedFile(file, me)).toBe('version: 1\n');
    symlinkSync('p.yaml', join(folder, 'link.yaml'));
    expect(readTrustedFile(join(folder, 'link.yaml'), me)).toBe('version: 1\n');
  });

  it('answers undefined when there is none', () => {
    expect(readTrustedFile(join(folder, 'q.yaml'), me)).toBeUndefined();
    expect(readTrustedFile(join(folder, 'no', 'q.yaml'), me)).toBeUndefined();
  });

  it('names what cannot be read, and why', () => {
    symlinkSync('loop.yaml', join(folder, 'loop.yaml'));
    const error = { code: 'LW_POLICY_INVALID', message: `${join(folder, 'loop.yaml')} cannot be read: ELOOP` };
    expect(() => readTrustedFile(join(folder, 'loop.yaml'), me)).toThrow(expect.objectContaining(error));
  });

  it('does not take what it may not read for what is not there', () => {
    const user = isRoot ? { uid: 12345, gid: 12345 } : me;
    asUser(user.uid, () => {
      chmodSync(file, 0o200);
      expect(() => readTrustedFile(file, user)).toThrow(`${file} cannot be read: EACCES`);
      chmodSync(folder, 0o600);
      expect(() => readTrustedFile(file, user)).toThrow(`${file} cannot be read: EACCES`);
      chmodSync(folder, 0o700);
    });
  });

  // A user's own group without other members may write.
  it.each(isRoot ? [0o664, 0o646, 0o666] : [0o646, 0o666])('refuses a file of mode %o', (mode) => {
    chmodSync(file, mode);
    expect(() => readTrustedFile(file, me)).toThrow(`${file} is writable by others (mode ${mode.toString(8)}`);
  });

  it('refuses a folder that others may write', () => {
    chmodSync(folder, 0o777);
    expect(() => readTrustedFile(file, me)).toThrow(`${folder} is writable by others (mode 777`);
  });

  it.runIf(isRoot)('refuses the file of another user, and names the command (needs root)', () => {
    chownSync(file, 4711, 0);
    expect(() => readTrustedFile(file, me)).toThrow(`${file} belongs to uid 4711, not to root or uid 0`);
    expect(readTrustedFile(file, { uid: 4711, gid: 4711 })).toBe('version: 1\n');
  });

  it('refuses what is not a text file, without waiting for it', () => {
    mkdirSync(join(folder, 'd.yaml'));
    execFileSync('mkfifo', ['-m', '600', join(folder, 'f.yaml')]);
    writeFileSync(join(folder, 'bin.yaml'), Buffer.from([0xff, 0xfe]), { mode: 0o600 });
    writeFileSync(join(folder, 'big.yaml'), Buffer.alloc((1 << 20) + 1, 0x20), { mode: 0o600 });
    expect(() => readTrustedFile(join(folder, 'd.yaml'), me)).toThrow('is not a regular file');
    expect(() => readTrustedFile(join(folder, 'f.yaml'), me)).toThrow('is not a regular file');
    expect(() => readTrustedFile(join(folder, 'bin.yaml'), me)).toThrow('is not valid UTF-8');
    expect(() => readTrustedFile(join(folder, 'big.yaml'), me)).toThrow('is larger than 1048576 bytes');
  });
});

describe('every folder on the way to a file', () => {
  /** A trusted file in a folder of its own, and a link to it in `folder`. */
  function linked(target: (real: string) => string = (real) => real): { link: string; real: string; sub: string } {
    const sub = join(folder, 'a', 'b');
    mkdirSync(sub, { recursive: true, mode: 0o755 });
    const real = join(sub, 'real.yaml');
    writeFileSync(real, 'version: 1\n', { mode: 0o644 });
    const link = join(folder, 'link.yaml');
    symlinkSync(target(real), link);
    return { link, real, sub };
  }

  it.each<[string, (real: string) => string]>([
    ['absolute', (real) => real],
    ['relative', () => 'a/b/real.yaml'],
    ['with dots', () => './a/../a/b/./real.yaml'],
  ])('is walked through a link that is %s', (_name, target) => {
    expect(readTrustedFile(linked(target).link, me)).toBe('version: 1\n');
  });

  it('must not be writable by others where the target of a link lies', () => {
    const { link, sub } = linked();
    chmodSync(sub, 0o777);
    expect(() => readTrustedFile(link, me)).toThrow(`${sub} is writable by others (mode 777`);
  });

  it('must not be writable by others above that, unless it is sticky', () => {
    const { link, sub } = linked();
    chmodSync(join(sub, '..'), 0o777);
    expect(() => readTrustedFile(link, me)).toThrow(`${join(sub, '..')} is writable by others (mode 777`);
    chmodSync(join(sub, '..'), 0o1777);
    expect(readTrustedFile(link, me)).toBe('version: 1\n');
  });

  it('must not be writable by others where the link lies, sticky or not', () => {
    const { link } = linked();
    for (const mode of [0o777, 0o1777]) {
      chmodSync(folder, mode);
      expect(() => readTrustedFile(link, me)).toThrow(`${folder} is writable by others (mode ${mode.toString(8)}`);
    }
  });

  it('must not be writable by others between two links', () => {
    const { sub } = linked();
    const between = join(folder, 'between');
    mkdirSync(between);
    symlinkSync(sub, join(between, 'dir'));
    symlinkSync(join(between, 'dir', 'real.yaml'), join(folder, 'two.yaml'));
    expect(readTrustedFile(join(folder, 'two.yaml'), me)).toBe('version: 1\n');
    chmodSync(between, 0o777);
    expect(() => readTrustedFile(join(folder, 'two.yaml'), me)).toThrow(`${between} is writable by others (mode 777`);
  });

  it.runIf(isRoot)('must not be somebody else’s, and neither must a link (needs root)', () => {
    const { link, sub } = linked();
    lchownSync(link, 4711, 4711);
    expect(() => readTrustedFile(link, me)).toThrow(`${link} belongs to uid 4711, not to root or uid 0`);
    lchownSync(link, 0, 0);
    chownSync(join(sub, '..'), 4711, 0);
    expect(() => readTrustedFile(link, me)).toThrow(`${join(sub, '..')} belongs to uid 4711, not to root or uid 0`);
  });

  it('leaves no descriptor open, however it goes', () => {
    const { link, sub } = linked();
    const open = (): number => readdirSync('/proc/self/fd').length;
    readTrustedFile(link, me);
    const before = open();
    readTrustedFile(link, me);
    readTrustedFile(join(sub, 'none.yaml'), me);
    chmodSync(sub, 0o777);
    expect(() => readTrustedFile(link, me)).toThrow('is writable');
    expect(open()).toBe(before);
  });
});

describe('onlyMember', () => {
  const passwd = 'root:x:0:0::/root:/bin/sh\nana:x:1000:1000::/home/ana:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n';

  it.each([
    ['ana:x:1000:\n', true],
    ['ana:x:1000:ana\n', true],
    ['ana:x:1000:bob\n', false],
    ['staff:x:50:\n', false],
  ])('%j: %s', (group, expected) => {
    expect(onlyMember(1000, 1000, passwd, group)).toBe(expected);
  });

  it('sees those who have the group as their first', () => {
    expect(onlyMember(1000, 1000, `${passwd}eve:x:1002:1000::/home/eve:/bin/sh\n`, 'ana:x:1000:\n')).toBe(false);
  });
});
