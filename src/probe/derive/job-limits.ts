/** Limits that end a job, or that its threads meet: a job that crosses each, and how it has to end. Pure. */
import { kernelTable } from '../../kernel/table.js';
import { UNLIMITED } from '../../plan/plan.js';
import { durationText, sizeText } from '../../policy/index.js';
import type { CompiledPolicy } from '../../policy/types.js';
import type { JobResult } from '../../protocol/messages.gen.js';
import type { Program } from '../program.js';
import type { Crossing } from './crossing.js';
import { claims, denials } from './supervisor-limits.js';

const MIB = 1n << 20n;
/** Beside what a job has when it starts. */
const ROOM = 64n * MIB;

/** What is known before limits are crossed. */
export interface CrossingFacts {
  /** Bytes that a job has when it does nothing; null when nobody counts them. */
  readonly peak: number | null;
  /** Milliseconds that one limit may take. */
  readonly maxWait: bigint;
}

export function jobLimits(
  compiled: CompiledPolicy,
  program: Program,
  { peak, maxWait }: CrossingFacts,
): readonly Crossing[] {
  return [
    memory(compiled, peak),
    timeout(compiled, maxWait),
    cpuTime(compiled, maxWait),
    threads(compiled, program),
    ...streams(compiled),
    claims(compiled),
    denials(compiled, program),
  ];
}

/** A request may ask for less than the policy gives: so a limit of gigabytes costs no more than a small one. */
function memory({ policy }: CompiledPolicy, peak: number | null): Crossing {
  const { value, origin } = policy.limits.memory;
  const wanted = ((BigInt(peak ?? 0) + ROOM) / MIB + 1n) * MIB;
  const limit = wanted < value.max ? wanted : value.max;
  const asked = limit < value.max ? `, which the request asks for (policy: ${sizeText(value.max)})` : '';
  const count = Number(limit / MIB) + 64;
  return {
    ...{ name: 'memory', needs: 'memory', origin },
    expected: `oom_killed at ${sizeText(limit)}${asked}`,
    job: {
      code: `held = [bytearray(b"x") * (1 << 20) for _ in range(${count})]`,
      memory_limit: Number(limit),
    },
    held: ({ status, oom_killed, enforced }) =>
      status === 'oom_killed' && oom_killed && enforced.cgroup.limits.memory === Number(limit),
  };
}

/** The policy's own where that is short, else what a request asks for. The job only sleeps, so that no processor time ends it before. */
function timeout({ policy }: CompiledPolicy, maxWait: bigint): Crossing {
  const { value, origin } = policy.limits.timeout;
  const isOwn = value.default <= maxWait;
  const limit = isOwn ? value.default : 500n;
  const asked = isOwn ? '' : `, which the request asks for (policy: ${durationText(value.default)})`;
  return {
    ...{ name: 'timeout', origin },
    expected: `timed_out after ${durationText(limit)}${asked}`,
    job: { code: SLEEP, ...(isOwn ? {} : { timeout_secs: Number(limit) / 1000 }) },
    held: ({ status, timed_out, duration_ms }) => status === 'timed_out' && timed_out && duration_ms >= limit,
  };
}

const SLEEP = 'import time\nwhile True: time.sleep(1)';

function cpuTime({ policy, plan, admission }: CompiledPolicy, maxWait: bigint): Crossing {
  const { origin } = policy.limits.cpuTime;
  const { cpuTimeUs, cpuQuotaUs, cpuPeriodUs } = plan.limits;
  const base = {
    name: 'cpuTime',
    origin,
    needs: 'cpu_time',
    expected: `cpu_limit after ${durationText(cpuTimeUs / 1000n)}`,
  } as const;
  const held = ({ status, cpu_time_us }: JobResult) => status === 'cpu_limit' && Number(cpu_time_us) >= cpuTimeUs;
  // One thread uses one processor, and of a part of it needs as much longer.
  const slowness = cpuQuotaUs < cpuPeriodUs ? (1000n * cpuPeriodUs) / cpuQuotaUs : 1000n;
  const wallOf = (cpuUs: bigint) => (cpuUs * slowness) / 1_000_000n;
  const takes = wallOf(cpuTimeUs);
  if (takes > maxWait)
    return {
      ...base,
      held,
      reason: `${durationText(takes)} is longer than is waited for (--max-wait), and no request can ask for less`,
    };
  if (takes >= admission.limits.timeout.value.max)
    return { ...base, held, reason: `the time-out, ${durationText(admission.limits.timeout.value.max)}, comes before` };
  const wallMs = wallOf(2n * cpuTimeUs + 2_000_000n) + 5000n;
  const most = admission.limits.timeout.value.max;
  const seconds = Number(wallMs < most ? wallMs : most) / 1000;
  const code = `import time\nwhile time.process_time() < ${(2 * Number(cpuTimeUs)) / 1e6 + 1}: pass`;
  return { ...base, held, job: { code, timeout_secs: seconds } };
}

const MOST_THREADS = 1024n;

function threads({ policy, plan }: CompiledPolicy, program: Program): Crossing {
  const { origin } = policy.limits.pids;
  const { pidsMax } = plan.limits;
  const base = { name: 'pids', origin, needs: 'pids', expected: `EAGAIN with at most ${pidsMax} tasks` } as const;
  const held = ({ stdout, enforced }: JobResult) => {
    const [word, made] = String(stdout).trim().split(' ');
    return word === 'refused' && Number(made) < pidsMax && enforced.cgroup.limits.pids === Number(pidsMax);
  };
  if (!makesThreads(program)) return { ...base, held, reason: 'the filter lets no thread be made' };
  if (pidsMax > MOST_THREADS) return { ...base, held, reason: `${pidsMax} tasks are more than is tried` };
  const code = `
import threading
stop, made = threading.Event(), 0
try:
    while made <= ${pidsMax}:
        threading.Thread(target=stop.wait, daemon=True).start()
        made += 1
    print("through", made)
except RuntimeError:
    print("refused", made)
stop.set()`;
  return { ...base, held, job: { code } };
}

/** As pthread_create(3) of glibc makes them. */
const THREAD_FLAGS = [
  ...['CLONE_VM', 'CLONE_FS', 'CLONE_FILES', 'CLONE_SIGHAND', 'CLONE_THREAD', 'CLONE_SYSVSEM'],
  ...['CLONE_SETTLS', 'CLONE_PARENT_SETTID', 'CLONE_CHILD_CLEARTID'],
];

function makesThreads(program: Program): boolean {
  const table = kernelTable(program.arch);
  const flags = THREAD_FLAGS.reduce((sum, name) => sum | (table.constant(name) ?? 0n), 0n);
  return program.answer({ nr: table.syscall('clone')?.number ?? -1, args: [flags] }).kind === 'allow';
}

const MOST_OUTPUT = 64n * MIB;
const CHUNK = 65_536;

function streams({ policy, plan }: CompiledPolicy): readonly Crossing[] {
  return (['stdout', 'stderr'] as const).map((name): Crossing => {
    const { origin } = policy.limits[name];
    const limit = name === 'stdout' ? plan.limits.stdoutMax : plan.limits.stderrMax;
    const base = { name, origin, expected: `output_limit, cut at ${sizeText(limit)}` };
    const held = ({ status, truncated, [name]: output }: JobResult) =>
      status === 'output_limit' && truncated[name] && Buffer.byteLength(output) <= limit;
    if (limit === UNLIMITED || limit > MOST_OUTPUT)
      return { ...base, held, reason: `${sizeText(limit)} are more than is tried` };
    const count = Math.floor(Number(limit) / CHUNK) + 16;
    const code = `import sys\nfor _ in range(${count}): sys.${name}.write("x" * ${CHUNK})\nsys.${name}.flush()`;
    return { ...base, held, job: { code } };
  });
}
