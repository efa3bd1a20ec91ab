import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { loadAddon } from './load.js';

const addon = loadAddon();
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-addon-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('a sealed memfd is at its start and cannot be changed', () => {
  const data = Buffer.alloc(100_000, 'plan');
  const fd = addon.sealedMemfd('plan', data);
  const read = Buffer.alloc(data.length + 1);
  expect(readSync(fd, read, 0, read.length, null)).toBe(data.length);
  expect(read.subarray(0, data.length).equals(data)).toBe(true);
  expect(() => writeSync(fd, 'x', 0)).toThrowError(expect.objectContaining({ code: 'EPERM' }));
  addon.closeFd(fd);
  expect(() => fstatSync(fd)).toThrowError(expect.objectContaining({ code: 'EBADF' }));
});

test('an empty memfd is possible', () => {
  const fd = addon.sealedMemfd('stdin', Buffer.alloc(0));
  expect(fstatSync(fd).size).toBe(0);
  addon.closeFd(fd);
});

test('a refused system call is named with its errno', () => {
  expect(() => addon.closeFd(987_654)).toThrowError(
    expect.objectContaining({
      code: 'LW_NATIVE_SYSCALL',
      syscall: 'close',
      errno: 9,
      errnoName: 'EBADF',
      message: 'close: EBADF',
    }),
  );
});

test('wrong arguments are an error, not a crash', () => {
  const loose = addon as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of ['spawnSupervisor', 'peerCredentials', 'peerIsGone', 'sealedMemfd', 'closeFd', 'flock']) {
    expect(() => loose[name]?.({})).toThrowError(expect.objectContaining({ code: 'LW_NATIVE_ARGUMENT' }));
  }
});

test('a lock is held by one open file at a time, and ends with it', () => {
  const path = join(directory, 'lock');
  const first = openSync(path, 'w');
  const second = openSync(path, 'r');
  expect(addon.flock(first)).toBe(true);
  expect(addon.flock(second)).toBe(false);
  closeSync(first);
  expect(addon.flock(second)).toBe(true);
  closeSync(second);
});

interface WithHandle {
  readonly _handle: { readonly fd: number };
}

test('a peer is who the kernel says', async () => {
  const path = join(directory, 'socket');
  const server = createServer().listen(path);
  await once(server, 'listening');
  const client = connect(path);
  const [socket] = await once(server, 'connection');
  const status = readFileSync('/proc/self/status', 'utf8');
  const groups = /^Groups:[ \t]*(.*)$/m
    .exec(status)?.[1]
    ?.trim()
    .split(/[ \t]+/)
    .filter(Boolean)
    .map(Number);
  expect(addon.peerCredentials((socket as WithHandle)._handle.fd)).toEqual({
    pid: process.pid,
    uid: process.getuid?.(),
    gid: process.getgid?.(),
    groups,
  });
  client.destroy();
  server.close();
});

test('a peer is gone once it has closed, whatever it sent is read or not', async () => {
  const path = join(directory, 'gone');
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }).listen(path);
  await once(server, 'listening');
  const client = connect(path).on('error', () => {});
  const [socket] = (await once(server, 'connection')) as [Socket];
  const { fd } = (socket as unknown as WithHandle)._handle;
  client.write('unread');
  expect(addon.peerIsGone(fd)).toBe(false);
  client.end();
  await once(client, 'finish');
  expect(addon.peerIsGone(fd)).toBe(true);
  socket.destroy();
  server.close();
  const closed = openSync('/dev/null', 'r');
  closeSync(closed);
  expect(() => addon.peerIsGone(closed)).toThrowError(expect.objectContaining({ errnoName: 'EBADF' }));
});

test('the credentials of something that is no socket are an error', () => {
  const fd = openSync('/dev/null', 'r');
  expect(() => addon.peerCredentials(fd)).toThrowError(expect.objectContaining({ errnoName: 'ENOTSOCK' }));
  closeSync(fd);
});

test.runIf(process.getuid?.() === 0)('supplementary groups of another user are seen (needs root)', async () => {
  const path = join(directory, 'socket');
  const server = createServer().listen(path);
  await once(server, 'listening');
  const script = `const s = require('net').connect(${JSON.stringify(path)}); setTimeout(() => {}, 60000);`;
  const setpriv = [
    '--reuid=12345',
    '--regid=23456',
    '--groups=34567,34568',
    '--inh-caps=-all',
    process.execPath,
    '-e',
    script,
  ];
  chmodSync(directory, 0o755);
  chmodSync(path, 0o777);
  const child = spawn('setpriv', setpriv, { stdio: 'inherit' });
  const [socket] = await once(server, 'connection');
  expect(addon.peerCredentials((socket as WithHandle)._handle.fd)).toEqual({
    pid: child.pid,
    uid: 12_345,
    gid: 23_456,
    groups: [34_567, 34_568],
  });
  child.kill();
  server.close();
});
