import { describe, expect, it } from 'vitest';
import { systemdGroup, systemdGroupNames, systemdVersion } from './systemd-groups.js';
import { kernelTable } from './table.js';

describe('systemd groups', () => {
  it('are pinned', () => {
    expect(systemdVersion).toMatch(/^\d+$/);
    expect(systemdGroupNames()).toHaveLength(30);
  });

  it('have exactly their content', () => {
    expect(systemdGroup('@chown')).toEqual([
      'chown',
      'chown32',
      'fchown',
      'fchown32',
      'fchownat',
      'lchown',
      'lchown32',
    ]);
    expect(systemdGroup('@pkey')).toEqual(['pkey_alloc', 'pkey_free', 'pkey_mprotect']);
    expect(systemdGroup('@keyring')).toEqual(['add_key', 'keyctl', 'request_key']);
    expect(systemdGroup('@basic-io')).toContain('preadv2');
    expect(systemdGroup('@basic-io')).not.toContain('openat');
  });

  it('contain what nested groups contain', () => {
    expect(systemdGroup('@default')).toEqual(expect.arrayContaining([...(systemdGroup('@sandbox') ?? [])]));
    for (const nested of [
      '@aio',
      '@basic-io',
      '@file-system',
      '@io-event',
      '@ipc',
      '@network-io',
      '@process',
      '@timer',
    ]) {
      expect(systemdGroup('@system-service'), nested).toEqual(
        expect.arrayContaining([...(systemdGroup(nested) ?? [])]),
      );
    }
    expect(systemdGroup('@system-service')).not.toContain('mount');
  });

  it('expand to system calls only, sorted, none empty', () => {
    for (const name of systemdGroupNames()) {
      const calls = systemdGroup(name) ?? [];
      expect(calls.length, name).toBeGreaterThan(0);
      expect(calls, name).toEqual([...new Set(calls)].sort());
      expect(
        calls.filter((call) => !/^[a-z_][a-z0-9_]*$/.test(call)),
        name,
      ).toEqual([]);
    }
  });

  it('know every call of the tables but one that Linux 3.1 removed', () => {
    const known = new Set(systemdGroup('@known'));
    expect(
      kernelTable('arm64')
        .names()
        .filter((name) => !known.has(name)),
    ).toEqual(['nfsservctl']);
  });

  it('do not answer to names that are not theirs', () => {
    for (const name of ['@nothing', 'basic-io', 'constructor', '__proto__', '']) {
      expect(systemdGroup(name), name).toBeUndefined();
    }
  });
});
