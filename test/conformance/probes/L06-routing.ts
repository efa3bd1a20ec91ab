/** Many jobs at a time, each with a token that its answer must have; some run out of time, some lose their client. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import type { JobResult } from '../../../src/protocol/messages.gen.js';
import type { Connection } from '../../harness/connection.js';
import type { TestDaemon } from '../../harness/daemon.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control, run };

const [CLIENTS, AT_ONCE] = [4, 3];
/** Of so many jobs one runs out of time, or loses its client: rarely, as no request may ask for less than a second. */
const [LATE, LEAVING] = [60, 12];

/** What a job gives out in every way that its answer has, after a while. */
const codeOf = (token: string, seconds: number): string => `
import os, sys, time
print("${token}", flush=True)
print("${token}", file=sys.stderr, flush=True)
time.sleep(${seconds})
print(sys.argv[1:], sys.stdin.read())
raise RuntimeError("${token}")`;

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = context.sandbox;
  if (!context.variant.confines || daemon === undefined) return control();
  const tally = { jobs: 0, late: 0, left: 0, wrong: [] as string[] };
  const client = async () => {
    const connection = await daemon.connect();
    const line = async () => {
      while (tally.jobs < context.times) await one(daemon, connection, context.policy, ++tally.jobs, tally);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, line));
    connection.close();
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const { jobs, late, left, wrong } = tally;
  const detail = `${jobs} jobs, ${late} out of time, ${left} without client; wrong: ${wrong.slice(0, 3).join('; ') || 'none'}`;
  return [{ name: 'answers', outcome: wrong.length === 0 ? 'BLOCKED' : 'ESCAPED', detail }];
}

interface Tally {
  late: number;
  left: number;
  readonly wrong: string[];
}

async function one(daemon: TestDaemon, client: Connection, policy: string, turn: number, tally: Tally): Promise<void> {
  const token = randomBytes(12).toString('hex');
  const isLate = turn % LATE === 0;
  const fields = { policy, argv: [token], stdin: token, timeout_secs: isLate ? 1 : 30 };
  const code = codeOf(token, isLate ? 20 : randomInt(20) / 1000);
  if (turn % LEAVING === 0) {
    tally.left++;
    return leaves(daemon, code, fields);
  }
  const result = await client.run(code, fields);
  if (isLate) tally.late++;
  const right = isLate ? isCut(result, token) : isWhole(result, token);
  if (!right) tally.wrong.push(`${token}: ${JSON.stringify(result).slice(0, 300)}`);
}

/** Its answer has nobody to go to, and must not go to anybody else. */
async function leaves(daemon: TestDaemon, code: string, fields: object): Promise<void> {
  const leaving = await daemon.connect();
  const lost = leaving.execute(code, fields).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, randomInt(20)));
  leaving.close();
  await lost;
}

function isWhole({ status, stdout, stderr, error }: JobResult, token: string): boolean {
  const isOut = stdout === `${token}\n['${token}'] ${token}\n`;
  return status === 'error' && isOut && String(stderr).startsWith(`${token}\n`) && error?.value === token;
}

function isCut({ status, stdout, stderr }: JobResult, token: string): boolean {
  return status === 'timed_out' && stdout === `${token}\n` && stderr === `${token}\n`;
}

/** A server that gives each answer to who has waited longest: right until a job is slower than the one behind it. */
async function control(): Promise<readonly HostAttempt[]> {
  const waiting: ((answer: string) => void)[] = [];
  const asked = Array.from({ length: 8 }, (_, index) => {
    const token = randomBytes(12).toString('hex');
    const job = spawn('python3', ['-I', '-c', `import time\ntime.sleep(${(8 - index) / 10})\nprint("${token}")`]);
    const answer = new Promise<string>((resolve) => waiting.push(resolve));
    void outputOf(job).then((text) => waiting.shift()?.(text));
    return answer.then((text) => text.trim() === token);
  });
  const wrong = (await Promise.all(asked)).filter((isOwn) => !isOwn).length;
  return [{ name: 'answers', outcome: wrong > 0 ? 'ESCAPED' : 'BLOCKED', detail: `${wrong} of 8 were another's` }];
}

function outputOf(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', (data: Buffer) => {
    text += data.toString();
  });
  return new Promise((resolve) => child.once('close', () => resolve(text)));
}
