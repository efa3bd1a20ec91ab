import { describe, expect, it } from 'vitest';
import { DOCKER, imported, importOutcome } from '../../../test/policy/profiles.js';
import { placesOf } from '../../../test/policy/shipped.js';

/** As `runc spec` begins one. */
const CONFIG = {
  ociVersion: '1.2.0',
  process: {
    terminal: false,
    user: { uid: 0, gid: 0 },
    args: ['sh'],
    env: ['PATH=/bin'],
    cwd: '/',
    noNewPrivileges: true,
    capabilities: { bounding: ['CAP_KILL'] },
  },
  root: { path: 'rootfs' },
  hostname: 'box',
  mounts: [],
  hooks: {},
  linux: { namespaces: [{ type: 'pid' }], resources: null, seccomp: DOCKER },
};

const lossesOf = (config: object) => imported(config).losses.filter(({ kind }) => kind === 'config');

describe('the configuration of a container', () => {
  it('has the profile that is in it, with places in its own file', () => {
    const [alone, inside] = [imported(DOCKER), imported(CONFIG)];
    expect(inside.document).toEqual(alone.document);
    const others = inside.losses.filter(({ kind }) => kind !== 'config');
    expect(others.map(({ message }) => message)).toEqual(alone.losses.map(({ message }) => message));
    const text = JSON.stringify(CONFIG, null, 2);
    const found = inside.losses.find(({ kind }) => kind === 'number')?.origin.range.start.offset ?? 0;
    expect(text.slice(found)).toMatch(/^"SCMP_ACT_ERRNO"/);
  });

  it('has what else it says named, with the key of a policy that is about the same', () => {
    expect(lossesOf(CONFIG).map(({ message }) => message)).toEqual([
      '`process.user` is not imported: `identity` of a policy is about it',
      '`process.args` is not imported: a policy has no key for it',
      '`process.env` is not imported: `environment` of a policy is about it',
      '`process.cwd` is not imported: `workingDirectory` of a policy is about it',
      '`process.capabilities` is not imported: a policy has no key for it',
      '`root` is not imported: a policy has no key for it',
      '`hostname` is not imported: `hostname` of a policy is about it',
      '`linux.namespaces` is not imported: `namespaces` of a policy is about it',
    ]);
  });

  it('has no key in the comment that would end it', () => {
    const { text } = imported({ ...CONFIG, 'a\nkind: Tenant': 1 });
    expect(text).toContain('config: `?` is not imported');
    expect(text).not.toMatch(/^kind: Tenant/m);
  });

  it.each([
    ['no part for Linux', { ociVersion: '1.2.0' }],
    ['a part for Linux that is none', { ociVersion: '1.2.0', linux: [] }],
    ['no profile', { linux: {} }],
    ['an empty profile', { ociVersion: '1.2.0', linux: { seccomp: null } }],
  ])('with %s is refused', (_, config) => {
    const { value, diagnostics } = importOutcome(JSON.stringify(config));
    expect(value).toBeUndefined();
    expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'LW-P011 the configuration has no `linux.seccomp`: a runtime filters nothing for it',
    ]);
  });

  it('has what is wrong with its profile at the place in its own file', () => {
    const config = '{"ociVersion": "1.2.0",\n "linux": {"seccomp":\n  {"defaultAction": "SCMP_ACT_ALOW"}}}';
    expect(placesOf(importOutcome(config).diagnostics, 'profile.json')).toEqual(['LW-P013 3:21']);
  });

  it('is not what a profile with a key too many is taken for', () => {
    expect(placesOf(importOutcome(JSON.stringify({ ...DOCKER, linux: {} })).diagnostics)[0]).toMatch(/LW-P010/);
  });
});
