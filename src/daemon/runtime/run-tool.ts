import { type ChildProcess, spawn } from 'node:child_process';

/** Host ids that a tool runs with. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

export interface ToolOptions {
  /** Undefined: this process's own ids. */
  readonly identity: Identity | undefined;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each line as it comes, of both streams. */
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface ToolResult {
  /** Exit status; null when it was killed or could not be started. */
  readonly status: number | null;
  /** Standard output and error in the order in which they came, at most the last 64 KiB. */
  readonly output: string;
}

const KEPT_CHARS = 1 << 16;

/**
 * Runs a program in a process group of its own, with no input and only the environment given. With an identity it has no
 * supplementary groups (libuv drops them). When the signal aborts, the whole group is killed.
 */
export function runTool(file: string, args: readonly string[], options: ToolOptions): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    if (options.signal?.aborted) {
      reject(options.signal.reason);
      return;
    }
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      ...(options.identity ?? {}),
    });
    const kill = () => killGroup(child);
    options.signal?.addEventListener('abort', kill, { once: true });
    const output = collect(child, options.onLine);
    child.once('error', (error) => resolve({ status: null, output: error.message }));
    child.once('close', (status) => {
      options.signal?.removeEventListener('abort', kill);
      if (options.signal?.aborted) reject(options.signal.reason);
      else resolve({ status, output: output() });
    });
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  process.kill(-child.pid, 'SIGKILL');
}

function collect(child: ChildProcess, onLine: ((line: string) => void) | undefined): () => string {
  let kept = '';
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (text: string) => {
      kept = (kept + text).slice(-KEPT_CHARS);
      const lines = (rest + text).split('\n');
      rest = (lines.pop() ?? '').slice(-KEPT_CHARS);
      for (const line of lines) onLine?.(line);
    });
  }
  return () => kept;
}
