import { parseSize } from '../document/units.js';
import { Findings } from '../findings.js';
import type {
  EffectiveIdentity,
  EffectivePolicy,
  Origin,
  Outcome,
  PolicyLoader,
  Sourced,
  SourceFile,
} from '../types.js';
import { BASE } from './builtins.js';
import { resolveEnvironment, resolveRequestEnvironment } from './environment.js';
import { checkExecutable } from './execution.js';
import { checkFileTree } from './file-tree.js';
import { Groups } from './groups.js';
import { resolveLandlock } from './landlock.js';
import { type Layer, loadLayers } from './layers.js';
import { resolveLimits } from './limits.js';
import { checkTmpfsSize, resolveMounts, resolveRequestMounts } from './mounts.js';
import { resolveNetwork } from './network.js';
import { lastOf, Required, unionOf } from './scalars.js';
import { SharedPart } from './shared-part.js';
import { resolveSyscalls } from './syscalls.js';
import { resolveTests } from './tests.js';

/**
 * Puts a policy together with everything that it extends. Lists are unions, a scalar or limit of a child replaces its
 * parent's, `remove` comes last; every value keeps the place that it was written at.
 *
 * @param source the policy's own file
 * @param loader finds what `extends` names
 * @returns the policy when nothing forbids it, and all findings. A file of groups alone has no value and no error.
 */
export function resolvePolicy(source: SourceFile, loader: PolicyLoader): Outcome<EffectivePolicy> {
  const findings = new Findings();
  const layers = loadLayers(source, loader, findings);
  const value = layers === undefined ? undefined : resolveLayers(layers, findings);
  return { value: findings.hasErrors ? undefined : value, diagnostics: findings.sorted() };
}

/** What policies that extend the same ones have in common. */
const SHARED = {
  syscalls: new SharedPart<EffectivePolicy['syscalls']>(({ file: { document }, isBase }) => {
    const { syscalls, groups, mode } = document;
    return isBase || [syscalls, groups, mode].some((said) => said !== undefined);
  }),
  landlock: SharedPart.saidBy<EffectivePolicy['landlock']>('landlock'),
  mounts: SharedPart.saidBy<EffectivePolicy['mounts']>('mounts'),
  requestMounts: SharedPart.saidBy<EffectivePolicy['requestMounts']>('requestMounts'),
  limits: SharedPart.saidBy<EffectivePolicy['limits']>('limits'),
  identity: SharedPart.saidBy<EffectivePolicy['identity']>('identity'),
  environment: SharedPart.saidBy<EffectivePolicy['environment']>('environment'),
  requestEnvironment: SharedPart.saidBy<EffectivePolicy['requestEnvironment']>('requestEnvironment'),
};

function resolveLayers(layers: readonly Layer[], findings: Findings): EffectivePolicy | undefined {
  const own = layers.at(-1)?.file;
  if (own === undefined) return undefined;
  const groups = new Groups(layers, findings);
  groups.checkDefinitions(own.places);
  const origin = own.places.key('/name');
  checkName(own.document.name, own.source.file, own.places.value('/name'), findings);
  if (!layers.some(({ isBase }) => isBase)) {
    if (own.document.abstract !== true) {
      findings.add(
        'LW-P022',
        origin,
        `\`${own.document.name}\` does not extend \`${BASE}\`, not even through another policy`,
      );
    }
    return undefined;
  }
  const policy: EffectivePolicy = {
    name: own.document.name,
    description: own.document.description ?? '',
    files: layers.map(({ file }) => file.source),
    origin,
    abstract: own.document.abstract ?? false,
    ...resolveSettings(layers, findings, origin),
    syscalls: SHARED.syscalls.of(layers, findings, (own) => resolveSyscalls(layers, groups, own)),
    landlock: SHARED.landlock.of(layers, findings, (own) => resolveLandlock(layers, own)),
    mounts: SHARED.mounts.of(layers, findings, (own) => resolveMounts(layers, own)),
    requestMounts: SHARED.requestMounts.of(layers, findings, (own) => resolveRequestMounts(layers, own)),
    limits: SHARED.limits.of(layers, findings, (own) => resolveLimits(layers, own)),
    identity: SHARED.identity.of(layers, findings, (own) => resolveIdentity(layers, own)),
    environment: SHARED.environment.of(layers, findings, (own) => resolveEnvironment(layers, own)),
    requestEnvironment: SHARED.requestEnvironment.of(layers, findings, (own) => resolveRequestEnvironment(layers, own)),
    tests: resolveTests(layers),
  };
  checkFileTree(policy, findings);
  if (!policy.abstract) checkExecutable(policy, findings);
  return policy;
}

function checkName(name: string, file: string, origin: Origin, findings: Findings): void {
  const stem = /([^/]+)\.ya?ml$/.exec(file)?.[1];
  if (stem !== undefined && stem !== name) {
    findings.add('LW-P023', origin, `the policy is named \`${name}\`, its file \`${stem}\``);
  }
}

const ROOT = { size: 0n, inodes: 0n };

function resolveSettings(layers: readonly Layer[], findings: Findings, origin: Origin) {
  const required = new Required(layers, findings);
  return {
    runtime: lastOf(layers, '/runtime', ({ runtime }) => runtime) ?? null,
    mode: resolveMode(layers, findings, origin),
    reuse: resolveReuse(layers, findings, origin),
    denials: required.last('/denials', { burst: 0, perSecond: 0 }, ({ denials }) => denials),
    devices: unionOf(layers, '/devices', ({ devices }) => devices),
    proc: required.last('/proc', 'none', ({ proc }) => proc),
    namespaces: resolveNamespaces(layers, findings, origin),
    network: resolveNetwork(layers, required, findings),
    hostname: required.last('/hostname', '', ({ hostname }) => hostname),
    root: resolveRoot(required, findings),
    workingDirectory: required.last('/workingDirectory', '', ({ workingDirectory }) => workingDirectory),
  };
}

function resolveRoot(required: Required, findings: Findings): EffectivePolicy['root'] {
  const root = required.last(
    '/root',
    ROOT,
    (document) => document.root && { size: parseSize(document.root.size) ?? 0n, inodes: BigInt(document.root.inodes) },
  );
  if (root.value !== ROOT) checkTmpfsSize('root', root.value.size, root.origin, findings);
  return root;
}

function resolveMode(layers: readonly Layer[], findings: Findings, origin: Origin): EffectivePolicy['mode'] {
  const mode = lastOf(layers, '/mode', (document) => document.mode) ?? { value: 'enforce', origin };
  if (mode.value === 'audit')
    findings.add('LW-P031', mode.origin, 'calls that are not allowed are let through and only reported');
  return mode;
}

function resolveReuse(layers: readonly Layer[], findings: Findings, origin: Origin): EffectivePolicy['reuse'] {
  const times = lastOf(layers, '/reuse', ({ reuse }) => timesOf(reuse)) ?? { value: 1, origin };
  if (times.value > 1)
    findings.add(
      'LW-P032',
      times.origin,
      `up to ${times.value} jobs of one peer run in the same process, one after the other`,
    );
  return times;
}

function timesOf(reuse: 'never' | { times: number } | undefined): number | undefined {
  return typeof reuse === 'object' ? reuse.times : reuse && 1;
}

// Without each of these the host's processes, mounts or network are in reach.
const NAMESPACE_FLOOR = ['user', 'pid', 'mount', 'network'];

function resolveNamespaces(layers: readonly Layer[], findings: Findings, origin: Origin): Sourced<string>[] {
  const namespaces: Sourced<string>[] = unionOf(layers, '/namespaces', (document) => document.namespaces);
  const missing = NAMESPACE_FLOOR.filter((name) => !namespaces.some(({ value }) => value === name));
  if (missing.length > 0)
    findings.add('LW-I600', origin, `the sandbox has no ${missing.join(', ')} namespace of its own`);
  return namespaces;
}

function resolveIdentity(layers: readonly Layer[], findings: Findings): EffectiveIdentity {
  const required = new Required(layers, findings);
  return {
    uid: required.last('/identity/uid', 0, ({ identity }) => identity?.uid),
    gid: required.last('/identity/gid', 0, ({ identity }) => identity?.gid),
    umask: required.last('/identity/umask', 0, ({ identity }) => octal(identity?.umask)),
    withoutIdMap: required.last('/identity/withoutIdMap', 'refuse', ({ identity }) => identity?.withoutIdMap),
  };
}

function octal(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number.parseInt(text, 8);
}
