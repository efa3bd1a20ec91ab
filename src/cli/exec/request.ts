import type { ExecuteRequest } from '../../protocol/messages.gen.js';
import { parseDuration, parseSize } from '../units.js';
import { UsageError } from '../usage-error.js';
import { allowedPathsOf, type MountFlags, mountsOf } from './mount-flags.js';

/** What `leeward exec` sends when no policy is named: it needs no build, so it answers in seconds on a fresh clone. */
const DEFAULT_POLICY = 'python';

/** The flags of `exec` that shape its request. */
export interface ExecFlags extends MountFlags {
  readonly policy?: string | undefined;
  readonly timeout?: string | undefined;
  readonly memory?: string | undefined;
  readonly env?: readonly string[] | undefined;
  readonly param?: readonly string[] | undefined;
  readonly 'job-id'?: string | undefined;
  readonly deadline?: string | undefined;
}

/** What `exec` sends, whether to a daemon or to its own. */
export type ExecRequest = Omit<ExecuteRequest, 'type' | 'id'>;

/** What somebody has typed for a field of the request; programs that read `--json` get the protocol's own names. */
export const FLAG_OF_FIELD = {
  policy: '--policy',
  mounts: '--mount',
  timeout_secs: '--timeout',
  memory_limit: '--memory',
  env: '--env',
  params: '--param',
  job_id: '--job-id',
  allow_paths: '--allow-path',
  deadline_ms: '--deadline',
} as const satisfies Partial<Record<keyof ExecRequest, string>>;

/** What the job is given beside the flags. */
export interface JobInput {
  readonly code: string;
  readonly argv: readonly string[];
  /** Undefined: empty. */
  readonly stdin: Uint8Array | undefined;
}

/**
 * The request that the flags describe. `allow_paths` is always set; who may not send it must leave it out.
 *
 * @throws UsageError for a value without its form
 */
export function requestOf(flags: ExecFlags, { code, argv, stdin }: JobInput, cwd: string): ExecRequest {
  const mounts = mountsOf(flags, cwd);
  const { timeout, memory, env, param, deadline } = flags;
  return {
    code,
    policy: flags.policy ?? DEFAULT_POLICY,
    ...(mounts.length === 0 ? {} : { mounts }),
    ...(timeout === undefined ? {} : { timeout_secs: parseDuration(timeout, '--timeout') }),
    ...(memory === undefined ? {} : { memory_limit: parseSize(memory, '--memory') }),
    ...(flags['job-id'] === undefined ? {} : { job_id: flags['job-id'] }),
    ...(param === undefined ? {} : { params: assignments(param, '--param') }),
    ...(env === undefined ? {} : { env: assignments(env, '--env') }),
    ...(argv.length === 0 ? {} : { argv: [...argv] }),
    ...(stdin === undefined || stdin.length === 0 ? {} : { stdin }),
    allow_paths: allowedPathsOf(flags, cwd),
    ...(deadline === undefined ? {} : { deadline_ms: Math.round(1000 * parseDuration(deadline, '--deadline')) }),
  };
}

function assignments(texts: readonly string[], flag: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at <= 0) throw new UsageError(`${flag} ${text}: not NAME=VALUE`);
    const name = text.slice(0, at);
    if (Object.hasOwn(values, name)) throw new UsageError(`${flag} ${name} is given twice`);
    values[name] = text.slice(at + 1);
  }
  return values;
}
