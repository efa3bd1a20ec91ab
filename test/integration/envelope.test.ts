import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isRoot, root } from '../harness/account.js';
import { childrenOf, commandLineOf } from '../harness/processes.js';
import { withDaemon } from './harness/fixture.js';

/** What a root service may touch is root's to say, at its start: not the daemon's, nor that of a client who is root. */
describe.skipIf(!isRoot)('the envelope of a root service (needs root)', () => {
  const at = withDaemon(root);

  it('has no paths of the client, even if that is root', async () => {
    const mounts = [{ host: '/etc', sandbox: '/input' }];
    expect((await at.client.execute('', { allow_paths: ['/etc'], mounts })).error).toMatchObject({
      code: 'LW_SANDBOX_ENVELOPE',
      message: expect.stringContaining('/etc: outside of what root allowed at start'),
      place: { field: 'mounts[0].host' },
    });
    expect((await at.client.run('print(1)')).stdout).toBe('1\n');
  });

  it('has what the policies name and what the operator adds, as options of the keeper', () => {
    const keeper = commandLineOf(at.daemon.keeperPid ?? 0);
    const given = (option: string) => keeper.filter((_, index) => keeper[index - 1] === option);
    expect(given('--request-root')).toEqual(expect.arrayContaining(['/data/jobs:rw', '/data/jobs:ro']));
    expect(given('--request-root').some((root) => at.daemon.place.root.startsWith(root.replace(/:r[ow]$/, '')))).toBe(
      true,
    );
    expect(given('--source')).toEqual(expect.arrayContaining(['/usr:ro']));
    expect(given('--source').some((path) => path.endsWith(':rw') || path === '/:ro')).toBe(false);
    expect(given('--device').sort()).toEqual(
      ['full', 'null', 'random', 'urandom', 'zero'].map((name) => join('/dev', name)),
    );
    expect(childrenOf(at.daemon.keeperPid ?? 0).length).toBe(2);
  });
});
