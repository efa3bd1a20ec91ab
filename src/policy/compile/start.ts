/** How the zygote's interpreter is started: its arguments and environment. */
import type { MountOperation } from '../../plan/plan.js';
import { compareVariables } from '../../plan/records.js';
import { settingsText } from '../document/runtime.js';
import type { Findings } from '../findings.js';
import type { EffectivePolicy, HostFacts, Origin, RuntimeSpec } from '../types.js';
import { hostPathOf, sandboxPathOf } from './mounts.js';

const LIBRARY = 'libleeward-worker.so';
const ZYGOTE = 'zygote.py';

/** Where the worker mount is; '' when there is none, which is a finding of its own. */
function workerTarget({ mounts }: EffectivePolicy): string {
  return mounts.find(({ kind }) => kind === 'worker')?.target ?? '';
}

/**
 * `NAME=value`, sorted by name. The library is preloaded into the zygote, which takes the variable away before any job.
 */
export function planEnvironment(policy: EffectivePolicy): string[] {
  const variables = [...policy.environment].map(([name, { value }]) => `${name}=${value}`);
  return [...variables, `LD_PRELOAD=${workerTarget(policy)}/${LIBRARY}`].sort(compareVariables);
}

/**
 * -I: neither PYTHON* variables nor the current directory choose code. -B: no bytecode is written. The runtime's
 * preload, globals and warm-up are the last argument.
 */
export function planArguments(policy: EffectivePolicy, runtime: RuntimeSpec): string[] {
  const interpreter = interpreterOf(policy, runtime);
  return [interpreter, '-I', '-B', `${workerTarget(policy)}/${ZYGOTE}`, settingsText(runtime)];
}

function interpreterOf(policy: EffectivePolicy, runtime: RuntimeSpec): string {
  const target = policy.mounts.find(({ kind }) => kind === 'runtime')?.target;
  return runtime.requirements === null || target === undefined ? runtime.interpreter : `${target}/bin/python3`;
}

/** That the sandbox shows the interpreter, and a place for the runtime's files. */
export function checkRuntime(
  policy: EffectivePolicy,
  runtime: RuntimeSpec,
  host: HostFacts,
  operations: readonly MountOperation[],
  findings: Findings,
): void {
  const origin = policy.runtime?.origin ?? policy.origin;
  if (policy.runtime?.value !== runtime.name) {
    const named = policy.runtime === null ? 'no runtime' : `the runtime \`${policy.runtime.value}\``;
    findings.add('LW-R801', origin, `the policy has ${named}, not \`${runtime.name}\``);
  }
  if (runtime.requirements !== null) checkBuilt(policy, runtime, host, origin, findings);
  checkVisible(runtime.interpreter, host, operations, origin, findings);
}

function checkBuilt(
  policy: EffectivePolicy,
  { name }: RuntimeSpec,
  host: HostFacts,
  origin: Origin,
  findings: Findings,
): void {
  if (host.runtimeDirectory === null) {
    findings.add('LW-R802', origin, `the runtime \`${name}\` is not built`, { hint: `leeward runtime build ${name}` });
  }
  if (!policy.mounts.some(({ kind }) => kind === 'runtime')) {
    findings.add('LW-M312', origin, `the runtime \`${name}\` has requirements, but no mount has \`runtime: true\``);
  }
}

function checkVisible(
  interpreter: string,
  host: HostFacts,
  operations: readonly MountOperation[],
  origin: Origin,
  findings: Findings,
): void {
  const source = hostPathOf(interpreter, operations);
  const { real, kind } = host.resolve(source ?? interpreter);
  // A link such as /usr/bin/python3 must not lead out of what the sandbox shows.
  if (source !== undefined && kind === 'file' && sandboxPathOf(real, operations) !== undefined) return;
  const where = kind === 'missing' ? 'the host does not have it' : `no mount shows \`${real}\``;
  findings.add('LW-M313', origin, `the interpreter \`${interpreter}\` is not in the sandbox: ${where}`);
}
