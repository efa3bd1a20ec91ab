import { describe, expect, it } from 'vitest';
import type { Denial, ErrorBody, JobResult, JobStatus } from '../../protocol/messages.gen.js';
import { styleOf } from '../terminal/style.js';
import { exitCodeOf } from './exit-code.js';
import { denialNotes, receiptNote } from './notes.js';
import { outcomeJson } from './outcome.js';
import { outcomeNotes } from './report.js';

const plain = styleOf({ isTTY: false, env: {} });
const identity = { name: 'python', generation: 1, digest: `sha256:${'0'.repeat(64)}` };

const RESULT: JobResult = {
  exit_code: 0,
  stdout: 'hi\n',
  stderr: '',
  duration_ms: 12,
  memory_peak: 15_728_640,
  cpu_time_us: 9000,
  timed_out: false,
  oom_killed: false,
  status: 'ok',
  signal: null,
  truncated: { stdout: false, stderr: false },
  binary: { stdout: false, stderr: false },
  error: null,
  denials: [],
  policy: identity,
  enforced: {
    policy: identity,
    plan: identity.digest,
    mode: 'enforce',
    proven: false,
    seccomp: { mode: 'filter', digest: identity.digest, instructions: 212 },
    landlock: { status: 'fully', abi: 6, missing: [] },
    namespaces: ['user', 'pid', 'mount', 'net', 'ipc', 'uts', 'cgroup'],
    cgroup: {
      version: 1,
      limits: { memory: 1_073_741_824, pids: 64, cpu_quota_us: 100_000, cpu_period_us: 100_000 },
      enforced: ['memory', 'pids'],
      not_enforced: [],
    },
    user: { inside_uid: 0, inside_gid: 0, outside_uid: 100_001, outside_gid: 100_001 },
    capabilities_empty: true,
    no_new_privs: true,
    not_dumpable: true,
    id_mapped_mounts: true,
    execution: { number: 1, of: 1 },
    daemon: { version: '0.1.0', uid: 0, embedded: true },
    supervisor: { privileged: true },
  },
  timing: { pool_us: 0, queue_us: 0, attach_us: 0, run_us: 12_300, teardown_us: 500, total_us: 13_000 },
};

function ended(status: JobStatus, more: Partial<JobResult> = {}): { result: JobResult } {
  return { result: { ...RESULT, exit_code: null, status, ...more } };
}

function refused(code: string): { error: ErrorBody } {
  return { error: { code, message: 'm', retryable: false } };
}

describe('exit code', () => {
  it.each([
    [ended('ok', { exit_code: 0 }), 0],
    [ended('error', { exit_code: 3 }), 3],
    [ended('error', { exit_code: 124 }), 124],
    [ended('signaled', { signal: 11 }), 139],
    [ended('timed_out'), 124],
    [ended('oom_killed'), 137],
    [ended('output_limit'), 123],
    [ended('cpu_limit'), 123],
    [ended('denied', { signal: 31 }), 126],
    [ended('cancelled'), 130],
    [ended('sandbox_error'), 125],
    [ended('lost'), 125],
    [refused('LW_SANDBOX_ERROR'), 125],
    [refused('LW_JOB_CANCELLED'), 130],
    [refused('LW_REQUEST_MOUNT_NOT_ALLOWED'), 125],
    [refused('LW_DAEMON_BUSY'), 125],
    [refused('LW_POLICY_UNSAFE_FILE'), 1],
    [refused('LW_FROM_TOMORROW'), 125],
  ])('of %j is %d', (answer, code) => {
    expect(exitCodeOf(answer)).toBe(code);
  });

  it('of a job that runs in a future status is 125', () => {
    expect(exitCodeOf(ended('paused' as JobStatus))).toBe(125);
  });
});

describe('denials', () => {
  const denial: Denial = {
    syscall: 'socket',
    nr: 41,
    args: [2, 1, 0],
    count: 1,
    errno: 'EACCES',
    rule: null,
    hint: 'no rule allows it; `syscalls: {allow: [socket]}` in python would',
  };

  it('says which call, how often, by which rule, and what to do', () => {
    expect(denialNotes([denial], plain)).toEqual([
      'leeward: denied socket (EACCES): no rule allows it; `syscalls: {allow: [socket]}` in python would',
    ]);
    const byRule = { ...denial, count: 3, rule: 'python.yaml:14:5' };
    for (const hint of [null, 'python.yaml:14:5']) {
      expect(denialNotes([{ ...byRule, hint }], plain)).toEqual([
        'leeward: denied socket 3 times (EACCES): python.yaml:14:5',
      ]);
    }
    expect(denialNotes([{ ...byRule, hint: 'never allowed' }], plain)[0]).toContain(
      ': python.yaml:14:5; never allowed',
    );
    expect(denialNotes([{ ...denial, hint: null }], plain)[0]).toContain(': no rule allows it');
  });

  it('says so of calls that were let through in audit mode', () => {
    const through = { ...denial, errno: null, hint: 'let through in audit mode: no rule allows it' };
    expect(denialNotes([through], plain)).toEqual([
      'leeward: audit: socket: let through in audit mode: no rule allows it',
    ]);
    expect(denialNotes([{ ...denial, errno: null, rule: 'python.yaml:14:5' }], plain)[0]).toContain('denied socket');
    expect(denialNotes([through, denial], plain)[0]).toContain('denied socket: let through');
  });

  it('names a limit that has refused calls', () => {
    const limit = { ...denial, syscall: null, nr: null, args: [], limit: 'pids' as const, errno: 'EAGAIN', count: 7 };
    expect(denialNotes([{ ...limit, rule: 'python.yaml:9:3', hint: 'at most 64' }], plain)).toEqual([
      'leeward: denied limit of pids 7 times (EAGAIN): python.yaml:9:3; at most 64',
    ]);
  });

  it('names a call that the tables do not have, and shows nothing that could steer the terminal', () => {
    const odd = { ...denial, syscall: null, nr: 999, hint: 'a\u001b[2J\nb' };
    expect(denialNotes([odd], plain)).toEqual(['leeward: denied system call 999 (EACCES): a\\u{1b}[2J\\u{a}b']);
  });

  it('never takes more than two lines', () => {
    const many = ['socket', 'connect', 'bind', 'mount', 'bpf', 'ptrace', 'keyctl', 'setns', 'unshare'].map(
      (syscall) => ({
        ...denial,
        syscall,
      }),
    );
    const lines = denialNotes(many, plain);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toBe(
      'leeward: denied also connect 1, bind 1, mount 1, bpf 1, ptrace 1, keyctl 1 and 2 more (--json has the rules)',
    );
  });

  it('is silent when there are none', () => {
    expect(denialNotes([], plain)).toEqual([]);
  });
});

describe('receipt', () => {
  it('is one line of what held the job', () => {
    expect(receiptNote(RESULT, 'embedded', plain)).toBe(
      'leeward: ok · ran 12.3 ms · peak 15 MiB · python · seccomp 212 · landlock abi 6 fully · 7 namespaces · cgroup v1 · no capabilities · uid 0 = 100001 · embedded',
    );
  });

  it('says what did not hold', () => {
    const enforced = {
      ...RESULT.enforced,
      mode: 'audit' as const,
      landlock: { status: 'not_enforced' as const, abi: 0, missing: [] },
      cgroup: { ...RESULT.enforced.cgroup, version: 0 as const, not_enforced: ['memory', 'pids'] },
      capabilities_empty: false,
    };
    const timing = { ...RESULT.timing, run_us: null };
    const line = receiptNote(
      { ...RESULT, status: 'error', exit_code: 3, memory_peak: null, enforced, timing },
      'daemon',
      plain,
    );
    expect(line).toBe(
      'leeward: exit 3 · python (audit mode) · seccomp 212 · no landlock · 7 namespaces · not enforced: memory, pids · uid 0 = 100001 · daemon',
    );
  });
});

describe('an answer without a result', () => {
  it.each([
    ['LW_JOB_LOST', 'leeward: how far the code came is not known · embedded'],
    ['LW_DAEMON_BUSY', 'leeward: no user code has run · embedded'],
  ])('%s says whether code has run', (code, note) => {
    const error: ErrorBody = { code, message: 'm', retryable: true };
    const response = { type: 'Execute', id: null, success: false, error } as const;
    const outcome = { via: 'embedded', socket: null, wallMs: 1, response, streamed: false } as const;
    expect(outcomeNotes(outcome, styleOf({ isTTY: false, env: {} })).at(-1)).toBe(note);
  });
});

describe('an error about a field', () => {
  const error: ErrorBody = {
    code: 'LW_REQUEST_LIMIT_ABOVE_MAX',
    message: 'timeout_secs is 600, above the maximum of 300',
    retryable: false,
    place: { field: 'timeout_secs' },
  };
  const response = { type: 'Execute', id: null, success: false, error } as const;
  const outcome = { via: 'embedded', socket: null, wallMs: 1, response, streamed: false } as const;

  it('names the flag for people, and the field for programs', () => {
    const [first] = outcomeNotes(outcome, plain);
    expect(first).toBe('leeward: --timeout is 600, above the maximum of 300 (--timeout) [LW_REQUEST_LIMIT_ABOVE_MAX]');
    expect(outcomeJson(outcome)).toMatchObject({ error });
  });
});

describe('JSON', () => {
  const outcome = { via: 'daemon', socket: '/run/l.sock', wallMs: 12.345678, streamed: false } as const;

  it('has the engine, the answer as it came, and no field of the frame', () => {
    const response = { type: 'Execute', id: 1, success: true, result: RESULT } as const;
    expect(outcomeJson({ ...outcome, response })).toEqual({
      via: 'daemon',
      socket: '/run/l.sock',
      wall_ms: 12.346,
      success: true,
      result: RESULT,
    });
  });

  it('has output that is not text in base64', () => {
    const result = { ...RESULT, stdout: new Uint8Array([0xff, 0]), binary: { stdout: true, stderr: false } };
    const response = { type: 'Execute', id: 1, success: true, result } as const;
    expect(outcomeJson({ ...outcome, response })).toMatchObject({
      result: { stdout: '/wA=', binary: { stdout: true } },
    });
  });

  it('has the error of a refused request', () => {
    const error = refused('LW_DAEMON_BUSY').error;
    const response = { type: 'Execute', id: 1, success: false, error } as const;
    expect(outcomeJson({ ...outcome, response })).toMatchObject({ success: false, error });
  });
});
