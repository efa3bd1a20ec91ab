import { Findings } from '../findings.js';
import { type Layer, loadLayers } from '../resolve/layers.js';
import { resolvePolicy } from '../resolve/resolve.js';
import type { EffectivePolicy, Outcome, PolicyLoader, SourceFile } from '../types.js';
import { removedPaths, shownAllowedPaths, shownLandlock, shownMounts } from './files.js';
import type { ShownPolicy, ShownValue } from './shown.js';
import { removedCalls, shownSyscalls } from './syscalls.js';
import { keysAt, scalarAt, unionAt } from './written.js';

/**
 * The effective policy as a reader wants it: every value that holds with the places that say it, what it replaces, and what is
 * removed. It is read off the files once more, beside `resolvePolicy`, whose values need to know only the place that decides.
 *
 * @returns what is shown when nothing forbids the policy, and all findings; abstract policies can be shown, too
 */
export function showPolicy(source: SourceFile, loader: PolicyLoader): Outcome<ShownPolicy> {
  const { value: policy, diagnostics } = resolvePolicy(source, loader);
  const layers = policy === undefined ? undefined : loadLayers(source, loader, new Findings());
  if (policy === undefined || layers === undefined) return { value: undefined, diagnostics };
  const { name, description, abstract } = policy;
  const value = {
    name,
    description,
    abstract,
    files: policy.files.map(({ file }) => file),
    values: shownValues(layers, policy),
    removed: [...removedCalls(layers, policy.syscalls), ...removedPaths(layers)],
    accepted: layers.flatMap(({ file }) => file.suppressions),
  };
  return { value, diagnostics };
}

function shownValues(layers: readonly Layer[], { syscalls }: EffectivePolicy): ShownValue[] {
  const scalar = (...path: string[]) => scalarAt(layers, path);
  const map = (name: string) => keysAt(layers, [name]).flatMap((key) => scalar(name, key));
  const own = layers.slice(-1);
  return [
    ...['runtime', 'mode', 'reuse'].flatMap((name) => scalar(name)),
    ...shownSyscalls(layers, syscalls),
    ...scalar('denials'),
    ...shownLandlock(layers),
    ...shownMounts(layers),
    ...shownAllowedPaths(layers),
    ...['parents', 'parentTmpfs', 'deadline'].flatMap((name) => scalar('requestMounts', name)),
    ...unionAt(layers, ['requestMounts', 'fileSystems']),
    ...unionAt(layers, ['devices']),
    ...scalar('proc'),
    ...unionAt(layers, ['namespaces']),
    ...map('identity'),
    ...['hostname', 'root', 'workingDirectory'].flatMap((name) => scalar(name)),
    ...map('limits'),
    ...scalar('network'),
    ...keysAt(layers, ['environment'])
      .sort()
      .flatMap((name) => scalar('environment', name)),
    ...unionAt(layers, ['requestEnvironment']),
    // A parent's tests hold for the parent.
    ...unionAt(own, ['tests']),
  ];
}
