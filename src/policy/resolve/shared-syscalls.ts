/** Most policies say nothing about system calls of their own: what they extend is put together once for all of them. */

import type { Diagnostic } from '../../errors/diagnostic.js';
import type { PolicyFile } from '../document/parse.js';
import { Findings } from '../findings.js';
import type { EffectiveSyscalls } from '../types.js';
import type { Groups } from './groups.js';
import type { Layer } from './layers.js';
import { resolveSyscalls } from './syscalls.js';

interface Known {
  /** Those that say something about system calls, in their order. */
  readonly layers: readonly Layer[];
  readonly syscalls: EffectiveSyscalls;
  /** None of them an error: those can be about the policy itself. */
  readonly diagnostics: readonly Diagnostic[];
}

/** By the last file that says something: one each, so that what was read before a file changed is let go. */
const known = new WeakMap<PolicyFile, Known>();

/**
 * As `resolveSyscalls`. What was found without an error for the same files is the same object again, and so are its filter and
 * its proof; a policy that speaks for itself, or that is only there to be extended, is always looked at anew.
 */
export function sharedSyscalls(layers: readonly Layer[], groups: Groups, findings: Findings): EffectiveSyscalls {
  const speaking = layers.filter(speaks);
  const own = layers.at(-1);
  const last = speaking.at(-1);
  const isShared = own !== undefined && last !== undefined && own !== last && own.file.document.abstract !== true;
  if (!isShared) return resolveSyscalls(layers, groups, findings);
  const latest = known.get(last.file);
  const isSame = latest !== undefined && haveSameFiles(latest.layers, speaking);
  const entry = isSame ? latest : resolveOnce(layers, speaking, groups);
  findings.take(entry.diagnostics);
  if (!isSame && !findings.hasErrors) known.set(last.file, entry);
  return entry.syscalls;
}

function resolveOnce(layers: readonly Layer[], speaking: readonly Layer[], groups: Groups): Known {
  const findings = new Findings();
  const syscalls = resolveSyscalls(layers, groups, findings);
  return { layers: speaking, syscalls, diagnostics: findings.sorted() };
}

function speaks({ file: { document }, isBase }: Layer): boolean {
  const { syscalls, groups, mode } = document;
  return isBase || [syscalls, groups, mode].some((said) => said !== undefined);
}

function haveSameFiles(a: readonly Layer[], b: readonly Layer[]): boolean {
  return (
    a.length === b.length && a.every(({ file, isBase }, index) => file === b[index]?.file && isBase === b[index].isBase)
  );
}
