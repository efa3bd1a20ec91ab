import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smallPlan } from '../../test/native/small-plan.js';
import { testSupervisorConfig } from '../../test/native/supervisor-config.js';
import { decodePlan } from '../plan/decode.js';
import { encodePlan } from '../plan/encode.js';
import type { StreamName } from '../plan/layout.gen.js';
import { encodeMessage } from '../plan/messages.js';
import { ownEnvelope } from './envelope.js';
import type { JobEnd, JobHandle, JobMount, JobPeer } from './job.js';
import { loadAddon, nativeFile } from './load.js';
import type { PoolHandle } from './pool.js';
import { Supervisor } from './supervisor.js';

// The real supervisor, real namespaces, real jobs; as root and as an ordinary user.
const isRoot = process.getuid?.() === 0;

const workspace = mkdtempSync(join(tmpdir(), 'leeward-workspace-'));
const config = testSupervisorConfig({ cgroupName: `leeward/native-test-${process.pid}`, workspace });

afterAll(() => {
  rmSync(workspace, { recursive: true });
});

interface Outcome extends JobEnd {
  readonly stdout: string;
  readonly stderr: string;
  readonly claims: string;
}

interface Job {
  readonly handle: JobHandle;
  readonly outcome: Promise<Outcome>;
  readonly started: Promise<void>;
}

function payload(code: string): Buffer {
  const text = Buffer.from(JSON.stringify({ code, filename: '<job>', argv: ['job', 'a'], env: {}, run: 'code' }));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, text]);
}

const self: JobPeer = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, groups: [] };

interface Options {
  readonly stdin?: string;
  readonly peer?: JobPeer;
  readonly mounts?: readonly JobMount[];
}

function start(supervisor: Supervisor, pool: PoolHandle, code: string, options: Options = {}): Job {
  const output: Record<StreamName, Buffer[]> = { stdout: [], stderr: [], claims: [] };
  let begin = (): void => undefined;
  const started = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const handle = supervisor.run(
    {
      poolId: pool.id,
      memoryMax: 256n << 20n,
      timeoutMs: 20_000n,
      peer: options.peer ?? self,
      mounts: options.mounts ?? [],
      payload: payload(code),
      stdin: options.stdin === undefined ? null : Buffer.from(options.stdin),
    },
    { onStarted: () => begin(), onOutput: (stream, data) => output[stream].push(Buffer.from(data)) },
  );
  const text = (stream: StreamName): string => Buffer.concat(output[stream]).toString();
  const outcome = handle.ended.then((end) => ({
    ...end,
    stdout: text('stdout'),
    stderr: text('stderr'),
    claims: text('claims'),
  }));
  return { handle, outcome, started };
}

test('the plan of these tests is canonical', () => {
  expect(decodePlan(encodePlan(smallPlan()))).toEqual(smallPlan());
});

describe('a supervisor', () => {
  let supervisor: Supervisor;
  let pool: PoolHandle;
  const logs: string[] = [];

  beforeAll(async () => {
    const own = ownEnvelope(config);
    const peers = [0, 12_345, 12_346].map((hostId) => ({ who: 'uid' as const, hostId }));
    const envelope = own === undefined ? {} : { envelope: { ...own, peers } };
    supervisor = await Supervisor.start({
      config,
      ...envelope,
      onLog: (level, text) => logs.push(`${level}: ${text}`),
    });
    pool = await supervisor.openPool(smallPlan(), { standby: 2, max: 4, tenant: 1 });
  }, 30_000);

  afterAll(async () => {
    await supervisor.close();
  });

  test('says what it found', () => {
    expect(supervisor.ready.flags).toEqual(isRoot ? ['privileged', 'slot_ids'] : []);
    expect(pool.zygotePid).toBeGreaterThan(0);
    expect(pool.setupUs).toBeGreaterThan(0);
  });

  test('runs hello', async () => {
    const code = "import sys; print('hello', sys.argv, sys.stdin.read())";
    const end = await start(supervisor, pool, code, { stdin: 'input' }).outcome;
    expect(end).toMatchObject({ status: 'ok', exitCode: 0, signal: null, started: true, failure: null, denials: [] });
    expect(end.stdout).toBe("hello ['job', 'a'] input\n");
    expect(end.receipt?.receiptFlags).toEqual(
      expect.arrayContaining(['no_new_privs', 'seccomp_filter', 'capabilities_empty']),
    );
    expect(end.runUs).toBeGreaterThan(0);
  });

  test('hands over many jobs at once', async () => {
    const jobs = Array.from({ length: 12 }, (_, number) => start(supervisor, pool, `print(${number})`));
    const ends = await Promise.all(jobs.map(({ outcome }) => outcome));
    expect(ends.map(({ status, stdout }) => [status, Number(stdout)])).toEqual(jobs.map((_, number) => ['ok', number]));
  });

  test('tells exit code, exception and denials apart', async () => {
    const [exit, raised, denied] = await Promise.all(
      [
        'import os; os._exit(3)',
        "raise ValueError('no')",
        'import socket\ntry: socket.socket()\nexcept OSError as e: print(e.errno)',
      ].map((code) => start(supervisor, pool, code).outcome),
    );
    expect(exit).toMatchObject({ status: 'error', exitCode: 3 });
    expect(raised).toMatchObject({ status: 'error', exitCode: 1 });
    expect(raised?.claims.split('\0').slice(0, 2)).toEqual(['ValueError', 'no']);
    expect(denied).toMatchObject({ status: 'ok', stdout: '13\n', denialsTotal: 1 });
    expect(denied?.denials).toMatchObject([{ errno: 13, count: 1 }]);
  });

  test.runIf(isRoot)('attaches what the peer may read and write (needs root)', async () => {
    const peer = { uid: 12_345, gid: 23_456, groups: [34_567] };
    const root = mkdtempSync(join(tmpdir(), 'leeward-mounts-'));
    for (const name of ['in', 'out']) mkdirSync(join(root, name));
    writeFileSync(join(root, 'in/data'), 'secret');
    for (const path of ['', 'in', 'in/data', 'out']) chownSync(join(root, path), peer.uid, peer.gid);
    for (const path of ['in/data', 'out']) chmodSync(join(root, path), 0o700);
    const mount = (path: string, target: string, flags: JobMount['flags']): JobMount => ({
      root,
      path,
      target,
      flags,
      createMode: 0,
    });
    const mounts = [mount('in', '/input', ['noexec']), mount('out', '/output', ['writable', 'noexec'])];
    const code = "open('/output/copy', 'w').write(open('/input/data').read()); open('/input/new', 'w')";
    const end = await start(supervisor, pool, code, { peer, mounts }).outcome;
    expect(end.claims).toContain('Read-only file system');
    expect(end.receipt?.receiptFlags).toContain('id_mapped_mounts');
    expect(readFileSync(join(root, 'out/copy'), 'utf8')).toBe('secret');
    expect(statSync(join(root, 'out/copy'))).toMatchObject({ uid: peer.uid, gid: peer.gid });
    const stranger = { uid: 12_346, gid: 12_346, groups: [] };
    const refused = await start(supervisor, pool, 'print(1)', {
      peer: stranger,
      mounts: [mount('out/copy', '/input', [])],
    }).outcome;
    expect(refused).toMatchObject({
      status: 'sandbox_error',
      started: false,
      failure: { stage: 'open_source', errnoName: 'EACCES' },
    });
    rmSync(root, { recursive: true });
  });

  test('cancels a job', async () => {
    const { handle, outcome } = start(supervisor, pool, 'while True: pass');
    supervisor.cancel(handle);
    expect(await outcome).toMatchObject({ status: 'cancelled' });
  });

  test('refuses a plan that is not canonical, and names the reason', async () => {
    const plan = encodePlan(smallPlan());
    plan.writeUInt32LE(99, 8);
    await expect(supervisor.openPool(plan, { standby: 1, max: 1, tenant: 1 })).rejects.toMatchObject({
      code: 'LW_PLAN_INVALID',
      message: expect.stringContaining('version'),
    });
  });

  test('reports a module that cannot be imported', async () => {
    const opening = supervisor.openPool(smallPlan({ preload: ['no_such_module'] }), { standby: 1, max: 1, tenant: 1 });
    await expect(opening).rejects.toMatchObject({
      code: 'LW_RUNTIME_INVALID',
      message: expect.stringContaining('no_such_module'),
    });
  });

  test('closes a pool', async () => {
    const second = await supervisor.openPool(smallPlan(), { standby: 1, max: 1, tenant: 1 });
    expect(await second.close()).toBeUndefined();
    expect(await second.close()).toBeUndefined();
  });
});

describe('a supervisor that someone else started', () => {
  test('is used through its socket alone', async () => {
    const addon = loadAddon();
    const own = { ...config, cgroupName: `${config.cgroupName}-attached` };
    const envelope = ownEnvelope(own);
    const fd =
      envelope === undefined
        ? -1
        : addon.sealedMemfd('envelope', encodeMessage({ type: 'envelope', id: 0n, ...envelope }));
    const { channelFd, pidfd } = addon.spawnSupervisor(
      nativeFile('leeward-supervisor'),
      ['leeward-supervisor'],
      [],
      fd,
    );
    if (fd >= 0) addon.closeFd(fd);
    const attached = await Supervisor.attach(channelFd, { config: own });
    expect(attached.pid).toBeUndefined();
    const pool = await attached.openPool(smallPlan(), { standby: 1, max: 1, tenant: 1 });
    expect(await start(attached, pool, 'print(1)').outcome).toMatchObject({ status: 'ok', stdout: '1\n' });
    await attached.close();
    expect(await attached.ended).toEqual({ reason: 'supervisor closed its channel', expected: true });
    addon.closeFd(pidfd);
  });
});

describe('a supervisor that does not keep up', () => {
  test('is busy, and cancels what it was asked to once it can', async () => {
    const slow = await Supervisor.start({ config: { ...config, cgroupName: `${config.cgroupName}-slow` } });
    const pool = await slow.openPool(smallPlan(), { standby: 1, max: 1, tenant: 1 });
    const running = start(slow, pool, 'import time; time.sleep(60)');
    await running.started;
    const [loop] = readFileSync(`/proc/${slow.pid}/task/${slow.pid}/children`, 'utf8').trim().split(' ');
    process.kill(Number(loop), 'SIGSTOP');
    const waiting: Job[] = [];
    expect(() => {
      for (let count = 0; count < 2000; count++) waiting.push(start(slow, pool, 'pass'));
    }).toThrow(expect.objectContaining({ code: 'LW_DAEMON_BUSY' }));
    for (const { handle } of [...waiting, running]) slow.cancel(handle);
    process.kill(Number(loop), 'SIGCONT');
    expect(await running.outcome).toMatchObject({ status: 'cancelled' });
    for (const { outcome } of waiting) expect((await outcome).status).toMatch(/^(cancelled|ok)$/);
    await slow.close();
  }, 30_000);
});

describe('a pool that is closed while the supervisor does not keep up', () => {
  test('is closed once it can', async () => {
    const slow = await Supervisor.start({ config: { ...config, cgroupName: `${config.cgroupName}-close` } });
    const pool = await slow.openPool(smallPlan(), { standby: 1, max: 1, tenant: 1 });
    const other = await slow.openPool(smallPlan(), { standby: 1, max: 1, tenant: 1 });
    const [loop] = readFileSync(`/proc/${slow.pid}/task/${slow.pid}/children`, 'utf8').trim().split(' ');
    process.kill(Number(loop), 'SIGSTOP');
    const waiting: Job[] = [];
    expect(() => {
      for (let count = 0; count < 2000; count++) waiting.push(start(slow, other, 'pass'));
    }).toThrow(expect.objectContaining({ code: 'LW_DAEMON_BUSY' }));
    const closed = pool.close();
    process.kill(Number(loop), 'SIGCONT');
    expect(await closed).toBeUndefined();
    for (const { handle } of waiting) slow.cancel(handle);
    for (const { outcome } of waiting) await outcome;
    await slow.close();
  }, 30_000);
});

describe('when the supervisor is killed', () => {
  const killed = { config: { ...config, cgroupName: `${config.cgroupName}-killed` } };

  test('what runs is lost, pools fail, the end is told, and the next one works', async () => {
    const victim = await Supervisor.start(killed);
    const pool = await victim.openPool(smallPlan(), { standby: 1, max: 2, tenant: 1 });
    const { handle, outcome, started } = start(victim, pool, 'while True: pass');
    await started;
    process.kill(victim.pid as number, 'SIGKILL');
    expect(await outcome).toMatchObject({
      status: 'lost',
      started: true,
      receipt: null,
      lostReason: 'supervisor killed by SIGKILL',
    });
    expect(await pool.ended).toMatchObject({ code: 'LW_SANDBOX_ERROR', retryable: true });
    expect(await victim.ended).toEqual({ reason: 'supervisor killed by SIGKILL', expected: false });
    expect(existsSync(`/proc/${victim.pid}`)).toBe(false);
    // Asking a dead one is no crash.
    victim.cancel(handle);
    expect(await start(victim, pool, 'print(1)').outcome).toMatchObject({ status: 'lost' });
    await expect(victim.openPool(smallPlan(), { standby: 1, max: 1, tenant: 1 })).rejects.toMatchObject({
      code: 'LW_SANDBOX_ERROR',
    });

    const next = await Supervisor.start(killed);
    const again = await next.openPool(smallPlan(), { standby: 1, max: 1, tenant: 1 });
    expect(await start(next, again, 'print(1)').outcome).toMatchObject({ status: 'ok', stdout: '1\n' });
    await next.close();
    expect(existsSync(next.ready.cgroupBase)).toBe(false);
  }, 30_000);
});
