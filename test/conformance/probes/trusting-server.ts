/** A server that carries out every request as it comes (`trusting-server.py`): what a probe of the daemon's must show to fail. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** As much of an answer to Execute as probes look at. */
export interface Answer {
  readonly success: boolean;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

export type Ask = (request: object) => Promise<Answer>;

const SERVER = fileURLToPath(new URL('trusting-server.py', import.meta.url));

/** @param jobs a directory in which the server makes those of jobs */
export async function withTrustingServer<T>(jobs: string, body: (ask: Ask) => Promise<T>): Promise<T> {
  const server = spawn('/usr/bin/python3', ['-I', SERVER, jobs], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const ask = async (request: object): Promise<Answer> => {
    server.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the trusting server has ended');
    return JSON.parse(value) as Answer;
  };
  try {
    return await body(ask);
  } finally {
    server.stdin.end();
  }
}
