import { expect, test } from 'vitest';
import type { CompiledPolicy } from '../../policy/types.js';
import { NO_QUOTA, type Tenant } from '../tenants/tenant.js';
import { neededPaths } from './needed-paths.js';

const policy = {
  policy: { requestMounts: { allowedPaths: [{ value: '/data' }, { value: '/dead' }, { value: '/of/${tenant}/in' }] } },
  admission: {
    jobMounts: [
      { source: '/jobs/${job.id}/input', target: '/input' },
      { source: '/shared', target: '/shared' },
    ],
  },
} as unknown as CompiledPolicy;
const operator: Tenant = { name: 'local', isOperator: true, defaultPolicy: 'p', policies: undefined, quota: NO_QUOTA };

/** What is looked up for a request; `/dead` never answers. */
async function lookedUp(fields: object, tenant = operator): Promise<string[]> {
  const paths: string[] = [];
  await neededPaths({ type: 'Execute', code: '', ...fields }, tenant, policy, async (path) => {
    paths.push(path);
    return path.startsWith('/dead') ? { kind: 'stalled' } : { kind: 'found', path: `/real${path}` };
  });
  return paths.sort();
}

const mount = (host: string, sandbox = '/input') => ({ mounts: [{ host, sandbox }] });

test.each<[string, object, string[]]>([
  ['nothing but the policy’s own mounts', {}, ['/shared']],
  ['those with a value for their placeholder', { job_id: 'a' }, ['/jobs', '/shared']],
  ['not those that the request takes the place of', { job_id: 'a', ...mount('/data/x') }, ['/data', '/shared']],
  ['of the roots the ones above a mount', mount('/of/local/in/x'), ['/of', '/shared']],
  [
    'all roots for another spelling, whoever does not answer',
    mount('/real/data/x'),
    ['/data', '/dead', '/of', '/shared'],
  ],
  ['what the operator adds', { allow_paths: ['/home/a', '/a/../b'] }, ['/home/a', '/shared']],
])('%s', async (_, fields, expected) => {
  expect(await lookedUp(fields)).toEqual(expected);
});

test('nobody else has the daemon look anywhere', async () => {
  expect(await lookedUp({ allow_paths: ['/home/a'] }, { ...operator, isOperator: false })).toEqual(['/shared']);
});

test('a root that is needed and does not answer is named', async () => {
  await expect(lookedUp(mount('/dead/x'))).rejects.toMatchObject({
    code: 'LW_REQUEST_MOUNT_STALLED',
    message: '/dead is on a file system that did not answer in time',
  });
});
