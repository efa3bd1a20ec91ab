import type { Client } from '../../client/client.js';
import { asLeewardError, LeewardError } from '../../errors/leeward-error.js';
import type { PolicyApplyRequest, PolicyChangeResult, StatusResult } from '../../protocol/messages.gen.js';
import { UsageError } from '../usage-error.js';
import { putPlan, readPlan } from './plan-disk.js';
import { type PolicyPlan, parsePlan, planText } from './plan-file.js';
import { type GivenFile, givenFiles } from './policy-set.js';
import type { SourceLibrary } from './source.js';
import { UserPlaces } from './user-places.js';

/** What is to be applied: files of the user, or a plan with them in it. */
export interface Application {
  readonly files: readonly GivenFile[];
  readonly request: Omit<PolicyApplyRequest, 'type' | 'id'>;
}

type Fields = Pick<PolicyApplyRequest, 'prune' | 'dry_run' | 'expect_generation' | 'running' | 'message'>;

/**
 * @param paths of files and folders, or of one plan
 * @throws UsageError, LeewardError as `givenFiles`, `readPlan` and `parsePlan`
 */
export function applicationOf(
  paths: readonly string[],
  fields: Fields,
  library: Pick<SourceLibrary, 'file'>,
): Application {
  const plan = paths.find((path) => path.endsWith('.json'));
  if (plan !== undefined) return plannedApplication(paths, plan, fields);
  const files = givenFiles(paths, library);
  if (files.length === 0) throw new UsageError('there is no policy, runtime or tenant in these folders');
  return { files, request: { ...fields, files: textsOf(files) } };
}

function plannedApplication(paths: readonly string[], path: string, fields: Fields): Application {
  if (paths.length > 1) throw new UsageError(`${path} is a plan, which has all its files in it`);
  if (fields.prune === true || fields.expect_generation !== undefined) {
    throw new UsageError('a plan says itself what it prunes, and which generation it is for');
  }
  const { files, base, base_digest: digest, prune, running, message } = parsePlan(readPlan(path), path);
  const own = { ...(running === undefined ? {} : { running }), ...(message === undefined ? {} : { message }) };
  const expected = { expect_generation: base, expect_digest: digest };
  return { files, request: { ...own, ...fields, prune, ...expected, files: textsOf(files) } };
}

/** Asks the daemon; all names are the user's. @throws LeewardError what is wrong */
export async function applied(client: Client, { files, request }: Application): Promise<PolicyChangeResult> {
  const status: Partial<StatusResult> = await client.status();
  // A daemon that is older does not know of it, and will say so.
  const places = new UserPlaces(status.policy_source?.folder ?? '', files);
  try {
    return places.result(await client.applyPolicies(request));
  } catch (thrown) {
    throw places.error(asLeewardError(thrown));
  }
}

/**
 * Writes what was looked at, for the generation that it was held against.
 *
 * @throws LeewardError LW_POLICY_PLAN_FILE; LW_POLICY_HISTORY where a daemon is too old to say what that was
 */
export function writePlan(path: string, { files, request }: Application, result: PolicyChangeResult): void {
  const { base, base_digest }: Partial<PolicyChangeResult> = result;
  if (base === undefined || base_digest === undefined) {
    throw new LeewardError(
      'LW_POLICY_HISTORY',
      'this daemon is too old for a plan: it does not say which files it has',
    );
  }
  const { prune = false, running, message } = request;
  const plan: PolicyPlan = {
    ...({ version: 2, kind: 'PolicyPlan', base, base_digest, files, prune } as const),
    ...(running === undefined ? {} : { running }),
    ...(message === undefined ? {} : { message }),
  };
  putPlan(path, planText(plan));
}

function textsOf(files: readonly GivenFile[]): Record<string, string> {
  return Object.fromEntries(files.map(({ name, text }) => [name, text]));
}
