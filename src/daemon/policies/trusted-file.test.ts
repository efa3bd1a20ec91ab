import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { onlyMember, readTrustedFile } from './trusted-file.js';

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
      chmodSync(folder, 0o300);
      expect(() => readTrustedFile(file, user)).toThrow(`${folder} cannot be read: EACCES`);
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
