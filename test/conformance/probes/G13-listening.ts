/** A job that listens on every address it has; the host calls. */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createConnection } from 'node:net';
import { openedBy, readProc } from '../../harness/processes.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { observed } from '../runner/observed.js';

export const probe: HostProbe = { control: tryIt, run: tryIt };

const ANSWER = 'of the job';
const PATIENCE_MS = 500;

const codeFor = (port: number): string => `
import socket, threading

def answered(server):
    server.listen()
    while True:
        connection, _ = server.accept()
        connection.send(b"${ANSWER}")
        connection.close()

def echoed(server):
    while True:
        server.sendmsg([b"${ANSWER}"], [], 0, server.recvfrom(64)[1])

def listening(kind, family, address, serve):
    server = socket.socket(family, kind)
    try:
        server.bind((address, ${port}))
    except OSError:
        if kind == socket.SOCK_DGRAM:
            return
        # listen(2) takes a port by itself.
    threading.Thread(target=serve, args=(server,), daemon=True).start()

for kind, serve in ((socket.SOCK_STREAM, answered), (socket.SOCK_DGRAM, echoed)):
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        try:
            listening(kind, family, address, serve)
        except OSError:
            pass
import time
time.sleep(0.3)
`;

async function tryIt(context: HostContext): Promise<readonly HostAttempt[]> {
  const port = randomInt(20_000, 30_000);
  const attempts = await observed(context, { count: 1, code: codeFor(port) }, async ([pid = 0]) => {
    const ports = [...new Set([port, ...listeningPorts(pid)])];
    return Promise.all([
      ...ports.map(async (own) => ['tcp', await byStream(own)] as const),
      ['udp', await byDatagram(port)] as const,
    ]);
  });
  return ['tcp', 'udp'].map((protocol) => {
    const answers = attempts.filter(([own]) => own === protocol).map(([, answer]) => answer);
    const outcome = answers.includes(ANSWER) ? 'ESCAPED' : 'BLOCKED';
    return { name: protocol, outcome, detail: [...new Set(answers)].join(', ') };
  });
}

/** Ports that the process itself listens on, state 0A of proc_pid_net(5): others may listen in its network. */
function listeningPorts(pid: number): readonly number[] {
  const own = new Set(openedBy(pid).flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []));
  const lines = ['tcp', 'tcp6'].flatMap((file) => (readProc(`/proc/${pid}/net/${file}`) ?? '').split('\n').slice(1));
  return lines.flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [local = '', state, inode = ''] = [fields[1], fields[3], fields[9]];
    return state === '0A' && own.has(inode) ? [Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16)] : [];
  });
}

function byStream(port: number): Promise<string> {
  return new Promise((resolve) => {
    const connection = createConnection({ host: '127.0.0.1', port });
    connection.setTimeout(PATIENCE_MS, () => connection.destroy());
    let answer = '';
    connection.on('data', (data: Buffer) => {
      answer += data.toString();
    });
    connection.once('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    connection.once('close', () => resolve(answer || 'somebody else, or nobody'));
  });
}

function byDatagram(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const end = (answer: string): void => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(() => end('no answer'), PATIENCE_MS);
    socket.once('message', (data) => end(data.toString()));
    socket.once('error', (error: NodeJS.ErrnoException) => end(String(error.code)));
    socket.connect(port, '127.0.0.1', () => socket.send('probe'));
  });
}
