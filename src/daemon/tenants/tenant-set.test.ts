import { describe, expect, it } from 'vitest';
import { loaderWith } from '../../../test/policy/shipped.js';
import { checkTenants } from '../../policy/index.js';
import { policyOf } from './tenant.js';
import { refuseForeignIds, TenantSet } from './tenant-set.js';

const POLICY = 'version: 1\nkind: Policy\nextends: [builtin:python@1]\n';
const LIBRARY = {
  small: `${POLICY}name: small\nlimits: {pids: 4}\n`,
  large: `${POLICY}name: large\nlimits: {pids: 60}\n`,
};

function checked(identities: string, rest: string, name = 'acme') {
  const text = `version: 1\nkind: Tenant\nname: ${name}\nidentities: ${identities}\n${rest}`;
  return checkTenants([{ file: `tenants/${name}.yaml`, text }], loaderWith(LIBRARY)).value ?? [];
}

const setOf = (...tenants: ReturnType<typeof checked>) =>
  new TenantSet(tenants, { daemonUid: 900, defaultPolicy: 'base' });
const peer = (uid: number, gid = 5000) => ({ uid, gid, groups: [] });

describe('the tenant of a peer', () => {
  const set = setOf(
    ...checked('{uids: [1201]}', 'policies: [small]\n'),
    ...checked('{uids: [1300], gids: [1201, 5]}', 'policies: [large]\n', 'beta'),
  );

  it('is found by user, then by primary group', () => {
    expect(set.of(peer(1201, 1201)).name).toBe('acme');
    expect(set.of(peer(1300)).name).toBe('beta');
    expect(set.of(peer(7, 1201)).name).toBe('beta');
  });

  it('is nobody’s by a supplementary group', () => {
    expect(() => set.of({ uid: 7, gid: 7, groups: [1201] })).toThrow(
      /^user 7 is not admitted: .* and tenants, none of which has this user$/,
    );
  });

  it('is the operators’ for the daemon’s user and for root, whatever their group', () => {
    for (const uid of [0, 900]) expect(set.of(peer(uid, 1201))).toMatchObject({ name: 'local', isOperator: true });
    expect(set.of(peer(1201)).isOperator).toBe(false);
  });

  it('is a tenant’s for an operator whom a file has', () => {
    const own = setOf(...checked('{uids: [900]}', 'policies: [small]\n'));
    expect(own.of(peer(900))).toMatchObject({ name: 'acme', isOperator: false });
    expect(own.of(peer(0))).toMatchObject({ name: 'local' });
  });
});

describe('the policy of a request', () => {
  const [acme] = setOf(...checked('{uids: [1]}', 'policies: [small, large, gone]\nceiling: small\n')).tenants;
  if (acme === undefined) throw new Error('no tenant');

  it('is the one that it names, of those of its tenant', () => {
    expect(policyOf(acme, 'small')).toBe('small');
    expect(() => policyOf(acme, 'smal')).toThrow("tenant acme may not use policy 'smal'");
    expect(refusal('smal')).toMatchObject({
      code: 'LW_REQUEST_POLICY_NOT_ALLOWED',
      place: { field: 'policy', file: 'tenants/acme.yaml', line: 5, col: 1 },
      hint: 'did you mean small?',
    });
    expect(refusal('python')).toMatchObject({ hint: 'policies of this tenant: small, large, gone' });
  });

  it('is refused beyond the ceiling, and where it does not exist', () => {
    expect(refusal('large')).toMatchObject({
      message: expect.stringMatching(/^tenant acme may not use 'large': LW-U905: .*: limits\.pids$/),
      place: { field: 'policy', line: 5, col: 19 },
    });
    expect(refusal('gone')).toMatchObject({ message: expect.stringContaining('LW-U900: there is no policy `gone`') });
  });

  it('is the default, or the only one, when it names none', () => {
    const withDefault = setOf(...checked('{uids: [1]}', 'policies: [small, large]\ndefault: large\n')).of(peer(1));
    const only = setOf(...checked('{uids: [1]}', 'policies: [small]\n')).of(peer(1));
    expect([policyOf(withDefault, undefined), policyOf(only, undefined)]).toEqual(['large', 'small']);
    expect(refusal(undefined)).toMatchObject({ code: 'LW_PROTO_MISSING_FIELD', place: { field: 'policy' } });
    expect(policyOf(setOf().of(peer(0)), undefined)).toBe('base');
    expect(policyOf(setOf().of(peer(0)), 'any')).toBe('any');
  });

  function refusal(name: string | undefined): unknown {
    try {
      return policyOf(acme as never, name);
    } catch (error) {
      return error;
    }
  }
});

describe('a daemon without privilege', () => {
  const own = { uid: 900, gid: 900 };

  it('serves its own user alone', () => {
    refuseForeignIds(checked('{uids: [900]}', 'policies: [small]\n'), own);
    for (const [identities, what] of [
      ['{uids: [900, 1201]}', 'user 1201'],
      ['{uids: [900], gids: [900]}', 'group 900'],
    ] as const) {
      const tenants = checked(identities, 'policies: [small]\n');
      expect(() => refuseForeignIds(tenants, own)).toThrow(`tenant acme has ${what}, but this daemon`);
    }
  });
});
