import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeFrame } from '../../../src/protocol/encode.js';
import type { Connection } from '../../harness/connection.js';
import { holdRunning, type RunningJob } from '../../harness/running-job.js';
import { asEachAccount } from '../harness/account.js';
import { withDaemon } from '../harness/fixture.js';

interface RefusedVector {
  readonly name: string;
  readonly frame: string;
  readonly code: string;
  readonly field: string | null;
  readonly id: number | null;
  /** The stream cannot be followed after it. */
  readonly lost: boolean;
}

const VECTORS = JSON.parse(
  readFileSync(new URL('../../vectors/protocol/refused.json', import.meta.url), 'utf8'),
) as readonly RefusedVector[];

asEachAccount((account) => {
  const at = withDaemon(account);
  let other: Connection;
  let running: RunningJob;
  let pid: number;

  // Another client's job runs all the while, and is to end as if nothing had happened.
  beforeAll(async () => {
    other = await at.daemon.connect();
    running = await holdRunning(at.daemon, other, 'print("undisturbed")');
    pid = at.daemon.daemonPid;
  });
  afterAll(() => other.close());

  describe('a frame that is no request', () => {
    it.each(VECTORS.map((vector) => [vector.name, vector] as const))(
      '%s',
      async (_, { frame, code, field, id, lost }) => {
        const connection = await at.daemon.connect();
        connection.send(Buffer.from(frame, 'hex'));
        const answer = await connection.receive();
        expect(answer).toMatchObject({ success: false, id, error: { code, retryable: false } });
        expect(answer?.error?.place ?? null).toEqual(field === null ? null : { field });
        expect(answer?.error?.message).toBeTruthy();
        if (lost) expect(await connection.receive()).toBeUndefined();
        else expect(await connection.ask({ type: 'Ping' })).toMatchObject({ success: true });
        connection.close();
      },
    );

    it('garbage ends the connection with an error frame', async () => {
      const connection = await at.daemon.connect();
      connection.send(Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'));
      expect(await connection.receive()).toMatchObject({ type: 'Error', error: { code: 'LW_PROTO_FRAME_TOO_LONG' } });
      expect(await connection.receive()).toBeUndefined();
      connection.close();
    });

    it('a frame that never ends, or ends in the middle, costs nobody anything', async () => {
      const slow = await at.daemon.connect();
      slow.send(Buffer.from([0, 0xff, 0xff, 0xff, 0x81]));
      const cut = await at.daemon.connect();
      cut.send(encodeFrame({ type: 'Ping' }).subarray(0, 7));
      cut.close();
      expect((await at.client.run('print("served")')).stdout).toBe('served\n');
      slow.close();
    });
  });

  describe('a request that is refused', () => {
    const refused = (fields: object): Promise<object> => at.client.refused('print("must not run")', fields);

    it('an unknown policy, with the nearest name', async () => {
      expect(await refused({ policy: 'pyton' })).toMatchObject({
        code: 'LW_REQUEST_UNKNOWN_POLICY',
        place: { field: 'policy' },
        hint: expect.stringContaining('python'),
      });
    });

    it.each([
      ['timeout_secs', 1e7],
      ['memory_limit', 2 ** 50],
    ])('%s above the policy’s maximum, with its place', async (field, value) => {
      expect(await refused({ [field]: value })).toMatchObject({
        code: 'LW_REQUEST_LIMIT_ABOVE_MAX',
        message: expect.stringContaining(field),
        place: { field, file: expect.stringMatching(/\.yaml$/), line: expect.any(Number), col: expect.any(Number) },
      });
    });

    it('a mount outside of what is allowed', async () => {
      const mounts = [{ host: '/etc', sandbox: '/input' }];
      expect(await refused({ mounts })).toMatchObject({
        code: 'LW_REQUEST_MOUNT_NOT_ALLOWED',
        place: { field: 'mounts[0].host' },
      });
    });

    it('a path that leaves the allowed one with ..', async () => {
      const job = at.daemon.place.job('dotdot');
      const mounts = [{ host: `${job.input}/../../../state`, sandbox: '/input' }];
      expect(await refused({ ...job.fields, mounts })).toMatchObject({
        code: expect.stringMatching(/^LW_(REQUEST_MOUNT_NOT_ALLOWED|PROTO_BAD_FIELD)$/),
        place: { field: 'mounts[0].host' },
      });
    });

    it.each(['the last part', 'a part in between'])('a symbolic link as %s', async (where) => {
      const { place } = at.daemon;
      const job = place.job(where === 'the last part' ? 'link-last' : 'link-between');
      const target = where === 'the last part' ? '/etc' : place.jobs;
      symlinkSync(target, join(job.input, 'link'));
      const host =
        where === 'the last part' ? join(job.input, 'link') : join(job.input, 'link', job.name.slice(5), 'input');
      expect(await refused({ ...job.fields, mounts: [{ host, sandbox: '/input' }] })).toMatchObject({
        code: 'LW_REQUEST_MOUNT_SYMLINK',
        place: { field: 'mounts[0].host' },
      });
    });

    it('a source that does not exist', async () => {
      const job = at.daemon.place.job('missing');
      const mounts = [{ host: join(job.input, 'nothing'), sandbox: '/input' }];
      expect(await refused({ ...job.fields, mounts })).toMatchObject({
        code: 'LW_REQUEST_MOUNT_MISSING',
        place: { field: 'mounts[0].host' },
      });
    });

    it.each([
      ['over a mount of the policy', '/usr'],
      ['beneath one', '/usr/share/input'],
      ['over the root', '/'],
      ['with ..', '/input/../usr'],
      ['over proc', '/proc'],
    ])('a target %s', async (_, sandbox) => {
      const job = at.daemon.place.job(`target-${Math.random().toString(36).slice(2)}`);
      expect(await refused({ ...job.fields, mounts: [{ host: job.input, sandbox }] })).toMatchObject({
        code: expect.stringMatching(/^LW_(REQUEST_MOUNT_TARGET|REQUEST_MOUNT_NOT_ALLOWED|PROTO_BAD_FIELD)$/),
        place: { field: 'mounts[0].sandbox' },
      });
    });

    it('two mounts at one target', async () => {
      const job = at.daemon.place.job('twice');
      const mounts = [job.input, job.output].map((host) => ({ host, sandbox: '/input' }));
      expect(await refused({ ...job.fields, mounts })).toMatchObject({ place: { field: 'mounts[1].sandbox' } });
    });

    it.each(['LD_PRELOAD', 'PYTHONPATH', 'PATH', 'GLIBC_TUNABLES'])('the environment variable %s', async (name) => {
      expect(await refused({ env: { [name]: 'x' } })).toMatchObject({
        code: 'LW_REQUEST_ENVIRONMENT',
        place: { field: `env.${name}` },
      });
    });

    it('the same job_id twice at a time', async () => {
      const job = await holdRunning(at.daemon, at.client, '', { job_id: 'only-one' });
      expect(await refused({ job_id: 'only-one' })).toMatchObject({
        code: 'LW_REQUEST_DUPLICATE_JOB',
        place: { field: 'job_id' },
        retryable: true,
      });
      await job.finish();
    });

    it('a source that only the daemon may read is not lent to the requester', async () => {
      const { place } = at.daemon;
      const job = place.job('closed');
      place.directory(`${job.name}/input/closed`, 0o000);
      writeFileSync(join(job.input, 'marker'), '');
      const mounts = [{ host: join(job.input, 'closed', 'below'), sandbox: '/input' }];
      expect(await refused({ ...job.fields, mounts })).toMatchObject({
        code: 'LW_REQUEST_MOUNT_MISSING',
        place: { field: 'mounts[0].host' },
      });
    });
  });

  describe('after all of this', () => {
    it('the daemon is the same process, and the other client’s job ends as it should', async () => {
      expect(at.daemon.daemonPid).toBe(pid);
      expect(await running.finish()).toMatchObject({ status: 'ok', stdout: 'undisturbed\n' });
      expect((await at.daemon.status()).supervisor.restarts).toBe(0);
    });
  });
});
