import { step } from '../document/places.js';
import type { Findings } from '../findings.js';
import type { Sourced } from '../types.js';
import type { Layer } from './layers.js';
import { unionOf } from './scalars.js';

// Each of these chooses which code the loader, libc, the shell or Python runs (ld.so(8), python(1)).
const CHOOSES_CODE = ['LD_*', 'PYTHON*', 'PATH', 'GCONV_PATH', 'GLIBC_TUNABLES'];

/** Name and pattern match; a pattern may end in `*`. */
export function matchesName(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** True for a variable that no request may set, whatever the policy says. */
export function isForbiddenInRequests(name: string): boolean {
  return CHOOSES_CODE.some((pattern) => matchesName(name, pattern));
}

/** The environment of all layers, a child's value before its parent's, sorted by name. */
export function resolveEnvironment(layers: readonly Layer[], findings: Findings): ReadonlyMap<string, Sourced<string>> {
  const variables = new Map<string, Sourced<string>>();
  for (const { file } of layers) {
    for (const [name, value] of Object.entries(file.document.environment ?? {})) {
      const pointer = step('/environment', name);
      variables.set(name, { value, origin: file.places.value(pointer) });
      const key = file.places.key(pointer);
      if (name === 'LD_PRELOAD') findings.add('LW-E502', key, '`LD_PRELOAD` is set by Leeward for its own library');
      else if (isForbiddenInRequests(name)) findings.add('LW-E501', key, `\`${name}\` chooses which code is run`);
    }
  }
  return new Map([...variables].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The names that requests may set. A pattern that reaches a forbidden name is a finding. */
export function resolveRequestEnvironment(layers: readonly Layer[], findings: Findings): Sourced<string>[] {
  const names = unionOf(layers, '/requestEnvironment', ({ requestEnvironment }) => requestEnvironment);
  return names.filter(({ value, origin }) => {
    const forbidden = CHOOSES_CODE.find((pattern) => overlap(value, pattern));
    if (forbidden !== undefined) {
      findings.add('LW-E500', origin, `\`${value}\` would let a request set \`${forbidden}\``);
    }
    return forbidden === undefined;
  });
}

/** True when some name matches both patterns. */
function overlap(a: string, b: string): boolean {
  const [stemA, stemB] = [a.replace(/\*$/, ''), b.replace(/\*$/, '')];
  return matchesName(stemA, b) || matchesName(stemB, a);
}
