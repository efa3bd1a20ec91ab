/** The Landlock ruleset of a policy: words become rights, sandbox paths become the paths that carry them. */
import { accessOf, accessOfAbi, landlockRight } from '../../kernel/landlock.js';
import type { LandlockRule, Plan } from '../../plan/plan.js';
import { compareBytes } from '../../plan/records.js';
import { isWithin } from '../document/paths.js';
import type { Findings } from '../findings.js';
import { isRequestTarget, type Provider, providersOf, reaches } from '../resolve/file-tree.js';
import type { EffectivePolicy, HostFacts, LandlockPath, Origin } from '../types.js';
import { MadeBefore } from './made-before.js';
import { followLinks, hostPathOf, type RootMounts } from './mounts.js';

/** What the two words stand for that are no rights of Landlock. `refer` and `truncate` are masked out where the policy's ABI does not have them. */
const WORDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['read', ['read_file', 'read_dir']],
  [
    'write',
    [
      'read_file',
      'read_dir',
      'write_file',
      'truncate',
      'make_reg',
      'make_dir',
      'make_sym',
      'remove_file',
      'remove_dir',
      'refer',
    ],
  ],
]);

/** What programs do with the devices that a policy can have. */
const DEVICES: Readonly<Record<string, readonly string[]>> = {
  null: ['read_file', 'write_file'],
  zero: ['read_file', 'write_file'],
  full: ['read_file', 'write_file'],
  random: ['read_file'],
  urandom: ['read_file'],
};

const known = new MadeBefore<Plan['landlock']>();

export function compileLandlock(
  policy: EffectivePolicy,
  root: RootMounts,
  host: HostFacts,
  findings: Findings,
): Plan['landlock'] {
  // The root was made from all else that the rules depend on.
  return known.of(root, [policy.requestMounts], findings, () => Object.freeze(ruleset(policy, root, host, findings)));
}

function ruleset(policy: EffectivePolicy, root: RootMounts, host: HostFacts, findings: Findings): Plan['landlock'] {
  const { abi, minimumAbi, scoped } = policy.landlock;
  const available = accessOfAbi(abi.value);
  checkKernel(policy, host, findings);
  checkLandlock(policy, findings);
  const rules = new RuleSet(available.fs);
  const providers = providersOf(policy);
  for (const entry of policy.landlock.paths) staticRule(entry, providers, root, host, rules, findings);
  for (const { path, access } of parentRules(policy, findings)) rules.add(path, access);
  for (const { value } of policy.devices) rules.add(`/dev/${value}`, accessBits(DEVICES[value] ?? []));
  return {
    abi: abi.value,
    minimumAbi: minimumAbi.value,
    handledFs: available.fs,
    // No rule allows a port: with a network of its own a job has nothing to connect to, and this is the second wall.
    handledNet: available.net,
    scoped: accessOf(scoped.flatMap(({ value }) => landlockRight('scope', value) ?? [])).scope & available.scope,
    rules: rules.sorted(),
  };
}

function checkKernel({ landlock }: EffectivePolicy, { landlockAbi }: HostFacts, findings: Findings): void {
  const { value, origin } = landlock.minimumAbi;
  if (landlockAbi >= value) return;
  findings.add('LW-F204', origin, `the kernel has Landlock ABI ${landlockAbi}, the policy demands ${value}`);
}

/** What is wrong with the rights on any host. */
export function checkLandlock(policy: EffectivePolicy, findings: Findings): void {
  checkAbi(policy.landlock.paths, policy.landlock.abi.value, findings);
  parentRules(policy, findings);
}

/** Exact rights that the policy's own ABI does not have. */
function checkAbi(paths: readonly LandlockPath[], abi: number, findings: Findings): void {
  for (const { access, origin } of paths) {
    for (const word of access) {
      const right = WORDS.has(word) ? undefined : landlockRight('fs', word);
      if (right === undefined || right.abi <= abi) continue;
      findings.add('LW-F205', origin, `\`${word}\` belongs to Landlock ABI ${right.abi}, the policy uses ${abi}`);
    }
  }
}

/** The rights that words stand for: `read`, `write`, or exact ones. */
export function accessBits(words: readonly string[]): bigint {
  let bits = 0n;
  for (const word of words) for (const name of WORDS.get(word) ?? [word]) bits |= landlockRight('fs', name)?.bit ?? 0n;
  return bits;
}

/** Rules by path; what a directory above grants already is left out. */
class RuleSet {
  readonly #handled: bigint;
  readonly #access = new Map<string, bigint>();

  constructor(handled: bigint) {
    this.#handled = handled;
  }

  add(path: string, access: bigint): void {
    this.#access.set(path, (this.#access.get(path) ?? 0n) | (access & this.#handled));
  }

  sorted(): LandlockRule[] {
    const rules = [...this.#access].filter(([path, access]) => (access & ~this.#above(path)) !== 0n);
    return rules.map(([path, access]) => ({ path, access })).sort((a, b) => compareBytes(a.path, b.path));
  }

  #above(path: string): bigint {
    let granted = 0n;
    for (const [other, access] of this.#access) if (other !== path && isWithin(path, other)) granted |= access;
    return granted;
  }
}

/** A path of the root itself, not of a job mount. */
function staticRule(
  entry: LandlockPath,
  providers: readonly Provider[],
  root: RootMounts,
  host: HostFacts,
  rules: RuleSet,
  findings: Findings,
): void {
  const { path, access } = entry;
  const isInJobMount = providers.some(({ kind, target }) => kind === 'job' && isWithin(path, target));
  // Only a request can put something there, and then it lies beneath a parent of job mounts.
  if (!providers.some(({ target }) => reaches(path, target))) return;
  if (isInJobMount || [...root.missing].some((target) => isWithin(path, target))) return;
  const real = followLinks(path, root.operations);
  if (!exists(real, entry, providers, root, host, findings)) return;
  rules.add(real, accessBits(access) & possibleRights(real, root, host));
}

/** The kernel takes only some rights for a path that is not a directory (landlock_add_rule(2), EINVAL). */
function possibleRights(real: string, { operations }: RootMounts, host: HostFacts): bigint {
  const source = hostPathOf(real, operations);
  return source !== undefined && host.resolve(source).kind === 'file' ? FILE_RIGHTS : ALL_RIGHTS;
}

const FILE_RIGHTS = accessBits(['execute', 'write_file', 'read_file', 'truncate', 'ioctl_dev']);
const ALL_RIGHTS = (1n << 64n) - 1n;

/** True when the root has something at the path by the time the rules are made; else a finding. */
function exists(
  real: string,
  entry: LandlockPath,
  providers: readonly Provider[],
  { operations }: RootMounts,
  host: HostFacts,
  findings: Findings,
): boolean {
  if (providers.some(({ target }) => isWithin(target, real))) return true;
  const source = hostPathOf(real, operations);
  if (source !== undefined && host.resolve(source).kind !== 'missing') return true;
  const where = source === undefined ? 'nothing is there when the rules are made' : `the host has no \`${source}\``;
  findings.add('LW-F200', entry.origin, `no mount provides \`${entry.path}\`: ${where}`);
  return false;
}

/**
 * The rules on the two parents of job mounts. A rule on a mount point does not hold for what is mounted there later,
 * one on the directory above does; so all mounts beneath one parent have the same rights.
 */
function parentRules(policy: EffectivePolicy, findings: Findings): { path: string; access: bigint }[] {
  const { readOnly, writable } = policy.requestMounts.parents.value;
  const places = jobPlaces(policy);
  const [reading, writing] = [places.filter((place) => place.readOnly), places.filter((place) => !place.readOnly)];
  return [
    { path: readOnly, access: commonAccess(reading, READ_RIGHTS, policy, findings) },
    { path: writable, access: commonAccess(writing, WRITE_RIGHTS, policy, findings) },
  ].filter(({ access }) => access !== 0n);
}

const READ_RIGHTS = accessBits(['read', 'execute']);
// People outside follow what a job leaves in its output: no symbolic links.
const WRITE_RIGHTS = ~accessBits(['make_sym']);

interface JobPlace {
  readonly target: string;
  readonly readOnly: boolean;
  readonly access: readonly string[];
  readonly origin: Origin;
}

/** Job mounts, and the places where only a request can mount something, each with the words that it gets. */
function jobPlaces(policy: EffectivePolicy): JobPlace[] {
  const providers = providersOf(policy);
  const jobs = providers
    .filter(({ kind }) => kind === 'job')
    .map((provider) => jobPlace(provider, policy.landlock.paths));
  if (policy.requestMounts.allowedPaths.length === 0) return jobs;
  const requested = policy.landlock.paths.filter(({ path }) => isRequestTarget(path, providers));
  return [
    ...jobs,
    ...requested.map(({ path, access, origin }) => ({
      target: path,
      readOnly: !access.includes('write'),
      access,
      origin,
    })),
  ];
}

function jobPlace({ target, readOnly, origin }: Provider, paths: readonly LandlockPath[]): JobPlace {
  const access = paths.filter(({ path }) => reaches(path, target)).flatMap((entry) => entry.access);
  return { target, readOnly, access: [...new Set(access)], origin };
}

function commonAccess(places: readonly JobPlace[], mask: bigint, policy: EffectivePolicy, findings: Findings): bigint {
  const first = places[0];
  if (first === undefined) return 0n;
  const wanted = accessBits(first.access) & mask;
  for (const place of places) {
    if ((accessBits(place.access) & mask) === wanted) continue;
    const related = [
      { origin: first.origin, message: `\`${first.target}\` has ${wordsText(first)}` },
      { origin: policy.requestMounts.parents.origin, message: 'both are attached beneath one directory' },
    ];
    findings.add('LW-F207', place.origin, `\`${place.target}\` has ${wordsText(place)}`, { related });
  }
  return wanted;
}

function wordsText({ access }: JobPlace): string {
  return access.length === 0 ? 'no rights' : access.join(', ');
}
