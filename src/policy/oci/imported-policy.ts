/** The calls of a profile on all its architectures put together to the text of one policy. */
import { kernelTable } from '../../kernel/table.js';
import type { Arch } from '../../kernel/types.js';
import { entryFlow, flow } from '../render/flow.js';
import { BASE } from '../resolve/builtins.js';
import type { ImportedCall, WrittenArguments, WrittenRule } from './calls.js';
import type { ImportLoss } from './losses.js';
import type { NativeProfile } from './native.js';

export interface ImportedPolicy {
  readonly name: string;
  readonly runtime: string;
  /** The profile's file, as it is called in the policy. */
  readonly label: string;
  readonly arches: readonly Arch[];
  /** What is said of all other calls. */
  readonly closed: Pick<NativeProfile, 'defaultAction' | 'defaultErrnoRet'>;
  readonly calls: ReadonlyMap<string, ImportedCall>;
  /** Whether what is refused is reported. */
  readonly isReported: boolean;
}

/** Longest list of `rules[].names`. */
const MOST_NAMES = 512;

export type PolicyData = Readonly<Record<string, unknown>>;

/** The policy as data. */
export function policyDocument(imported: ImportedPolicy): PolicyData {
  const { name, runtime, label, calls } = imported;
  const group = `@${name}/calls`;
  const allow = [...calls].flatMap(([call, { allow: entries }]) => entries.map((args) => allowEntry(call, args)));
  return {
    version: 1,
    kind: 'Policy',
    name,
    description: `system calls of ${label}`,
    extends: [BASE],
    runtime,
    groups: { [group]: { description: 'what the profile allows', allow } },
    syscalls: { ...defaultOf(imported), allow: [group], ...rulesOf(imported) },
  };
}

function allowEntry(syscall: string, args: WrittenArguments): unknown {
  return Object.keys(args).length === 0 ? syscall : { syscall, args };
}

/** What a profile allows by default stands in the list, and the base's default is for the rest. */
function defaultOf({ closed: { defaultAction, defaultErrnoRet }, arches, isReported }: ImportedPolicy): object {
  if (defaultAction === 'SCMP_ACT_ALLOW') return {};
  if (defaultAction === 'SCMP_ACT_KILL_PROCESS') return { default: { action: 'kill_process' } };
  const errno = kernelTable(arches[0] ?? 'x86_64').errnoName(defaultErrnoRet);
  return { default: { action: 'errno', errno, report: isReported ? 'daemon' : 'none' } };
}

/** Calls that get the same answer are one rule. One with conditions is not reported: the supervisor sees no arguments. */
function rulesOf({ calls, closed, isReported }: ImportedPolicy): object {
  // Else the default's word holds, which says the same.
  const isSilent = !isReported && closed.defaultAction === 'SCMP_ACT_ALLOW';
  const named = new Map<string, { readonly rule: WrittenRule; readonly names: string[] }>();
  for (const [name, { rules }] of calls) {
    for (const rule of rules) {
      const key = keyOf(rule);
      const same = named.get(key);
      if (same === undefined) named.set(key, { rule, names: [name] });
      else same.names.push(name);
    }
  }
  const rules = [...named.values()].flatMap(({ rule: { action, errno, args }, names }) => {
    const answer = { ...(errno !== '' && { errno }) };
    const isOpen = Object.keys(args).length === 0;
    const conditions = { ...(!isOpen && { args }), ...((!isOpen || isSilent) && { report: 'none' }) };
    return chunks([...new Set(names)]).map((some) => ({ names: some, action, ...answer, ...conditions }));
  });
  return rules.length === 0 ? {} : { rules };
}

function chunks(names: readonly string[]): string[][] {
  const count = Math.ceil(names.length / MOST_NAMES);
  return Array.from({ length: count }, (_, index) => names.slice(index * MOST_NAMES, (index + 1) * MOST_NAMES));
}

/** The same for the same answers. */
export function keyOf(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? `${member}n` : member));
}

/** Longest list of losses in a policy; `policy import` prints all. */
const MOST_LOSSES = 200;

/** The policy as a file, with what it lacks at the top. */
export function policyText(
  document: PolicyData,
  { label, arches }: ImportedPolicy,
  losses: readonly ImportLoss[],
): string {
  const { groups, syscalls, ...scalars } = document;
  const more = losses.length - MOST_LOSSES;
  return [
    `# The system calls of ${label}, a seccomp profile for container runtimes, on ${arches.join(' and ')}.`,
    `# Mounts, Landlock, limits and identity, of which a profile says nothing, are those of ${BASE}.`,
    ...(losses.length === 0 ? [] : ['#', '# What is not as in the profile, by line and column of its file:']),
    ...losses.slice(0, MOST_LOSSES).map((loss) => `#   ${lossText(loss)}`),
    ...(more > 0 ? [`#   and ${more} more`] : []),
    ...Object.entries(scalars).map(([key, value]) => `${key}: ${flow(value)}`),
    '',
    ...lines({ groups }, 0),
    '',
    ...lines({ syscalls }, 0),
    '',
  ].join('\n');
}

/** `12:3 base: ...`. */
export function lossText({ origin: { range }, kind, message, example }: ImportLoss): string {
  const { line, col } = range.start;
  return `${line}:${col} ${kind}: ${message}${example === undefined ? '' : `, as for ${example}`}`;
}

/** Maps and lists in lines of their own, and what they are made of in one line each. */
function lines(value: object, depth: number): string[] {
  const indent = '  '.repeat(depth);
  if (Array.isArray(value)) return value.map((entry) => `${indent}- ${entryFlow(entry)}`);
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) => {
    if (isOneLine(member)) return [`${indent}${flow(key)}: ${flow(member)}`];
    return [`${indent}${flow(key)}:`, ...lines(member as object, depth + 1)];
  });
}

/** One name in brackets, a map of plain values; lists of entries have a line for each, also when there is one. */
function isOneLine(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  const isPlain = Object.values(value).every((member) => typeof member !== 'object');
  return isPlain && (!Array.isArray(value) || value.length < 2);
}
