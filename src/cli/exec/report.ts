import { writeSync } from 'node:fs';
import { inWordsOf } from '../../errors/vocabulary.js';
import { failureLines } from '../failure.js';
import type { Style } from '../terminal/style.js';
import { exitCodeOf } from './exit-code.js';
import { denialNotes, receiptNote } from './notes.js';
import type { Outcome } from './outcome.js';
import { FLAG_OF_FIELD } from './request.js';

/** Which engine ran the job, in words. */
export function engineName({ via, socket }: Pick<Outcome, 'via' | 'socket'>): string {
  return via === 'daemon' ? `daemon ${socket}` : 'embedded';
}

/** The lines about an outcome, after the job's own output: denials, what went wrong, and the receipt. */
export function outcomeNotes(outcome: Outcome, style: Style): string[] {
  const { result, error } = outcome.response;
  const via = engineName(outcome);
  return [
    ...(result === undefined ? [] : denialNotes(result.denials, style)),
    ...(result === undefined ? [] : cutNotes(result.truncated)),
    ...(error === undefined ? [] : failureLines(inWordsOf(error, FLAG_OF_FIELD), style)),
    result === undefined
      ? style.dim(`leeward: ${withoutResult(error?.code)} · ${via}`)
      : receiptNote(result, via, style),
  ];
}

/** A job that was lost may have run for hours; every other answer without a result is a refusal. */
function withoutResult(code: string | undefined): string {
  return code === 'LW_JOB_LOST' ? 'how far the code came is not known' : 'no user code has run';
}

/** What a program may read from `--status-fd`, as one line of JSON: a job may exit with any number itself. */
export function writeStatus(fd: number, outcome: Outcome): void {
  const { result, error, success } = outcome.response;
  const status = {
    success,
    status: result?.status ?? null,
    exit_code: result?.exit_code ?? null,
    signal: result?.signal ?? null,
    error: error?.code ?? null,
    via: outcome.via,
    command_exit_code: exitCodeOf(outcome.response),
  };
  writeSync(fd, `${JSON.stringify(status)}\n`);
}

function cutNotes({ stdout, stderr }: { readonly stdout: boolean; readonly stderr: boolean }): string[] {
  const cut = [...(stdout ? ['standard output'] : []), ...(stderr ? ['standard error'] : [])];
  return cut.length === 0 ? [] : [`leeward: ${cut.join(' and ')} cut at the policy's limit`];
}
