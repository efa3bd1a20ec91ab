import { randomBytes } from 'node:crypto';
import {
  Daemon,
  type DaemonOptions,
  DEFAULT_POLICY,
  hostIdsOf,
  type Library,
  nativeFile,
  openLibrary,
} from '../../daemon/index.js';
import { asLeewardError } from '../../errors/leeward-error.js';
import { compileNamed } from '../policy/compile.js';
import { type Finding, fail, firstLine } from './finding.js';
import type { HostFacts } from './host-facts.js';
import { jobCheck, TRIAL_CODE, unbuiltJobCheck } from './job-checks.js';
import { userNamespaceRemedy } from './kernel-checks.js';
import { type Trial, tryLayers } from './trial.js';
import { trialChecks, untriedCheck } from './trial-checks.js';

type Paths = Pick<DaemonOptions, 'policyDirectories' | 'stateDirectory'>;

/** Needs no runtime, so it can be compiled and run wherever the native parts are built. */
const POLICY = 'python';
const INSTANCE_OF_TRIALS = 0;

/** What came of trying each layer, and of a real job under the simplest and the default policy. */
export async function trialFindings(paths: Paths, host: HostFacts): Promise<Finding[]> {
  const program = builtProgram();
  if (program === undefined) return [untriedCheck()];
  const library = openLibrary(paths);
  let trials: Trial[];
  try {
    // A kernel without Landlock must not keep the other layers from being tried.
    const willing = openLibrary({ ...paths, assumeLandlock: true });
    const { compiled } = await compileNamed(willing, POLICY);
    const hostId = hostIdsOf(INSTANCE_OF_TRIALS).slotBase;
    trials = tryLayers({ program, plan: compiled.plan, cgroup: groupName(), hostId });
  } catch (error) {
    const { message, hint } = asLeewardError(error);
    return [fail('trials', firstLine(message), hint ?? 'npm run build')];
  }
  const findings = trialChecks(trials, userNamespaceRemedy(host));
  return [...findings, ...(await jobFindings(paths, library, trials))];
}

function builtProgram(): string | undefined {
  try {
    return nativeFile('leeward-trial');
  } catch {
    return undefined;
  }
}

/** Beside that of a daemon, which has its own locked. */
function groupName(): string {
  const base = process.env['LEEWARD_CGROUP'] ?? 'leeward';
  return `${base.replaceAll('/', '-')}-doctor-${process.pid}-${randomBytes(3).toString('hex')}`;
}

async function jobFindings(paths: Paths, library: Library, trials: readonly Trial[]): Promise<Finding[]> {
  const policies = [...new Set([POLICY, DEFAULT_POLICY])];
  const unbuilt = await unbuiltRuntimes(library);
  let daemon: Daemon | undefined;
  try {
    daemon = await Daemon.start({ ...paths, embedded: true, logLevel: 'silent' });
    const findings: Finding[] = [];
    for (const policy of policies) {
      const runtime = library.policies().find(({ name }) => name === policy)?.runtime ?? '';
      if (unbuilt.has(runtime)) findings.push(unbuiltJobCheck(policy, runtime));
      else findings.push(await runJob(daemon, policy, trials));
    }
    return findings;
  } catch (error) {
    const { message, hint } = asLeewardError(error);
    return [fail(`job ${POLICY}`, `no supervisor: ${firstLine(message)}`, hint ?? 'see the lines above')];
  } finally {
    await daemon?.stop(0);
  }
}

async function runJob(daemon: Daemon, policy: string, trials: readonly Trial[]): Promise<Finding> {
  return jobCheck(policy, await daemon.execute({ type: 'Execute', code: TRIAL_CODE, policy }, daemon.ownPeer), trials);
}

async function unbuiltRuntimes(library: Library): Promise<Set<string>> {
  const runtimes = await library.runtimes();
  return new Set(
    runtimes.filter(({ requirements, state }) => requirements !== null && state !== 'ready').map(({ name }) => name),
  );
}
