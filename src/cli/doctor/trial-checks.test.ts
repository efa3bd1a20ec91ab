import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ExecuteResponse } from '../../protocol/messages.gen.js';
import { jobCheck } from './job-checks.js';
import { parseTrials, type Trial } from './trial.js';
import { TRIAL_CHECKS, trialChecks, untriedCheck } from './trial-checks.js';

const REMEDY = 'sysctl -w kernel.unprivileged_userns_clone=1';

function check(trial: Partial<Trial>) {
  const [finding] = trialChecks(
    [{ layer: 'landlock', outcome: 'works', step: '', errno: 0, detail: '', ...trial }],
    REMEDY,
  );
  return finding;
}

describe('a layer that was tried', () => {
  it('says what was tried, and what came of it', () => {
    expect(check({ detail: 'abi 6 of 7' })).toEqual({
      check: 'try landlock',
      status: 'ok',
      tried: 'landlock_restrict_self, an open that a rule allows, and one that none allows',
      message: 'the one is open, the other EACCES (abi 6 of 7)',
    });
  });

  it.each<[Partial<Trial>, string]>([
    [{ outcome: 'refused', step: 'landlock_restrict_self', errno: 95 }, 'landlock_restrict_self answered ENOTSUP'],
    [{ outcome: 'ineffective', step: 'open', detail: '/: Success' }, 'without effect at open: /: Success'],
    [{ outcome: 'unfinished' }, 'the trial ended without an answer'],
    [{ outcome: 'untried', step: 'denied call' }, 'not tried: there is no denied call'],
  ])('fails with the answer and a remedy: %j', (trial, message) => {
    expect(check(trial)).toMatchObject({ status: 'fail', message, remedy: expect.stringContaining('lsm=') });
  });

  it('only warns where jobs run without it', () => {
    for (const layer of ['cgroup', 'memory limit', 'process limit', 'id-mapped mount']) {
      expect(check({ layer, outcome: 'refused', step: 'x', errno: 1 })).toMatchObject({ status: 'warn' });
    }
  });

  it('has the remedy of user namespaces wherever one is what is missing', () => {
    const refused = check({ layer: 'user namespace', outcome: 'refused', step: 'unshare', errno: 28 });
    expect(refused).toMatchObject({ status: 'fail', message: 'unshare answered ENOSPC', remedy: REMEDY });
    expect(check({ layer: 'mounts', outcome: 'untried', step: 'user namespace' })).toMatchObject({ remedy: REMEDY });
  });

  it('holds it against nobody that only root makes id-mapped mounts', () => {
    expect(check({ layer: 'id-mapped mount', outcome: 'untried', step: 'root' })).toMatchObject({ status: 'ok' });
  });

  it('fails for a layer of another version', () => {
    expect(check({ layer: 'time namespace' })).toMatchObject({ status: 'fail', remedy: 'npm run build' });
  });

  it('has words for each layer that the program tries', () => {
    const source = ['main.c', 'groups.c'].map((file) => read(file)).join('');
    const names = [...source.matchAll(/\{CLONE_\w+, "([^"]+)"|\{"([^"]+)", lw_trial_|report\(trial, "([^"]+)"\)/g)];
    expect(names.map(([, a, b, c]) => `try ${a ?? b ?? c}`).sort()).toEqual([...TRIAL_CHECKS].sort());
    for (const name of TRIAL_CHECKS) expect(untriedCheck().message).toContain(name.slice('try '.length));
  });
});

function read(file: string): string {
  return readFileSync(new URL(`../../../native/trial/${file}`, import.meta.url), 'utf8');
}

describe('a job', () => {
  const works = (layer: string): Trial => ({ layer, outcome: 'works', step: '', errno: 0, detail: '' });
  const trials = ['user namespace', 'network namespace', 'landlock', 'memory limit'].map(works);
  const enforced = {
    seccomp: { mode: 'filter', digest: null, instructions: 247 },
    landlock: { status: 'fully', abi: 6, missing: [] },
    namespaces: ['user', 'mount', 'pid', 'net', 'ipc', 'uts', 'cgroup'],
    cgroup: { version: 2, enforced: ['memory', 'pids'], not_enforced: [] as string[] },
    capabilities_empty: true,
    no_new_privs: true,
  };
  const answer = (receipt: object, rest: object = {}) =>
    ({
      type: 'Execute',
      id: null,
      success: true,
      result: { status: 'ok', stdout: 'leeward doctor\n', enforced: receipt, ...rest },
    }) as unknown as ExecuteResponse;

  it('that ran has a line of what held it', () => {
    expect(jobCheck('python', answer(enforced), trials)).toMatchObject({
      status: 'ok',
      message: 'ran with 7 namespaces, landlock abi 6, 247 seccomp instructions, cgroup v2',
    });
  });

  it.each<[string, object]>([
    ['landlock', { landlock: { status: 'not_enforced', abi: 0, missing: [] } }],
    ['network namespace', { namespaces: ['user'] }],
    ['memory limit', { cgroup: { ...enforced.cgroup, not_enforced: ['memory'] } }],
  ])('whose receipt lacks %s, which the trials have, fails', (layer, part) => {
    expect(jobCheck('python', answer({ ...enforced, ...part }), trials)).toMatchObject({
      status: 'fail',
      message: expect.stringMatching(new RegExp(`: ${layer}$`)),
    });
  });

  it('may lack what the trials lack, too', () => {
    const receipt = { ...enforced, cgroup: { version: 0, enforced: [], not_enforced: ['pids'] } };
    expect(jobCheck('python', answer(receipt), trials)).toMatchObject({ status: 'ok' });
  });

  it('that did not run, or said something else, fails', () => {
    const error = { code: 'LW_SANDBOX_ERROR', message: 'mount /tmp: EPERM', retryable: false };
    const refused = { type: 'Execute', id: null, success: false, error } as const;
    expect(jobCheck('python', refused, trials)).toMatchObject({ message: 'mount /tmp: EPERM [LW_SANDBOX_ERROR]' });
    const invalid = { ...refused, error: { ...error, message: 'base.yaml:49:15: no\n  49 | minimumAbi: 1' } };
    expect(jobCheck('python', invalid, trials)).toMatchObject({ message: 'base.yaml:49:15: no [LW_SANDBOX_ERROR]' });
    expect(jobCheck('python', answer(enforced, { stdout: 'x' }), trials)).toMatchObject({ status: 'fail' });
  });
});

it('the lines of the program are read as they come', () => {
  const line = { layer: 'seccomp', outcome: 'works', step: '', errno: 13, detail: '2' };
  expect(parseTrials(`${JSON.stringify(line)}\n${JSON.stringify(line)}\n`)).toEqual([line, line]);
});
