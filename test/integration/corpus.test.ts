import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExecuteResponse } from '../../src/protocol/messages.gen.js';
import { HostCheck } from '../corpus/host-check.js';
import {
  type CorpusJob,
  impossibility,
  POLICIES,
  type PolicyName,
  policiesFor,
  readCorpus,
  WHOLE_RUNTIME,
} from '../corpus/job.js';
import { keyOf, renderPage, unusedReasons } from '../corpus/page.js';
import { judge, type Verdict } from '../corpus/verdict.js';
import { commandAs } from '../harness/account.js';
import { testHost } from '../harness/host.js';
import { pythonOf } from '../harness/runtimes.js';
import { asEachAccount } from './harness/account.js';
import { withDaemon } from './harness/fixture.js';

const PAGE = fileURLToPath(new URL('../../docs/reference/corpus.md', import.meta.url));
const PREPARE = new URL('../corpus/prepare.py', import.meta.url);
const REPEATS = Number(process.env['LEEWARD_CORPUS_REPEAT'] ?? '5');

const jobs = readCorpus();

asEachAccount((account) => {
  const at = withDaemon(account);
  const verdicts = new Map<string, Verdict>();
  let input: string;
  let host: HostCheck;

  beforeAll(() => {
    const python = pythonOf(testHost(), WHOLE_RUNTIME);
    input = at.daemon.place.directory('jobs/input', 0o755);
    const [command = '', ...args] = commandAs(account, [python, '-I', '-', input]);
    execFileSync(command, args, { input: readFileSync(PREPARE), stdio: ['pipe', 'inherit', 'inherit'], cwd: '/' });
    host = new HostCheck(python);
  });
  afterAll(() => host.close());

  function execute(job: CorpusJob, policy: PolicyName, output: string): Promise<ExecuteResponse> {
    const mounts = [
      { host: input, sandbox: '/input' },
      { host: output, sandbox: '/output', ro: false },
    ];
    const stdin = job.stdin === undefined ? {} : { stdin: job.stdin.line.repeat(job.stdin.times) };
    return at.client.execute(job.code, {
      ...job.request,
      ...stdin,
      policy,
      mounts,
      allow_paths: [at.daemon.place.jobs],
    });
  }

  async function tryOut(job: CorpusJob, policy: PolicyName): Promise<Verdict> {
    const { output } = at.daemon.place.job(`${policy}-${job.name.replace('/', '-')}`);
    const answer = await execute(job, policy, output);
    const question = { input, output, stdout: String(answer.result?.stdout), check: job.check ?? '' };
    return judge(job, answer, answer.success ? await host.ask(question) : undefined);
  }

  describe.each(POLICIES)('the corpus under %s', (policy) => {
    it.each(jobs.filter((job) => policiesFor(job).includes(policy)))('$name: $title', async (job) => {
      const verdict = await tryOut(job, policy);
      verdicts.set(keyOf(policy, job), verdict);
      if (impossibility(job, policy) !== undefined) {
        expect(verdict.problem, 'it is said to be impossible, and passed').toBeDefined();
        return;
      }
      expect(verdict.problem).toBeUndefined();
      if (policy !== 'strict') expect(verdict.denied).toEqual([]);
    });
  });

  it('is what the reference page says', async () => {
    const expected = jobs.flatMap(policiesFor).length;
    // With a filter on the command line only some have run.
    if (verdicts.size < expected) return;
    expect(unusedReasons(jobs, verdicts)).toEqual([]);
    const page = renderPage(jobs, verdicts);
    if (process.env['LEEWARD_CORPUS_REPORT'] !== undefined) console.log(page);
    await expect(page).toMatchFileSnapshot(PAGE);
  });

  it.each(jobs.filter(({ repeat }) => repeat))(
    `$name has the same result in each of ${REPEATS} runs`,
    async (job) => {
      const { output } = at.daemon.place.job(`again-${job.name.replace('/', '-')}`);
      const outcomes = new Map<string, number>();
      const policy = policiesFor(job)[0] ?? POLICIES[0];
      for (let run = 0; run < REPEATS; run++) {
        const { result, error } = await execute(job, policy, output);
        const outcome = `${result?.status ?? error?.code}, ${result?.denials.length} denials, ${result?.stdout}`;
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
      expect([...outcomes]).toEqual([[`ok, 0 denials, ${job.stdout}`, REPEATS]]);
    },
    60_000 + REPEATS * 1000,
  );
});
