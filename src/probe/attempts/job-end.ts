import { kernelTable } from '../../kernel/table.js';
import type { Arch } from '../../kernel/types.js';
import type { Denial, ExecuteResponse, Receipt } from '../../protocol/messages.gen.js';

/** What the host saw of a job's end. Nothing of it but the two streams is the job's word. */
export interface JobEnd {
  /** The result's status, or `refused` with the error's code when nothing ran. */
  readonly status: string;
  /** The signal that ended the job's process, by name. */
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly denials: readonly Denial[];
  readonly receipt: Receipt | undefined;
  /** Code and message of an answer that is not a success. */
  readonly error: string | undefined;
}

/** The end of a job of which there is nothing but an error. */
export function refusedEnd(error: string | undefined): JobEnd {
  return { status: 'refused', signal: null, stdout: '', stderr: '', denials: [], receipt: undefined, error };
}

/** @param arch of the job, whose signals the answer numbers */
export function jobEnd({ result, error }: ExecuteResponse, arch: Arch): JobEnd {
  const text = error === undefined ? undefined : `${error.code}: ${error.message}`;
  if (result === undefined) return refusedEnd(text);
  const { status, signal, stdout, stderr, denials, enforced } = result;
  return {
    status,
    signal: signal === null ? null : (kernelTable(arch).signalName(signal) ?? `signal ${signal}`),
    stdout: String(stdout),
    stderr: String(stderr),
    denials,
    receipt: enforced,
    error: text,
  };
}
