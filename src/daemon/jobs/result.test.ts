import { beforeAll, describe, expect, it } from 'vitest';
import { emptyJobEnd } from '../../../test/native/job-end.js';
import { asLeewardError } from '../../errors/leeward-error.js';
import { kernelTable } from '../../kernel/table.js';
import type { JobEnd } from '../../native/job.js';
import type { JobEndMessage } from '../../plan/layout.gen.js';
import { UNLIMITED } from '../../plan/plan.js';
import type { Proof } from '../../policy/index.js';
import type { CompiledPolicy } from '../../policy/types.js';
import { encodeFrame } from '../../protocol/encode.js';
import { violationOf } from '../../protocol/request-schema.js';
import { PROTOCOL } from '../../protocol/schema.gen.js';
import type { GrantedCollect } from '../admission/collect.js';
import { openLibrary } from '../policies/open-library.js';
import { denialsOf } from './denials.js';
import { executeResponse } from './executor.js';
import { jobError } from './outcome.js';
import { OutputBuffer } from './output.js';
import { type JobRecord, jobResult, STREAM_ROOM } from './result.js';

let compiled: CompiledPolicy;
let proof: Proof;

beforeAll(async () => {
  ({ compiled, proof } = await openLibrary().compile('python'));
});

function message(change: Partial<JobEndMessage> = {}): JobEndMessage {
  const { landlock } = compiled.plan;
  return emptyJobEnd({
    receiptFlags: ['no_new_privs', 'seccomp_filter', 'capabilities_empty', 'not_dumpable'],
    memoryPeak: 1n,
    cpuTimeUs: 2n,
    forksRefused: 0n,
    runUs: 3n,
    teardownUs: 4n,
    namespaces: ['mount', 'pid'],
    landlockAbi: 6,
    landlockHandledFs: landlock.handledFs,
    landlockHandledNet: landlock.handledNet,
    landlockScoped: landlock.scoped,
    cgroupVersion: 1,
    limitsEnforced: ['memory', 'pids', 'cpu', 'cpu_time'],
    memoryMax: 1n << 30n,
    pidsMax: 64n,
    cpuQuotaUs: UNLIMITED,
    cpuPeriodUs: 100_000n,
    insideUid: 5,
    insideGid: 6,
    outsideUid: 1_900_065_536,
    outsideGid: 1_900_065_536,
    planDigest: new Uint8Array(32).fill(1),
    seccompDigest: new Uint8Array(32).fill(2),
    mode: 'audit',
    seccompInstructions: 99,
    ...change,
  });
}

function end(change: Partial<JobEnd> = {}, receipt = message()): JobEnd {
  return {
    status: 'ok',
    exitCode: 0,
    signal: null,
    truncated: [],
    started: true,
    failure: null,
    denials: [],
    denialsTotal: 0,
    memoryPeak: 4096,
    cpuTimeUs: null,
    forksRefused: null,
    queueUs: 10,
    attachUs: 20,
    runUs: 1500,
    teardownUs: 30,
    receipt,
    collected: null,
    lostReason: null,
    ...change,
  };
}

function record(jobEnd: JobEnd, stdout = '', stderr = '', claims = ''): JobRecord {
  const buffer = (text: string) => {
    const output = new OutputBuffer(STREAM_ROOM);
    output.append(Buffer.from(text));
    return output;
  };
  return { end: jobEnd, stdout: buffer(stdout), stderr: buffer(stderr), claims: buffer(claims) };
}

const identity = { name: 'python', generation: 1, digest: `sha256:${'0'.repeat(64)}` };

function result(jobEnd: JobEnd, ...texts: readonly string[]) {
  return resultOf(record(jobEnd, ...texts));
}

function resultOf(jobRecord: JobRecord, collect: readonly GrantedCollect[] = []) {
  return jobResult(jobRecord, {
    compiled,
    proof,
    policy: identity,
    executors: { daemon: { version: '0.1.0', uid: 0, embedded: true }, supervisor: { privileged: true } },
    timing: { pool_us: 0, queue_us: 5, total_us: 2000 },
    collect,
  });
}

const NAME = '1kw74zh00001';
const grant = { limits: { memory: 4096n, timeoutMs: 1500n }, mounts: [] };

describe('jobResult', () => {
  it('of a job whose output was streamed says how much it was', () => {
    const streamed = { stdout: 1 << 30, stderr: 3 };
    const made = resultOf({ ...record(end()), streamed });
    expect(made).toMatchObject({ stdout: '', stderr: '', streamed, binary: { stdout: false, stderr: false } });
    expect(violationOf('JobResult', made)).toBeUndefined();
    expect(result(end())).not.toHaveProperty('streamed');
  });

  it('has the form of the schema', () => {
    const answer = executeResponse(3, {
      job: NAME,
      policy: 'python',
      status: 'ok',
      result: result(end(), 'out', 'err', 'E\0v\0t\0'),
      error: undefined,
    });
    expect(violationOf('ExecuteResponse', answer)).toBeUndefined();
    expect(answer).toMatchObject({
      success: true,
      id: 3,
      result: {
        exit_code: 0,
        stdout: 'out',
        stderr: 'err',
        duration_ms: 2,
        memory_peak: 4096,
        cpu_time_us: null,
        status: 'ok',
        error: { name: 'E', value: 'v', traceback: 't' },
        timing: { pool_us: 0, queue_us: 15, attach_us: 20, run_us: 1500, teardown_us: 30, total_us: 2000 },
      },
    });
  });

  it('is not there when no user code has started, or when that is not known', () => {
    expect(result(end({ started: false, status: 'sandbox_error' }))).toBeUndefined();
    expect(result(end({ started: null, status: 'lost', receipt: null }))).toBeUndefined();
  });

  it('names the limit of processes when the kernel has counted refusals, with the place of the limit', () => {
    for (const forksRefused of [null, 0]) expect(result(end({ forksRefused }))?.denials).toEqual([]);
    const { origin, value } = compiled.policy.limits.pids;
    const { line, col } = origin.range.start;
    const place = `${origin.file}:${line}:${col}`;
    const call = { syscall: null, nr: null, args: [], limit: 'pids', count: 7, errno: 'EAGAIN', rule: place };
    const answer = result(end({ forksRefused: 7 }));
    expect(answer?.denials).toEqual([{ ...call, hint: expect.stringContaining(`at most ${value} `) }]);
    const response = executeResponse(3, {
      job: NAME,
      policy: 'python',
      status: 'ok',
      result: answer,
      error: undefined,
    });
    expect(violationOf('ExecuteResponse', response)).toBeUndefined();
  });

  it('has what was collected, and says so where nobody could look', () => {
    const patterns = [{ pattern: '/output/*', mount: 0, folder: '', name: '*' }];
    const plain = result(end());
    expect(plain).not.toHaveProperty('files');
    expect(plain).not.toHaveProperty('not_collected');
    const none = resultOf(record(end({ collected: { records: Buffer.alloc(0) } })), patterns);
    expect(none).toMatchObject({ files: {}, not_collected: [] });
    const lost = resultOf(record(end({ status: 'lost' })), patterns);
    expect(lost).toMatchObject({ files: {}, not_collected: [{ path: '/output/*', reason: 'failed' }] });
    const answer = executeResponse(3, { job: NAME, policy: 'python', status: 'ok', result: lost, error: undefined });
    expect(violationOf('ExecuteResponse', answer)).toBeUndefined();
  });

  it('fits a frame with all that can be collected, which the streams make room for', () => {
    const data = Buffer.alloc(8 << 20, 'd');
    const head = Buffer.alloc(16);
    for (const [i, value] of [0, 0, 1, data.length].entries()) head.writeUInt32LE(value, 4 * i);
    const others = Array.from({ length: 255 }, (_, index) => {
      const name = Buffer.alloc(1000, `n${index}-`);
      const other = Buffer.alloc(16);
      for (const [i, value] of [0, 1, name.length, 0].entries()) other.writeUInt32LE(value, 4 * i);
      return Buffer.concat([other, name]);
    });
    const collected = { records: Buffer.concat([head, Buffer.from('f'), data, ...others]) };
    const folder = `/output/${'d'.repeat(1000)}`;
    const patterns = [{ pattern: `${folder}/*`, mount: 0, folder: 'd'.repeat(1000), name: '*' }];
    const full = record(end({ collected }), 'x'.repeat(STREAM_ROOM), 'y'.repeat(100));
    const cut = resultOf(full, patterns);
    expect(cut?.truncated).toEqual({ stdout: true, stderr: false });
    expect(cut?.files?.[`${folder}/f`]?.length).toBe(8 << 20);
    expect(encodeFrame({ type: 'Execute', id: 1, success: true, result: cut }).length).toBeLessThan(
      PROTOCOL.maxFrame - (1 << 20),
    );
  });

  it('fits a frame, and says what was cut', () => {
    const cut = result(end(), 'x'.repeat(STREAM_ROOM + 1), 'y'.repeat(100));
    expect(cut?.truncated).toEqual({ stdout: true, stderr: false });
    expect(String(cut?.stdout).length + String(cut?.stderr).length).toBe(STREAM_ROOM);
    expect(result(end({ truncated: ['stderr'] }), 'a', 'b')?.truncated).toEqual({ stdout: false, stderr: true });
  });
});

describe('the receipt', () => {
  it('says what was reported, not what was asked', () => {
    const receipt = result(end())?.enforced;
    expect(receipt).toMatchObject({
      policy: identity,
      plan: `sha256:${'01'.repeat(32)}`,
      mode: 'audit',
      proven: false,
      seccomp: { mode: 'filter', digest: `sha256:${'02'.repeat(32)}`, instructions: 99 },
      landlock: { status: 'fully', abi: 6, missing: [] },
      namespaces: ['mount', 'pid'],
      cgroup: {
        version: 1,
        limits: { memory: 2 ** 30, pids: 64, cpu_quota_us: null, cpu_period_us: 100_000 },
        enforced: ['memory', 'pids', 'cpu', 'cpu_time'],
        not_enforced: ['swap'],
      },
      user: { inside_uid: 5, inside_gid: 6, outside_uid: 1_900_065_536, outside_gid: 1_900_065_536 },
      capabilities_empty: true,
      id_mapped_mounts: false,
      supervisor: { privileged: true },
    });
  });

  it('is proven when the program that ran is the one that was', () => {
    expect(result(end({}, message({ seccompDigest: proof.filter })))?.enforced.proven).toBe(true);
    expect(result(end({}, message({ seccompDigest: proof.filter, receiptFlags: [] })))?.enforced.proven).toBe(false);
  });

  it('names what an older Landlock lacks, and what was not installed at all', () => {
    const { landlock } = compiled.plan;
    const old = message({
      landlockAbi: 1,
      landlockHandledFs: landlock.handledFs & 0x1fffn,
      landlockHandledNet: 0n,
      landlockScoped: 0n,
    });
    expect(result(end({}, old))?.enforced.landlock).toEqual({
      status: 'partially',
      abi: 1,
      missing: expect.arrayContaining(['refer', 'truncate', 'ioctl_dev', 'bind_tcp', 'connect_tcp', 'signal']),
    });
    const none = message({
      landlockAbi: 0,
      landlockHandledFs: 0n,
      landlockHandledNet: 0n,
      landlockScoped: 0n,
      receiptFlags: [],
      cgroupVersion: 0,
      limitsEnforced: [],
    });
    const receipt = result(end({}, none))?.enforced;
    expect(receipt?.landlock.status).toBe('not_enforced');
    expect(receipt?.seccomp).toEqual({ mode: 'none', digest: null, instructions: 0 });
    expect(receipt?.cgroup.limits).toEqual({ memory: null, pids: null, cpu_quota_us: null, cpu_period_us: null });
  });
});

describe('jobError', () => {
  it.each(['ok', 'error', 'signaled'] as const)('%s is an end of its own', (status) => {
    expect(jobError(end({ status }), grant)).toBeUndefined();
  });

  it.each([
    ['timed_out', 'LW_JOB_TIMED_OUT', 'timed out after 1.5 s'],
    ['oom_killed', 'LW_JOB_OOM_KILLED', 'out of memory: the job reached its limit of 4096 bytes'],
    ['output_limit', 'LW_JOB_OUTPUT_LIMIT', 'output limit reached on an output stream'],
    ['cpu_limit', 'LW_JOB_CPU_LIMIT', 'processor time used up'],
    ['denied', 'LW_JOB_DENIED', 'killed by the policy for a system call that it forbids'],
    ['cancelled', 'LW_JOB_CANCELLED', 'cancelled'],
    ['lost', 'LW_JOB_LOST', 'job lost: supervisor killed by SIGKILL'],
  ] as const)('%s: %s', (status, code, text) => {
    expect(jobError(end({ status, lostReason: 'supervisor killed by SIGKILL' }), grant)).toMatchObject({
      code,
      message: text,
    });
  });

  const mount = {
    root: '/data/jobs',
    path: 'abc/in',
    target: '/input',
    writable: false,
    noexec: true,
    optional: false,
    createMode: null,
    place: { field: 'mounts[1].host' },
  };

  it.each([
    ['ELOOP', 'LW_REQUEST_MOUNT_SYMLINK', '/data/jobs/abc/in goes through a symbolic link'],
    ['ENOENT', 'LW_REQUEST_MOUNT_MISSING', '/data/jobs/abc/in does not exist'],
    [
      'EACCES',
      'LW_REQUEST_MOUNT_MISSING',
      '/data/jobs/abc/in cannot be reached with the rights of the requesting user',
    ],
    ['EINVAL', 'LW_REQUEST_MOUNT_NOT_ALLOWED', '/data/jobs/abc/in cannot be mounted: fuse'],
  ])('a source that fails with %s is the request’s error', (errnoName, code, text) => {
    const failure = { stage: 'open_source', index: 0, errnoName, detail: 'fuse' } as const;
    const error = jobError(end({ status: 'sandbox_error', failure }), { ...grant, mounts: [mount] });
    expect(error).toMatchObject({ code, message: text, place: { field: 'mounts[1].host' } });
  });

  it('a mount that cannot have mapped ids is named, with what to do', () => {
    const failure = { stage: 'id_mapped_mount', index: 0, errnoName: 'EINVAL', detail: '/data/jobs/abc/in' } as const;
    expect(jobError(end({ status: 'sandbox_error', failure }), { ...grant, mounts: [mount] })).toMatchObject({
      code: 'LW_REQUEST_MOUNT_UNMAPPABLE',
      place: { field: 'mounts[1].host' },
    });
  });

  it('any other step is the sandbox’s', () => {
    const failure = { stage: 'attach', index: 0, errnoName: 'EPERM', detail: '/input' } as const;
    expect(asLeewardError(jobError(end({ status: 'sandbox_error', failure }), grant))).toMatchObject({
      code: 'LW_SANDBOX_ERROR',
      message: 'sandbox could not be made: attach[0] /input: EPERM',
    });
  });
});

describe('denialsOf', () => {
  const table = kernelTable('x86_64');
  const nrOf = (name: string) => table.syscall(name)?.number ?? -1;
  const denial = (name: string, args: readonly bigint[], errno = 13) => {
    return {
      nr: nrOf(name),
      arch: table.auditArch,
      args: [...args, 0n, 0n, 0n, 0n, 0n, 0n].slice(0, 6),
      errno,
      count: 2,
    };
  };

  it('names call, arguments and what would allow it', () => {
    expect(denialsOf([denial('socket', [2n, 1n])], compiled.policy, 'x86_64')).toEqual([
      {
        syscall: 'socket',
        nr: nrOf('socket'),
        args: [2, 1, 0],
        count: 2,
        errno: 'EACCES',
        rule: null,
        hint: 'no rule allows it; `syscalls: {allow: [socket]}` in python would',
      },
    ]);
  });

  it('says so of a call that was let through', () => {
    const { policy } = compiled;
    const audited = { ...policy, mode: { ...policy.mode, value: 'audit' as const } };
    const [socket, unshare] = denialsOf([denial('socket', [2n], 0), denial('unshare', [0n], 0)], audited, 'x86_64');
    expect(socket).toMatchObject({
      errno: null,
      rule: null,
      hint: expect.stringMatching(/^let through in audit mode: no/),
    });
    expect(unshare?.hint).not.toContain('audit');
  });

  it('names the rule that denied, and the entries that other arguments would meet', () => {
    const [unshare, ioctl] = denialsOf(
      [denial('unshare', [0n]), denial('ioctl', [0n, 0x5412n])],
      compiled.policy,
      'x86_64',
    );
    expect(unshare?.rule).toMatch(/^policies\/python\.yaml:\d+:\d+$/);
    expect(ioctl?.rule).toBeNull();
    expect(ioctl?.hint).toMatch(/^allowed only with other arguments: policies\/.*:\d+:\d+/);
  });

  it('shows arguments as their types have them, and numbers that no table has', () => {
    const [dup, odd] = denialsOf(
      [
        denial('openat', [0xffff_ffff_ffff_ff9cn, 0xffff_ffff_ffff_ffffn]),
        { nr: 9999, arch: 1, args: [1n], errno: 38, count: 1 },
      ],
      compiled.policy,
      'x86_64',
    );
    expect(dup?.args.slice(0, 2)).toEqual([-100, '0xffffffffffffffff']);
    expect(odd).toMatchObject({ syscall: null, nr: 9999, errno: 'ENOSYS', rule: null, hint: null });
  });
});
