import { LeewardError } from '../../errors/leeward-error.js';
import type { PolicyApplyRequest } from '../../protocol/messages.gen.js';
import type { GivenFile } from './policy-set.js';

/** A change that was looked at, to be made later: for the generation that it was held against, or not at all. */
export interface PolicyPlan {
  readonly version: 2;
  readonly kind: 'PolicyPlan';
  /** Number of the generation that has to serve. */
  readonly base: number;
  /** Of the files that it is a change of, as `base_digest` of the answer. */
  readonly base_digest: string;
  readonly files: readonly GivenFile[];
  readonly prune: boolean;
  readonly running?: PolicyApplyRequest['running'];
  readonly message?: string;
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const FIELDS = ['version', 'kind', 'base', 'base_digest', 'files', 'prune', 'running', 'message'];

export function planText(plan: PolicyPlan): string {
  return `${JSON.stringify(plan, null, 2)}\n`;
}

/**
 * Reads what `planText` has written; the daemon checks the rest.
 *
 * @param path for the message
 * @throws LeewardError LW_POLICY_INVALID
 */
export function parsePlan(text: string, path: string): PolicyPlan {
  const plan = parsed(text);
  const problem = problemOf(plan);
  if (problem === undefined) return plan as PolicyPlan;
  const place = { file: path, line: 1, col: 1 };
  throw new LeewardError('LW_POLICY_INVALID', `${path} is no plan of \`policy apply --plan\`: ${problem}`, {
    place,
    hint: 'make it again: `leeward policy apply FILE... --plan PLAN.json`',
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemOf(plan: unknown): string | undefined {
  if (typeof plan !== 'object' || plan === null) return 'it is no JSON object';
  const { version, kind, base, base_digest, ...rest } = plan as Partial<Record<keyof PolicyPlan, unknown>>;
  const { files, prune, running, message } = rest;
  const other = Object.keys(plan).find((field) => !FIELDS.includes(field));
  if (other !== undefined) return `it has an unknown field ${JSON.stringify(other)}`;
  if (kind !== 'PolicyPlan') return 'its kind is another';
  if (version === 1) return 'it is of version 1, which does not say what it was held against';
  if (version !== 2) return 'it is of another version';
  if (!Number.isSafeInteger(base) || (base as number) < 1) return '`base` is no generation';
  if (typeof base_digest !== 'string' || !DIGEST.test(base_digest)) return '`base_digest` is no digest';
  if (!Array.isArray(files) || !files.every(isFile)) return '`files` is no list of files';
  if (new Set(files.map(({ name }) => name)).size < files.length) return 'two files have the same name';
  if (typeof prune !== 'boolean') return '`prune` is neither true nor false';
  if (running !== undefined && !['finish', 'deadline', 'kill'].includes(running as string)) return '`running` is none';
  return message === undefined || typeof message === 'string' ? undefined : '`message` is no text';
}

function isFile(file: unknown): file is GivenFile {
  if (typeof file !== 'object' || file === null) return false;
  const { path, name, text } = file as Partial<Record<keyof GivenFile, unknown>>;
  return [path, name, text].every((value) => typeof value === 'string') && Object.keys(file).length === 3;
}
