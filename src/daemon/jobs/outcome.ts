import { type ErrorCode, LeewardError } from '../../errors/leeward-error.js';
import type { JobEnd } from '../../native/job.js';
import { failureCode, type StageFailure, stageText } from '../../native/stage.js';
import type { GrantedLimits } from '../admission/limits.js';
import type { GrantedMount } from '../admission/mounts.js';

/** Statuses of a job that ran to an end of its own. */
const OWN_ENDS: ReadonlySet<JobEnd['status']> = new Set(['ok', 'error', 'signaled']);

export interface JobGrant {
  readonly limits: GrantedLimits;
  readonly mounts: readonly GrantedMount[];
}

/** Why a job did not come to an end of its own; undefined when it did. */
export function jobError(end: JobEnd, grant: JobGrant): LeewardError | undefined {
  if (OWN_ENDS.has(end.status)) return undefined;
  if (end.status === 'sandbox_error')
    return end.failure === null ? internal(end) : sandboxError(end.failure, grant.mounts);
  const [code, message] = endText(end, grant);
  return new LeewardError(code, message);
}

function endText(end: JobEnd, { limits }: JobGrant): readonly [ErrorCode, string] {
  switch (end.status) {
    case 'timed_out':
      return ['LW_JOB_TIMED_OUT', `timed out after ${Number(limits.timeoutMs) / 1000} s`];
    case 'oom_killed':
      return ['LW_JOB_OOM_KILLED', `out of memory: the job reached its limit of ${limits.memory} bytes`];
    case 'output_limit':
      return ['LW_JOB_OUTPUT_LIMIT', `output limit reached on ${end.truncated.join(' and ') || 'an output stream'}`];
    case 'cpu_limit':
      return ['LW_JOB_CPU_LIMIT', 'processor time used up'];
    case 'denied':
      return ['LW_JOB_DENIED', 'killed by the policy for a system call that it forbids'];
    case 'cancelled':
      return ['LW_JOB_CANCELLED', 'cancelled'];
    case 'lost':
      return ['LW_JOB_LOST', `job lost: ${end.lostReason ?? 'its supervisor is gone'}`];
    default:
      return ['LW_INTERNAL', `job ended with status ${end.status}`];
  }
}

function internal(end: JobEnd): LeewardError {
  return new LeewardError('LW_INTERNAL', `job ended with status ${end.status} and no step that failed`);
}

/** A path of the request that cannot be opened is the request's error, any other step is the host's. */
function sandboxError(failure: StageFailure, mounts: readonly GrantedMount[]): LeewardError {
  const mount = MOUNT_STAGES.has(failure.stage) ? mounts[failure.index] : undefined;
  if (mount !== undefined && failure.stage === 'open_source') return sourceError(failure, mount);
  const place = mount?.place;
  if (mount !== undefined && failure.stage === 'id_mapped_mount' && failure.errnoName === 'EINVAL')
    return unmappableError(mount);
  if (failure.stage === 'envelope') return new LeewardError('LW_SANDBOX_ENVELOPE', failure.detail, { place });
  return new LeewardError(failureCode(failure), `sandbox could not be made: ${stageText(failure)}`, { place });
}

/** Stages whose index is that of a mount of the job. */
const MOUNT_STAGES: ReadonlySet<StageFailure['stage']> = new Set(['open_source', 'id_mapped_mount', 'envelope']);

const SOURCE_ERRORS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ELOOP: ['LW_REQUEST_MOUNT_SYMLINK', 'goes through a symbolic link'],
  ENOENT: ['LW_REQUEST_MOUNT_MISSING', 'does not exist'],
  ENOTDIR: ['LW_REQUEST_MOUNT_MISSING', 'does not exist: a part of it is not a folder'],
  EACCES: ['LW_REQUEST_MOUNT_MISSING', 'cannot be reached with the rights of the requesting user'],
  EPERM: ['LW_REQUEST_MOUNT_MISSING', 'cannot be reached with the rights of the requesting user'],
  EXDEV: ['LW_REQUEST_MOUNT_NOT_ALLOWED', 'leads out of its allowed root'],
  ETIMEDOUT: ['LW_REQUEST_MOUNT_STALLED', 'is on a file system that did not answer in time'],
  EBUSY: ['LW_REQUEST_MOUNT_STALLED', 'is not looked at: other requests of this user wait for a file system already'],
};

function sourceOf({ root, path }: GrantedMount): string {
  return path === '' ? root : `${root === '/' ? '' : root}/${path}`;
}

function unmappableError(mount: GrantedMount): LeewardError {
  const message = `${sourceOf(mount)} is on a file system that cannot be mounted with mapped ids`;
  return new LeewardError('LW_REQUEST_MOUNT_UNMAPPABLE', message, {
    place: mount.place,
    hint: 'mount a folder of another file system, or set `identity.withoutIdMap: runAsPeer` in the policy',
  });
}

function sourceError({ errnoName, detail }: StageFailure, mount: GrantedMount): LeewardError {
  const source = sourceOf(mount);
  const [code, words] = SOURCE_ERRORS[errnoName] ?? [
    'LW_REQUEST_MOUNT_NOT_ALLOWED',
    `cannot be mounted: ${detail || errnoName}`,
  ];
  return new LeewardError(code, `${source} ${words}`, { place: mount.place });
}
