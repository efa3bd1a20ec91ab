import { describe, expect, it } from 'vitest';
import {
  formatAge,
  formatMicroseconds,
  formatSize,
  parseAddress,
  parseDelay,
  parseDuration,
  parseMode,
  parseSize,
} from './units.js';
import { UsageError } from './usage-error.js';

describe('parseDuration', () => {
  it.each([
    ['30s', 30],
    ['500ms', 0.5],
    ['1.5m', 90],
    ['0.1m', 6],
    ['2h', 7200],
    ['45', 45],
    ['1 min', 60],
  ])('reads %s as %d seconds', (text, seconds) => {
    expect(parseDuration(text, '--timeout')).toBe(seconds);
  });

  it.each(['', 'soon', '-3s', '0s', '1e3', '30 parsecs', '0.0000001s'])(
    'refuses %j with the flag and the value',
    (text) => {
      expect(() => parseDuration(text, '--timeout')).toThrow(UsageError);
      expect(() => parseDuration(text, '--timeout')).toThrow(`--timeout ${text}`);
    },
  );

  it('lets 0 be a delay', () => {
    expect([parseDelay('0s', '--revoke-after'), parseDelay('10s', '--revoke-after')]).toEqual([0, 10]);
    expect(() => parseDelay('-1s', '--revoke-after')).toThrow(UsageError);
  });

  it('names the units when one is unknown', () => {
    try {
      parseDuration('3x', '--timeout');
      expect.unreachable();
    } catch (error) {
      expect((error as UsageError).message).toBe('--timeout 3x: unknown unit x');
      expect((error as UsageError).hint).toContain('ms, s, m, h');
    }
  });
});

describe('parseSize', () => {
  it.each([
    ['1048576', 1_048_576],
    ['512M', 536_870_912],
    ['512MiB', 536_870_912],
    ['1.5g', 1_610_612_736],
    ['4 GiB', 4_294_967_296],
  ])('reads %s as %d bytes', (text, bytes) => {
    expect(parseSize(text, '--memory')).toBe(bytes);
  });

  it.each(['512MB', '0', '99999999T', '-1M', 'M'])('refuses %s', (text) => {
    expect(() => parseSize(text, '--memory')).toThrow(UsageError);
  });
});

describe('what is shown', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [104_857_600, '100 MiB'],
    [4_294_967_296, '4 GiB'],
  ])('%d bytes is %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  it.each([
    [120, '120 us'],
    [3_400, '3.40 ms'],
    [45_230, '45.2 ms'],
    [999_900, '1000 ms'],
    [45_230_000, '45.2 s'],
  ])('%d microseconds is %s', (us, text) => {
    expect(formatMicroseconds(us)).toBe(text);
  });
});

describe('formatAge', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1000, '1 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [61_500, '1 min 1 s'],
    [3_600_000, '1 h'],
    [3_659_000, '1 h'],
    [7_500_000, '2 h 5 min'],
    [86_400_000 * 4 + 3_600_000, '4 d 1 h'],
  ])('%d', (ms, text) => {
    expect(formatAge(ms)).toBe(text);
  });
});

describe('parseAddress', () => {
  it('takes IP addresses as they are', () => {
    const addresses = ['127.0.0.1', '::1', '0.0.0.0'];
    expect(addresses.map((address) => parseAddress(address, '--metrics-address'))).toEqual(addresses);
  });

  it.each(['', 'localhost', '127.0.0.1:9090', '256.0.0.1', '[::1]'])('refuses %j', (text) => {
    expect(() => parseAddress(text, '--metrics-address')).toThrow(
      `--metrics-address ${text}: it takes an IP address such as 127.0.0.1 or ::1`,
    );
  });
});

describe('parseMode', () => {
  it('takes permission bits in octal', () => {
    expect([parseMode('0660', '--socket-mode'), parseMode('600', '--socket-mode')]).toEqual([0o660, 0o600]);
  });

  it.each(['', '660x', '0o660', '4755', '0888', '66'])('refuses %j', (text) => {
    expect(() => parseMode(text, '--socket-mode')).toThrow(
      `--socket-mode ${text}: it takes an octal mode such as 0660`,
    );
  });
});
