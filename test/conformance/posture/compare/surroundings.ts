import type { Plan } from '../../../../src/plan/plan.js';
import type { Facts } from './facts.js';
import type { Mount } from './mountinfo.js';
import type { RawEntry, RawProcess } from './raw.js';

/** The processes that make up a worker. */
export type Role = 'job' | 'job init' | 'zygote' | 'pool init';

export interface RequestMount {
  /** Where it really lies inside: beneath one of the plan's two parents. */
  readonly point: string;
  readonly source: string;
  readonly writable: boolean;
}

/** What the plan leaves to the host and to the request. Nothing in it comes from the process that is judged. */
export interface Surroundings {
  readonly plan: Plan;
  /** Whether the supervisor is a root service: slots have ids of their own then. */
  readonly privileged: boolean;
  /** Host ids behind 0 of the pool's user namespace. */
  readonly poolId: number;
  readonly poolGid: number;
  /** Host ids of the job. */
  readonly jobId: number;
  readonly jobGid: number;
  /** `[inside, outside, count]` lines of the pool's user namespace. */
  readonly poolMap: readonly (readonly number[])[];
  readonly poolGidMap: readonly (readonly number[])[];
  readonly supervisor: RawProcess;
  readonly groups: { readonly job: Facts; readonly pool: Facts };
  readonly requestMounts: readonly RequestMount[];
  readonly host: {
    /** Mounts that the supervisor found when it started. */
    readonly mounts: readonly Mount[];
    /** A file by its path on the host, without following a link. */
    entry(path: string): RawEntry;
    /** The real path. */
    real(path: string): string;
  };
}
