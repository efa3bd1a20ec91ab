/** Processes of a sandbox die, kind after kind and at any moment: each answer says what became of its request. */
import type { ExecuteResponse, JobResult } from '../../../src/protocol/messages.gen.js';
import type { Connection } from '../../harness/connection.js';
import { TestDaemon } from '../../harness/daemon.js';
import { childrenOf, namespaceOf, signalIfThere, statusOf } from '../../harness/processes.js';
import { holdRunning } from '../../harness/running-job.js';
import { eventually } from '../../harness/wait.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { unanswered } from './killed-worker.js';

export const probe: HostProbe = { control: () => unanswered('SIGKILL'), run };

const PATIENCE_MS = 20_000;
/** How a job may end whose sandbox was killed: by the kernel's word, or as lost. */
const KILLED = /^(signaled 9|LW_JOB_LOST)$/;
/** What any request may be answered meanwhile. */
const ANSWERS = /^(ok|signaled 9|LW_JOB_LOST|LW_SANDBOX_[A-Z_]+|LW_DAEMON_[A-Z_]+)$/;

/** Whom a stage kills, and whether that is the end of the job that runs. */
interface Stage {
  readonly victims: (tree: Tree) => readonly number[];
  readonly endsTheJob: boolean;
}

const STAGES: Readonly<Record<string, Stage>> = {
  'the workers in standby': { victims: ({ standby }) => standby, endsTheJob: false },
  'the job': { victims: ({ job }) => job, endsTheJob: true },
  'the init of the job': { victims: ({ jobInit }) => jobInit, endsTheJob: true },
  // A pool ends with its zygote, and with the pool its jobs.
  'the zygote': { victims: ({ zygote }) => zygote, endsTheJob: true },
  'the init of the pool': { victims: ({ pool }) => pool, endsTheJob: true },
  'the mounter': { victims: ({ named }) => named('leeward-mounter'), endsTheJob: false },
  'the opener': { victims: ({ named }) => named('leeward-opener'), endsTheJob: false },
  'the supervisor': { victims: ({ supervisor }) => supervisor.slice(1), endsTheJob: true },
  'the outer supervisor': { victims: ({ supervisor }) => supervisor.slice(0, 1), endsTheJob: true },
};

/** Host pids of a daemon with one pool, told apart by the names and PID namespaces that the kernel has for them. */
interface Tree {
  readonly job: readonly number[];
  readonly jobInit: readonly number[];
  readonly standby: readonly number[];
  readonly zygote: readonly number[];
  readonly pool: readonly number[];
  readonly supervisor: readonly number[];
  readonly named: (name: string) => readonly number[];
}

function treeOf(daemon: TestDaemon, job: number): Tree {
  // Those that it forks have its command line, too; they come after it.
  const supervisor = daemon.supervisorPids.slice(0, 2);
  const below = childrenOf(supervisor[1] ?? 0);
  const named = (name: string) => below.filter((pid) => statusOf(pid)?.get('Name')?.startsWith(name) === true);
  const pool = named('leeward-pool');
  const space = (pid: number | undefined) => namespaceOf(pid ?? 0, 'pid');
  const zygote = named('python').filter((pid) => space(pid) === space(pool[0]));
  const jobInit = pool.flatMap(childrenOf).filter((pid) => space(pid) === space(job));
  const standby = named('python').filter((pid) => pid !== job && !zygote.includes(pid));
  return { job: [job], jobInit, standby, zygote, pool, supervisor, named };
}

async function run({ variant, account, times }: HostContext): Promise<readonly HostAttempt[]> {
  if (!variant.confines) return unanswered('SIGKILL');
  const daemon = await TestDaemon.start(account);
  const client = await daemon.connect();
  try {
    const attempts: HostAttempt[] = [];
    for (const [name, stage] of Object.entries(STAGES)) attempts.push(await killedAt(daemon, client, name, stage));
    return [...attempts, await killedUnderLoad(daemon, client, times)];
  } finally {
    client.close();
    await daemon.stop();
  }
}

async function killedAt(daemon: TestDaemon, client: Connection, name: string, stage: Stage): Promise<HostAttempt> {
  const held = await holdRunning(daemon, client);
  await standby(daemon, held.pid);
  kill(daemon, name, stage.victims(treeOf(daemon, held.pid)));
  const ended = stage.endsTheJob ? held.result : held.finish();
  const job = await inTime(
    ended.then(wordOf, (error: Error) => /LW_[A-Z_]+/.exec(error.message)?.[0] ?? error.message),
  );
  const next = await untilOk(client);
  const slots = await standby(daemon, 0).then(String, (error: Error) => error.message);
  const right = stage.endsTheJob ? KILLED.test(job) : job === 'ok';
  const holds = right && next.every((word) => ANSWERS.test(word)) && next.at(-1) === 'ok' && slots === 'true';
  const detail = `the job: ${job}; then ${next.join(', ')}; a worker stands by: ${slots}`;
  return { name, outcome: holds ? 'BLOCKED' : 'ESCAPED', detail };
}

/** Any process of the sandboxes, as soon as it is seen, while jobs come. */
async function killedUnderLoad(daemon: TestDaemon, client: Connection, times: number): Promise<HostAttempt> {
  const words: string[] = [];
  let killed = 0;
  const load = async () => {
    while (killed < times) words.push(await inTime(client.execute('print(1)').then(answerOf)));
  };
  const killing = async () => {
    for (; killed < times; killed++) {
      const { pool, jobInit, zygote, standby: workers, named } = treeOf(daemon, 0);
      const all = [...workers, ...pool.flatMap(childrenOf), ...named('leeward-opener'), ...(killed % 5 ? [] : zygote)];
      const victim = all[killed % Math.max(1, all.length)] ?? jobInit[0];
      if (victim !== undefined) kill(daemon, 'under load', [victim]);
      await new Promise((resolve) => setTimeout(resolve, killed % 7));
    }
  };
  await Promise.all([killing(), load(), load()]);
  words.push(...(await untilOk(client)));
  const odd = words.filter((word) => !ANSWERS.test(word));
  const holds = odd.length === 0 && words.at(-1) === 'ok';
  const detail = `${killed} killed, ${words.length} answers: ${[...new Set(words)].join(', ')}`;
  return { name: 'any of them, at any moment', outcome: holds ? 'BLOCKED' : 'ESCAPED', detail };
}

/** Only what has come of the daemon that this probe started; what has ended by itself is let be. */
function kill(daemon: TestDaemon, name: string, victims: readonly number[]): void {
  const ours = daemon.processes();
  if (victims.length === 0) throw new Error(`${name}: there is none`);
  for (const pid of victims.filter((victim) => ours.includes(victim))) {
    signalIfThere(pid, 'SIGKILL');
  }
}

function standby(daemon: TestDaemon, job: number): Promise<boolean> {
  return eventually('a worker stands by', PATIENCE_MS, () => treeOf(daemon, job).standby.length > 0);
}

/** What requests are answered, up to the first that is carried out. */
async function untilOk(client: Connection): Promise<readonly string[]> {
  const words: string[] = [];
  await eventually('a job is carried out', PATIENCE_MS, async () => {
    words.push(await inTime(client.execute('print(1)').then(answerOf)));
    return words.at(-1) === 'ok';
  }).catch((error: Error) => words.push(error.message));
  return [...new Set(words)];
}

function answerOf({ result, error }: ExecuteResponse): string {
  return result === undefined || result.status === 'lost'
    ? (error?.code ?? 'neither result nor error')
    : wordOf(result);
}

function wordOf({ status, signal }: JobResult): string {
  if (status === 'lost') return 'LW_JOB_LOST';
  return signal === null ? status : `${status} ${signal}`;
}

function inTime(word: Promise<string>): Promise<string> {
  const late = new Promise<string>((resolve) => setTimeout(resolve, PATIENCE_MS, 'no answer').unref());
  return Promise.race([word.catch((error: Error) => error.message), late]);
}
