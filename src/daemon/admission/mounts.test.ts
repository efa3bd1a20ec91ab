import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JobMountTemplate } from '../../policy/types.js';
import { operatorRoots, policyRoots, rootOf } from './allowed-roots.js';
import { grantMounts, type MountRules } from './mounts.js';
import { isNormalPath } from './paths.js';
import { placeholderValues } from './templates.js';

const start = { line: 12, col: 5, offset: 0 };
const origin = { file: 'p.yaml', range: { start, end: start } };

function template(change: Partial<JobMountTemplate>): JobMountTemplate {
  const source = '/data/jobs/${job.id}/input';
  return {
    target: '/input',
    source,
    placeholders: ['job.id'],
    readOnly: true,
    noexec: true,
    optional: true,
    createMode: null,
    origin,
    ...change,
  };
}

const rules: MountRules = {
  jobMounts: [
    template({}),
    template({ target: '/output', source: '/data/jobs/${job.id}/output', readOnly: false, createMode: 0o700 }),
  ],
  policyTargets: ['/usr', '/tmp', '/opt/leeward/runtime'],
  targets: [
    { path: '/input', writable: false },
    { path: '/data', writable: false },
    { path: '/output', writable: true },
    { path: '/srv', writable: true },
  ],
};

// /data is a symbolic link to /mnt/big on this host.
const realPath = (path: string) => (path === '/data/jobs' ? '/mnt/big/jobs' : path === '/srv' ? path : undefined);

function grant(request: object, given: MountRules = rules) {
  const values = placeholderValues('local', request);
  const roots = [
    ...policyRoots(['/data/jobs', '/srv/${tenant}/in', '/none'], values, realPath),
    ...operatorRoots([], realPath),
  ];
  return grantMounts(request, given, roots, values, realPath);
}

function refusal(mount: object) {
  try {
    grant({ mounts: [mount] });
  } catch (error) {
    return error;
  }
  throw new Error('accepted');
}

describe('grantMounts', () => {
  it('gives the founding request what it asks for', () => {
    const mounts = [
      { host: '/data/jobs/abc/input', sandbox: '/input', ro: true },
      { host: '/data/jobs/abc/output', sandbox: '/output', ro: false },
    ];
    expect(grant({ mounts })).toEqual([
      {
        root: '/mnt/big/jobs',
        path: 'abc/input',
        target: '/input',
        writable: false,
        noexec: true,
        optional: false,
        createMode: null,
        place: { field: 'mounts[0].host' },
      },
      {
        root: '/mnt/big/jobs',
        path: 'abc/output',
        target: '/output',
        writable: true,
        noexec: true,
        optional: false,
        createMode: 0o700,
        place: { field: 'mounts[1].host' },
      },
    ]);
  });

  it('makes a missing folder as the policy would whose mount it replaces, for writing only', () => {
    const host = '/data/jobs/x';
    const modes = [
      { host, sandbox: '/output', ro: false },
      { host, sandbox: '/output', ro: true },
      { host, sandbox: '/input' },
      { host, sandbox: '/srv/x', ro: false },
    ].map((mount) => grant({ mounts: [mount] })[0]?.createMode);
    expect(modes).toEqual([0o700, null, null, null]);
  });

  it('fills the policy’s templates, and leaves out what is optional and has no value', () => {
    expect(grant({})).toEqual([]);
    expect(grant({ job_id: 'abc' }).map(({ root, path, createMode }) => [root, path, createMode])).toEqual([
      ['/mnt/big/jobs', 'abc/input', null],
      ['/mnt/big/jobs', 'abc/output', 0o700],
    ]);
    expect(grant({ job_id: 'abc' })[0]?.place).toEqual({ file: 'p.yaml', line: 12, col: 5 });
    const required = { ...rules, jobMounts: [template({ optional: false })] };
    expect(() => grant({}, required)).toThrow(/^job_id is missing: the policy mounts/);
    const absent = { ...rules, jobMounts: [template({ optional: false, source: '/none/${job.id}' })] };
    expect(() => grant({ job_id: 'a' }, absent)).toThrow(
      '/none, which the policy mounts parts of at /input, does not exist',
    );
  });

  it('is read-only unless the request says otherwise', () => {
    expect(grant({ mounts: [{ host: '/data/jobs/x', sandbox: '/output' }] })[0]?.writable).toBe(false);
  });

  it('accepts the real spelling of an allowed path, and a placeholder in it', () => {
    expect(grant({ mounts: [{ host: '/mnt/big/jobs/x', sandbox: '/data/x' }] })[0]).toMatchObject({
      root: '/mnt/big/jobs',
      path: 'x',
    });
    expect(grant({ mounts: [{ host: '/srv/local/in/y', sandbox: '/srv/y', ro: false }] })[0]).toMatchObject({
      root: '/srv',
      path: 'local/in/y',
    });
  });

  it.each([
    [{ host: '/data/jobs/../etc', sandbox: '/input' }, 'LW_PROTO_BAD_FIELD', 'mounts[0].host'],
    [{ host: '/data//jobs', sandbox: '/input' }, 'LW_PROTO_BAD_FIELD', 'mounts[0].host'],
    [{ host: '/data/jobs/.', sandbox: '/input' }, 'LW_PROTO_BAD_FIELD', 'mounts[0].host'],
    [{ host: '/data/jobs', sandbox: '/input/' }, 'LW_PROTO_BAD_FIELD', 'mounts[0].sandbox'],
    [{ host: '/data/jobs', sandbox: '/' }, 'LW_PROTO_BAD_FIELD', 'mounts[0].sandbox'],
    [{ host: '/etc', sandbox: '/input' }, 'LW_REQUEST_MOUNT_NOT_ALLOWED', 'mounts[0].host'],
    [{ host: '/data/jobs2/x', sandbox: '/input' }, 'LW_REQUEST_MOUNT_NOT_ALLOWED', 'mounts[0].host'],
    [{ host: '/data', sandbox: '/input' }, 'LW_REQUEST_MOUNT_NOT_ALLOWED', 'mounts[0].host'],
    [{ host: '/srv/other/in', sandbox: '/input' }, 'LW_REQUEST_MOUNT_NOT_ALLOWED', 'mounts[0].host'],
    [{ host: '/data/jobs/x', sandbox: '/input', ro: false }, 'LW_REQUEST_MOUNT_NOT_ALLOWED', 'mounts[0].ro'],
    [{ host: '/data/jobs/x', sandbox: '/input/below' }, 'LW_REQUEST_MOUNT_TARGET', 'mounts[0].sandbox'],
    [{ host: '/data/jobs/x', sandbox: '/usr/lib' }, 'LW_REQUEST_MOUNT_TARGET', 'mounts[0].sandbox'],
    [{ host: '/data/jobs/x', sandbox: '/opt' }, 'LW_REQUEST_MOUNT_TARGET', 'mounts[0].sandbox'],
    [{ host: '/data/jobs/x', sandbox: '/elsewhere' }, 'LW_REQUEST_MOUNT_TARGET', 'mounts[0].sandbox'],
    [{ host: '/data/jobs/x', sandbox: '/data/x', ro: false }, 'LW_REQUEST_MOUNT_TARGET', 'mounts[0].sandbox'],
    [{ host: '/data/jobs/x', sandbox: `/data/${'é'.repeat(125)}` }, 'LW_REQUEST_MOUNT_TARGET', 'mounts[0].sandbox'],
  ])('refuses %j: %s', (mount, code, field) => {
    expect(refusal(mount)).toMatchObject({ code, place: { field } });
  });

  it('says where the policy has a mount read-only', () => {
    expect(refusal({ host: '/data/jobs/x', sandbox: '/input', ro: false })).toMatchObject({
      place: { field: 'mounts[0].ro', file: 'p.yaml', line: 12, col: 5 },
    });
  });

  it('suggests the normal spelling where there is one', () => {
    expect(refusal({ host: '/data//jobs/./x/', sandbox: '/input' })).toMatchObject({ hint: 'write /data/jobs/x' });
    expect(refusal({ host: '/data/../x', sandbox: '/input' })).toMatchObject({ hint: undefined });
  });

  it('refuses mounts that cover each other', () => {
    const host = '/data/jobs/x';
    for (const pair of [
      ['/data/a', '/data/a'],
      ['/data/a', '/data/a/b'],
      ['/data/a/b', '/data/a'],
    ]) {
      expect(() => grant({ mounts: pair.map((sandbox) => ({ host, sandbox })) })).toThrow(
        'overlaps with that of mounts[0]',
      );
    }
    expect(grant({ mounts: ['/data/a', '/data/ab'].map((sandbox) => ({ host, sandbox })) })).toHaveLength(2);
  });

  it('counts the policy’s own mounts among the sixteen', () => {
    const mounts = Array.from({ length: 15 }, (_, i) => ({ host: '/data/jobs/x', sandbox: `/data/${i}` }));
    expect(grant({ mounts })).toHaveLength(15);
    expect(() => grant({ mounts, job_id: 'a' })).toThrow('17 mounts, those of the policy included, are more than 16');
  });

  it('never opens anything outside its root', () => {
    const part = fc.constantFrom('data', 'jobs', '..', '.', '', 'x', 'etc');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 7 }), (parts) => {
        const host = `/${parts.join('/')}`;
        try {
          for (const { root, path } of grant({ mounts: [{ host, sandbox: '/input' }] })) {
            expect(root).toBe('/mnt/big/jobs');
            expect(path === '' || isNormalPath(`/${path}`)).toBe(true);
          }
        } catch (error) {
          expect(error).toMatchObject({
            code: expect.stringMatching(/^LW_(PROTO_BAD_FIELD|REQUEST_MOUNT_NOT_ALLOWED)$/),
          });
        }
      }),
    );
  });
});

describe('allowed roots', () => {
  it('uses the longest that fits', () => {
    const roots = [
      { written: '/a', real: '/r', rest: '' },
      { written: '/a/b', real: '/s', rest: '' },
    ];
    expect(rootOf('/a/b/c', roots)).toEqual({ root: '/s', path: 'c' });
    expect(rootOf('/a/bc', roots)).toEqual({ root: '/r', path: 'bc' });
    expect(rootOf('/a', roots)).toEqual({ root: '/r', path: '' });
    expect(rootOf('/x', [{ written: '/', real: '/', rest: '' }])).toEqual({ root: '/', path: 'x' });
  });

  it('refuses an operator’s path that does not exist or is not normal', () => {
    expect(() => operatorRoots(['/nope'], realPath)).toThrow('/nope does not exist');
    expect(() => operatorRoots(['/a/../b'], realPath)).toThrow("allow_paths[0] is '/a/../b'");
  });
});
