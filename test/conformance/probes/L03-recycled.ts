/** However a worker ends, the one of the next job is another process to the host. */
import { spawn } from 'node:child_process';
import type { Connection, ExecuteFields } from '../../harness/connection.js';
import type { TestDaemon } from '../../harness/daemon.js';
import { startOf } from '../../harness/processes.js';
import { holdRunning } from '../../harness/running-job.js';
import { eventually } from '../../harness/wait.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control, run };

const MIB = 1 << 20;
const atExit = (text: string): string =>
  `import atexit, ctypes, os, signal\n@atexit.register\ndef end():\n    ${text.replaceAll('\n', '\n    ')}`;

interface End {
  readonly code: string;
  readonly fields?: ExecuteFields;
  /** The client goes away instead of letting the job end. */
  readonly leaves?: boolean;
  /** It has no end of its own. */
  readonly waits?: boolean;
  readonly status: RegExp;
}

const ENDS: Readonly<Record<string, End>> = {
  ordinary: { code: '', status: /^ok$/ },
  'an exception': { code: atExit('os._exit(1)'), status: /^error$/ },
  'a signal': { code: atExit('os.kill(os.getpid(), signal.SIGKILL)'), status: /^signaled$/ },
  'a crash': { code: atExit('ctypes.string_at(0)'), status: /^signaled$/ },
  'too much output': { code: atExit('block = b"x" * 65536\nwhile True: os.write(1, block)'), status: /^output_limit$/ },
  'claims that are none': { code: atExit('os.write(4, bytes(range(255)) * 64)'), status: /^(ok|error)$/ },
  'closed descriptors': { code: atExit('os.closerange(0, 64)'), status: /^(ok|error)$/ },
  'out of memory': {
    code: atExit('held = [bytearray(b"x") * (1 << 20) for _ in range(1024)]'),
    fields: { memory_limit: 64 * MIB },
    status: /^(oom_killed|error|ok|LW_.*)$/,
  },
  'out of time': { code: '', fields: { timeout_secs: 1 }, waits: true, status: /^timed_out$/ },
  'without its client': { code: '', leaves: true, status: /the connection ended/ },
};

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = context.sandbox;
  if (!context.variant.confines || daemon === undefined) return control();
  const client = await daemon.connect();
  const lives = new Set<string>();
  const attempts: HostAttempt[] = [];
  try {
    for (const [name, end] of Object.entries(ENDS)) {
      const [life, status] = await ended(daemon, client, context.policy, end);
      const isGone = await eventually('its end', 10_000, () => lifeOf(life.pid) !== life.text).catch(() => false);
      const isNew = !lives.has(life.text);
      lives.add(life.text);
      const outcome = !isGone || !isNew ? 'ESCAPED' : end.status.test(status) ? 'BLOCKED' : 'BROKEN';
      const detail = `${status}; its process is ${isGone ? 'gone' : 'there'}, and had ${isNew ? 'no' : 'a'} job before`;
      attempts.push({ name, outcome, detail });
    }
    // One more, which has to be another one than that of the last end.
    const [life] = await ended(daemon, client, context.policy, { code: '', status: /ok/ });
    const isNew = !lives.has(life.text);
    return [
      ...attempts,
      { name: 'the last', outcome: isNew ? 'BLOCKED' : 'ESCAPED', detail: isNew ? 'is new' : 'is not' },
    ];
  } finally {
    client.close();
  }
}

async function ended(
  daemon: TestDaemon,
  client: Connection,
  policy: string,
  { code, fields = {}, leaves = false, waits = false }: End,
): Promise<readonly [{ readonly pid: number; readonly text: string }, string]> {
  const own = leaves ? await daemon.connect() : client;
  const held = await holdRunning(daemon, own, code, { policy, timeout_secs: 30, ...fields });
  const life = { pid: held.pid, text: lifeOf(held.pid) ?? '' };
  const result = leaves || waits ? held.result : held.finish();
  const status = result.then(
    (end) => end.status,
    (error: Error) => error.message,
  );
  if (leaves) own.close();
  return [life, await status];
}

/** With its pid the moment at which it began: what no other process has. */
function lifeOf(pid: number): string | undefined {
  const start = startOf(pid);
  return start === undefined ? undefined : `${pid} since ${start}`;
}

/** A worker that is used again, whatever became of its job. */
async function control(): Promise<readonly HostAttempt[]> {
  const text = `
import sys, traceback
for line in sys.stdin:
    try:
        exec(eval(line), {})
    except BaseException:
        print("failed", flush=True)
    else:
        print("done", flush=True)`;
  const worker = spawn('/usr/bin/python3', ['-I', '-c', text], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answered = () => new Promise((resolve) => worker.stdout.once('data', resolve));
  try {
    const lives: (string | undefined)[] = [];
    for (const code of ['raise SystemExit(3)', 'print(1)']) {
      const answer = answered();
      worker.stdin.write(`${JSON.stringify(code)}\n`);
      await answer;
      lives.push(lifeOf(worker.pid ?? 0));
    }
    const isSame = lives[0] !== undefined && lives[0] === lives[1];
    return [{ name: 'an exception', outcome: isSame ? 'ESCAPED' : 'BLOCKED', detail: lives.join(', then ') }];
  } finally {
    worker.kill('SIGKILL');
  }
}
