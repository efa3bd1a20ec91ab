/** `files` of a request: written by the job's own process, confined as its code is, before any of the code runs. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asEachAccount } from './harness/account.js';
import { withDaemon } from './harness/fixture.js';

const NEVER = 'print("the code has run")';

asEachAccount((account) => {
  describe('files of a request', () => {
    const at = withDaemon(account);

    it('are there when the code runs, text and bytes, in folders that are made for them', async () => {
      const code = `
import os, stat
for path in ("/tmp/a.csv", "/tmp/deep/er/b", "/dev/shm/empty"):
    print(open(path, "rb").read(), oct(os.stat(path).st_mode & 0o777))
print(oct(os.stat("/tmp/deep").st_mode & 0o777))
`;
      const files = { '/tmp/a.csv': 'olá', '/tmp/deep/er/b': Uint8Array.of(0, 255), '/dev/shm/empty': '' };
      expect(await at.client.run(code, { files })).toMatchObject({
        status: 'ok',
        stderr: '',
        stdout: "b'ol\\xc3\\xa1' 0o644\nb'\\x00\\xff' 0o644\nb'' 0o644\n0o755\n",
        denials: [],
      });
    });

    it('of megabytes come through whole, and a first file that fails keeps none of the rest from being read', async () => {
      const big = Buffer.alloc(6 << 20, 'leeward ');
      const code = 'import os; print(os.path.getsize("/tmp/big"), open("/tmp/big").read(8))';
      expect(await at.client.run(code, { files: { '/tmp/big': big } })).toMatchObject({
        stdout: `${6 << 20} leeward \n`,
      });
      const job = at.daemon.place.job('files-rest');
      mkdirSync(join(job.output, 'taken'));
      const files = { '/output/taken': 'x', '/tmp/big': big };
      expect(await at.client.run(NEVER, { ...job.fields, files })).toMatchObject({
        status: 'error',
        stdout: '',
        error: { name: 'IsADirectoryError' },
      });
    });

    it('go to a writable mount as the job’s own, over what is there', async () => {
      const job = at.daemon.place.job('files-mount');
      at.daemon.place.file(`${job.name}/output/old.txt`, 'a longer text', 0o644);
      const files = { '/output/old.txt': 'new', '/output/sub/made.txt': 'made' };
      expect(await at.client.run('print("ran")', { ...job.fields, files })).toMatchObject({ stdout: 'ran\n' });
      expect(readFileSync(join(job.output, 'old.txt'), 'utf8')).toBe('new');
      expect(statSync(join(job.output, 'sub/made.txt'))).toMatchObject({ uid: account.uid, size: 4 });
    });

    it('are written through no link and wait at no FIFO: the job ends as by an exception, before its code', async () => {
      const job = at.daemon.place.job('files-planted');
      const outside = at.daemon.place.file(`${job.name}/victim`, 'untouched', 0o666);
      symlinkSync(outside, join(job.output, 'link'));
      execFileSync('mkfifo', ['-m', '666', join(job.output, 'fifo')]);
      for (const [name, exception] of [
        ['link', 'OSError'],
        ['fifo', 'OSError'],
        ['link/beneath', 'FileExistsError'],
      ]) {
        const path = `/output/${name}`;
        const { status, stdout, stderr, error } = await at.client.run(NEVER, { ...job.fields, files: { [path]: 'x' } });
        expect({ name, status, stdout, exception: error?.name }).toEqual({
          name,
          status: 'error',
          stdout: '',
          exception,
        });
        expect(stderr).toContain('while placing a file of the request: ');
        expect(stderr).toContain(path);
        expect(stderr).not.toContain('zygote');
      }
      expect(readFileSync(outside, 'utf8')).toBe('untouched');
    });

    it('that are larger than the policy lets files be end the job, too', async () => {
      const files = { '/tmp/a': Buffer.alloc(2 << 20), '/tmp/b': '' };
      const result = await at.client.run(NEVER, { policy: 'it-limits', files });
      expect(result).toMatchObject({ status: 'error', exit_code: 1, stdout: '', error: { name: 'OSError' } });
      expect(result.error?.value).toBe("[Errno 27] File too large, while placing a file of the request: '/tmp/a'");
    });

    it('need no call that a shipped policy denies; a folder that one cannot make is named', async () => {
      const code = 'print(open("/tmp/a").read())';
      const strict = { policy: 'strict', files: { '/tmp/a': 'text' } };
      expect(await at.client.run(code, strict)).toMatchObject({ stdout: 'text\n', stderr: '', denials: [] });
      const result = await at.client.run(NEVER, { ...strict, files: { '/tmp/new/a': 'text' } });
      expect(result).toMatchObject({ status: 'error', stdout: '', error: { name: 'PermissionError' } });
    });

    it('are each job’s own where a process runs several', async () => {
      const code = 'import os; print(open("/tmp/same").read(), os.environ.get("TZ"))';
      for (let run = 0; run < 4; run += 1) {
        const files = { '/tmp/same': `run ${run}` };
        const result = await at.client.run(code, { policy: 'it-reused', files, env: { TZ: 'UTC' } });
        expect(result).toMatchObject({ status: 'ok', stdout: `run ${run} UTC\n` });
      }
    });

    it('are refused outside of what the job may write, before anything runs', async () => {
      const refused = await at.client.refused(NEVER, { files: { '/usr/a': '' } });
      expect(refused).toMatchObject({ code: 'LW_REQUEST_FILE_TARGET', place: { field: 'files["/usr/a"]' } });
    });
  });
});
