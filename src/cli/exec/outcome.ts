import type { ExecuteResponse } from '../../protocol/messages.gen.js';

/** How one `exec` went. */
export interface Outcome {
  /** Which engine ran it. */
  readonly via: 'daemon' | 'embedded';
  /** The daemon's socket; null when embedded. */
  readonly socket: string | null;
  /** Milliseconds that the command waited for the answer, the start of the embedded engine included. */
  readonly wallMs: number;
  readonly response: ExecuteResponse;
  /** The job's output was already written while it ran. */
  readonly streamed: boolean;
  /** Nobody reads what was written while it ran: the job was cancelled for that. */
  readonly unread?: boolean;
}

/** The same for programs. Output that is not UTF-8 is base64, and `result.binary` says so. */
export function outcomeJson({ via, socket, wallMs, response }: Outcome): Record<string, unknown> {
  const { success, result, error, job } = response;
  return {
    via,
    socket,
    wall_ms: Math.round(wallMs * 1000) / 1000,
    success,
    ...(result === undefined
      ? {}
      : { result: { ...result, stdout: jsonText(result.stdout), stderr: jsonText(result.stderr) } }),
    ...(error === undefined ? {} : { error }),
    ...(job === undefined ? {} : { job }),
  };
}

function jsonText(output: string | Uint8Array): string {
  return typeof output === 'string' ? output : Buffer.from(output).toString('base64');
}
