import { constants } from 'node:os';
import type {
  JobDenialMessage,
  JobEndMessage,
  JobMountFlagName,
  JobStartedMessage,
  StatusName,
  StreamName,
  TruncatedName,
} from '../plan/layout.gen.js';
import { type StageFailure, stageFailure } from './stage.js';

/** A host path of a request, checked by the daemon; the supervisor opens it with the peer's rights. */
export interface JobMount {
  /** Allowed root: an absolute real path. */
  readonly root: string;
  /** Beneath the root, relative; empty for the root itself. */
  readonly path: string;
  /** Public path inside. */
  readonly target: string;
  readonly flags: readonly JobMountFlagName[];
  /** Mode of a directory that is created (flag `create`), else 0. */
  readonly createMode: number;
}

/** The user on whose behalf a job runs: sources are opened with these ids. */
export interface JobPeer {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** What is to be collected from the mounts of a job when it has ended. */
export interface JobCollect {
  /** At most 16. */
  readonly patterns: readonly JobCollectPattern[];
  /** At most 256; of all files that a pattern matches. */
  readonly filesMax: number;
  /** At most 16 MiB, of all of them together. */
  readonly bytesMax: bigint;
}

export interface JobCollectPattern {
  /** Index of a writable one in `mounts`. */
  readonly mount: number;
  /** Beneath the mount, relative; empty for the mount itself. */
  readonly folder: string;
  /** Pattern of names in the folder (fnmatch(3)); empty with an empty folder: the mount itself, when it is a file. */
  readonly name: string;
}

/** What a supervisor has collected: the records (docs/internals/native.md, "Collecting"), or the errno why there are none. */
export type JobCollected = { readonly records: Uint8Array } | { readonly errno: number };

export interface JobRequest {
  readonly poolId: bigint;
  /** Bytes; at most the plan's. */
  readonly memoryMax: bigint;
  /** From the release of the code. */
  readonly timeoutMs: bigint;
  readonly peer: JobPeer;
  readonly mounts: readonly JobMount[];
  /** What the worker library reads (docs/internals/native.md, "Payload and claims"). */
  readonly payload: Uint8Array;
  /** Standard input; null for an empty one. */
  readonly stdin: Uint8Array | null;
  /** Default: nothing. */
  readonly collect?: JobCollect;
  /** Bytes of stdout and stderr that the job may be ahead of `Supervisor.outputTaken`; then it waits. Default: 0, no bound. */
  readonly streamWindow?: number | undefined;
}

/** Called as things happen; what they throw is not caught. */
export interface JobEvents {
  /** Once more when the worker died before it read anything of the request, which then goes to another one. */
  onStarted?(started: JobStarted): void;
  /** `claims` is the job's own account of its exception. `data` may be kept. */
  onOutput?(stream: StreamName, data: Uint8Array): void;
}

export interface JobStarted {
  readonly slot: number;
  /** In the supervisor's PID namespace. */
  readonly pid: number;
  readonly queueUs: number;
  readonly attachUs: number;
}

/** A system call that was refused, and how often. */
export interface JobDenial {
  readonly nr: number;
  /** AUDIT_ARCH_* of the call. */
  readonly arch: number;
  /** Of the first occurrence, unsigned 64 bits each. */
  readonly args: readonly bigint[];
  /** Positive errno that the job got. */
  readonly errno: number;
  readonly count: number;
}

/** How a job ended, by the supervisor's and the kernel's word. */
export interface JobEnd {
  readonly status: StatusName;
  readonly exitCode: number | null;
  readonly signal: number | null;
  readonly truncated: readonly TruncatedName[];
  /** Whether the code was released to the job; null when the supervisor was lost before it could tell. */
  readonly started: boolean | null;
  /** The step that failed; null when none did. */
  readonly failure: StageFailure | null;
  readonly denials: readonly JobDenial[];
  /** All refused calls, also those that `denials` has no room for. */
  readonly denialsTotal: number;
  /** Bytes; null where the kernel does not tell. */
  readonly memoryPeak: number | null;
  readonly cpuTimeUs: number | null;
  /** Processes and threads that a limit of their number has refused; null where the kernel does not tell. */
  readonly forksRefused: number | null;
  readonly queueUs: number | null;
  readonly attachUs: number | null;
  readonly runUs: number | null;
  readonly teardownUs: number | null;
  /** What the supervisor really enforced, as it said it; null when it was lost. */
  readonly receipt: JobEndMessage | null;
  /** Null when nothing was to be collected, or the job did not come so far. */
  readonly collected: JobCollected | null;
  /** What is known of a `lost` job's supervisor, else null. */
  readonly lostReason: string | null;
}

const UNKNOWN = 0xffff_ffff_ffff_ffffn;

function known(value: bigint): number | null {
  return value === UNKNOWN ? null : Number(value);
}

/** A job under way. `ended` is never rejected. */
export class JobHandle {
  readonly id: bigint;
  readonly poolId: bigint;
  readonly ended: Promise<JobEnd>;
  readonly #events: JobEvents;
  readonly #denials: JobDenial[] = [];
  #started: JobStarted | undefined;
  #end!: (end: JobEnd) => void;
  /** The job has ended, and what is collected is still to come. */
  #ending: JobEnd | undefined;

  constructor(id: bigint, poolId: bigint, events: JobEvents) {
    this.id = id;
    this.poolId = poolId;
    this.#events = events;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** @internal */
  start(message: JobStartedMessage): void {
    const { slot, pid, queueUs, attachUs } = message;
    this.#started = { slot, pid, queueUs: Number(queueUs), attachUs: Number(attachUs) };
    this.#events.onStarted?.(this.#started);
  }

  /** @internal */
  output(stream: StreamName, data: Uint8Array): void {
    this.#events.onOutput?.(stream, data);
  }

  /** @internal */
  deny({ nr, arch, args, errno, count }: JobDenialMessage): void {
    this.#denials.push({ nr, arch, args, errno, count: Number(count) });
  }

  /** @internal True when something is still to come: `collect` or `lose` is called then. */
  end(message: JobEndMessage): boolean {
    const end = this.#endOf(message);
    if (message.collecting === 1) this.#ending = end;
    else this.#end(end);
    return this.#ending !== undefined;
  }

  /** @internal */
  collect(collected: JobCollected): void {
    if (this.#ending !== undefined) this.#end({ ...this.#ending, collected });
  }

  #endOf(message: JobEndMessage): JobEnd {
    return {
      ...this.#seen(),
      status: message.status,
      exitCode: message.exitCode < 0 ? null : message.exitCode,
      signal: message.signal === 0 ? null : message.signal,
      truncated: message.truncated,
      started: message.started === 1,
      failure: stageFailure(message.stage, message.stageIndex, message.errno, message.detail),
      denialsTotal: message.denialsTotal,
      memoryPeak: known(message.memoryPeak),
      cpuTimeUs: known(message.cpuTimeUs),
      forksRefused: known(message.forksRefused),
      runUs: known(message.runUs),
      teardownUs: known(message.teardownUs),
      receipt: message,
      collected: null,
      lostReason: null,
    };
  }

  /** @internal */
  lose(reason: string): void {
    // How it ended is known; what it has left is not, as nobody is there any more to look.
    if (this.#ending !== undefined) {
      this.collect({ errno: constants.errno.EPIPE });
      return;
    }
    this.#end({
      ...this.#seen(),
      status: 'lost',
      exitCode: null,
      signal: null,
      truncated: [],
      started: this.#started === undefined ? null : true,
      failure: null,
      denialsTotal: this.#denials.reduce((sum, { count }) => sum + count, 0),
      memoryPeak: null,
      cpuTimeUs: null,
      forksRefused: null,
      runUs: null,
      teardownUs: null,
      receipt: null,
      collected: null,
      lostReason: reason,
    });
  }

  #seen(): Pick<JobEnd, 'denials' | 'queueUs' | 'attachUs'> {
    const { queueUs = null, attachUs = null } = this.#started ?? {};
    return { denials: this.#denials, queueUs, attachUs };
  }
}
