import { beforeAll, describe, expect, it } from 'vitest';
import { leeward } from '../../harness/command.js';
import { TestDaemon } from '../../harness/daemon.js';
import { Place } from '../../harness/place.js';
import { asEachAccount } from '../harness/account.js';

asEachAccount((account) => {
  let first: TestDaemon;

  beforeAll(async () => {
    first = await TestDaemon.start(account);
    return () => first.stop();
  });

  describe('a second daemon', () => {
    it('is refused on the same state directory', async () => {
      const { place } = first;
      const second = await leeward(place, ['daemon'], { environment: { LEEWARD_SOCKET: `${place.socket}-2` } });
      expect(second.exitCode).toBe(1);
      expect(second.stderr).toContain(`another daemon uses the state directory ${place.state} [LW_DAEMON_LOCKED]`);
    });

    it('is refused in the same control group', async (context) => {
      const hasGroups = (await first.status()).supervisor.cgroup_base !== null;
      context.skip(!hasGroups, 'needs control groups');
      const group = first.place.environment['LEEWARD_CGROUP'];
      const second = await leeward(new Place(account), ['daemon'], { environment: { LEEWARD_CGROUP: group } });
      expect(second.exitCode).toBe(1);
      expect(second.stderr).toMatch(new RegExp(`another supervisor owns \\S*${group} \\[LW_DAEMON_LOCKED\\]`));
      expect(second.stderr).toContain('(`LEEWARD_CGROUP`) of its own');
    });
  });
});
