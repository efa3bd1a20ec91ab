/** Policies that extend each other at random, resolved by the resolver and by a few lines that know only the guide. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loaderWith } from '../../../test/policy/shipped.js';
import { kernelTable } from '../../kernel/table.js';
import { evaluateCall } from '../check/evaluate.js';
import type { EffectivePolicy, PolicyLoader, SourceFile } from '../types.js';
import { resolvePolicy } from './resolve.js';

/** Calls that the base says nothing about, each with one argument that conditions are on. */
const CALLS = { lseek: 'whence', socket: 'domain', kill: 'sig', getpriority: 'which' } as const;
type Call = keyof typeof CALLS;
const NAMES = Object.keys(CALLS) as Call[];
const SAMPLES = [0, 1, 2, 3, 4] as const;

/** Values of the call's argument; null for all. */
type Values = readonly number[] | null;
type Entry = { readonly call: Call; readonly values: Values } | { readonly group: number };

interface Written {
  /** Positions of the files that it extends, all before its own; none: the base. */
  readonly parents: readonly number[];
  readonly groups: readonly (readonly Exclude<Entry, { group: number }>[])[];
  readonly allow: readonly Entry[];
  readonly remove: readonly Call[];
  readonly restrict: readonly { readonly call: Call; readonly values: readonly number[] }[];
  readonly rules: readonly { readonly call: Call; readonly values: Values; readonly kills: boolean }[];
  readonly pids: number | null;
}

const call = fc.constantFrom(...NAMES);
const values = fc.uniqueArray(fc.constantFrom(...SAMPLES), { minLength: 1, maxLength: 3 });
const entry = fc.record({ call, values: fc.option(values, { freq: 2 }) });

function written(position: number): fc.Arbitrary<Written> {
  const inGroup = fc.nat(1).map((group) => ({ group }));
  return fc.record({
    parents: position === 0 ? fc.constant([]) : fc.uniqueArray(fc.nat(position - 1), { maxLength: 2 }),
    groups: fc.tuple(fc.array(entry, { maxLength: 2 }), fc.array(entry, { maxLength: 1 })),
    allow: fc.array(fc.oneof({ weight: 3, arbitrary: entry }, inGroup), { maxLength: 3 }),
    remove: fc.uniqueArray(call, { maxLength: 1 }),
    restrict: fc.uniqueArray(fc.record({ call, values }), { maxLength: 2, selector: (narrow) => narrow.call }),
    rules: fc.array(fc.record({ call, values: fc.option(values, { freq: 5 }), kills: fc.boolean() }), { maxLength: 1 }),
    pids: fc.option(fc.integer({ min: 1, max: 99 })),
  });
}

const tree = fc.tuple(written(0), written(1), written(2), written(3));

function textOf(file: Written, position: number): string {
  const condition = ({ call: name, values: list }: { call: Call; values: Values }) =>
    list === null ? '{}' : `{${CALLS[name]}: {oneOf: [${list}]}}`;
  const entryText = (one: Entry) => {
    if ('group' in one) return `"@file${position}/${one.group}"`;
    return one.values === null ? one.call : `{syscall: ${one.call}, args: ${condition(one)}}`;
  };
  const rule = (one: Written['rules'][number]) =>
    `{names: [${one.call}], ${one.values === null ? '' : `args: ${condition(one)}, `}${one.kills ? 'action: kill_process' : 'action: errno, errno: EPERM'}}`;
  const groups = file.groups.map((list, index) => `"@file${position}/${index}": {allow: [${list.map(entryText)}]}`);
  const parents = file.parents.length === 0 ? '"builtin:base@1"' : file.parents.map((parent) => `file${parent}`);
  return [
    `version: 1\nkind: Policy\nname: file${position}\nextends: [${parents}]\ngroups: {${groups}}\nsyscalls:`,
    `  allow: [${['"@leeward/vital"', ...file.allow.map(entryText)]}]\n  remove: [${file.remove}]`,
    `  restrict: {${file.restrict.map((one) => `${one.call}: ${condition(one)}`)}}\n  rules: [${file.rules.map(rule)}]`,
    file.pids === null ? '' : `limits: {pids: ${file.pids}}`,
  ].join('\n');
}

/** What the guide says of the last file: the answer to each call, or that there is none because files contradict each other. */
class Reference {
  readonly #chain: readonly Written[];
  readonly #allow: readonly { readonly call: Call; readonly values: Values; readonly layer: number }[];

  constructor(files: readonly Written[]) {
    const chain = new Set<Written>();
    const add = (file: Written): void => {
      for (const parent of file.parents) if (!chain.has(files[parent] as Written)) add(files[parent] as Written);
      chain.add(file);
    };
    add(files.at(-1) as Written);
    this.#chain = [...chain];
    this.#allow = this.#chain.flatMap((file, layer) =>
      file.allow
        .flatMap((one) => ('group' in one ? (file.groups[one.group] ?? []) : [one]))
        .map((one) => ({ ...one, layer })),
    );
  }

  get isContradictory(): boolean {
    return NAMES.some((name) => {
      const entries = this.#allow.filter((one) => one.call === name);
      const isVoid = new Set(entries.map(({ values: list }) => list === null)).size === 2;
      const removals = this.#chain.flatMap(({ remove }, layer) => (remove.includes(name) ? [layer] : []));
      const [first] = removals;
      const isLost = first !== undefined && (entries.length === 0 || entries.some(({ layer }) => layer > first));
      const always = this.#chain.flatMap(({ rules }) =>
        rules.filter((rule) => rule.call === name && rule.values === null),
      );
      const isDenied = always.length > 0 && entries.length > 0 && removals.length === 0;
      // A child may be stricter, never looser.
      const isLooser = always.some(({ kills }, index) => !kills && always.slice(0, index).some((rule) => rule.kills));
      return isVoid || isLost || isDenied || isLooser;
    });
  }

  get pids(): number | undefined {
    return this.#chain.findLast(({ pids }) => pids !== null)?.pids ?? undefined;
  }

  answer(name: Call, value: number): string {
    const holds = (one: { readonly call: Call; readonly values: Values }) =>
      one.call === name && (one.values === null || one.values.includes(value));
    const rules = this.#chain.flatMap((file) => file.rules.filter(holds));
    if (rules.length > 0) return rules.some(({ kills }) => kills) ? 'kill_process' : 'EPERM';
    const isRemoved = this.#chain.some(({ remove }) => remove.includes(name));
    const isWithin = this.#chain.every(({ restrict }) => restrict.every((one) => one.call !== name || holds(one)));
    return !isRemoved && isWithin && this.#allow.some(holds) ? 'allow' : 'EACCES';
  }
}

const table = kernelTable('x86_64');

function answerOf({ syscalls }: EffectivePolicy, name: Call, value: number): string {
  const known = table.syscall(name);
  const args = known?.args.map((argument) => (argument.name === CALLS[name] ? BigInt(value) : 0n)) ?? [];
  const { action, errno } = evaluateCall(syscalls, 'x86_64', { arch: table.auditArch, nr: known?.number ?? -1, args });
  return action === 'errno' ? (table.errnoName(errno) ?? '') : action;
}

const shipped = new Map<string, SourceFile | undefined>();

/** The shipped files are the same objects each time, which are read once. */
function loaderOf(files: readonly Written[]): PolicyLoader {
  return (reference) => {
    const position = /^file([0-9])$/.exec(reference)?.[1];
    if (position !== undefined) return sourceOf(files, Number(position));
    if (!shipped.has(reference)) shipped.set(reference, loaderWith()(reference));
    return shipped.get(reference);
  };
}

function sourceOf(files: readonly Written[], position: number): SourceFile {
  return { file: `file${position}.yaml`, text: textOf(files[position] as Written, position) };
}

describe('policies that extend each other', () => {
  it('mean the union of what is allowed, narrowed and removed by all, or are refused for contradicting each other', () => {
    const outcomes = { resolved: 0, refused: 0 };
    fc.assert(
      fc.property(tree, (files) => {
        const reference = new Reference(files);
        const { value: policy, diagnostics } = resolvePolicy(sourceOf(files, 3), loaderOf(files));
        outcomes[policy === undefined ? 'refused' : 'resolved'] += 1;
        if (policy === undefined) expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
        expect(policy === undefined).toBe(reference.isContradictory);
        if (policy === undefined) return;
        for (const name of NAMES) {
          const answers = SAMPLES.map((value) => answerOf(policy, name, value));
          expect(answers, name).toEqual(SAMPLES.map((value) => reference.answer(name, value)));
        }
        if (reference.pids !== undefined) expect(policy.limits.pids.value).toBe(BigInt(reference.pids));
      }),
      { numRuns: 80 },
    );
    expect(Math.min(outcomes.resolved, outcomes.refused)).toBeGreaterThan(8);
  });
});
