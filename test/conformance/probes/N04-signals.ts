/** Storms of signals to a daemon: those that ask for nothing change nothing, those that ask for its end are heard. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestDaemon } from '../../harness/daemon.js';
import { readProc, signalIfThere } from '../../harness/processes.js';
import { holdRunning, type RunningJob } from '../../harness/running-job.js';
import { eventually } from '../../harness/wait.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { unanswered } from './killed-worker.js';

export const probe: HostProbe = { control: () => unanswered('SIGTERM'), run };

const STORM = 100;
const PATIENCE_MS = 15_000;
/** What comes sooner is the same order. */
const LATER_MS = 600;

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  if (!context.variant.confines) return unanswered('SIGTERM');
  return [
    await withDaemon(context, 'signals that ask for nothing', nothingChanges),
    await withDaemon(context, 'SIGTERM to each process', (daemon, job) => drains(daemon, job, 'SIGTERM', 1)),
    await withDaemon(context, 'SIGHUP without end', (daemon, job) => drains(daemon, job, 'SIGHUP', STORM)),
    await withDaemon(context, 'SIGTERM without end', impatient),
  ];
}

type Findings = Readonly<Record<string, boolean>>;

/** A daemon of its own with a job that runs; what must hold of both comes from `body`. */
async function withDaemon(
  { account }: HostContext,
  name: string,
  body: (daemon: TestDaemon, job: RunningJob) => Promise<Findings>,
): Promise<HostAttempt> {
  const daemon = await TestDaemon.start(account);
  const client = await daemon.connect();
  try {
    const findings = await body(daemon, await holdRunning(daemon, client));
    const wrong = Object.keys(findings).filter((what) => !findings[what]);
    const detail = wrong.length === 0 ? 'as it should be' : `not so: ${wrong.join('; ')}`;
    return { name, outcome: wrong.length === 0 ? 'BLOCKED' : 'ESCAPED', detail };
  } finally {
    client.close();
    await daemon.stop();
  }
}

/** SIGUSR1 is Node's order to open a port for a debugger, to whom the daemon would obey. */
async function nothingChanges(daemon: TestDaemon, job: RunningJob): Promise<Findings> {
  const before = daemon.processes();
  for (const signal of ['SIGPIPE', 'SIGCHLD', 'SIGURG', 'SIGCONT', 'SIGWINCH'] as const) storm(daemon, signal, STORM);
  process.kill(daemon.daemonPid, 'SIGUSR1');
  const other = await daemon.connect();
  const { stdout } = await other.run('print("served")');
  other.close();
  return {
    'the next job is served': stdout === 'served\n',
    'the job goes on': (await endOf(job, true)) === 'ok',
    'nobody has ended': before.slice(0, 3).every((pid) => daemon.processes().includes(pid)),
    'no debugger listens': !listens(daemon.daemonPid),
  };
}

/** Running jobs may end; new ones are refused. */
async function drains(daemon: TestDaemon, job: RunningJob, signal: NodeJS.Signals, times: number): Promise<Findings> {
  const late = await daemon.connect();
  await late.ask({ type: 'Ping' });
  storm(daemon, signal, times);
  const refused = await eventually('requests are refused', PATIENCE_MS, async () => {
    const answer = await late.execute('print(1)').catch((error: Error) => error.message);
    return typeof answer === 'string' ? answer : answer.error?.code;
  });
  late.close();
  const end = await endOf(job, true);
  return {
    ...(await gone(daemon)),
    [`new jobs are refused by name, not ${refused}`]: refused === 'LW_DAEMON_SHUTTING_DOWN',
    [`the job ends by itself, not as ${end}`]: end === 'ok',
  };
}

/** A later one says that jobs are not to be waited for: they are killed, and their clients told. */
async function impatient(daemon: TestDaemon, job: RunningJob): Promise<Findings> {
  storm(daemon, 'SIGTERM', STORM);
  await sleep(LATER_MS);
  storm(daemon, 'SIGTERM', STORM);
  const end = await endOf(job, false);
  return { ...(await gone(daemon)), [`the client is told, not ${end}`]: /^(lost|LW_[A-Z_]+)$/.test(end) };
}

async function gone(daemon: TestDaemon): Promise<Findings> {
  const all = eventually('nobody is left', PATIENCE_MS, () => daemon.processes().length === 0);
  const isGone = await all.catch(() => false);
  const [, status] = (await eventually('its end', 2000, () => /^init: daemon ended: (.+)$/m.exec(daemon.log)).catch(
    () => [],
  )) as string[];
  return {
    'everything ends in time': isGone,
    [`it ends by itself, not by ${status}`]: status === '0',
    'its socket is gone': !existsSync(daemon.place.socket),
  };
}

/** To each process that an operator, a terminal or a service manager would send it to. */
function storm(daemon: TestDaemon, signal: NodeJS.Signals, times: number): void {
  const targets = new Set([daemon.mainPid, daemon.keeperPid ?? daemon.daemonPid, daemon.daemonPid]);
  for (let turn = 0; turn < times; turn++) {
    for (const pid of targets) if (pid > 1) signalIfThere(pid, signal);
  }
}

async function endOf(job: RunningJob, finish: boolean): Promise<string> {
  const result = finish ? job.finish() : job.result;
  const late = new Promise<string>((resolve) => setTimeout(resolve, PATIENCE_MS, 'no answer').unref());
  const told = result.then(
    ({ status }) => status,
    (error: Error) => /LW_[A-Z_]+/.exec(error.message)?.[0] ?? error.message,
  );
  return Promise.race([told, late]);
}

/** Node's port for debuggers, 127.0.0.1:9229, in state 0A, which is LISTEN (proc_pid_net(5)), in its network. */
function listens(pid: number): boolean {
  const lines = (readProc(`/proc/${pid}/net/tcp`) ?? '').split('\n').slice(1);
  return lines.some((line) => /^\s*\d+: 0100007F:240D \S+ 0A/.test(line));
}
