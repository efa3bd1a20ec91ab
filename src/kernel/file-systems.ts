/**
 * File systems by the `f_type` that statfs(2) answers (linux/magic.h, and each file system's own header where it is not
 * there). ext2 and ext3 have ext4's; `fuse` is also what fuseblk has. Where a server answers (fuse, nfs) a path can hang and what is
 * in a file changes as somebody else says: a policy has to name them, no default does. autofs is missing on purpose: to open
 * a path there makes the host mount something.
 */
const MAGIC: ReadonlyMap<string, bigint> = new Map([
  ['bcachefs', 0xca45_1a4en],
  ['btrfs', 0x9123_683en],
  ['erofs', 0xe0f5_e1e2n],
  ['exfat', 0x2011_bab0n],
  ['ext4', 0xef53n],
  ['f2fs', 0xf2f5_2010n],
  ['fuse', 0x6573_5546n],
  ['iso9660', 0x9660n],
  ['nfs', 0x6969n],
  ['overlay', 0x794c_7630n],
  ['ramfs', 0x8584_58f6n],
  ['squashfs', 0x7371_7368n],
  ['tmpfs', 0x0102_1994n],
  ['vfat', 0x4d44n],
  ['xfs', 0x5846_5342n],
  ['zfs', 0x2fc1_2fc1n],
]);

/** The f_type of a file system, or undefined for a name that is not in the table. */
export function fileSystemMagic(name: string): bigint | undefined {
  return MAGIC.get(name);
}

export function fileSystemNames(): readonly string[] {
  return [...MAGIC.keys()];
}
