/** So few process numbers that each is another's within milliseconds: whoever kills by number kills strangers. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { commandAs } from '../../harness/account.js';
import { TestDaemon } from '../../harness/daemon.js';
import { eventually } from '../../harness/wait.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control, run };

const TEXT = readFileSync(new URL('N08-strangers.py', import.meta.url), 'utf8');
/** Room for the threads of a daemon, its sandboxes and the strangers, and not for much more. */
const MOST = 900;
const LIMIT = '/proc/sys/kernel/pid_max';
/** Of the PID namespace of whoever writes, since Linux 6.14. Before, it is the machine's, and nobody's to change. */
const SET = ['sh', '-c', `echo ${MOST} > ${LIMIT} && exec "$@"`, 'sh'];
const name = 'strangers';

function isOwn(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 14);
}

const skipped: HostAttempt = { name, outcome: 'SKIPPED', detail: 'needs Linux 6.14, where pid_max is a namespace’s' };

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  if (!context.variant.confines) return control();
  if (!isOwn()) return [skipped];
  const before = readFileSync(LIMIT, 'utf8');
  const daemon = await TestDaemon.start(context.account, { by: SET });
  try {
    if (readFileSync(LIMIT, 'utf8') !== before) throw new Error('the limit was not the namespace’s own');
    // In the supervisor's own namespace, where its numbers are, and with its rights over them.
    const there = ['nsenter', '--pid', '--target', String(daemon.supervisorPids[1] ?? 0), '--', ...SET];
    const watch = started([...there, ...commandAs(context.account, python('watch'))]);
    await eventually('the strangers are there', 20_000, () => watch.said().includes('watches'));
    const answers = await jobs(daemon, context.policy, context.times);
    watch.end();
    return [judged(await watch.ended, `${answers.length} jobs: ${[...new Set(answers)].join(', ')}`)];
  } finally {
    await daemon.stop();
  }
}

/** Every end at which somebody signals: by themselves, out of time, killed for their output, without their client. */
async function jobs(daemon: TestDaemon, policy: string, times: number): Promise<readonly string[]> {
  const client = await daemon.connect();
  const words: string[] = [];
  for (let turn = 0; turn < times; turn++) {
    const leaving = await daemon.connect();
    const fields = { policy, timeout_secs: 1 };
    const left = leaving.execute('import time; time.sleep(9)', fields).catch(() => undefined);
    const ends = [
      client.execute('print(1)', fields),
      client.execute('import sys\nwhile True: sys.stdout.write("x" * 65536)', fields),
      ...(turn % 10 === 0 ? [client.execute('while True: pass', fields)] : []),
    ];
    words.push(...(await Promise.all(ends)).map(({ result, error }) => result?.status ?? error?.code ?? ''));
    leaving.close();
    await left;
  }
  client.close();
  return words;
}

function judged(report: string, seen: string): HostAttempt {
  const { killed, turns } = JSON.parse(report.trim().split('\n').at(-1) ?? '') as { killed: unknown[]; turns: number };
  const detail = `${killed.length} were killed, while the numbers began anew ${turns} times; ${seen}`;
  if (killed.length > 0) return { name, outcome: 'ESCAPED', detail };
  return { name, outcome: turns > 0 ? 'BLOCKED' : 'BROKEN', detail };
}

/** Who remembers a number of a process that is gone. */
async function control(): Promise<readonly HostAttempt[]> {
  if (!isOwn()) return [skipped];
  const own = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', ...SET, ...python('naive')];
  return [judged(await started(own).ended, 'one who remembers a number')];
}

function python(mode: string): readonly string[] {
  return ['/usr/bin/python3', '-I', '-c', `MODE = "${mode}"\n${TEXT}`];
}

function started([command = '', ...args]: readonly string[]) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString();
  });
  const ended = new Promise<string>((resolve) => child.once('close', () => resolve(text)));
  return { said: () => text, end: () => void child.stdin.end(), ended };
}
