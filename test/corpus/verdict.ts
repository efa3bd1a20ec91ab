import type { ExecuteResponse } from '../../src/protocol/messages.gen.js';
import type { CorpusJob } from './job.js';

/** What came of a job under a policy. */
export interface Verdict {
  /** What is wrong with the result; undefined when it is right. */
  readonly problem: string | undefined;
  /** Names of the refused calls that the job's header takes for harmless. */
  readonly harmless: readonly string[];
  /** The other refused calls: each is a false denial, where the job must pass. */
  readonly denied: readonly string[];
}

/**
 * @param failure what the check on the host raised; undefined when it was content
 */
export function judge(job: CorpusJob, answer: ExecuteResponse, failure: string | undefined): Verdict {
  const denials = answer.result?.denials ?? [];
  const isHarmless = ({ syscall }: { syscall: string | null }): boolean =>
    syscall !== null && job.harmless?.[syscall] !== undefined;
  return {
    problem: problemOf(job, answer) ?? failure,
    harmless: names(denials.filter(isHarmless).map(({ syscall }) => syscall ?? '')),
    denied: names(
      denials
        .filter((denial) => !isHarmless(denial))
        .map(
          ({ syscall, nr, limit, rule }) =>
            `${syscall ?? limit ?? nr}${rule === null ? '' : ` (${withoutColumn(rule)})`}`,
        ),
    ),
  };
}

function problemOf({ exit = 0, stdout }: CorpusJob, { result, error }: ExecuteResponse): string | undefined {
  if (result === undefined) return `not run: ${error?.code} ${error?.message}`;
  if (result.exit_code !== exit) {
    const { error: exception, stderr } = result;
    const said =
      exception === null ? stderr.toString() : `${exception.name}: ${exception.value}\n${exception.traceback}`;
    return `${result.status}, exit ${result.exit_code}: ${said}`;
  }
  if (stdout !== undefined && result.stdout !== stdout) {
    return `printed ${JSON.stringify(result.stdout)} and not ${JSON.stringify(stdout)}`;
  }
  return undefined;
}

/** `/any/where/policies/builtin/groups.yaml:179:9` says more than a reader needs, and changes with every edit. */
function withoutColumn(rule: string): string {
  return (/policies\/(.*\.yaml)/.exec(rule)?.[1] ?? rule).replace(/:\d+:\d+$/, '');
}

function names(all: readonly string[]): readonly string[] {
  return [...new Set(all)].sort();
}
