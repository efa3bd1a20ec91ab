import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ProbeReport, ProbeResult } from '../../../src/probe/result.js';
import { installedWithout } from '../../conformance/runner/knocked-out.js';
import { isRoot, root } from '../../harness/account.js';
import type { Installation } from '../../harness/checkout.js';
import { type Ended, run } from '../../harness/command.js';
import { testHost } from '../../harness/host.js';
import { Place } from '../../harness/place.js';
import { asEachAccount } from '../harness/account.js';

type Report = ProbeReport & { readonly ok: boolean; readonly counts: Readonly<Record<string, number>> };

const SHIPPED = ['strict', 'python', 'python-data'];

/** In a PID namespace of its own as root: what is tried may signal. */
function probe(place: Place, { node, root: installed, policies }: Installation, ...args: string[]): Promise<Ended> {
  const command = [node, join(installed, 'bin/leeward'), 'policy', 'probe', '--policies', policies, ...args];
  const apart = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', '--'];
  return run(place, place.account.uid === 0 ? [...apart, ...command] : command);
}

const failures = ({ results }: Report): readonly ProbeResult[] =>
  results.filter(({ outcome }) => outcome === 'BROKEN' || outcome === 'ESCAPED');

asEachAccount((account) => {
  describe('leeward policy probe', () => {
    let place: Place;
    beforeAll(() => {
      place = new Place(account);
    });

    it.each(SHIPPED)('%s holds: every attempt is answered as the policy says', async (policy) => {
      const { exitCode, stdout, stderr } = await probe(place, testHost().installation, '--format', 'json', policy);
      const report = JSON.parse(stdout || '{}') as Report;
      expect({ exitCode, failures: failures(report), ok: report.ok, stderr }).toMatchObject({
        ...{ exitCode: 0, failures: [], ok: true },
      });
      expect(report).toMatchObject({ policy, uid: account.uid, digest: expect.stringMatching(/^sha256:/) });
      for (const { seen, outcome } of report.results) if (outcome === 'SKIPPED') expect(seen).not.toBe('');
    });

    it('tries what a policy has beyond the shipped ones, with the place of each', async () => {
      const { exitCode, stdout } = await probe(place, testHost().installation, '--format', 'json', 'it-probe');
      const report = JSON.parse(stdout) as Report;
      expect({ exitCode, failures: failures(report) }).toEqual({ exitCode: 0, failures: [] });
      const of = (name: string) => report.results.find((result) => result.name === name);
      expect(of('swapon')).toMatchObject({
        expected: 'ended by SIGKILL',
        outcome: 'BLOCKED',
        seen: 'ended by SIGKILL',
      });
      expect(of('swapon')?.place).toMatch(/it-probe\.yaml:\d+:\d+$/);
      expect(of('acct')).toMatchObject({ expected: 'EBUSY', outcome: 'BLOCKED' });
      expect(of('make a file in /region')).toMatchObject({ outcome: 'BLOCKED', seen: 'EROFS' });
      expect(of("the host's side of /region")).toMatchObject({ outcome: 'BLOCKED' });
      expect(of('sethostname')).toMatchObject({ outcome: 'SKIPPED', seen: expect.stringMatching(/^EPERM: /) });
      expect(of('kill 0x0 0xf')).toMatchObject({ outcome: 'NO_EFFECT', seen: 'ended by SIGTERM' });
      expect(of('kill 0x1 0x0')).toMatchObject({ outcome: 'BLOCKED', expected: 'EACCES' });
    });

    it('crosses every limit of a policy that has low ones, as far as this host enforces them', async () => {
      const { exitCode, stdout } = await probe(
        ...([place, testHost().installation, '--only', 'limits', '--format', 'json', 'it-limits'] as const),
      );
      const report = JSON.parse(stdout) as Report;
      expect({ exitCode, failures: failures(report) }).toEqual({ exitCode: 0, failures: [] });
      const of = (name: string) => report.results.find((result) => result.name === name);
      for (const name of ['timeout', 'stdout', 'stderr', 'claims', 'denials', 'openFiles', 'fileSize', 'stack'])
        expect(of(name), name).toMatchObject({ outcome: 'BLOCKED' });
      const isLimited = of('memory')?.outcome !== 'SKIPPED';
      if (isLimited)
        for (const name of ['memory', 'pids', 'cpus']) expect(of(name), name).toMatchObject({ outcome: 'BLOCKED' });
      else expect(of('memory')?.seen).toContain('not_enforced has memory');
      expect(isLimited || account.uid !== 0).toBe(true);
    });

    it('waits for processor time no longer than it is told to', async () => {
      const limits = ['--only', 'limits', '--format', 'json', 'it-cpu'];
      const { exitCode, stdout } = await probe(place, testHost().installation, '--max-wait', '300ms', ...limits);
      const { results } = JSON.parse(stdout) as Report;
      const cpuTime = results.find(({ name }) => name === 'cpuTime');
      expect({ exitCode, ...cpuTime }).toMatchObject({
        exitCode: 0,
        outcome: 'SKIPPED',
        seen: expect.stringContaining('--max-wait'),
      });
      const wrong = await probe(place, testHost().installation, '--max-wait', 'soon', ...limits);
      expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--max-wait soon') });
    });

    it('takes as many jobs as a policy with little output needs', async () => {
      const { exitCode, stdout } = await probe(
        ...([
          place,
          testHost().installation,
          '--only',
          'paths,limits,posture',
          '--format',
          'json',
          'it-quiet',
        ] as const),
      );
      const report = JSON.parse(stdout) as Report;
      expect({ exitCode, failures: failures(report) }).toEqual({ exitCode: 0, failures: [] });
    });

    it('finds nothing of one job in the next, under a policy whose processes run several', async () => {
      const args = ['--only', 'paths', '--format', 'json', 'it-reused'];
      const { exitCode, stdout } = await probe(place, testHost().installation, ...args);
      expect({ exitCode, failures: failures(JSON.parse(stdout) as Report) }).toEqual({ exitCode: 0, failures: [] });
    });

    it('ends with 2 where there is no such policy', async () => {
      const { exitCode, stderr } = await probe(place, testHost().installation, 'it-nothing');
      expect(exitCode).toBe(2);
      expect(stderr).toContain('LW_REQUEST_UNKNOWN_POLICY');
    });

    it('prints for people', async () => {
      const { exitCode, stdout } = await probe(place, testHost().installation, '--only', 'syscalls', 'strict');
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/policy strict holds on this host: \d+ attempts, all as the policy says/);
      expect(stdout).toMatch(/SKIPPED .* \(syscalls: exit\)/);
    });
  });
});

describe.skipIf(!isRoot)('leeward policy probe of a sandbox that lacks a layer (needs root)', () => {
  const without = async (layer: string, ...args: string[]) => {
    const installation = installedWithout(layer, testHost());
    const { exitCode, stdout } = await probe(new Place(root), installation, '--format', 'json', ...args);
    return { exitCode, report: JSON.parse(stdout) as Report };
  };

  it('seccomp: every refused call is found, at the rule that says so', async () => {
    const { exitCode, report } = await without('seccomp', '--only', 'syscalls', 'python');
    expect({ exitCode, ok: report.ok }).toEqual({ exitCode: 1, ok: false });
    const of = (name: string) => report.results.find((result) => result.name === name);
    expect(of('bpf')).toMatchObject({ outcome: 'ESCAPED', expected: expect.stringMatching(/^ended by/) });
    expect(of('bpf')?.place).toMatch(/policies\/python\.yaml:\d+:\d+$/);
    expect(of('keyctl')).toMatchObject({ outcome: 'ESCAPED', expected: 'EACCES' });
    if (process.arch === 'x64') expect(['ESCAPED', 'SKIPPED']).toContain(of('i386 getpid')?.outcome);
    expect(of('keyctl')?.place).toMatch(/policies\/builtin\/base\.yaml:\d+:\d+$/);
    expect(report.counts['ESCAPED']).toBeGreaterThan(500);
    expect(report.counts['BLOCKED']).toBeLessThan(10);
  });

  it('Landlock: what no rule grants is found, where mounts let it be', async () => {
    const { exitCode, report } = await without('landlock', '--only', 'paths', 'python');
    expect(exitCode).toBe(1);
    const of = (name: string) => report.results.find((result) => result.name === name);
    for (const name of ['read /', 'read /opt/leeward/worker', 'make_sym in /output'])
      expect(of(name)).toMatchObject({ outcome: 'ESCAPED', expected: expect.stringContaining('EACCES') });
    expect(of('read /')?.place).toMatch(/policies\/builtin\/base\.yaml:\d+:\d+$/);
    expect(of('make_sym in /output')?.place).toMatch(/policies\/python\.yaml:\d+:\d+$/);
    expect(of('make a file in /usr')).toMatchObject({ outcome: 'BLOCKED' });
  });

  it('options of mounts: missing flags and room without end are found, each at its mount', async () => {
    const { exitCode, report } = await without('mount_options', '--only', 'paths', 'python');
    expect(exitCode).toBe(1);
    const of = (name: string) => report.results.find((result) => result.name === name);
    expect(of('flags of /usr')).toMatchObject({
      outcome: 'ESCAPED',
      seen: expect.stringContaining('without read_only'),
    });
    expect(of('flags of /usr')?.place).toMatch(/policies\/builtin\/base\.yaml:\d+:\d+$/);
    for (const name of ['room of /tmp', 'fill /tmp', 'crowd /tmp', 'map code of /tmp', 'chmod /input/leeward-probe']) {
      expect(of(name), name).toMatchObject({ outcome: 'ESCAPED' });
      expect(of(name)?.place, name).toMatch(/policies\/python\.yaml:\d+:\d+$/);
    }
    // Landlock refuses it too, but not with the answer of a mount.
    expect(of('make a file in /input')).toMatchObject({ outcome: 'BROKEN', seen: 'EACCES' });
    expect(of("the host's side of /input")).toMatchObject({ outcome: 'ESCAPED' });
  });

  it('the mount namespace: what the host has beside is found', async () => {
    const { exitCode, report } = await without('mount_namespace', '--only', 'paths', 'python');
    expect(exitCode).toBe(1);
    const found = report.results.find(({ name }) => name === "the host's /");
    expect(found).toMatchObject({ outcome: 'ESCAPED', seen: expect.stringMatching(/ is there/) });
  });

  it('control groups: memory and processes without end are found, though the receipt has the limits', async () => {
    const { exitCode, report } = await without('cgroup', '--only', 'limits', 'it-limits');
    expect(exitCode).toBe(1);
    for (const name of ['memory', 'pids']) {
      const found = report.results.find((result) => result.name === name);
      expect(found, name).toMatchObject({ outcome: 'ESCAPED' });
      expect(found?.place, name).toMatch(/it-limits\.yaml:\d+:\d+$/);
    }
  });

  it('resource limits: values and crossings are found', async () => {
    const { exitCode, report } = await without('rlimits', '--only', 'limits', 'it-limits');
    expect(exitCode).toBe(1);
    for (const name of ['value of RLIMIT_NOFILE', 'openFiles', 'fileSize']) {
      const found = report.results.find((result) => result.name === name);
      expect(found, name).toMatchObject({ outcome: 'ESCAPED' });
      expect(found?.place, name).toMatch(/it-limits\.yaml:\d+:\d+$/);
    }
  });

  it.each([
    ['capabilities', 'capabilities', /^CapPrm|CapEff/],
    ['no_new_privs', 'no_new_privs', /NoNewPrivs 0/],
    ['uts_namespace', 'uname', /./],
  ])('%s: what the job itself sees is found', async (layer, name, seen) => {
    const { exitCode, report } = await without(layer, '--only', 'posture', 'python');
    expect(exitCode).toBe(1);
    const found = report.results.find((result) => result.name === name);
    expect(found).toMatchObject({ outcome: 'ESCAPED', seen: expect.stringMatching(seen) });
    expect(found?.place).toMatch(/policies\/.*\.yaml:\d+:\d+$/);
  });
});
