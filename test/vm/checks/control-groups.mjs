#!/usr/bin/env node
// Limits on cgroup v2 with real controllers: every limit on, each of them crossed, as root and in a delegated group.
import assert from 'node:assert/strict';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, eventually, finish } from './check.mjs';
import { Daemon, ORDINARY } from './daemon.mjs';

const TREE = '/sys/fs/cgroup';
const LIMITS = ['memory', 'swap', 'pids', 'cpu', 'cpu_time'];
const policy = 'it-limits';

/** A group as systemd gives it away with Delegate=yes: to an ordinary user by its owner, to root by a mark. */
function delegate(name, uid) {
  const group = join(TREE, name);
  mkdirSync(group);
  for (const file of ['', 'cgroup.procs', 'cgroup.threads', 'cgroup.subtree_control'])
    chownSync(join(group, file), uid, uid);
  return group;
}

function workersOf(base) {
  return readdirSync(base)
    .filter((name) => name.startsWith('worker-'))
    .map((name) => join(base, name));
}

function throttledPeriods(group) {
  try {
    return Number(/^nr_throttled (\d+)$/m.exec(readFileSync(join(group, 'cpu.stat'), 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // the group has gone
  }
}

const CROSSED = [
  {
    limit: 'memory',
    code: 'data = bytearray(200 << 20)',
    expected: { status: 'oom_killed', oom_killed: true, exit_code: null },
    also: ({ memory_peak }) => assert(memory_peak > 80 << 20 && memory_peak <= 96 << 20, `peak ${memory_peak}`),
  },
  {
    limit: 'pids',
    code: `
import threading
stop, count = threading.Event(), 1
try:
    while True:
        threading.Thread(target=stop.wait).start()
        count += 1
except RuntimeError:
    print(count)
stop.set()
`,
    expected: { status: 'ok', stdout: '24\n' },
  },
  {
    limit: 'output',
    code: 'while True: print("x" * 1000)',
    expected: { status: 'output_limit', truncated: { stdout: true, stderr: false } },
  },
  {
    limit: 'timeout',
    code: 'import time; time.sleep(600)',
    timeout: 2000,
    expected: { status: 'timed_out', timed_out: true },
  },
  {
    limit: 'fileSize',
    code: `
try:
    size, file = 0, open("/tmp/large", "wb", buffering=0)
    while True: size += file.write(bytes(1 << 18))
except OSError as error:
    print(error.errno, size)
`,
    expected: { status: 'ok', stdout: `27 ${1 << 20}\n` },
  },
  {
    limit: 'openFiles',
    code: `
files = []
try:
    while True: files.append(open("/dev/null"))
except OSError as error:
    print(error.errno, len(files) <= 64)
`,
    expected: { status: 'ok', stdout: '24 True\n' },
  },
];

async function checkLimits(name, daemon, base) {
  await check(`${name}: the subtree is ${base}`, async () => {
    const { supervisor } = await daemon.status();
    assert.equal(supervisor.cgroup_base, base);
    for (const limit of ['memory', 'swap', 'pids', 'cpu', 'cpu_time'])
      assert(supervisor.limits_available.includes(limit), `${limit} is not available: ${supervisor.cgroup_reason}`);
  });
  await check(`${name}: the receipt has every limit`, async () => {
    const { status, enforced } = await daemon.run('pass', { policy });
    assert.equal(status, 'ok');
    assert.deepEqual(enforced.cgroup, {
      version: 2,
      limits: { memory: 96 << 20, pids: 24, cpu_quota_us: 50_000, cpu_period_us: 100_000 },
      enforced: LIMITS,
      not_enforced: [],
    });
    assert(workersOf(base).some((group) => readFileSync(join(group, 'memory.max'), 'utf8') === `${96 << 20}\n`));
  });
  for (const { limit, code, timeout, expected, also } of CROSSED)
    await check(`${name}: ${limit} crossed`, async () => {
      const result = await daemon.run(code, { policy, timeoutMs: timeout });
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, result[key]])), expected);
      also?.(result);
    });
  await check(`${name}: cpus throttles, cpuTime ends`, async () => {
    const result = daemon.run('while True: pass', { policy: 'it-throttled' });
    await eventually('periods are throttled', 20, () => workersOf(base).some((group) => throttledPeriods(group) > 0));
    assert.equal((await result).status, 'cpu_limit');
  });
  await check(`${name}: cgroup.kill of an administrator is a signal, and the next job runs`, async () => {
    let hasStarted = false;
    const onStdout = () => {
      hasStarted = true;
    };
    const started = 'import time; print("started", flush=True); time.sleep(600)';
    const result = daemon.run(started, { policy, timeoutMs: 300_000, onStdout });
    // A job that still waits for its interpreter runs, too, in what the daemon says: the kill would meet what is being prepared.
    await eventually('the job has begun', 20, () => hasStarted);
    for (const group of workersOf(base)) writeFileSync(join(group, 'cgroup.kill'), '1');
    const { status, signal, oom_killed } = await result;
    assert.deepEqual({ status, signal, oom_killed }, { status: 'signaled', signal: 9, oom_killed: false });
    assert.equal((await daemon.run('print("next")', { policy })).stdout, 'next\n');
  });
}

async function checkEnd(name, daemon, base) {
  await check(`${name}: the end leaves no group`, async () => {
    await daemon.stop();
    await eventually(`${base} is gone`, 5, () => !existsSync(base));
  });
}

const service = await Daemon.start({ uid: 0 });
await checkLimits('root', service, `${TREE}/leeward`);
await checkEnd('root', service, `${TREE}/leeward`);

const group = delegate('delegated', ORDINARY);
const own = await Daemon.start({ uid: ORDINARY, group });
await check('ordinary user, delegated group: the daemon has moved itself into a leaf', () => {
  assert.equal(own.group, '/delegated/leeward-main');
});
await checkLimits('ordinary user, delegated group', own, `${group}/leeward`);
await checkEnd('ordinary user, delegated group', own, `${group}/leeward`);
rmdirSync(join(group, 'leeward-main'));
rmdirSync(group);

const without = await Daemon.start({ uid: ORDINARY });
await check('ordinary user without a group: the receipt names the limits that do not hold', async () => {
  const { status, enforced } = await without.run('pass', { policy });
  assert.equal(status, 'ok');
  assert.deepEqual(enforced.cgroup.not_enforced, LIMITS);
});
await without.stop();

finish();
