/**
 * What the daemon tells of jobs to others than their client: its log, its status, and what it answers to another user.
 * The log is the operator's and names a job's policy, user, end and `job_id`; what a job is made of and what it gives
 * out is nobody else's.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Account, commandAs } from '../../harness/account.js';
import { Connection } from '../../harness/connection.js';
import type { TestDaemon } from '../../harness/daemon.js';
import { commandLineOf, readProc } from '../../harness/processes.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control, run };

/** Neither the account of any daemon nor root. */
const STRANGER: Account = { name: 'user', uid: 54_321, gid: 54_321 };
const MIB = 1 << 20;
const PATIENCE_MS = 5000;

/** The token in each field that is a job's own, and in what it gives out; one for each way in which a job can end. */
function requests(token: string): readonly (readonly [string, object])[] {
  const own = { argv: [token], stdin: token, env: { LC_ALL: token } };
  const said = `import sys\nprint("${token}")\nprint("${token}", file=sys.stderr)\n`;
  return [
    [`${said}# ${token}`, { argv: [token], stdin: token }],
    [`${said}raise RuntimeError("${token}")`, {}],
    [`${said}import os\nos.abort()`, {}],
    [`${said}while True: pass`, { timeout_secs: 1 }],
    [`${said}held = [bytearray(1 << 20) for _ in range(1024)]`, { memory_limit: 64 * MIB }],
    [`${said}open("/etc/${token}", "w")`, {}],
    [`${said}import ctypes\nctypes.CDLL(None).ptrace(0, 0, 0, 0)`, {}],
    [`${token} = = ${token}`, {}],
    [said, own],
    [said, { policy: 'no-such-policy' }],
    [said, { mounts: [{ host: `/no/such/${token}`, sandbox: '/input' }] }],
    [said, { [`x${token}`]: 1 }],
  ];
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = context.sandbox;
  if (!context.variant.confines || daemon === undefined) return control();
  const token = randomBytes(12).toString('hex');
  const [asking, client] = [await daemon.connect(), await daemon.connect()];
  const before = daemon.log.length;
  const told: string[] = [];
  try {
    for (const [code, fields] of requests(token)) {
      const answer = client.ask({ type: 'Execute', code, policy: context.policy, ...fields });
      told.push(JSON.stringify(await asking.status()), processesOf(daemon));
      await answer;
    }
    const log = daemon.log.slice(before);
    const lines = log.split('\n').filter((line) => /job ended|request refused/.test(line)).length;
    return [
      found('the log', token, log, `${lines} lines`),
      found('status, and what others see of processes', token, told.join('\n'), `${told.length} looks`),
      await stranger(daemon, token, 'through the mode of the socket'),
      await withMode(daemon, 0o666, () => stranger(daemon, token, 'through a socket that is open to all')),
    ];
  } finally {
    for (const connection of [asking, client]) connection.close();
  }
}

function found(name: string, token: string, text: string, seen: string): HostAttempt {
  const at = text.indexOf(token);
  const detail = at < 0 ? `the token is in none of ${seen}` : text.slice(Math.max(0, at - 120), at + 40);
  return { name, outcome: at < 0 ? 'BLOCKED' : 'ESCAPED', detail };
}

/** Command lines may be read by everybody, the environment by the process's own user. */
function processesOf(daemon: TestDaemon): string {
  const pids = daemon.processes();
  return pids.map((pid) => `${commandLineOf(pid).join(' ')} ${readProc(`/proc/${pid}/comm`) ?? ''}`).join('\n');
}

/** Another user asks for the status; what it is told must be a refusal by name, or nothing. */
async function stranger(daemon: TestDaemon, token: string, name: string): Promise<HostAttempt> {
  const connection = await Connection.open(daemon.place.socket, STRANGER);
  try {
    // Who is turned away is told so before it asks.
    const first = await Promise.race([connection.receive(), sleep(PATIENCE_MS, 'nothing yet')]);
    const answer = typeof first === 'string' ? await connection.ask({ type: 'Status' }) : first;
    const text = JSON.stringify(answer) ?? 'nothing';
    const isRefused = answer === undefined || ('error' in answer && answer.error?.code === 'LW_REQUEST_NO_TENANT');
    const isShown = text.includes(token) || text.includes('policies') || !isRefused;
    return { name: `a stranger ${name}`, outcome: isShown ? 'ESCAPED' : 'BLOCKED', detail: text.slice(0, 200) };
  } finally {
    connection.close();
  }
}

async function withMode<T>({ place }: TestDaemon, mode: number, body: () => Promise<T>): Promise<T> {
  const paths = [place.socket, place.socket.slice(0, place.socket.lastIndexOf('/'))];
  const modes = paths.map((path) => statSync(path).mode & 0o7777);
  for (const path of paths) chmodSync(path, mode | (path === place.socket ? 0 : 0o111));
  try {
    return await body();
  } finally {
    for (const [index, path] of paths.entries()) chmodSync(path, modes[index] ?? 0o700);
  }
}

/** A shell that logs what it runs and gives a job its code as an argument: any other user reads both. */
async function control(): Promise<readonly HostAttempt[]> {
  const token = randomBytes(12).toString('hex');
  const code = `import time\nprint("${token}", flush=True)\ntime.sleep(0.5)`;
  let seen = '';
  const log = await new Promise<string>((resolve) => {
    const child = execFile('sh', ['-xc', 'python3 -I -c "$1"; echo end', 'sh', code], (_error, _out, errors) =>
      resolve(errors),
    );
    child.stdout?.once('data', () => {
      const [command = '', ...args] = commandAs(STRANGER, ['cat', `/proc/${child.pid}/cmdline`]);
      execFile(command, args, (_error, stdout) => {
        seen = stdout;
      });
    });
  });
  return [found('the log', token, log, 'its lines'), found('processes', token, seen, 'one look')];
}
