import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

import { testSupervisorConfig } from '../../test/native/supervisor-config.js';
import { ERROR_CATALOG } from '../errors/catalog.gen.js';
import { encodeMessage } from '../plan/messages.js';
import { Supervisor } from './supervisor.js';

// How this side behaves towards programs that are not what they should be. With the real one: supervisor-jobs.test.ts.

const config = testSupervisorConfig({ cgroupName: 'leeward-test', workspace: '/tmp' });

const directory = mkdtempSync(join(tmpdir(), 'leeward-supervisor-'));

afterAll(() => {
  rmSync(directory, { recursive: true });
});

function program(name: string, body: string): string {
  const path = join(directory, name);
  writeFileSync(path, `#!/usr/bin/python3 -I\nimport os, socket, time\nchannel = socket.socket(fileno=3)\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

test('a program that is missing is named', async () => {
  await expect(Supervisor.start({ config, supervisorPath: '/nonexistent/supervisor' })).rejects.toMatchObject({
    code: 'LW_SANDBOX_ERROR',
    message: '/nonexistent/supervisor cannot be started: posix_spawn: ENOENT',
  });
});

test('a program that ends before it is ready is reported with its exit code', async () => {
  await expect(Supervisor.start({ config, supervisorPath: '/bin/false' })).rejects.toMatchObject({
    code: 'LW_SANDBOX_ERROR',
    message: 'supervisor exited with code 1',
    retryable: true,
  });
});

test.each([
  ['LW_SANDBOX_ERROR', 0],
  ['LW_DAEMON_LOCKED', ERROR_CATALOG.LW_DAEMON_LOCKED.number],
  ['LW_SANDBOX_ERROR', 65_535],
])('what a supervisor said before it ended is part of the error: %s for number %i', async (expected, code) => {
  const text = 'config: workspace is not a directory';
  const words = encodeMessage({ type: 'log', id: 0n, level: 'error', code, text });
  const supervisorPath = program('says-why', `channel.send(bytes.fromhex('${words.toString('hex')}'))\nos._exit(3)`);
  await expect(Supervisor.start({ config, supervisorPath })).rejects.toMatchObject({
    code: expected,
    message: 'supervisor exited with code 3: config: workspace is not a directory',
  });
});

test('bytes that are no message end the channel, and the process with it', async () => {
  const supervisorPath = program('garbage', "channel.send(b'x' * 40)\nwhile channel.recv(1000): pass");
  await expect(Supervisor.start({ config, supervisorPath })).rejects.toMatchObject({
    code: 'LW_SANDBOX_ERROR',
    message: expect.stringContaining('message of 40 bytes from the supervisor'),
  });
});

test('a supervisor that neither becomes ready nor goes is killed', async () => {
  const supervisorPath = program('hangs', `open('${directory}/pid', 'w').write(str(os.getpid()))\ntime.sleep(60)`);
  const start = Supervisor.start({ config, supervisorPath, readyTimeoutMs: 300, closeGraceMs: 100 });
  await expect(start).rejects.toMatchObject({ message: 'the supervisor was not ready within 300 ms' });
  expect(existsSync(`/proc/${readFileSync(`${directory}/pid`, 'utf8')}`)).toBe(false);
});
