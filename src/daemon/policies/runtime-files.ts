import { type FilePlace, LeewardError } from '../../errors/leeward-error.js';
import { parseRuntime } from '../../policy/index.js';
import type { LoadedRuntime } from '../runtime/store.js';
import { invalidPolicy } from './invalid-policy.js';
import type { PolicyFiles } from './policy-files.js';

/**
 * @param place where a policy names it
 * @throws LeewardError LW_RUNTIME_NOT_FOUND, LW_POLICY_INVALID, LW_POLICY_UNSAFE_FILE
 */
export function loadRuntime(files: PolicyFiles, name: string, place?: FilePlace): LoadedRuntime {
  const file = files.runtime(name);
  if (file === undefined) throw files.noRuntime(name, place);
  const { source } = file;
  const { value: spec, diagnostics } = parseRuntime(source);
  if (spec === undefined) throw invalidPolicy(source.file, diagnostics, [source]);
  if (spec.requirements === null) return { spec, lock: null };
  const lock = files.lock(file, spec.requirements);
  if (lock !== undefined) return { spec, lock };
  const text = `${spec.requirements}, which ${source.file} names, is not beside it`;
  throw new LeewardError('LW_RUNTIME_NOT_FOUND', text, { place });
}
