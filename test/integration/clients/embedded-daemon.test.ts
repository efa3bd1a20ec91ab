import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Daemon, type DaemonOptions } from '../../../src/daemon/index.js';
import type { ExecuteRequest, ExecuteResponse } from '../../../src/protocol/messages.gen.js';
import { violationOf } from '../../../src/protocol/request-schema.js';

// The Daemon class as `leeward exec` embeds it, in this process, with a real supervisor.

const directory = mkdtempSync(join(tmpdir(), 'leeward-embedded-'));
const policies = join(directory, 'policies');
const daemons: Daemon[] = [];

/** A policy with one place: its second job has to wait. */
function writePolicies(): void {
  mkdirSync(join(policies, 'runtimes'), { recursive: true });
  const runtime = 'version: 1\nkind: Runtime\nname: single\npool: {standby: 1, max: 1}\n';
  writeFileSync(join(policies, 'runtimes', 'single.yaml'), runtime, { mode: 0o644 });
  const policy = 'version: 1\nkind: Policy\nname: single\nextends: [builtin:python@1]\nruntime: single\n';
  writeFileSync(join(policies, 'single.yaml'), policy, { mode: 0o644 });
}

async function start(options: DaemonOptions = {}): Promise<Daemon> {
  const stateDirectory = join(directory, 'state');
  const daemon = await Daemon.start({
    embedded: true,
    stateDirectory,
    policyDirectories: [policies],
    logLevel: 'silent',
    ...options,
  });
  daemons.push(daemon);
  return daemon;
}

function run(
  daemon: Daemon,
  code: string,
  fields: Partial<ExecuteRequest> = {},
  signal?: AbortSignal,
): Promise<ExecuteResponse> {
  return daemon.execute({ type: 'Execute', code, policy: 'single', ...fields }, daemon.ownPeer, { signal });
}

/** Supervisors that this process has started and not yet waited for. */
function supervisors(): number[] {
  return readdirSync('/proc/self/task')
    .flatMap((task) => readFileSync(`/proc/self/task/${task}/children`, 'utf8').trim().split(' '))
    .filter((pid) => pid !== '' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('leeward-supervisor'))
    .map(Number);
}

/** Stops the loop of a supervisor: it is the one child of the process that was started. */
function freeze(supervisor: number): void {
  const [loop] = readFileSync(`/proc/${supervisor}/task/${supervisor}/children`, 'utf8').trim().split(' ');
  process.kill(Number(loop), 'SIGSTOP');
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

beforeAll(writePolicies);

afterEach(async () => {
  for (const daemon of daemons.splice(0)) await daemon.stop(0);
  expect(supervisors()).toEqual([]);
});

afterAll(() => rmSync(directory, { recursive: true }));

describe('an embedded daemon', () => {
  it('runs code, hands out output as it comes, and answers in the form of the schema', async () => {
    const daemon = await start();
    const chunks: string[] = [];
    const code = 'import sys; print("out"); print("err", file=sys.stderr); print(sys.stdin.read(), sys.argv[1:])';
    const answer = await daemon.execute(
      { type: 'Execute', id: 5, code, policy: 'python', stdin: 'in', argv: ['a'] },
      daemon.ownPeer,
      {
        onOutput: (stream, data) => void chunks.push(`${stream} ${Buffer.from(data).toString()}`),
      },
    );
    expect(violationOf('ExecuteResponse', answer)).toBeUndefined();
    expect(answer).toMatchObject({
      type: 'Execute',
      id: 5,
      success: true,
      result: {
        status: 'ok',
        exit_code: 0,
        stdout: "out\nin ['a']\n",
        stderr: 'err\n',
        enforced: { daemon: { embedded: true } },
      },
    });
    expect(
      chunks
        .filter((chunk) => chunk.startsWith('stdout '))
        .map((chunk) => chunk.slice(7))
        .join(''),
    ).toBe("out\nin ['a']\n");
    expect(await daemon.status()).toMatchObject({
      supervisor: { state: 'ready', restarts: 0 },
      jobs: { running: 0, queued: 0, ended: { ok: 1 } },
    });
    expect(violationOf('StatusResult', await daemon.status())).toBeUndefined();
  });

  it('answers what it refuses, and the place', async () => {
    const daemon = await start();
    const refused = async (fields: object) => (await run(daemon, '', fields as Partial<ExecuteRequest>)).error;
    expect(await refused({ policy: 'singel' })).toMatchObject({
      code: 'LW_REQUEST_UNKNOWN_POLICY',
      hint: 'did you mean single?',
    });
    expect(await refused({ timeout: 3 })).toMatchObject({
      code: 'LW_PROTO_UNKNOWN_FIELD',
      place: { field: 'timeout' },
    });
    expect(await refused({ memory_limit: 2 ** 50 })).toMatchObject({
      code: 'LW_REQUEST_LIMIT_ABOVE_MAX',
      place: { file: 'policies/builtin/base.yaml', line: expect.any(Number) },
    });
    const stranger = await daemon.execute({ type: 'Execute', code: '' }, { uid: 65_533, gid: 65_533, groups: [] });
    expect(stranger.error).toMatchObject({ code: 'LW_REQUEST_NO_TENANT' });
  });

  it('lets as many jobs run as the pool has places, as many wait as the queue has, and refuses the next at once', async () => {
    const daemon = await start({ queue: 1 });
    const controller = new AbortController();
    const first = run(daemon, 'import time; time.sleep(60)', {}, controller.signal);
    await until(async () => (await daemon.status()).pools[0]?.running === 1);
    const second = run(daemon, 'print(2)');
    await until(async () => (await daemon.status()).pools[0]?.queued === 1);
    expect((await run(daemon, 'print(3)')).error).toMatchObject({ code: 'LW_DAEMON_BUSY', retryable: true });
    controller.abort();
    expect((await first).error).toMatchObject({ code: 'LW_JOB_CANCELLED' });
    expect((await second).result?.stdout).toBe('2\n');
  });

  it('forgets a waiting job whose client goes, and runs the next', async () => {
    const daemon = await start();
    const holder = new AbortController();
    const leaver = new AbortController();
    const first = run(daemon, 'import time; time.sleep(60)', {}, holder.signal);
    await until(async () => (await daemon.status()).pools[0]?.running === 1);
    const second = run(daemon, 'print("never")', {}, leaver.signal);
    const third = run(daemon, 'print("third")');
    await until(async () => (await daemon.status()).pools[0]?.queued === 2);
    leaver.abort();
    expect((await second).result).toBeUndefined();
    holder.abort();
    await first;
    expect((await third).result?.stdout).toBe('third\n');
  });

  it('refuses a second job with the same job_id while the first one runs', async () => {
    const daemon = await start();
    const controller = new AbortController();
    const first = run(daemon, 'import time; time.sleep(60)', { policy: 'python', job_id: 'x' }, controller.signal);
    await until(async () => (await daemon.status()).pools[0]?.running === 1);
    expect((await run(daemon, '', { policy: 'python', job_id: 'x' })).error).toMatchObject({
      code: 'LW_REQUEST_DUPLICATE_JOB',
    });
    controller.abort();
    await first;
    expect((await run(daemon, 'print(1)', { policy: 'python', job_id: 'x' })).success).toBe(true);
  });

  it('answers `lost` when its supervisor is killed, and has another one for those that wait', async () => {
    const daemon = await start();
    const first = run(daemon, 'import time; time.sleep(60)');
    await until(async () => (await daemon.status()).pools[0]?.running === 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const second = run(daemon, 'print("again")');
    const [victim] = supervisors();
    if (victim !== undefined) process.kill(victim, 'SIGKILL');
    expect((await first).error).toMatchObject({ code: 'LW_JOB_LOST', retryable: true });
    expect((await second).result?.stdout).toBe('again\n');
    expect(await daemon.status()).toMatchObject({
      supervisor: { state: 'ready', restarts: 1 },
      jobs: { ended: { lost: 1, ok: 1 } },
    });
  });

  it('kills what runs when it is stopped, and takes nothing new', async () => {
    const daemon = await start();
    const code = 'import time; print("begun", flush=True); time.sleep(60)';
    let begun = false;
    const onOutput = () => {
      begun = true;
    };
    const running = daemon.execute({ type: 'Execute', code, policy: 'single' }, daemon.ownPeer, { onOutput });
    await until(async () => begun);
    const waiting = run(daemon, '');
    await until(async () => (await daemon.status()).pools[0]?.queued === 1);
    const stopped = daemon.stop(0);
    expect((await run(daemon, '')).error).toMatchObject({ code: 'LW_DAEMON_SHUTTING_DOWN', retryable: true });
    expect(await running).toMatchObject({
      success: false,
      result: { status: 'lost', exit_code: null, stdout: 'begun\n' },
      error: { code: 'LW_JOB_LOST', message: 'job lost: the daemon was stopped before it had ended', retryable: true },
    });
    expect(await waiting).toMatchObject({
      success: false,
      error: { code: 'LW_DAEMON_SHUTTING_DOWN', retryable: true },
    });
    expect((await waiting).result).toBeUndefined();
    await stopped;
  });

  it('lets go of a job whose pool takes long to open, and is stopped all the same', async () => {
    const slow = 'version: 1\nkind: Runtime\nname: slow\nwarmup: "import time; time.sleep(60)"\n';
    writeFileSync(join(policies, 'runtimes', 'slow.yaml'), slow, { mode: 0o644 });
    const policy = 'version: 1\nkind: Policy\nname: slow\nextends: [builtin:python@1]\nruntime: slow\n';
    writeFileSync(join(policies, 'slow.yaml'), policy, { mode: 0o644 });
    const daemon = await start();
    const client = new AbortController();
    const waiting = run(daemon, '', { policy: 'slow' }, client.signal);
    await until(async () => (await daemon.status()).pools[0]?.state === 'opening');
    client.abort();
    expect((await waiting).error).toMatchObject({ code: 'LW_JOB_CANCELLED' });
    expect((await daemon.status()).pools).toMatchObject([{ state: 'opening', running: 0 }]);
    const other = run(daemon, '', { policy: 'slow' });
    await daemon.stop(0);
    expect((await other).error).toMatchObject({ code: 'LW_DAEMON_SHUTTING_DOWN' });
  });

  it('ends although its supervisor does nothing any more', async () => {
    const daemon = await start();
    const running = run(daemon, 'import time; time.sleep(60)');
    await until(async () => (await daemon.status()).pools[0]?.state === 'ready');
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const supervisor of supervisors()) freeze(supervisor);
    await daemon.stop(0);
    expect((await running).error).toMatchObject({ code: 'LW_JOB_LOST' });
  });

  it('shares a state directory with other embedded ones, but not with a second daemon', async () => {
    const [first, second] = [await start(), await start()];
    const [a, b] = await Promise.all([first, second].map((daemon) => run(daemon, 'print(1)')));
    expect([a?.success, b?.success]).toEqual([true, true]);
    if (process.getuid?.() === 0) {
      expect(a?.result?.enforced.user.outside_uid).not.toBe(b?.result?.enforced.user.outside_uid);
    }
    await start({ embedded: false });
    await expect(start({ embedded: false })).rejects.toMatchObject({ code: 'LW_DAEMON_LOCKED' });
  });
});
