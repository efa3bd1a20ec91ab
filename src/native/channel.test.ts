import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, readdirSync, readSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';

import type { Channel, Packet } from './addon.js';
import { loadAddon, nativeFile } from './load.js';

const addon = loadAddon();
const PYTHON = '/usr/bin/python3';

interface Peer {
  readonly pid: number;
  readonly channel: Channel;
  readonly packets: Packet[];
  readonly batches: number[];
  readonly closed: Promise<string | null>;
  readonly exited: Promise<{ exitCode: number | null; signal: number | null }>;
}

const open: Channel[] = [];

afterEach(() => {
  for (const channel of open.splice(0)) channel.close();
});

/** A real process at the other end; `channel` is its socket. */
function start(script: string, environment: readonly string[] = []): Peer {
  const source = `import os, signal, socket, sys, time\nchannel = socket.socket(fileno=3)\n${script}`;
  const { pid, channelFd, pidfd } = addon.spawnSupervisor(PYTHON, ['python3', '-I', '-c', source], environment, -1);
  const channel = new addon.Channel(channelFd, pidfd);
  open.push(channel);
  const packets: Packet[] = [];
  const batches: number[] = [];
  const closed = new Promise<string | null>((resolve) => channel.onClose(resolve));
  const exited = new Promise<{ exitCode: number | null; signal: number | null }>((resolve) =>
    channel.onExit((exitCode, signal) => resolve({ exitCode, signal })),
  );
  channel.onPackets((batch) => {
    packets.push(...batch);
    batches.push(batch.length);
  });
  return { pid, channel, packets, batches, closed, exited };
}

test('packets keep their bounds and carry descriptors both ways', async () => {
  const peer = start(`
data, fds, _, _ = socket.recv_fds(channel, 1000, 4)
channel.send(b'got ' + data + b' ' + b','.join(os.read(fd, 100) for fd in fds))
read, write = os.pipe()
os.write(write, b'through a pipe')
socket.send_fds(channel, [b'pipe'], [read])
`);
  const fds = [addon.sealedMemfd('a', Buffer.from('first')), addon.sealedMemfd('b', Buffer.from('second'))];
  expect(peer.channel.send(Buffer.from('hello'), fds)).toBe(true);
  for (const fd of fds) closeSync(fd);
  expect(await peer.closed).toBeNull();
  expect(peer.packets.map(({ data }) => data.toString())).toEqual(['got hello first,second', 'pipe']);
  const received = peer.packets[1]?.fds[0] ?? -1;
  const text = Buffer.alloc(100);
  expect(text.toString('utf8', 0, readSync(received, text))).toBe('through a pipe');
  closeSync(received);
});

test('the child has four descriptors, default signals, its own session and the given environment', async () => {
  const peer = start(
    `
links = [os.readlink(f'/proc/self/fd/{name}') for name in ('0', '1', '2')]
names = sorted(name for name in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{name}'))
status = dict(line.split(':\\t', 1) for line in open('/proc/self/status'))
channel.send(repr((links[0], links[1] == links[2], names, os.getsid(0) == os.getpid(), sorted(os.environ.items()),
  status['SigBlk'].strip())).encode())
`,
    ['A=b', 'LC_ALL=C'],
  );
  expect(await peer.exited).toEqual({ exitCode: 0, signal: null });
  await peer.closed;
  expect(peer.packets[0]?.data.toString()).toBe(
    "('/dev/null', True, ['0', '1', '2', '3'], True, [('A', 'b'), ('LC_ALL', 'C')], '0000000000000000')",
  );
});

test('a flood arrives whole, in order and in bounded batches', async () => {
  const peer = start(`
for number in range(20000):
    channel.send(b'%d' % number)
`);
  await peer.closed;
  expect(peer.packets.map(({ data }) => Number(data))).toEqual(Array.from({ length: 20_000 }, (_, index) => index));
  expect(Math.max(...peer.batches)).toBeLessThanOrEqual(64);
});

test('what a busy peer does not take is queued, within a bound, and sent in order', async () => {
  const peer = start(`
channel.recv(10)
os.read(os.open(channel.recv(1000), os.O_RDONLY), 1)
count = 0
for expected in range(100000):
    data = channel.recv(5000)
    if data == b'end': break
    assert int(data[:10]) == expected
    count += 1
channel.send(b'%d' % count)
`);
  peer.channel.send(Buffer.from('ready'), []);
  // The peer blocks in opening a fifo that nobody writes to yet.
  const fifo = `/tmp/leeward-fifo-${process.pid}`;
  execFileSync('mkfifo', [fifo]);
  peer.channel.send(Buffer.from(fifo), []);
  let sent = 0;
  let queued = 0;
  const message = Buffer.alloc(4096);
  const flood = (): void => {
    for (;;) {
      message.write(String(sent).padStart(10));
      if (!peer.channel.send(message, [])) queued++;
      sent++;
    }
  };
  expect(flood).toThrowError(expect.objectContaining({ code: 'LW_NATIVE_QUEUE_FULL' }));
  expect(queued).toBe(1024);
  execFileSync('sh', ['-c', `echo > ${fifo}; rm ${fifo}`]);
  await expect.poll(() => trySend(peer.channel, 'end')).toBe(true);
  await peer.closed;
  expect(peer.packets.map(({ data }) => Number(data))).toEqual([sent]);
});

function trySend(channel: Channel, text: string): boolean {
  try {
    channel.send(Buffer.from(text), []);
    return true;
  } catch {
    return false;
  }
}

test('a killed child is reaped, and its signal told', async () => {
  const peer = start('time.sleep(60)');
  expect(peer.channel.kill(9)).toBe(true);
  expect(await peer.exited).toEqual({ exitCode: null, signal: 9 });
  expect(peer.channel.kill(9)).toBe(false);
  expect(await peer.closed).toBeNull();
  expect(existsSync(`/proc/${peer.pid}`)).toBe(false);
  expect(() => peer.channel.send(Buffer.from('x'), [])).toThrowError(
    expect.objectContaining({ code: 'LW_NATIVE_CLOSED' }),
  );
});

test('what a peer sent before it died without reading is not lost', async () => {
  const peer = start(`
channel.recv(10)
while not channel.recv(10, socket.MSG_PEEK): pass
channel.send(b'last words')
os._exit(3)
`);
  peer.channel.send(Buffer.from('read'), []);
  peer.channel.send(Buffer.from('unread'), []);
  expect(await peer.exited).toEqual({ exitCode: 3, signal: null });
  expect(await peer.closed).toBeNull();
  expect(peer.packets.map(({ data }) => data.toString())).toEqual(['last words']);
});

test('after close the peer sees the end, the child is still reaped, and onClose is silent', async () => {
  const peer = start('sys.exit(7 if channel.recv(10) == b"" else 8)');
  let called = false;
  peer.channel.onClose(() => {
    called = true;
  });
  peer.channel.close();
  expect(await peer.exited).toEqual({ exitCode: 7, signal: null });
  expect(called).toBe(false);
});

test.runIf(process.getuid?.() === 0)('a packet that is too long breaks the channel (needs root)', async () => {
  const peer = start(`
SO_SNDBUFFORCE = 32
channel.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 4 << 20)
channel.send(b'x' * (300 * 1024))
time.sleep(60)
`);
  expect(await peer.closed).toBe('EMSGSIZE');
  peer.channel.kill(9);
  await peer.exited;
});

test('something that is no packet socket is refused and stays open', () => {
  const fd = addon.sealedMemfd('x', Buffer.alloc(0));
  expect(() => new addon.Channel(fd, -1)).toThrowError(expect.objectContaining({ code: 'LW_NATIVE_ARGUMENT' }));
  closeSync(fd);
});

test('a program that cannot be started is an error, and leaves no descriptor', () => {
  const before = readdirSync('/proc/self/fd').length;
  expect(() => addon.spawnSupervisor('/nonexistent/leeward', ['x'], [], -1)).toThrowError(
    expect.objectContaining({ code: 'LW_NATIVE_SYSCALL', syscall: 'posix_spawn', errnoName: 'ENOENT' }),
  );
  expect(readdirSync('/proc/self/fd').length).toBe(before);
});

const ADDON = JSON.stringify(nativeFile('leeward.node'));
const QUIET = `
  const addon = require(${ADDON});
  const { pid, channelFd, pidfd } = addon.spawnSupervisor('/bin/sh', ['sh', '-c', 'read x <&3 || exit 0'], [], -1);
  const channel = new addon.Channel(channelFd, pidfd);
  channel.onPackets(() => {});
`;

test('an unreferenced channel does not keep the process alive', () => {
  const started = performance.now();
  execFileSync(process.execPath, ['-e', `${QUIET} channel.unref();`], { timeout: 20_000 });
  expect(performance.now() - started).toBeLessThan(10_000);
});

test('a channel of a worker ends with it, and its child is reaped', async () => {
  const source = `${QUIET} require('node:worker_threads').parentPort.postMessage(pid);`;
  const worker = new Worker(source, { eval: true });
  const pid = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  await worker.terminate();
  await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
});
