import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fileSystemMagic, fileSystemNames } from './file-systems.js';

/** Names of linux/magic.h that are not the file system's own in upper case. */
const HEADER_NAMES: Readonly<Record<string, string>> = {
  ext4: 'EXT4',
  iso9660: 'ISOFS',
  overlay: 'OVERLAYFS',
  vfat: 'MSDOS',
};

test('the numbers are those of linux/magic.h, for every name that stands there', () => {
  const header = readFileSync('/usr/include/linux/magic.h', 'utf8');
  const found = fileSystemNames().filter((name) => {
    const own = HEADER_NAMES[name] ?? name.toUpperCase();
    const value = new RegExp(`^#define\\s+${own}_(?:SUPER_)?MAGIC\\s+(0x[0-9A-Fa-f]+)`, 'm').exec(header)?.[1];
    if (value !== undefined) expect([name, fileSystemMagic(name)]).toEqual([name, BigInt(value)]);
    return value !== undefined;
  });
  expect(found).toEqual(expect.arrayContaining(['btrfs', 'ext4', 'fuse', 'nfs', 'overlay', 'ramfs', 'tmpfs', 'xfs']));
  expect(fileSystemMagic('autofs')).toBeUndefined();
});
