import { describe, expect, it } from 'vitest';
import { compileShipped } from '../../../test/policy/shipped.js';
import { accessOf, landlockRight, rightsOfAbi } from '../../kernel/landlock.js';
import type { CompiledPolicy } from '../../policy/types.js';
import { ioctlAttempts, openTmpfs, rightAttempts } from './rights.js';
import { type SandboxPlace, sandboxPlaces } from './sandbox-places.js';

const python = compileShipped('python', 'x86_64');
const place = (path: string, compiled: CompiledPolicy = python) =>
  sandboxPlaces(compiled).find((one) => one.path === path) as SandboxPlace;

/** python, with no rules but one on /tmp. */
function granting(...names: readonly string[]): CompiledPolicy {
  const access = accessOf(names.flatMap((name) => landlockRight('fs', name) ?? [])).fs;
  const landlock = { ...python.plan.landlock, rules: [{ path: '/tmp', access }] };
  return { ...python, plan: { ...python.plan, landlock } };
}

const inTmp = (compiled: CompiledPolicy, noexec = true) =>
  rightAttempts(compiled, { directory: '/tmp', ruled: '/tmp', origin: python.policy.origin, noexec });

/** What is expected of each right, by its name. */
function expected(compiled: CompiledPolicy, noexec = true): Record<string, string> {
  const { attempts } = inTmp(compiled, noexec);
  return Object.fromEntries(
    attempts.map(({ right = '', accepted }) => [
      right,
      accepted.kind === 'errno' ? accepted.errnos.join() : accepted.kind,
    ]),
  );
}

describe('rightAttempts', () => {
  it('tries each right of the kernel’s that a directory can have, as the plan grants it or not', () => {
    expect(expected(python)).toEqual({
      ...{ make_reg: 'works', make_dir: 'works', make_sym: 'works', remove_file: 'works', remove_dir: 'works' },
      ...{ read_file: 'works', write_file: 'works', truncate: 'works', refer: 'works' },
      ...{ make_fifo: 'EACCES', make_sock: 'EACCES', make_char: 'EACCES', make_block: 'EACCES' },
    });
    const all = rightsOfAbi(7).flatMap(({ kind, name }) => (kind === 'fs' ? [name] : []));
    const elsewhere = ['read_dir', 'ioctl_dev'];
    expect(
      [
        ...Object.keys(expected(granting('make_reg', 'write_file', 'read_file', 'make_dir', 'remove_file'), false)),
        ...elsewhere,
      ].sort(),
    ).toEqual(all.sort());
  });

  it('says of what cannot be made without another right that it is not tried', () => {
    const { attempts, untried } = inTmp(granting('make_dir'));
    expect(attempts.map(({ right }) => right)).toContain('remove_dir');
    expect(untried.find(({ name }) => name === 'truncate in /tmp')?.reason).toBe('without make_reg it cannot be tried');
    expect(untried.find(({ name }) => name === 'refer in /tmp')?.reason).toContain('make_reg, remove_file');
  });

  it('expects another answer to refer, which the kernel demands of everybody', () => {
    const rights = ['make_reg', 'make_dir', 'remove_file'];
    expect(expected(granting(...rights))['refer']).toBe('EXDEV');
    expect(expected(granting(...rights, 'refer'))['refer']).toBe('works');
    const { plan } = granting(...rights);
    const older = { ...plan, landlock: { ...plan.landlock, handledFs: accessOf(rightsOfAbi(1)).fs } };
    expect(expected({ ...python, plan: older })['refer']).toBe('EXDEV');
    expect(expected({ ...python, plan: older })['make_fifo']).toBe('EACCES');
  });

  it('executes nothing on a mount that refuses it anyway', () => {
    expect(expected(python)).not.toHaveProperty('execute');
    expect(expected(granting('make_reg', 'write_file', 'read_file', 'execute'), false)['execute']).toBe('works');
    expect(expected(python, false)['execute']).toBe('EACCES');
  });
});

describe('openTmpfs', () => {
  it('has the file systems in memory that a job may write to, as far as modes have a say', () => {
    expect(openTmpfs(place('/tmp'))).toMatchObject({ directory: '/tmp', noexec: true });
    for (const path of ['/', '/usr', '/proc', '/mnt/rw']) expect(openTmpfs(place(path)), path).toBeUndefined();
    const tmp = place('/tmp');
    const closed = { ...tmp, mount: { ...(tmp.mount as NonNullable<typeof tmp.mount>), mode: 0o755 } };
    expect(openTmpfs(closed)).toBeUndefined();
  });
});

describe('ioctlAttempts', () => {
  it('asks devices that a job may open', () => {
    expect(ioctlAttempts(python, place('/dev/null'))).toMatchObject([
      { right: 'ioctl_dev', accepted: { kind: 'errno' } },
    ]);
    expect(ioctlAttempts(python, place('/tmp'))).toEqual([]);
    expect(ioctlAttempts(granting(), place('/dev/null'))).toEqual([]);
  });
});
