/** The calls of a profile on several architectures as those of one policy, which is for all of them. */
import { kernelTable } from '../../kernel/table.js';
import type { Arch } from '../../kernel/types.js';
import type { CallImporter, ImportedCall } from './calls.js';
import { keyOf } from './imported-policy.js';
import type { Losses, LossKind } from './losses.js';

interface Native {
  readonly arch: Arch;
  readonly importer: CallImporter;
}

// What a policy's file has room for, beside the calls without conditions.
const MOST_ENTRIES = 512;
const MOST_RULES = 100;
const LONGEST = 24 * 1024;

/** By name, those alone that the policy has to speak of. */
export function callsOfAll(natives: readonly Native[], losses: Losses): ReadonlyMap<string, ImportedCall> {
  const calls = new Map<string, ImportedCall>();
  const room = new Room();
  const names = new Set(natives.flatMap(({ arch }) => kernelTable(arch).names()));
  for (const name of [...names].sort()) {
    const imported = natives.flatMap(({ arch, importer }) => {
      const call = kernelTable(arch).syscall(name);
      return call === undefined ? [] : [importer.of(call)];
    });
    const [first] = imported;
    if (first === undefined || imported.every(({ allow, rules }) => allow.length + rules.length === 0)) continue;
    const lose = (kind: LossKind, message: string) => {
      const origin = natives[0]?.importer.originOf(name);
      if (origin !== undefined) losses.add({ kind, origin, message, calls: [name] });
    };
    if (imported.some((other) => keyOf(other) !== keyOf(first)))
      lose(
        'architecture',
        `\`${name}\` is not the same on ${natives.map(({ arch }) => arch).join(' and ')}: it is left to the default`,
      );
    else if (!room.takes(first))
      lose('size', `a policy has no room for the conditions of \`${name}\`: it is left to the default`);
    else calls.set(name, first);
  }
  return calls;
}

class Room {
  #entries = 0;
  #rules = 0;
  #length = 0;

  /** True, and then less is left, when the conditions of a call fit. */
  takes({ allow, rules }: ImportedCall): boolean {
    const conditions = [...allow, ...rules.map(({ args }) => args)].filter((args) => Object.keys(args).length > 0);
    if (conditions.length === 0) return true;
    const entries = this.#entries + allow.length;
    const all = this.#rules + rules.length;
    const length = this.#length + keyOf(conditions).length;
    if (entries > MOST_ENTRIES || all > MOST_RULES || length > LONGEST) return false;
    this.#entries = entries;
    this.#rules = all;
    this.#length = length;
    return true;
  }
}
