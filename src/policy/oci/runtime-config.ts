/** `config.json` of an OCI bundle (runtime-spec, config.md): the profile in it, and what else it says. */
import type { Places } from '../document/places.js';
import { step } from '../document/places.js';
import type { Origin } from '../types.js';

/** Something that a configuration says beside its profile. */
export interface ConfigPart {
  /** `process.env`. */
  readonly name: string;
  readonly origin: Origin;
  /** The key of a policy that is about the same. */
  readonly key: string | undefined;
}

type Config = Readonly<Record<string, unknown>>;

/** Where the profile is. */
export const PROFILE = '/linux/seccomp';

/** True for a configuration, which a profile of its own cannot be mistaken for. */
export function isRuntimeConfig(value: unknown): value is Config {
  return isObject(value) && !('defaultAction' in value) && ('ociVersion' in value || 'linux' in value);
}

/** The profile, whatever it looks like; undefined when there is none. */
export function profileOf({ linux }: Config): unknown {
  return isObject(linux) ? (linux['seccomp'] ?? undefined) : undefined;
}

/** What of the rest a policy has a key for. */
const KEYS: ReadonlyMap<string, string> = new Map([
  ['hostname', 'hostname'],
  ['mounts', 'mounts'],
  ['process.cwd', 'workingDirectory'],
  ['process.env', 'environment'],
  ['process.rlimits', 'limits'],
  ['process.user', 'identity'],
  ['linux.devices', 'devices'],
  ['linux.namespaces', 'namespaces'],
  ['linux.resources', 'limits'],
]);

/** What holds for every sandbox, or says nothing about it. */
const WITHOUT_LOSS: ReadonlySet<string> = new Set(['ociVersion', 'process.noNewPrivileges', 'linux.seccomp']);

/** All that is not in the profile and says something, in the order of the file. */
export function otherParts(config: Config, places: Places): readonly ConfigPart[] {
  const parts = Object.entries(config).flatMap(([key, value]) =>
    (key === 'process' || key === 'linux') && isObject(value)
      ? Object.entries(value).map(([inner, member]) => ({ path: [key, inner], value: member }))
      : [{ path: [key], value }],
  );
  return parts.flatMap(({ path, value }) => {
    const name = path.map(shownKey).join('.');
    if (WITHOUT_LOSS.has(name) || saysNothing(value)) return [];
    const origin = places.key(path.reduce((pointer: string, key) => step(pointer, key), ''));
    return [{ name, origin, key: KEYS.get(name) }];
  });
}

/** A key of the specification, or what can stand in a line of a comment for any other. */
function shownKey(key: string): string {
  return /^[A-Za-z0-9_]{1,64}$/.test(key) ? key : '?';
}

function saysNothing(value: unknown): boolean {
  if (value === null || value === false || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function isObject(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
