/** What `builtin:base` decides for every policy, and what is allowed of `ioctl` in shipped ones. */
import { kernelTable } from '../../kernel/table.js';
import type { Arch } from '../../kernel/types.js';
import { BASE } from '../resolve/builtins.js';
import { resolvePolicy } from '../resolve/resolve.js';
import type { PolicyLoader } from '../types.js';
import { wordValue } from '../words.js';

export interface BaseFacts {
  /** Calls that it decides whatever their arguments. */
  readonly calls: ReadonlySet<string>;
  /** Values that it denies, by call and argument. */
  readonly values: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
  /** Requests of `ioctl` that ordinary programs need. */
  readonly requests: readonly string[];
}

/** The group that has the requests. */
const GROUP = '@leeward/process-core';

/** @throws Error when the base has errors */
export function baseFacts(loader: PolicyLoader): BaseFacts {
  const text = `version: 1\nkind: Policy\nname: base-facts\nabstract: true\nextends: [${BASE}]\nsyscalls: {allow: ["${GROUP}"]}\n`;
  const { value, diagnostics } = resolvePolicy({ file: BASE, text }, loader);
  if (value === undefined) throw new Error(`${BASE}: ${diagnostics[0]?.message}`);
  const { rules, allow } = value.syscalls;
  const locked = rules.filter((rule) => rule.locked);
  const own = allow.filter(({ via }) => via.length === 0);
  return {
    calls: new Set([...locked.filter(({ args }) => args.size === 0), ...own].map(({ syscall }) => syscall)),
    values: new Map(
      locked
        .filter(({ args }) => args.size > 0)
        .map(({ syscall, args }) => [
          syscall,
          new Map([...args].map(([name, { value: denied }]) => [name, wordsOf(denied)])),
        ]),
    ),
    requests: allow
      .filter(({ syscall }) => syscall === 'ioctl')
      .flatMap(({ args }) => wordsOf(args.get('request')?.value)),
  };
}

function wordsOf(
  condition: { readonly kind: string; readonly words?: readonly string[] } | undefined,
): readonly string[] {
  return condition?.kind === 'oneOf' ? (condition.words ?? []) : [];
}

/** The number that a word stands for; undefined where an architecture lacks the constant. */
export function numberOf(word: string, arch: Arch): bigint | undefined {
  const result = wordValue(word, kernelTable(arch));
  return result.kind === 'value' ? result.value : undefined;
}
