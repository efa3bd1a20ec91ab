import { expect, test } from 'vitest';
import { loaderWith } from '../../test/policy/shipped.js';
import { checkTenants } from './check-tenants.js';

const policy = (name: string, rest = '') =>
  `version: 1\nkind: Policy\nname: ${name}\nextends: [builtin:python@1]\n${rest}`;

/** Every path that a request can fill has the tenant in it. */
const APART = `mounts:
  - {source: "/data/\${tenant}/\${job.id}/input", target: /input, readOnly: true, optional: true}
  - {source: "/data/\${tenant}/\${job.id}/output", target: /output, create: {mode: "0700"}, optional: true}
`;

const LIBRARY = {
  bound: policy('bound', `${APART}requestMounts: {remove: [/data/jobs]}\nlimits: {timeout: {default: 10s, max: 1m}}\n`),
  slow: policy('slow', `${APART}requestMounts: {remove: [/data/jobs]}\nlimits: {timeout: {default: 10s, max: 5m}}\n`),
  open: policy('open', `${APART}limits: {timeout: {default: 10s, max: 5m}}\n`),
};

const tenant = (name: string, uid: number, rest: string) => ({
  file: `tenants/${name}.yaml`,
  text: `version: 1\nkind: Tenant\nname: ${name}\nidentities: {uids: [${uid}]}\n${rest}`,
});

const check = (...files: ReturnType<typeof tenant>[]) => checkTenants(files, loaderWith(LIBRARY));

/** Names of the policies of each tenant, with the code of what takes one away. */
function policiesOf(result: ReturnType<typeof check>): Record<string, string[]> {
  const named = (result.value ?? []).map(({ name, policies }): [string, string[]] => [
    name,
    policies.map((one) => `${one.name} ${one.error?.code ?? 'ok'}`),
  ]);
  return Object.fromEntries(named);
}

test('a tenant has what its file says, with the places', () => {
  const result = check(tenant('acme', 1201, 'policies: [bound]\nceiling: bound\nquota: {concurrent: 8, weight: 3}\n'));
  expect(result.diagnostics).toEqual([]);
  expect(result.value).toMatchObject([
    {
      name: 'acme',
      uids: [1201],
      gids: [],
      default: undefined,
      ceiling: 'bound',
      policies: [{ name: 'bound', origin: { range: { start: { line: 5, col: 12 } } }, error: undefined }],
      quota: {
        concurrent: { value: 8, origin: { file: 'tenants/acme.yaml', range: { start: { line: 7, col: 21 } } } },
        queue: undefined,
        weight: { value: 3 },
      },
    },
  ]);
});

test('an error about a policy takes that policy alone', () => {
  const result = check(tenant('acme', 1201, 'policies: [bound, slow, gone]\nceiling: bound\n'));
  expect(policiesOf(result)).toEqual({ acme: ['bound ok', 'slow LW-U905', 'gone LW-U900'] });
  expect(result.diagnostics.map(({ code }) => code)).toEqual(['LW-U905', 'LW-U900']);
});

test('a ceiling that cannot be used takes every policy', () => {
  const result = check(tenant('acme', 1201, 'policies: [bound]\nceiling: gone\n'));
  expect(policiesOf(result)).toEqual({ acme: ['bound LW-U900'] });
});

test('a folder that several tenants would share takes the policy from all of them', () => {
  const rest = 'policies: [open, bound]\nceiling: open\n';
  const result = check(tenant('acme', 1201, rest), tenant('beta', 1202, rest));
  expect(policiesOf(result)).toEqual({ acme: ['open LW-U903', 'bound ok'], beta: ['open LW-U903', 'bound ok'] });
  expect(policiesOf(check(tenant('acme', 1201, rest)))).toEqual({ acme: ['open ok', 'bound ok'] });
});

test.each([
  [
    'an id of two tenants',
    'LW-U902',
    [tenant('acme', 1201, 'policies: [bound]\n'), tenant('beta', 1201, 'policies: [bound]\n')],
  ],
  ['the name of the operators', 'LW-U906', [tenant('local', 1201, 'policies: [bound]\n')]],
  ['a default that is none of the policies', 'LW-U901', [tenant('acme', 1201, 'policies: [bound]\ndefault: slow\n')]],
  ['a file that has not the form', 'LW-P010', [tenant('acme', 1201, 'policies: [bound]\nquotas: {}\n')]],
])('%s leaves nothing to serve', (_, code, files) => {
  const result = check(...files);
  expect(result.value).toBeUndefined();
  expect(result.diagnostics.filter(({ severity }) => severity === 'error').map((one) => one.code)).toEqual([code]);
});
