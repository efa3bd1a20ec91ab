/**
 * Landlock's rules, enumerated in a live sandbox by `leeward policy probe`: whichever right of whichever rule of the plan were another,
 * an attempt would have met another answer.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { hostFiles } from '../../../src/cli/policy/host-files.js';
import { openLibrary } from '../../../src/daemon/policies/open-library.js';
import { landlockRight, landlockRightNames } from '../../../src/kernel/landlock.js';
import type { LandlockRule } from '../../../src/plan/plan.js';
import type { CompiledPolicy } from '../../../src/policy/types.js';
import type { HostFiles } from '../../../src/probe/derive/host-files.js';
import { derivedPaths } from '../../../src/probe/derive/paths.js';
import { requestAttempts, requestMounts } from '../../../src/probe/derive/requests.js';
import { Program } from '../../../src/probe/program.js';
import type { ProbeReport, ProbeResult } from '../../../src/probe/result.js';
import { run } from '../../harness/command.js';
import { testHost } from '../../harness/host.js';
import { Place } from '../../harness/place.js';
import { asEachAccount } from '../../integration/harness/account.js';

/** Of `rights.yaml`, each with rights of its own. */
const DIRECTORIES = ['/written', '/kept', '/moved', '/nodes'];
const ALL_RIGHTS = landlockRightNames('fs').filter((name) => Number(landlockRight('fs', name)?.abi) <= 6);
/** Of devices, and of directories as such. */
const ELSEWHERE = ['ioctl_dev', 'read_dir'];

/** Asked once: a hundred plans are compared with one report. */
const HOST: HostFiles = { names: once(hostFiles.names), kind: once(hostFiles.kind) };

const POLICIES = fileURLToPath(new URL('policies', import.meta.url));

asEachAccount((account) => {
  describe('Landlock’s rules', () => {
    let results: ReadonlyMap<string, ProbeResult>;
    let compiled: CompiledPolicy;
    beforeAll(async () => {
      const place = new Place(account);
      const { node, root } = testHost().installation;
      const command = [node, join(root, 'bin/leeward'), 'policy', 'probe', '--policies', POLICIES];
      const { stdout, stderr } = await run(place, [...command, '--only', 'paths', '--format', 'json', 'rights']);
      if (stdout === '') throw new Error(stderr);
      results = new Map((JSON.parse(stdout) as ProbeReport).results.map((result) => [result.name, result]));
      ({ compiled } = await openLibrary({ policyDirectories: [POLICIES] }).compile('rights'));
    });
    const outcomeOf = (name: string) => results.get(name)?.outcome;

    it('hold, each right where it is granted and nowhere else', () => {
      expect([...results.values()].filter(({ outcome }) => outcome === 'BROKEN' || outcome === 'ESCAPED')).toEqual([]);
      const exact = compiled.policy.landlock.paths.filter(({ path }) => DIRECTORIES.includes(path));
      expect(exact).toHaveLength(DIRECTORIES.length);
      for (const right of ALL_RIGHTS.filter((name) => !ELSEWHERE.includes(name))) {
        const tried = exact.filter(({ path }) => !['SKIPPED', undefined].includes(outcomeOf(`${right} in ${path}`)));
        for (const { path, access } of tried)
          expect(outcomeOf(`${right} in ${path}`), `${right} in ${path}`).toBe(
            access.includes(right) ? 'NO_EFFECT' : 'BLOCKED',
          );
        const outcomes = new Set(tried.map(({ path }) => outcomeOf(`${right} in ${path}`)));
        // Nobody can be granted a device of his own.
        expect(outcomes, right).toEqual(
          new Set(/^make_(char|block)$/.test(right) ? ['BLOCKED'] : ['NO_EFFECT', 'BLOCKED']),
        );
      }
      expect(outcomeOf('ioctl_dev of /dev/null')).toBe('NO_EFFECT');
      expect(outcomeOf('ioctl_dev of /dev/zero')).toBe('BLOCKED');
    });

    it('end where they say: what lies beside a path, above and beneath it', () => {
      expect([outcomeOf('read /usr'), outcomeOf('read /usr/lib')]).toEqual(['BLOCKED', 'NO_EFFECT']);
      const read = [...results.values()].filter(({ name }) => /^read \/usr\/./.test(name));
      const beneath = read.filter(({ name }) => name.startsWith('read /usr/lib/'));
      const beside = read.filter(({ name }) => !/^read \/usr\/lib(\/|$)/.test(name));
      expect(beneath.map(({ outcome }) => outcome)).toContain('NO_EFFECT');
      expect(new Set(beside.map(({ outcome }) => outcome))).toEqual(new Set(['BLOCKED']));
    });

    it('could not be others by one right without being found', (context) => {
      context.skip(account.uid !== 0, 'the plan is the one that is turned over as root');
      const all = compiled.plan.landlock.rules.flatMap((rule) =>
        rightsOf(compiled, rule).map((right) => ({ rule, right, name: `${right} in ${rule.path}` })),
      );
      const tried = all.filter(({ name }) => outcomeOf(name) !== 'SKIPPED');
      const missed = tried.filter(({ rule, right }) => !isContradicted(withOther(compiled, rule, right), results));
      expect(missed.map(({ name }) => name)).toEqual([]);
      expect(tried.length).toBeGreaterThan(80);
    });
  });
});

function once<Value>(ask: (path: string) => Value): (path: string) => Value {
  const answers = new Map<string, Value>();
  return (path) => {
    if (!answers.has(path)) answers.set(path, ask(path));
    return answers.get(path) as Value;
  };
}

/** Rights of a rule by which something changes, where the rest of the sandbox lets it. */
function rightsOf({ plan }: CompiledPolicy, { path }: LandlockRule): readonly string[] {
  const mount = plan.mounts.find(({ target }) => target === path);
  const isWritable = mount?.kind === 'tmpfs' || path === plan.jobParents.writable;
  if (mount?.kind === 'device') return ['read_file', 'write_file', 'ioctl_dev'];
  if (mount?.flags.includes('file')) return ['read_file'];
  if (!isWritable) return ['read_file', 'read_dir'];
  const isNoexec = mount === undefined || mount.flags.includes('noexec');
  return ALL_RIGHTS.filter((name) => name !== 'ioctl_dev' && (name !== 'execute' || !isNoexec));
}

/** The same but for one right of one rule. */
function withOther(compiled: CompiledPolicy, rule: LandlockRule, right: string): CompiledPolicy {
  const bit = landlockRight('fs', right)?.bit ?? 0n;
  const { landlock } = compiled.plan;
  const rules = landlock.rules.map((one) => (one === rule ? { path: one.path, access: one.access ^ bit } : one));
  return { ...compiled, plan: { ...compiled.plan, landlock: { ...landlock, rules } } };
}

/** Whether an attempt got what this plan does not say. */
function isContradicted(compiled: CompiledPolicy, results: ReadonlyMap<string, ProbeResult>): boolean {
  const program = new Program(compiled.plan, compiled.policy.syscalls);
  const requests = requestMounts(compiled).flatMap((mount) => requestAttempts(compiled, mount).attempts);
  return [...derivedPaths(compiled, program, HOST).attempts, ...requests].some(({ name, accepted }) => {
    const result = results.get(name);
    if (result === undefined || result.outcome === 'SKIPPED') return false;
    if (accepted.kind === 'works') return !result.seen.startsWith('returned ');
    return accepted.kind === 'errno' && !accepted.errnos.includes(result.seen);
  });
}
