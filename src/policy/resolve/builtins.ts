/** The base that every policy extends in the end. */
export const BASE = 'builtin:base@1';

// Versioned names stay valid for ever; a change of meaning gets a new version and a new file.
const FILES: ReadonlyMap<string, string> = new Map([
  ['builtin:groups@1', 'policies/builtin/groups.yaml'],
  [BASE, 'policies/builtin/base.yaml'],
  ['builtin:strict@1', 'policies/strict.yaml'],
  ['builtin:python@1', 'policies/python.yaml'],
  ['builtin:python-data@1', 'policies/python-data.yaml'],
  ['builtin:python-ml@1', 'policies/python-ml.yaml'],
]);

/** Where a builtin policy lies, relative to the package's root; undefined for a name that is not builtin. */
export function builtinPath(reference: string): string | undefined {
  return FILES.get(reference);
}

export function builtinReferences(): readonly string[] {
  return [...FILES.keys()];
}
