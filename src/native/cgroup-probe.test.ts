import { expect, test } from 'vitest';

import { cgroupDirectory, parseCgroupMembership, parseCgroupMounts } from './cgroup-probe.js';

const HYBRID = [
  '31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755',
  '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:3 - cgroup cgroup rw,cpu,cpuacct',
  '40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd',
  '41 31 0:38 /docker/x /sys/fs/cgroup/with\\040space rw,relatime - cgroup2 cgroup2 rw,nsdelegate',
  '',
].join('\n');

test('cgroup mounts are read with their controllers', () => {
  expect(parseCgroupMounts(HYBRID)).toEqual([
    { version: 1, point: '/sys/fs/cgroup/cpu,cpuacct', root: '/', controllers: ['cpu', 'cpuacct'] },
    { version: 1, point: '/sys/fs/cgroup/systemd', root: '/', controllers: [] },
    { version: 2, point: '/sys/fs/cgroup/with space', root: '/docker/x', controllers: [] },
  ]);
});

test('a malformed line is no mount', () => {
  expect(parseCgroupMounts('- cgroup\nx - cgroup cgroup rw\n')).toEqual([]);
});

const MEMBERSHIP = '4:memory:/service/a:b\n1:cpu,cpuacct:/\n0::/user.slice/session-1.scope\n';

test.each([
  [undefined, '/user.slice/session-1.scope'],
  ['memory', '/service/a:b'],
  ['cpuacct', '/'],
  ['pids', undefined],
])('the group of controller %s', (controller, path) => {
  expect(parseCgroupMembership(MEMBERSHIP, controller)).toBe(path);
});

test.each([
  ['/', '/a/b', '/m/a/b'],
  ['/', '/', '/m'],
  ['/a', '/a', '/m'],
  ['/a', '/a/b', '/m/b'],
  ['/a', '/ab', undefined],
  ['/a', '/', undefined],
  ['/', '/../x', undefined],
])('a mount of %s shows group %s as %s', (root, path, directory) => {
  expect(cgroupDirectory({ version: 2, point: '/m', root, controllers: [] }, path)).toBe(directory);
});
