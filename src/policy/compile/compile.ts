import { LeewardError } from '../../errors/leeward-error.js';
import { fileSystemMagic } from '../../kernel/file-systems.js';
import { kernelTable } from '../../kernel/table.js';
import { BPF, SECCOMP_RET } from '../../plan/bpf/opcodes.js';
import { encodePlan } from '../../plan/encode.js';
import type { Plan } from '../../plan/plan.js';
import { placeholdersOf } from '../document/paths.js';
import { Findings } from '../findings.js';
import { isRequestTarget, providersOf } from '../resolve/file-tree.js';
import type {
  Admission,
  AllowedPath,
  CompiledPolicy,
  EffectivePolicy,
  HostFacts,
  Outcome,
  RequestTarget,
  RuntimeSpec,
} from '../types.js';
import { digestOf } from './digest.js';
import { namespaceBits, SECUREBITS } from './identity.js';
import { jobMountPoints, jobMountTemplates } from './job-mounts.js';
import { compileLandlock } from './landlock.js';
import { planLimits, resourceLimits } from './limits.js';
import { compileMounts } from './mounts.js';
import { type CompiledSyscalls, compileSyscalls } from './shared-filter.js';
import { checkRuntime, planArguments, planEnvironment } from './start.js';

/**
 * Makes the plan of a policy for one host, and what the daemon decides by.
 *
 * @param runtime the runtime that the policy names
 * @returns the compiled policy when nothing forbids it, and all findings. `provePlan` must accept it before it is used.
 */
export function compilePolicy(policy: EffectivePolicy, runtime: RuntimeSpec, host: HostFacts): Outcome<CompiledPolicy> {
  const findings = new Findings();
  refuseUnsupported(policy, findings);
  const syscalls = compileSyscalls(policy, host.arch, findings);
  const plan = makePlan(policy, runtime, host, syscalls, findings);
  if (!findings.hasErrors) checkFits(plan, policy, findings);
  const value = {
    plan,
    policy,
    runtime,
    admission: admissionOf(policy, host),
  };
  return { value: findings.hasErrors ? undefined : value, diagnostics: findings.sorted() };
}

/** Words of the language that have no meaning yet, and policies that are not meant to be run. */
export function refuseUnsupported({ abstract, network, name, origin }: EffectivePolicy, findings: Findings): void {
  if (abstract) findings.add('LW-P024', origin, `\`${name}\` is abstract: it can only be extended`);
  if (network.value !== 'none') {
    findings.add('LW-P025', network.origin, `\`network: ${network.value}\` is not supported yet; \`none\` is`);
  }
}

/** In order in any plan. */
const SHORTEST: Plan['filter'] = [{ code: BPF.RET_K, jt: 0, jf: 0, k: SECCOMP_RET.KILL_PROCESS }];

/** Lengths and counts that the binary form bounds. The filter is most of a plan, and looked at by whoever proves it. */
function checkFits(plan: Plan, { origin }: EffectivePolicy, findings: Findings): void {
  try {
    encodePlan({ ...plan, filter: SHORTEST });
  } catch (error) {
    if (!(error instanceof LeewardError)) throw error;
    findings.add('LW-P029', origin, error.message);
  }
}

function makePlan(
  policy: EffectivePolicy,
  runtime: RuntimeSpec,
  host: HostFacts,
  { filter, notify }: CompiledSyscalls,
  findings: Findings,
): Plan {
  const root = compileMounts(policy, host, findings);
  checkRuntime(policy, runtime, host, root.operations, findings);
  const table = kernelTable(host.arch);
  const { identity, requestMounts, denials } = policy;
  const plan: Omit<Plan, 'digest'> = {
    arch: host.arch,
    mode: policy.mode.value,
    policyName: policy.name,
    hostname: policy.hostname.value,
    namespaces: namespaceBits(policy, table),
    insideUid: identity.uid.value,
    insideGid: identity.gid.value,
    securebits: SECUREBITS,
    capabilities: 0n,
    umask: identity.umask.value,
    filter,
    notify: notify.answers,
    notifyDefaultErrno: notify.defaultErrno,
    denialBurst: denials.value.burst,
    denialPerSecond: denials.value.perSecond,
    landlock: compileLandlock(policy, root, host, findings),
    root: policy.root.value,
    mounts: root.operations,
    jobParents: requestMounts.parents.value,
    jobParentTmpfs: requestMounts.parentTmpfs.value,
    mountDeadlineMs: requestMounts.deadline.value,
    reuseMax: policy.reuse.value,
    jobMounts: jobMountPoints(jobMountTemplates(policy)),
    noIdmap: identity.withoutIdMap.value === 'refuse' ? 'refuse' : 'run_as_peer',
    fileSystems: fileSystemsOf(policy),
    rlimits: resourceLimits(policy.limits, table),
    limits: planLimits(policy.limits),
    workDir: policy.workingDirectory.value,
    environment: planEnvironment(policy),
    argv: planArguments(policy, runtime),
  };
  return { digest: digestOf(plan, policy, host), ...plan };
}

function fileSystemsOf({ requestMounts }: EffectivePolicy): bigint[] {
  const magics = requestMounts.fileSystems.flatMap(({ value }) => fileSystemMagic(value) ?? []);
  return magics.sort((a, b) => (a < b ? -1 : Number(a > b)));
}

function admissionOf(policy: EffectivePolicy, host: HostFacts): Admission {
  const templates = jobMountTemplates(policy);
  const { parents } = policy.requestMounts;
  return {
    jobMounts: templates,
    allowedPaths: policy.requestMounts.allowedPaths.map((path) => allowedPath(path, host)),
    targets: requestTargets(policy),
    policyTargets: [...providersOf(policy).map(({ target }) => target), parents.value.readOnly, parents.value.writable],
    limits: { memory: policy.limits.memory, timeout: policy.limits.timeout },
    requestEnvironment: policy.requestEnvironment.map(({ value }) => value),
  };
}

// What ops wrote may lead through links; what a request adds to it may not.
function allowedPath(
  { value, origin }: { value: string; origin: AllowedPath['origin'] },
  host: HostFacts,
): AllowedPath {
  const placeholders = placeholdersOf(value);
  return { path: placeholders.length === 0 ? host.resolve(value).real : value, placeholders, origin };
}

function requestTargets(policy: EffectivePolicy): RequestTarget[] {
  const providers = providersOf(policy);
  return policy.landlock.paths
    .filter(({ path }) => isRequestTarget(path, providers))
    .map(({ path, access, origin }) => ({ path, writable: access.includes('write'), origin }));
}
