/** A live worker, held while it is looked at. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JobResult } from '../../../src/protocol/messages.gen.js';
import type { Connection, ExecuteFields } from '../../harness/connection.js';
import type { TestDaemon } from '../../harness/daemon.js';
import type { JobPlace } from '../../harness/place.js';
import { childrenOf, holdersOf, namespaceOf, readProc } from '../../harness/processes.js';
import { eventually } from '../../harness/wait.js';
import type { RawProcess } from './compare/raw.js';

const HOST = fileURLToPath(new URL('host.py', import.meta.url));
const INSIDE = readFileSync(new URL('inside.py', import.meta.url), 'utf8');

/** What the job says of itself (inside.py). */
export interface InsideReport {
  readonly calls: Readonly<Record<string, number | readonly number[] | Refusal>>;
  readonly list: Readonly<Record<string, string | Refusal>>;
  readonly create: Readonly<Record<string, string | Refusal>>;
  readonly read: Readonly<Record<string, string | Refusal>>;
  readonly environ: readonly string[];
  readonly 'environ of libc': readonly string[];
  readonly cwd: string | Refusal;
  readonly 'names in /proc': readonly string[] | Refusal;
  readonly pid: number;
  readonly cgroup: string | Refusal;
  readonly mountinfo: string | Refusal;
  readonly 'root of init': string | Refusal;
}

export interface Refusal {
  readonly errno: number;
}

/** What inside.py is told to try. */
export interface InsideSettings {
  readonly calls: Readonly<Record<string, readonly [number: number, args: readonly (number | 'buffer')[]]>>;
  readonly words: number;
  readonly directories: readonly string[];
  readonly files: readonly string[];
}

export interface HeldWorker {
  readonly place: JobPlace;
  readonly pids: Readonly<Record<'job' | 'job init' | 'zygote' | 'pool init', number>>;
  readonly inside: InsideReport;
  finish(): Promise<JobResult>;
}

/** Reads everything of these processes at once; their seccomp programs only of `programs`, as that stops each thread. */
export function collect(pids: readonly number[], programs: readonly number[]): ReadonlyMap<number, RawProcess> {
  const { stdout, stderr, status } = spawnSync('/usr/bin/python3', ['-I', HOST], {
    input: JSON.stringify({ pids, programs }),
    maxBuffer: 1 << 28,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`host.py: ${stderr}`);
  const found = JSON.parse(stdout) as Record<string, RawProcess>;
  return new Map(Object.entries(found).map(([pid, raw]) => [Number(pid), raw]));
}

/** No descriptor of this code is left when `inside.json` is there; `after` runs then, and is done when `ready` is there. */
function codeOf(settings: InsideSettings, after: string): string {
  return `
import os as _os, time as _time
_marker = open("/output/marker", "a")
while not _os.path.exists("/input/found"):
    _time.sleep(0.002)
_marker.close()
SETTINGS = ${JSON.stringify(JSON.stringify(settings))}
${INSIDE}
${after}
open("/output/ready", "w").close()
while not _os.path.exists("/input/go"):
    _time.sleep(0.002)
`;
}

let count = 0;

/**
 * Starts a job and finds its processes by what the kernel says of them: the job by the file that it alone holds open, the
 * others by their namespaces and parents.
 *
 * @param after code that runs once the job has looked at itself
 */
export async function holdWorker(
  daemon: TestDaemon,
  client: Connection,
  settings: InsideSettings,
  fields: ExecuteFields,
  after = '',
): Promise<HeldWorker> {
  const place = daemon.place.job(`worker-${count++}`);
  const marker = daemon.place.file(`${place.name}/output/marker`, '');
  const running = client.run(codeOf(settings, after), { ...place.fields, ...fields });
  const ended = running.then(
    (result) => Promise.reject(new Error(`the job ended: ${JSON.stringify(result)}`)),
    (error: unknown) => Promise.reject(error),
  );
  const until = <T>(what: string, ask: () => T) => Promise.race([eventually(what, 20_000, ask), ended]);
  const job = await until('the job runs', () => holdersOf(marker, daemon.processes())[0]);
  writeFileSync(join(place.input, 'found'), '');
  await until('the job has looked at itself', () => existsSync(join(place.output, 'ready')));
  const finish = () => {
    writeFileSync(join(place.input, 'go'), '');
    return running;
  };
  ended.catch(() => {});
  const inside = JSON.parse(readFileSync(join(place.output, 'inside.json'), 'utf8')) as InsideReport;
  return { place, pids: workerOf(job, daemon.processes()), inside, finish };
}

function nameOf(pid: number): string {
  return readProc(`/proc/${pid}/comm`)?.trim() ?? '';
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)$/m.exec(readProc(`/proc/${pid}/status`) ?? '')?.[1]);
}

function workerOf(job: number, all: readonly number[]): HeldWorker['pids'] {
  const shares = (kind: string, pid: number, other: number) => namespaceOf(pid, kind) === namespaceOf(other, kind);
  const init = all.find((pid) => nameOf(pid) === 'leeward-init' && shares('pid', pid, job)) ?? 0;
  const poolInit = parentOf(init);
  const isZygote = (pid: number) => pid !== poolInit && shares('user', pid, poolInit) && shares('pid', pid, poolInit);
  const zygote = childrenOf(parentOf(job)).find(isZygote) ?? 0;
  return { job, 'job init': init, zygote, 'pool init': poolInit };
}
