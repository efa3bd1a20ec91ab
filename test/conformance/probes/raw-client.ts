/** Clients that do what a `Connection` does not: stop in the middle, read nothing, be turned away, be somebody else. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { Target } from './target.js';

const RELAY = readFileSync(new URL('../../harness/relay.py', import.meta.url), 'utf8');

/** A socket that has connected, or has been turned away. */
export async function rawClient({ socket }: Target): Promise<Socket> {
  const client = createConnection(socket);
  client.on('error', () => undefined);
  await new Promise((resolve) => client.once('connect', resolve).once('close', resolve));
  return client;
}

/** A process between its streams and the socket, which has become somebody else by `become` before it connected. */
export function clientProcess(
  { socket }: Target,
  become: readonly string[] = [],
): ChildProcessByStdio<Writable, Readable, null> {
  const [command = '', ...args] = [...become, '/usr/bin/python3', '-I', '-c', RELAY, socket];
  const client = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  client.stdin.on('error', () => undefined);
  return client;
}
