import { describe, expect, it } from 'vitest';
import { hostWith } from '../../../test/policy/host-with.js';
import { compileShipped, fakeHost, readFile, resolveText, shippedRuntime } from '../../../test/policy/shipped.js';
import { compilePolicy } from '../../policy/index.js';
import type { CompiledPolicy } from '../../policy/types.js';
import { Program } from '../program.js';

import { derivedPaths } from './paths.js';
import { requestAttempts, requestMounts } from './requests.js';

function derived(compiled: CompiledPolicy, files: readonly string[] = []) {
  return derivedPaths(compiled, new Program(compiled.plan, compiled.policy.syscalls), hostWith(files));
}

/** python, with these keys beside. */
function compiledWith(text: string): CompiledPolicy {
  const source = `version: 1\nkind: Policy\nname: test\nextends: [builtin:python@1]\nruntime: python\n${text}`;
  const { value: policy } = resolveText(source, { python: readFile('policies/python.yaml').text });
  const { value } = policy === undefined ? {} : compilePolicy(policy, shippedRuntime('python'), fakeHost());
  if (value === undefined) throw new Error('does not compile');
  return value;
}

const python = compileShipped('python', 'x86_64');
const expected = (compiled: CompiledPolicy, name: string) => {
  const attempt = derived(compiled).attempts.find((one) => one.name === name);
  return attempt?.accepted.kind === 'errno' ? attempt.accepted.errnos.join() : attempt?.accepted.kind;
};

describe('derivedPaths', () => {
  it.each([
    ['read /usr', 'works'],
    ['read /', 'EACCES'],
    ['read /dev', 'EACCES'],
    ['read /opt/leeward/worker', 'EACCES'],
    ['write /dev/null', 'works'],
    ['write /dev/urandom', 'EACCES,EROFS'],
    ['make a file in /usr', 'EROFS'],
    ['make a file in /tmp', 'works'],
    ['make a file in /mnt/ro', 'EACCES,EROFS'],
    ['chmod /usr', 'EROFS'],
    ['map code of /tmp', 'EPERM'],
    ['fill /tmp', 'ENOSPC'],
    ['crowd /dev/shm', 'ENOSPC'],
    ['flags of /usr', 'held'],
    ['make a file in /proc', undefined],
    ['chmod /tmp', undefined],
  ])('%s: %s', (name, outcome) => {
    expect(expected(python, name)).toBe(outcome);
  });

  it('names each attempt once', () => {
    const names = derived(python).attempts.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('follows the policy: what it grants works, with the place that grants it', () => {
    const compiled = compiledWith('landlock:\n  remove: [/proc]\n');
    expect(expected(compiled, 'read /proc')).toBe('EACCES');
    expect(expected(python, 'read /proc')).toBe('works');
    const origin = derived(python).attempts.find(({ name }) => name === 'read /proc')?.origin;
    expect(origin?.file).toBe('policies/python.yaml');
  });

  it('looks for what the host has beside the plan, and for nothing that the plan has', () => {
    const files = ['/usr/a', '/root/a', '/input/a', '/mnt/ro', '/proc/a'];
    const beside = derived(python, files).attempts.filter(({ do: action }) => action === 'absent');
    expect(beside.map(({ with: given }) => given)).toEqual([{ directory: '/', names: ['root'] }]);
  });

  it('leaves out what takes too long or more memory than a job has, and says so', () => {
    const large = compiledWith('mounts:\n  - {tmpfs: /tmp, size: 2GiB, inodes: 1000000}\n');
    const { attempts, untried } = derived(large);
    expect(untried.map(({ name }) => name)).toEqual(expect.arrayContaining(['fill /tmp', 'crowd /tmp']));
    expect(attempts.find(({ name }) => name === 'room of /tmp')?.with).toMatchObject({ size: 2 ** 31, inodes: 1e6 });
    const small = compiledWith('limits: {memory: 64MiB}\n');
    expect(derived(small).untried.find(({ name }) => name === 'fill /tmp')?.reason).toContain('64MiB, ends before');
  });
});

describe('requestMounts', () => {
  it('has the job mounts of the policy, with what may be done there', () => {
    const mounts = requestMounts(python);
    expect(mounts.map(({ target, writable }) => [target, writable])).toEqual([
      ['/input', false],
      ['/output', true],
    ]);
    const attempts = mounts.flatMap((mount) => requestAttempts(python, mount).attempts);
    const kinds = Object.fromEntries(attempts.map(({ name, accepted }) => [name, accepted.kind]));
    expect(kinds).toMatchObject({
      'read /input/leeward-probe': 'works',
      'make a file in /input': 'errno',
      'make a file in /output': 'works',
      'make_sym in /output': 'errno',
      'remove_dir in /output': 'works',
    });
  });
});
