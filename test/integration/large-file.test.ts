import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testHost } from '../harness/host.js';
import { asEachAccount } from './harness/account.js';
import { withDaemon } from './harness/fixture.js';

const MIB = 1 << 20;
const SIZE = 2048 * MIB;
const BLOCK = 16 * MIB;

/** Writes two gigabytes that no file system can compress or share, and gives their sha256. */
function writeLargeFile(path: string): string {
  const cipher = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  const zeros = Buffer.alloc(BLOCK);
  const hash = createHash('sha256');
  const fd = openSync(path, 'wx', 0o644);
  for (let written = 0; written < SIZE; written += BLOCK) {
    const block = cipher.update(zeros);
    hash.update(block);
    writeSync(fd, block);
  }
  closeSync(fd);
  return hash.digest('hex');
}

describe('an input of two gigabytes', () => {
  let folder: string;
  let digest: string;

  beforeAll(() => {
    folder = join(testHost().scratch, 'large');
    mkdirSync(folder);
    digest = writeLargeFile(join(folder, 'data.bin'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  asEachAccount((account) => {
    const at = withDaemon(account);

    it('is read to its end, and nothing is copied', async () => {
      chownSync(folder, account.uid, account.gid);
      chmodSync(folder, 0o755);
      const path = join(folder, 'data.bin');
      const code = `
import hashlib, os
digest = hashlib.sha256()
with open("/input/data.bin", "rb", buffering=0) as file:
    while block := file.read(1 << 20): digest.update(block)
    print(digest.hexdigest(), file.tell(), os.fstat(file.fileno()).st_ino)
`;
      const before = { files: filesBeneath(at.daemon.place.root), free: freeBytes(folder) };
      const result = await at.client.run(code, {
        allow_paths: [folder],
        mounts: [{ host: folder, sandbox: '/input' }],
        memory_limit: 256 * MIB,
        timeout_secs: 60,
      });
      expect(result).toMatchObject({ status: 'ok', stdout: `${digest} ${SIZE} ${statSync(path).ino}\n` });

      // Where memory is limited, two gigabytes did not fit into it; where it is not, the peak is not known either.
      if (result.memory_peak !== null) expect(result.memory_peak).toBeLessThanOrEqual(256 * MIB);
      expect(filesBeneath(at.daemon.place.root)).toEqual(before.files);
      // Others use the disk too, but a copy would be seen.
      expect(before.free - freeBytes(folder)).toBeLessThan(SIZE / 2);
      expect(result.timing.attach_us).toBeLessThan(1_000_000);
    });
  });
});

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

/** Names of the regular files that are large enough to hold a part of the input. */
function filesBeneath(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => statSync(path).size > MIB)
    .sort();
}
