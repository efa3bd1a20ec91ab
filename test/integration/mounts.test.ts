import { chmodSync, existsSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isRoot } from '../harness/account.js';
import { asEachAccount } from './harness/account.js';
import { withDaemon } from './harness/fixture.js';

asEachAccount((account) => {
  const at = withDaemon(account);

  describe('a read-only mount', () => {
    it('shows the host’s files, as they are now', async () => {
      const { place } = at.daemon;
      const job = place.job('read');
      place.file(`${job.name}/input/a.txt`, 'first');
      const code = 'print(open("/input/a.txt").read(), end="")';
      expect((await at.client.run(code, job.fields)).stdout).toBe('first');
      place.file(`${job.name}/input/a.txt`, 'second');
      expect((await at.client.run(code, job.fields)).stdout).toBe('second');
    });

    it.each([
      ['open("/input/new", "w")', 'create'],
      ['open("/input/a.txt", "w")', 'truncate'],
      ['open("/input/a.txt", "r+")', 'open for writing'],
      ['os.unlink("/input/a.txt")', 'remove'],
      ['os.rename("/input/a.txt", "/input/b.txt")', 'rename'],
      ['os.mkdir("/input/d")', 'make a directory'],
      ['os.chmod("/input/a.txt", 0o777)', 'change the mode'],
      ['os.utime("/input/a.txt", (1, 1))', 'change the time'],
      ['os.truncate("/input/a.txt", 0)', 'truncate by path'],
    ])('refuses %s', async (attempt) => {
      const { place } = at.daemon;
      const job = place.job(`ro-${Math.random().toString(36).slice(2)}`);
      const file = place.file(`${job.name}/input/a.txt`, 'untouched');
      const { mtimeMs, mode } = statSync(file);
      const code = `
import errno, os
try:
    ${attempt}
except OSError as error:
    print(errno.errorcode[error.errno])
else:
    print("done")
`;
      // EPERM is what chmod and utime of somebody else's file answer, on any mount.
      expect((await at.client.run(code, job.fields)).stdout).toMatch(/^(EROFS|EACCES|EPERM)\n$/);
      expect(readFileSync(file, 'utf8')).toBe('untouched');
      expect(statSync(file)).toMatchObject({ mtimeMs, mode });
      for (const name of ['new', 'b.txt', 'd']) expect(existsSync(join(job.input, name))).toBe(false);
    });
  });

  describe('a writable mount', () => {
    it('has the same inodes inside and outside', async () => {
      const { place } = at.daemon;
      const job = place.job('inodes');
      const input = place.file(`${job.name}/input/a.txt`, 'x');
      const code = `
import os
open("/output/b.txt", "w").write("made inside")
for path in "/input/a.txt", "/output/b.txt", "/output/":
    print(os.stat(path).st_ino)
`;
      const { stdout } = await at.client.run(code, job.fields);
      const outside = [input, join(job.output, 'b.txt'), job.output].map((path) => statSync(path).ino);
      expect(String(stdout).trim().split('\n').map(Number)).toEqual(outside);
      expect(readFileSync(join(job.output, 'b.txt'), 'utf8')).toBe('made inside');
    });

    it('gives what the job makes to the requesting user', async () => {
      const { place } = at.daemon;
      const job = place.job('owned');
      const code = `
import os
open("/output/file", "w").write("x")
os.makedirs("/output/folder/deep")
open("/output/folder/deep/file", "w").write("x")
print(os.stat("/output/file").st_uid, os.getuid())
`;
      expect(await at.client.run(code, job.fields)).toMatchObject({ status: 'ok', stdout: '0 0\n' });
      for (const path of ['file', 'folder', 'folder/deep', 'folder/deep/file']) {
        expect(statSync(join(job.output, path)), path).toMatchObject({ uid: account.uid, gid: account.gid });
      }
    });

    it('works with the user’s 0600 input and 0700 output', async () => {
      const { place } = at.daemon;
      const job = place.job('private');
      place.file(`${job.name}/input/secret`, 'for my eyes', 0o600);
      place.directory(`${job.name}/output/mine`, 0o700);
      const code = 'open("/output/mine/copy", "w").write(open("/input/secret").read())';
      expect(await at.client.run(code, job.fields)).toMatchObject({ status: 'ok', stderr: '' });
      expect(readFileSync(join(job.output, 'mine/copy'), 'utf8')).toBe('for my eyes');
    });

    it('is made where it is missing, for the user and with the mode that the policy says', async () => {
      const { place } = at.daemon;
      const job = place.job('made');
      rmdirSync(job.output);
      const code = 'open("/output/file", "w").write("x")';
      expect(await at.client.run(code, job.fields)).toMatchObject({ status: 'ok', stderr: '' });
      const { uid, gid, mode } = statSync(job.output);
      expect({ uid, gid, mode: mode & 0o7777 }).toEqual({ uid: account.uid, gid: account.gid, mode: 0o700 });
    });

    it('takes no setuid bit, no device and no symbolic link', async () => {
      const job = at.daemon.place.job('bits');
      const code = `
import os, stat
def refused(what):
    try: what()
    except OSError: return True
    return False
open("/output/file", "w")
print(refused(lambda: os.chmod("/output/file", 0o4755)))
print(refused(lambda: os.fchmod(os.open("/output/file", os.O_RDONLY), 0o2755)))
print(refused(lambda: os.chmod("file", 0o6755, dir_fd=os.open("/output", os.O_RDONLY))))
print(refused(lambda: os.mkdir("/output/folder", 0o2755)))
print(refused(lambda: os.close(os.open("/output/other", os.O_CREAT | os.O_WRONLY, 0o4755))))
print(refused(lambda: os.mknod("/output/null", stat.S_IFCHR | 0o666, os.makedev(1, 3))))
print(refused(lambda: os.symlink("/etc/passwd", "/output/link")))
print(refused(lambda: os.mkfifo("/output/fifo")))
print(refused(lambda: os.mknod("/output/socket", stat.S_IFSOCK | 0o666)))
print(refused(lambda: os.link("/usr/bin/python3", "/output/hard")))
`;
      expect((await at.client.run(code, job.fields)).stdout).toBe('True\n'.repeat(10));
      expect(statSync(join(job.output, 'file')).mode & 0o7000).toBe(0);
      for (const name of ['other', 'null', 'link', 'fifo', 'socket', 'hard'])
        expect(existsSync(join(job.output, name))).toBe(false);
    });

    it('runs no program from it', async () => {
      const job = at.daemon.place.job('exec');
      const code = `
import os
open("/output/program", "w").write("#!/bin/sh\\ntouch /output/ran\\n")
os.chmod("/output/program", 0o755)
try: os.execv("/output/program", ["program"])
except OSError as error: print(type(error).__name__)
`;
      expect((await at.client.run(code, job.fields)).stdout).toBe('PermissionError\n');
      expect(existsSync(join(job.output, 'ran'))).toBe(false);
    });
  });

  describe('mounts', () => {
    it.runIf(isRoot)(
      'are allowed where the daemon itself may not look: the opener says who may (needs root)',
      async () => {
        const { place } = at.daemon;
        const stranger = { uid: account.uid + 1, gid: account.gid + 1 };
        place.directory('closed', 0o755, stranger);
        place.directory('closed/below', 0o755, stranger);
        chmodSync(join(place.root, 'closed'), 0o700);
        const allow_paths = [join(place.root, 'closed/below')];
        expect(await at.client.run('print(1)', { allow_paths })).toMatchObject({ status: 'ok', stdout: '1\n' });
        const mounts = [{ host: allow_paths[0] ?? '', sandbox: '/input' }];
        expect((await at.client.execute('', { allow_paths, mounts })).error).toMatchObject({
          code: 'LW_REQUEST_MOUNT_MISSING',
          place: { field: 'mounts[0].host' },
        });
      },
    );

    it('of one job are not there in the next', async () => {
      const job = at.daemon.place.job('gone');
      at.daemon.place.file(`${job.name}/input/a.txt`, 'x');
      const code = 'import os; print(os.path.exists("/input/a.txt"), os.path.exists("/output/"))';
      expect((await at.client.run(code, job.fields)).stdout).toBe('True True\n');
      for (let round = 0; round < 6; round++) expect((await at.client.run(code)).stdout).toBe('False False\n');
    });

    it('leave the host’s mount table as it was', async () => {
      const before = readFileSync('/proc/self/mountinfo', 'utf8');
      await at.client.run('pass', at.daemon.place.job('table').fields);
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(before);
    });

    it.skipIf(!isRoot)('have no file system under them that came later (needs root)', async () => {
      const job = at.daemon.place.job('later');
      mkdirSync(join(job.input, 'sub'));
      writeFileSync(join(job.input, 'sub', 'under'), 'x');
      const { stdout } = await at.client.run('import os; print(os.listdir("/input/sub"))', job.fields);
      expect(stdout).toBe("['under']\n");
    });
  });
});
