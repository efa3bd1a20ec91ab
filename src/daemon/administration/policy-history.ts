import { asLeewardError, LeewardError } from '../../errors/leeward-error.js';
import type { PolicyGeneration, PolicyHistoryRequest, PolicyHistoryResult } from '../../protocol/messages.gen.js';
import type { Generations } from '../policies/generations/generations.js';
import type { GenerationRecord } from '../policies/history/record.js';

const DEFAULT_LIMIT = 20;

/** @throws LeewardError LW_POLICY_HISTORY where there is none */
export function policyHistory(
  { history, current }: Generations,
  { limit = DEFAULT_LIMIT }: PolicyHistoryRequest,
): PolicyHistoryResult {
  if (history === undefined) throw new LeewardError('LW_POLICY_HISTORY', 'this daemon keeps no history of policies');
  const problems = new Set(history.problems.map(({ message }) => message));
  const generations = history
    .numbers()
    .slice(0, limit)
    .flatMap((number) => {
      try {
        return [shown(history.record(number))];
      } catch (error) {
        problems.add(asLeewardError(error).message);
        return [];
      }
    });
  return { serving: current.number, generations, problems: [...problems] };
}

/** Without the files, which have their own limits. */
function shown({ number, time, act, author, message, digest, changes }: GenerationRecord): PolicyGeneration {
  return {
    ...{ number, time, act, message },
    author: author && { uid: author.uid, name: author.name ?? null },
    digest: `sha256:${digest}`,
    changes: changes?.map(({ policy, relation }) => ({ policy, relation })) ?? null,
  };
}
