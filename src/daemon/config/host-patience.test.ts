import { describe, expect, it } from 'vitest';
import { hostPatience } from './host-patience.js';

describe('hostPatience', () => {
  it('has a value for everything that is not set', () => {
    const standard = { openDeadlineMs: 30_000, openHangingMax: 4, workerDeadlineMs: 20_000, poolDeadlineMs: 120_000 };
    expect(hostPatience({ LEEWARD_OPEN_DEADLINE: '' })).toEqual(standard);
  });

  it('takes what the environment says', () => {
    const env = {
      LEEWARD_OPEN_DEADLINE: '250ms',
      LEEWARD_OPEN_HANGING_MAX: '9',
      LEEWARD_WORKER_DEADLINE: '2m',
      LEEWARD_POOL_DEADLINE: '1h',
    };
    expect(Object.values(hostPatience(env))).toEqual([250, 9, 120_000, 3_600_000]);
  });

  it.each([
    ['LEEWARD_OPEN_DEADLINE', '0s'],
    ['LEEWARD_OPEN_DEADLINE', '30'],
    ['LEEWARD_WORKER_DEADLINE', '61m'],
    ['LEEWARD_OPEN_HANGING_MAX', '0'],
    ['LEEWARD_OPEN_HANGING_MAX', '1025'],
    ['LEEWARD_OPEN_HANGING_MAX', '0x4'],
  ])('%s: %s is refused by name', (name, value) => {
    const error = expect.objectContaining({ code: 'LW_DAEMON_SETTING', message: expect.stringContaining(name) });
    expect(() => hostPatience({ [name]: value })).toThrow(error);
  });
});
