/** The audit log of a daemon: what is in it of jobs, refusals and the daemon itself, what never is, and that it survives a kill. */
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../../src/audit-log/record.js';
import type { JobEvent } from '../../../src/audit-log/records.gen.js';
import { type Account, isRoot, root, user } from '../../harness/account.js';
import { Connection } from '../../harness/connection.js';
import { TestDaemon } from '../../harness/daemon.js';
import { testHost } from '../../harness/host.js';
import { Place } from '../../harness/place.js';
import { eventually } from '../../harness/wait.js';

const CANARY = 'canary-70c1';
const STRANGER: Account = { name: 'user', uid: 12_503, gid: 12_503 };

const folderOf = ({ state }: Place) => join(state, 'audit');
const textOf = (place: Place) =>
  readdirSync(folderOf(place))
    .filter((name) => name.endsWith('.ndjson'))
    .sort()
    .map((name) => readFileSync(join(folderOf(place), name), 'utf8'))
    .join('');

/** Records that are whole lines by now. */
function recordsOf(place: Place): AuditRecord[] {
  const lines = textOf(place).split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

const jobsOf = (place: Place) =>
  recordsOf(place).filter((record): record is AuditRecord & JobEvent => record.kind === 'job');

/** What `leeward audit verify` says; it throws where that is not "whole". */
function verify(place: Place): string {
  const { node, root } = testHost().installation;
  const command = [join(root, 'bin/leeward'), 'audit', 'verify', '--state-dir', place.state];
  return execFileSync(node, command, { encoding: 'utf8' });
}

const accounts: readonly Account[] = isRoot ? [root, user] : [user];

describe.each(accounts)('the audit log of a daemon of $name', (account) => {
  let daemon: TestDaemon;
  let client: Connection;
  beforeAll(async () => {
    const place = new Place(account);
    chmodSync(join(place.root, 'run'), 0o755);
    daemon = await TestDaemon.startIn(place, { args: ['--audit-log-fsync', 'always', '--socket-mode', '0666'] });
    client = await daemon.connect();
  });
  afterAll(async () => {
    client?.close();
    await daemon?.stop();
  });

  it('has each job with its receipt before the answer, however it ended', async () => {
    const { place } = daemon;
    const ok = await client.run('print("a")', { idempotency_key: 'k:1', job_id: 'first' });
    expect(jobsOf(place).at(-1)).toMatchObject({
      tenant: 'local',
      peer: { uid: account.uid, gid: account.gid },
      job_id: 'first',
      idempotency_key: 'k:1',
      policy: ok.policy,
      status: 'ok',
      exit_code: 0,
      output: { stdout: 2, stderr: 0 },
      enforced: JSON.parse(JSON.stringify(ok.enforced)),
    });
    await client.run('import time; time.sleep(9)', { timeout_secs: 0.1 });
    expect(jobsOf(place).at(-1)).toMatchObject({ status: 'timed_out', error: 'LW_JOB_TIMED_OUT', exit_code: null });
    await client.run('import socket; socket.socket()');
    expect(jobsOf(place).at(-1)?.denials).toContainEqual(
      expect.objectContaining({ syscall: 'socket', errno: 'EACCES' }),
    );
    await client.refused('pass', { policy: 'nothing' });
    expect(recordsOf(place).find(({ kind }) => kind === 'refused')).toMatchObject({
      kind: 'refused',
      policy: 'nothing',
      error: 'LW_REQUEST_UNKNOWN_POLICY',
    });
    expect(verify(place)).toMatch(/^whole: [56] records in 1 file/);
  });

  it('has nothing of code, arguments, variables, input, files and output', async () => {
    const { place } = daemon;
    const job = place.job('data');
    await client.run(`import sys; print("${CANARY}", sys.stdin.read()); raise ValueError("${CANARY}")`, {
      argv: [CANARY],
      stdin: CANARY,
      files: { [`/tmp/${CANARY}`]: CANARY },
      ...job.fields,
    });
    await client.run(`open("/etc/${CANARY}")`);
    await client.refused('pass', { env: { SECRET: CANARY } });
    expect(jobsOf(place).at(-2)?.mounts).toEqual([
      { host: job.input, sandbox: '/input', read_only: true },
      { host: job.output, sandbox: '/output', read_only: false },
    ]);
    expect(textOf(place)).not.toContain(CANARY);
  });

  it('is for the daemon’s user and its group', () => {
    const file = statSync(join(folderOf(daemon.place), 'audit.ndjson'));
    expect(file.mode & 0o037).toBe(0);
    expect(statSync(folderOf(daemon.place)).mode & 0o027).toBe(0);
  });

  it('has whom the daemon has turned away', async (context) => {
    context.skip(!isRoot, 'needs root, to be somebody else');
    const stranger = await Connection.open(daemon.place.socket, STRANGER);
    await stranger.receive();
    stranger.close();
    const records = () => recordsOf(daemon.place).filter(({ kind }) => kind === 'turned_away');
    await eventually('it is recorded', 5000, () => records().length > 0);
    expect(records()[0]).toMatchObject({
      peer: { uid: STRANGER.uid, gid: STRANGER.gid },
      error: 'LW_REQUEST_NO_TENANT',
    });
  });

  it('refuses jobs while it cannot be written, and goes on with all records', async () => {
    const { place } = daemon;
    const path = join(folderOf(place), 'audit.ndjson');
    const before = recordsOf(place).length;
    renameSync(path, `${path}.away`);
    await client.run('pass');
    expect(await client.refused('pass')).toMatchObject({ code: 'LW_DAEMON_AUDIT_LOG', retryable: true });
    expect(daemon.log).toContain('the audit log cannot be written; no job is accepted');
    renameSync(`${path}.away`, path);
    await eventually('jobs are accepted again', 5000, async () => (await client.execute('pass')).success);
    const since = recordsOf(place).slice(before);
    expect(since.map(({ kind }) => kind).filter((kind) => kind === 'job')).toHaveLength(2);
    expect(since[0]).toMatchObject({ kind: 'job', status: 'ok' });
    expect(verify(place)).toMatch(/^whole/);
  });
});

describe.each(accounts.slice(0, 1))('a daemon of $name that is killed while it writes', (account) => {
  it('leaves a log with which the next one goes on', async () => {
    const place = new Place(account);
    const args = ['--audit-log-max-size', '32K', '--audit-log-keep', '3'];
    const daemon = await TestDaemon.startIn(place, { args });
    const client = await daemon.connect();
    await client.run('pass');
    let ended = 0;
    const worker = async () => {
      while ((await client.execute('pass').catch(() => undefined)) !== undefined) ended++;
    };
    const workers = [1, 2, 3, 4].map(worker);
    await eventually('files were rotated', 30_000, () => ended >= 80);
    process.kill(daemon.daemonPid, 'SIGKILL');
    await Promise.all(workers);
    client.close();
    await daemon.stop();
    const last = await TestDaemon.startIn(place, { args });
    await last.stop();
    expect(verify(place)).toMatch(/^whole: \d+ records in [4-6] files/);
    const records = recordsOf(place);
    expect(records.filter((record) => record.kind === 'daemon_started').map(({ after }) => after)).toContain('crash');
    expect(records.at(-1)?.kind).toBe('daemon_stopped');
  });
});
