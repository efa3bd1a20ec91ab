/** Policies whose conditions have more cases than all that follows can look at: comparing, proving, exporting. */
import { kernelTable } from '../../kernel/table.js';
import { ARCHES, type KernelTable } from '../../kernel/types.js';
import { BySyscall } from '../by-syscall.js';
import type { Findings } from '../findings.js';
import type { AllowEntry, EffectiveSyscalls, RestrictEntry, RuleEntry } from '../types.js';
import { Diagrams, TooManyNodes } from './diagrams.js';
import { callDiagrams } from './meaning.js';

// What is linear in a filter of the largest size is below: 4096 comparisons of 32 bits.
const MOST_NODES = 1 << 19;

/** The conditions of fewer entries do not multiply to anything large. */
const FEW = 3;

type Entry = AllowEntry | RestrictEntry | RuleEntry;

/** Adds a finding at the call with which it is too much, on the first architecture where it is. */
export function checkCases(syscalls: EffectiveSyscalls, findings: Findings): void {
  const entries: readonly Entry[] = [...syscalls.rules, ...syscalls.restrict, ...syscalls.allow];
  const byCall = new BySyscall(entries.filter(({ args }) => args.size > 0));
  const names = [...byCall.names()].filter((name) => byCall.of(name).length > FEW);
  for (const arch of ARCHES) {
    const name = firstBeyond(names, syscalls, kernelTable(arch));
    if (name === undefined) continue;
    const { origin } = byCall.of(name).at(-1) as Entry;
    findings.add('LW-S128', origin, `the conditions on \`${name}\` have more cases together than can be compared`);
    return;
  }
}

function firstBeyond(names: readonly string[], syscalls: EffectiveSyscalls, table: KernelTable): string | undefined {
  if (names.length === 0) return undefined;
  const diagramOf = callDiagrams(new Diagrams(MOST_NODES), syscalls, table);
  return names.find((name) => {
    const call = table.syscall(name);
    return call !== undefined && isBeyond(() => diagramOf(call));
  });
}

function isBeyond(make: () => unknown): boolean {
  try {
    make();
    return false;
  } catch (error) {
    if (error instanceof TooManyNodes) return true;
    throw error;
  }
}
