import { describe, expect, it } from 'vitest';
import { grantEnvironment } from './environment.js';
import { grantLimits } from './limits.js';

const start = { line: 31, col: 12, offset: 0 };
const origin = { file: 'p.yaml', range: { start, end: start } };
const limits = {
  memory: { value: { default: 1n << 30n, max: 1n << 32n }, origin },
  timeout: { value: { default: 30_000n, max: 300_000n }, origin },
};

describe('grantLimits', () => {
  it('gives the default, or what was asked for up to the maximum', () => {
    expect(grantLimits({}, limits)).toEqual({ memory: 1n << 30n, timeoutMs: 30_000n });
    expect(grantLimits({ timeout_secs: 300, memory_limit: 2 ** 32 }, limits)).toEqual({
      memory: 1n << 32n,
      timeoutMs: 300_000n,
    });
    expect(grantLimits({ timeout_secs: 0.0011 }, limits).timeoutMs).toBe(2n);
    expect(grantLimits({ timeout_secs: 16.1 }, limits).timeoutMs).toBe(16_100n);
  });

  it('refuses more, with the place in the policy', () => {
    const place = { file: 'p.yaml', line: 31, col: 12 };
    const refusal = (request: object) => {
      try {
        return grantLimits(request, limits);
      } catch (error) {
        return error;
      }
    };
    expect(refusal({ timeout_secs: 300.0001 })).toMatchObject({
      code: 'LW_REQUEST_LIMIT_ABOVE_MAX',
      message: 'timeout_secs is 300.0001, above the maximum of 300',
      place: { field: 'timeout_secs', ...place },
    });
    expect(refusal({ memory_limit: 2 ** 32 + 1 })).toMatchObject({
      message: 'memory_limit is 4294967297 bytes, above the maximum of 4294967296',
      place: { field: 'memory_limit', ...place },
    });
  });
});

describe('grantEnvironment', () => {
  it('admits what the policy lists, by name or by prefix', () => {
    const env = { TZ: 'UTC', APP_MODE: 'x' };
    expect(grantEnvironment(env, ['TZ', 'APP_*'])).toEqual(env);
    expect(() => grantEnvironment({ APPS: '' }, ['TZ', 'APP_*'])).toThrow(
      'the policy does not admit variable APPS (admitted: TZ, APP_*)',
    );
  });

  it.each(['LD_PRELOAD', 'PYTHONPATH', 'PATH', 'GLIBC_TUNABLES'])('never admits %s', (name) => {
    expect(() => grantEnvironment({ [name]: 'x' }, ['*'])).toThrow(`variable ${name} never comes from a request`);
  });
});
