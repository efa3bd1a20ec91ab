import { connect } from '../../client/connect.js';
import {
  daemonPaths,
  kernelProbe,
  type Library,
  nativeFile,
  openLibrary,
  processFacts,
  slotIdsOf,
  subordinateIdFacts,
} from '../../daemon/index.js';
import { asLeewardError, type LeewardError } from '../../errors/leeward-error.js';
import type { Finding } from './finding.js';
import { fail } from './finding.js';
import { readHostFacts } from './host-facts.js';
import { installChecks } from './install-checks.js';
import { directoryFacts, type InstallFacts, interpreterFacts, type SocketFacts } from './install-facts.js';
import { kernelChecks } from './kernel-checks.js';
import type { KernelFacts } from './kernel-facts.js';
import { limitChecks } from './limit-checks.js';
import { trialFindings } from './trials.js';

type Paths = Parameters<typeof daemonPaths>[0];

const TRIAL_PROGRAM = 'leeward-trial';
const NATIVE_FILES = [
  'leeward.node',
  'leeward-supervisor',
  'leeward-keeper',
  'leeward-resolve',
  TRIAL_PROGRAM,
  'worker/libleeward-worker.so',
];
const INTERPRETER = '/usr/bin/python3';

/**
 * Looks at this host and this installation, tries each layer of a sandbox, and runs real jobs. Starts nothing that lasts, and
 * changes nothing, but that the jobs make the state directory where there is none.
 */
export async function examine(options: Paths): Promise<Finding[]> {
  const host = readHostFacts();
  const { probe, problem } = probeKernel();
  return [
    ...kernelChecks(host, probe),
    ...limitChecks(host, probe),
    ...(problem === undefined ? [] : [fail('addon', problem.message, problem.hint ?? 'npm run build')]),
    ...installChecks(await installFacts(options)),
    ...(await trialFindings(options, host)),
  ];
}

/** Undefined, without a problem, before the native parts are built: another line says that. */
function probeKernel(): { probe?: KernelFacts; problem?: LeewardError } {
  if (builtFile('leeward.node') === undefined) return {};
  try {
    return { probe: kernelProbe() };
  } catch (error) {
    return { problem: asLeewardError(error) };
  }
}

async function installFacts(options: Paths): Promise<InstallFacts> {
  const paths = daemonPaths(options, processFacts());
  const library = openLibrary(options);
  return {
    uid: process.getuid?.() ?? 0,
    nativeFiles: Object.fromEntries(NATIVE_FILES.map((name) => [name, builtFile(name)])),
    interpreter: interpreterFacts(INTERPRETER),
    slotIds: slotIdFacts(),
    stateDirectory: directoryFacts(paths.stateDirectory),
    runtimes: await runtimeFacts(library),
    policies: policyFacts(library),
    socket: await socketFacts(paths.socket),
  };
}

function slotIdFacts(): InstallFacts['slotIds'] {
  try {
    return slotIdsOf(subordinateIdFacts(process.env['LEEWARD_SUBORDINATE_IDS']), 0);
  } catch (error) {
    return { without: asLeewardError(error).message };
  }
}

function builtFile(name: string): string | undefined {
  try {
    return nativeFile(name);
  } catch {
    return undefined;
  }
}

async function runtimeFacts(library: Library): Promise<InstallFacts['runtimes']> {
  const runtimes = await library.runtimes();
  return runtimes
    .filter(({ requirements }) => requirements !== null)
    .map(({ name, state, directory }) => ({ name, built: state === 'ready', directory: directory ?? '' }));
}

function policyFacts(library: Library): InstallFacts['policies'] {
  try {
    const policies = library.policies();
    return {
      loaded: policies.flatMap(({ name, error }) => (error === null ? [name] : [])),
      errors: policies.flatMap(({ error }) => (error === null ? [] : [error.message.split('\n')[0] ?? ''])),
    };
  } catch (error) {
    return { loaded: [], errors: [asLeewardError(error).message] };
  }
}

async function socketFacts(path: string): Promise<SocketFacts> {
  try {
    const client = await connect({ socket: path, connectTimeoutMs: 2000 });
    try {
      const { version, pid, uid } = await client.ping();
      return { path, state: 'answers', detail: `leeward ${version}, pid ${pid}, uid ${uid}` };
    } finally {
      await client.close();
    }
  } catch (thrown) {
    const { message } = asLeewardError(thrown);
    return { path, state: message.startsWith('no daemon') ? 'absent' : 'silent', detail: message };
  }
}
