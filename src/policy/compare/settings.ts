/** Every field of a policy, and how two of its values stand to each other. */
import { isWithin } from '../document/paths.js';
import { durationText, sizeText } from '../document/units.js';
import { matchesName } from '../resolve/environment.js';
import type {
  EffectiveIdentity,
  EffectiveLandlock,
  EffectivePolicy,
  EffectiveRequestMounts,
  Sourced,
} from '../types.js';
import type { Comparison } from './difference.js';
import { fields, list, onlyIn, skipped, value, values, variables } from './fields.js';
import { compareLimits } from './limits.js';
import { larger, moreBits, ranked, reversed, unordered, withoutRights } from './orders.js';

const octal = (mode: number) => `0${mode.toString(8)}`;

const number = value<number | bigint>(larger);
const size = value<bigint>(larger, sizeText);
const mode = value<number>(moreBits, octal);
const word = value<string>(withoutRights);

const compareLandlock = fields<EffectiveLandlock>({
  // What an ABI does not know is not restricted.
  abi: value<number>(reversed(larger)),
  minimumAbi: value<number>(reversed(larger)),
  scoped: list('narrower'),
  paths: skipped,
});

const compareRequestMounts = fields<EffectiveRequestMounts>({
  allowedPaths: list('wider', (parent, path) => isWithin(path, parent)),
  parents: values<EffectiveRequestMounts['parents']['value']>({ readOnly: word, writable: word }),
  parentTmpfs: values<EffectiveRequestMounts['parentTmpfs']['value']>({ size, inodes: number, mode }),
  deadline: value<bigint>(larger, durationText),
  fileSystems: list('wider'),
});

const compareIdentity = fields<EffectiveIdentity>({
  uid: value<number>(unordered),
  gid: value<number>(unordered),
  // A bit that the mask has is a right that new files lack.
  umask: value<number>(reversed(moreBits), octal),
  withoutIdMap: value<'refuse' | 'runAsPeer'>(ranked('refuse', 'runAsPeer')),
});

const compareRuntime: Comparison<Sourced<string> | null> = (field, a, b) => {
  if (a !== null && b !== null) return value<string>(unordered)(field, a, b);
  if (b !== null) return [onlyIn('b', field, b, 'incomparable')];
  return a === null ? [] : [onlyIn('a', field, a, 'incomparable')];
};

/** What any network gives, `none` does not; two kinds have no order. */
const network = value<string>((a, b) => {
  if (a === b) return undefined;
  if (a === 'none') return 'wider';
  return b === 'none' ? 'narrower' : 'incomparable';
});

/** All but system calls, and paths with their mounts: those need both policies whole. */
export const compareSettings = fields<EffectivePolicy>({
  // What a policy is called and says of itself.
  name: skipped,
  description: skipped,
  files: skipped,
  origin: skipped,
  abstract: skipped,
  tests: skipped,
  syscalls: skipped,
  mounts: skipped,
  runtime: compareRuntime,
  mode: value<'enforce' | 'audit'>(ranked('enforce', 'audit')),
  // What a job leaves in its process, a later one can find.
  reuse: value<number>(larger),
  denials: values<EffectivePolicy['denials']['value']>({ burst: number, perSecond: number }),
  landlock: compareLandlock,
  requestMounts: compareRequestMounts,
  devices: list('wider'),
  proc: value<'private' | 'none'>(ranked('none', 'private')),
  // A namespace of its own is a wall; without it the job is in the host's.
  namespaces: list('narrower'),
  limits: compareLimits,
  identity: compareIdentity,
  network,
  hostname: word,
  root: values<EffectivePolicy['root']['value']>({ size, inodes: number }),
  workingDirectory: word,
  environment: variables,
  requestEnvironment: list('wider', (pattern, other) => coversPattern(pattern, other)),
});

/** Whether all names of one pattern are names of the other. */
function coversPattern(pattern: string, other: string): boolean {
  if (!other.endsWith('*')) return matchesName(other, pattern);
  return pattern.endsWith('*') && other.startsWith(pattern.slice(0, -1));
}
