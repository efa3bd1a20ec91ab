import { constants } from 'node:os';

import { type ErrorCode, LeewardError } from '../errors/leeward-error.js';
import type { StageName } from '../plan/layout.gen.js';

/** A step of the confinement that failed. */
export interface StageFailure {
  readonly stage: StageName;
  /** Which mount, rule, limit ... of that stage. */
  readonly index: number;
  /** Name of the errno, or '' when it was no system call that failed. */
  readonly errnoName: string;
  /** The path or words that belong to it, '' when there are none. */
  readonly detail: string;
}

function errnoName(errno: number): string {
  if (errno === 0) return '';
  return Object.entries(constants.errno).find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`;
}

/** Null for the stage `none`. */
export function stageFailure(stage: StageName, index: number, errno: number, detail: string): StageFailure | null {
  if (stage === 'none') return null;
  return { stage, index, errnoName: errnoName(errno), detail };
}

/** Stages in which several things can fail, so that the index says which. */
const INDEXED: ReadonlySet<StageName> = new Set([
  'mount',
  'landlock',
  'rlimits',
  'attach',
  'open_source',
  'id_mapped_mount',
  'envelope',
]);

/** `mount[3] /usr: EPERM` */
export function stageText({ stage, index, errnoName: errno, detail }: StageFailure): string {
  const place = INDEXED.has(stage) ? `${stage}[${index}]` : stage;
  const words = detail === '' ? place : `${place} ${detail}`;
  return errno === '' ? words : `${words}: ${errno}`;
}

/** The error code of a failure: whose fault it is decides what a user can do. */
export function failureCode({ stage, errnoName: errno }: StageFailure): ErrorCode {
  // Of a file that is mounted from the plan (lw_pool_retire).
  if (stage === 'mount' && errno === 'ESTALE') return 'LW_SANDBOX_SOURCE_REPLACED';
  switch (stage) {
    case 'plan':
      return 'LW_PLAN_INVALID';
    case 'envelope':
      return 'LW_SANDBOX_ENVELOPE';
    case 'limits':
    case 'cgroup':
      return 'LW_SANDBOX_LIMIT_UNAVAILABLE';
    case 'preload':
    case 'exec':
      return 'LW_RUNTIME_INVALID';
    default:
      return 'LW_SANDBOX_ERROR';
  }
}

/** @param what what could not be made, e.g. `pool` */
export function stageError(what: string, failure: StageFailure): LeewardError {
  if (failure.stage === 'envelope') return new LeewardError('LW_SANDBOX_ENVELOPE', failure.detail);
  return new LeewardError(failureCode(failure), `${what} could not be made: ${stageText(failure)}`);
}
