/**
 * Small files of a request. `files`: written by the job's own process, confined as its code is, before any of the code runs. `collect`: those of
 * writable mounts, returned with the result; what may lie there: collector_test.c.
 */
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isRoot } from '../../harness/account.js';
import { asEachAccount } from '../harness/account.js';
import { withDaemon } from '../harness/fixture.js';

const NEVER = 'print("the code has run")';

asEachAccount((account) => {
  const at = withDaemon(account);

  describe('files of a request', () => {
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

  describe('what a request collects', () => {
    it('comes back as bytes, by its path in the sandbox, however the job has ended', async () => {
      const job = at.daemon.place.job('collect');
      const fields = { ...job.fields, collect: ['/output/*.png', '/output/sub/report.csv', '/output/none'] };
      const code = `
import os
os.mkdir("/output/sub")
open("/output/a.png", "wb").write(bytes([0, 255]))
open("/output/.hidden.png", "w").write("no")
open("/output/sub/report.csv", "w").write("x,y")
1 / 0
`;
      const result = await at.client.run(code, fields);
      expect(result).toMatchObject({ status: 'error', error: { name: 'ZeroDivisionError' } });
      expect(result.files).toEqual({
        '/output/a.png': Buffer.from([0, 255]),
        '/output/sub/report.csv': Buffer.from('x,y'),
      });
      expect(result.not_collected).toEqual([{ path: '/output/none', reason: 'missing' }]);
      const late = await at.client.run('open("/output/b.png", "w").write("late")\nwhile True: pass', {
        ...fields,
        timeout_secs: 0.5,
      });
      expect(late).toMatchObject({ status: 'timed_out', timed_out: true });
      expect(Object.keys(late.files ?? {})).toContain('/output/b.png');
      expect(await at.client.run('pass', job.fields)).not.toHaveProperty('files');
    });

    it('is nothing that the user could not read, and nothing that only looks like a file', async () => {
      const { place } = at.daemon;
      const job = place.job('collect-planted');
      const secret = place.file(`${job.name}/secret`, 'not for the job', 0o600, { uid: 12_399, gid: 12_399 });
      if (isRoot) linkSync(secret, join(job.output, 'hard'));
      symlinkSync(secret, join(job.output, 'link'));
      symlinkSync(job.input, join(job.output, 'way'));
      execFileSync('mkfifo', ['-m', '666', join(job.output, 'fifo')]);
      place.directory(`${job.name}/output/folder`);
      place.file(`${job.name}/input/inside`, 'the input');
      place.file(`${job.name}/output/fine`, 'fine');
      execFileSync('truncate', ['-s', '1T', join(job.output, 'sparse')]);
      if (isRoot) execFileSync('mknod', [join(job.output, 'device'), 'c', '1', '5']);
      const collect = ['/output/*', '/output/way/inside'];
      const { files, not_collected } = await at.client.run('pass', { ...job.fields, collect });
      expect(files).toEqual({ '/output/fine': Buffer.from('fine') });
      const reasons = Object.fromEntries((not_collected ?? []).map(({ path, reason }) => [path, reason]));
      expect(reasons).toMatchObject({
        '/output/link': 'symlink',
        '/output/way': 'symlink',
        '/output/way/inside': 'symlink',
        '/output/fifo': 'special',
        '/output/folder': 'directory',
        '/output/sparse': 'too_large',
        ...(isRoot ? { '/output/hard': 'unreadable', '/output/device': 'special' } : {}),
      });
    });

    it('has bounds in files and bytes, and names what is beyond them', async () => {
      const job = at.daemon.place.job('collect-many');
      const code = `
for number in range(10_000): open(f"/output/{number:05}", "w").close()
open("/output/big", "wb").write(bytes(9 << 20))
print("x" * 1000)
`;
      const { files, not_collected, stdout } = await at.client.run(code, {
        ...job.fields,
        collect: ['/output/[b0]*', '/output/big'],
      });
      expect(Object.keys(files ?? {})).toHaveLength(256);
      expect(Object.keys(files ?? {}).at(-1)).toBe('/output/00255');
      expect(not_collected).toEqual([{ path: '/output/[b0]*', reason: 'too_many' }]);
      expect(stdout).toHaveLength(1001);
      const big = await at.client.run('open("/output/whole", "wb").write(bytes(8 << 20))', {
        ...job.fields,
        collect: ['/output/whole', '/output/big', '/output/00000'],
      });
      expect(big.files?.['/output/whole']?.length).toBe(8 << 20);
      expect(Object.keys(big.files ?? {})).toEqual(['/output/whole', '/output/00000']);
      expect(big.not_collected).toEqual([{ path: '/output/big', reason: 'too_large' }]);
    });

    it('has names that are not text named, not returned', async () => {
      const job = at.daemon.place.job('collect-names');
      const code = 'for name in (b"/output/a\\xff", "/output/ação", "/output/a\\nb"): open(name, "w").close()';
      const { files, not_collected } = await at.client.run(code, { ...job.fields, collect: ['/output/a*'] });
      expect(Object.keys(files ?? {}).sort()).toEqual(['/output/a\nb', '/output/ação']);
      expect(not_collected).toEqual([{ path: '/output/a\ufffd', reason: 'name_not_utf8' }]);
    });

    it('is each job’s own where a process runs several', async () => {
      let reused = false;
      for (let run = 0; run < 20 && !reused; run += 1) {
        const job = at.daemon.place.job(`collect-reused-${run}`);
        const fields = { ...job.fields, policy: 'it-reused', collect: ['/output/*'] };
        const { files, status, enforced } = await at.client.run(`open("/output/run", "w").write("${run}")`, fields);
        expect({ status, files }).toEqual({ status: 'ok', files: { '/output/run': Buffer.from(String(run)) } });
        reused = enforced.execution.number > 1;
      }
      // What is kept of a mount for collecting does not keep the process from giving the mount back.
      expect(reused).toBe(true);
    });

    it('is refused outside of writable mounts, before anything runs', async () => {
      const job = at.daemon.place.job('collect-refused');
      for (const pattern of ['/tmp/a', '/input/*', '/output*']) {
        const refused = await at.client.refused(NEVER, { ...job.fields, collect: [pattern] });
        expect(refused).toMatchObject({ code: 'LW_REQUEST_COLLECT_TARGET', place: { field: 'collect[0]' } });
      }
    });

    it('can be what files of the request have put there', async () => {
      const job = at.daemon.place.job('collect-files');
      const fields = { ...job.fields, files: { '/output/in/a': 'there and back' }, collect: ['/output/in/*'] };
      expect((await at.client.run('pass', fields)).files).toEqual({ '/output/in/a': Buffer.from('there and back') });
    });
  });
});
