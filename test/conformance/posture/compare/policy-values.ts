/**
 * The values of the policy itself, read from a job: what the compiler made of them is not asked, so that a value which it lost or gave
 * to another limit is seen. System calls are in `proven.ts`; whatever else the plan has is compared in full.
 */
import type { EffectiveMount, EffectivePolicy } from '../../../../src/policy/types.js';
import { type Difference, differencesOf, type Fact, type Facts } from './facts.js';
import { parseMounts } from './mountinfo.js';
import { fieldsOfStatus, processFacts } from './process-facts.js';
import type { RawProcess } from './raw.js';
import type { SeenLimits } from './receipt-facts.js';

/** What a job that asked for nothing has otherwise than its policy says. */
export function policyDifferences(job: RawProcess, policy: EffectivePolicy, limits: SeenLimits): readonly Difference[] {
  const expected = new Map([...processValues(policy), ...mountValues(policy), ...groupValues(policy, limits)]);
  const found = new Map([
    ...processFacts(job),
    ...identityFacts(job),
    ...variableFacts(job),
    ...mountFacts(job),
    ...groupFacts(limits),
  ]);
  const asked = [...expected.keys()].flatMap((name): [string, Fact][] => {
    const fact = found.get(name);
    return fact === undefined ? [] : [[name, fact]];
  });
  return differencesOf(expected, new Map(asked));
}

function processValues(policy: EffectivePolicy): Facts {
  const { limits, environment, hostname, identity, workingDirectory } = policy;
  const limit = (value: bigint): Fact => [String(value), String(value)];
  return new Map<string, Fact>([
    ['limit Max open files', limit(limits.openFiles.value)],
    ['limit Max file size', limit(limits.fileSize.value)],
    ['limit Max stack size', limit(limits.stack.value)],
    ['limit Max locked memory', limit(limits.lockedMemory.value)],
    // A limit of 0 would still run a program that core_pattern names (core(5)).
    ['limit Max core file size', limit(limits.core.value === 0n ? 1n : limits.core.value)],
    ['user namespaces at most', Number(limits.userNamespaces.value)],
    ['uid inside', identity.uid.value],
    ['gid inside', identity.gid.value],
    ['umask', identity.umask.value.toString(8).padStart(4, '0')],
    ['hostname', hostname.value],
    ['cwd', workingDirectory.value],
    ...[...environment].map(([name, { value }]): [string, Fact] => [`variable ${name}`, value]),
  ]);
}

/** Ids as the map of the job's own user namespace says them, the first of its line. */
function identityFacts({ pid, texts, threads }: RawProcess): Facts {
  const inside = (file: string): Fact => Number.parseInt((texts[file] ?? '').trim(), 10);
  const status = fieldsOfStatus(threads[String(pid)]?.status ?? '');
  return new Map<string, Fact>([
    ['uid inside', inside('uid_map')],
    ['gid inside', inside('gid_map')],
    ['umask', status.get('Umask') ?? null],
  ]);
}

/** The platform has some of its own, which are no policy's. */
function variableFacts({ texts }: RawProcess): Facts {
  const entries = (texts['environ'] ?? '').split('\0').filter((entry) => entry !== '');
  return new Map(
    entries.map((entry): [string, Fact] => {
      const at = entry.indexOf('=');
      return [`variable ${entry.slice(0, at)}`, entry.slice(at + 1)];
    }),
  );
}

function groupValues({ limits }: EffectivePolicy, { version }: SeenLimits): Facts {
  if (version === 0) return new Map();
  return new Map<string, Fact>([
    ['group memory', Number(limits.memory.value.default)],
    ['group swap', Number(limits.swap.value)],
    ['group pids', Number(limits.pids.value)],
    ['group thousandths of a processor', Number(limits.milliCpus.value)],
  ]);
}

function groupFacts({ memory, swap, pids, cpu_quota_us: quota, cpu_period_us: period }: SeenLimits): Facts {
  return new Map<string, Fact>([
    ['group memory', memory],
    ['group swap', swap],
    ['group pids', pids],
    ['group thousandths of a processor', quota === null || period === null ? null : (1000 * quota) / period],
  ]);
}

/** Mounts that the policy has for every job, in its own words. */
function mountValues({ mounts, root, devices, requestMounts }: EffectivePolicy): Facts {
  const whole: Fact = { size: Number(root.value.size), inodes: Number(root.value.inodes) };
  const { size, inodes, mode } = requestMounts.parentTmpfs.value;
  const parents = Object.values(requestMounts.parents.value).flatMap((path): [string, Fact][] => [
    [`room of ${path}`, { size: Number(size), inodes: Number(inodes) }],
    [`mode of ${path}`, mode],
  ]);
  return new Map<string, Fact>([
    ['room of /', whole],
    ...parents,
    ['devices', devices.map(({ value }) => `/dev/${value}`).sort()],
    ...mounts.flatMap(valuesOfMount),
  ]);
}

function valuesOfMount(mount: EffectiveMount): [string, Fact][] {
  const { kind, target } = mount;
  if (kind === 'tmpfs')
    return [
      [`room of ${target}`, { size: Number(mount.size), inodes: Number(mount.inodes) }],
      [`mount ${target} is read-only`, false],
      [`mount ${target} runs programs`, !mount.noexec],
    ];
  // A mount with a placeholder is the request's, and one that is optional may be left out.
  if (kind !== 'bind' || mount.optional || mount.source.includes('${')) return [];
  return [
    [`mount ${target} is read-only`, mount.readOnly],
    [`mount ${target} runs programs`, !mount.noexec],
  ];
}

function mountFacts({ texts, sizes, tree }: RawProcess): Facts {
  const rooms = Object.entries(sizes).map(([point, { bytes, inodes }]): [string, Fact] => {
    return [`room of ${point}`, { size: bytes, inodes }];
  });
  const flags = parseMounts(texts['mountinfo'] ?? '').flatMap(({ point, options }): [string, Fact][] => [
    [`mount ${point} is read-only`, options.includes('ro')],
    [`mount ${point} runs programs`, !options.includes('noexec')],
  ]);
  const modes = Object.entries(tree).map(([path, { mode }]): [string, Fact] => [`mode of ${path}`, mode & 0o7777]);
  const devices = Object.keys(tree).filter((path) => tree[path]?.rdev !== 0);
  return new Map<string, Fact>([...rooms, ...flags, ...modes, ['devices', devices.sort()]]);
}
