/** The syscall part of a policy: the union of all allow lists, narrowed by `restrict` and `remove`, and the rules. */
import { nearestNames } from '../../errors/nearest.js';
import { kernelTable } from '../../kernel/table.js';
import { ARCHES } from '../../kernel/types.js';
import type { PolicyFile } from '../document/parse.js';
import { step } from '../document/places.js';
import { didYouMean, type Findings } from '../findings.js';
import { checkCases } from '../prove/cases.js';
import type { AllowEntry, Condition, EffectiveSyscalls, Origin, RestrictEntry, RuleEntry } from '../types.js';
import { wordValue } from '../words.js';
import { auditedDefault, auditedRule, isAudited } from './audit.js';
import { readConditions } from './conditions.js';
import type { Groups } from './groups.js';
import type { Layer } from './layers.js';
import { OncePerFile } from './once-per-file.js';
import { resolveDefault, resolveRules } from './rules.js';
import { checkSyscalls } from './syscall-checks.js';
import { isKnownSyscall, knownSyscallNames } from './syscall-names.js';

/** What stands in for a default that is missing, which is a finding already. */
const CLOSED = { action: 'kill_process', errno: '', report: 'none' } as const;

export function resolveSyscalls(layers: readonly Layer[], groups: Groups, findings: Findings): EffectiveSyscalls {
  const own = layers.at(-1);
  if (own === undefined) throw new Error('a policy has at least one layer');
  const enforced = resolveDefault(layers, findings) ?? missingDefault(own, findings);
  const written = resolveRules(layers, enforced.report, findings);
  const audited = isAudited(layers);
  const rules = audited ? written.map(auditedRule) : written;
  const union = layers.flatMap((layer) => allowOf(layer, groups, findings));
  checkFilters(union, findings);
  const allow = removeCalls(union, layers, groups, findings);
  checkAgainstRules(allow, rules, findings);
  checkLockedValues(allow, rules, findings);
  const restrict = layers.flatMap((layer) => restrictOf(layer, findings));
  checkRestrictions(own, restrict, allow, findings);
  const syscalls = {
    default: audited ? auditedDefault(enforced, lockedOf(layers, restrict)) : enforced,
    allow,
    restrict,
    rules,
  };
  checkSyscalls(own, syscalls, groups, findings);
  // Names and words that there are not are no conditions.
  if (!findings.hasErrors) checkCases(syscalls, findings);
  return syscalls;
}

/** What the base restricts, for every sandbox. */
function lockedOf(layers: readonly Layer[], restrict: readonly RestrictEntry[]): RestrictEntry[] {
  const base = layers.find(({ isBase }) => isBase)?.file.source.file;
  return restrict.filter(({ origin }) => origin.file === base);
}

function missingDefault({ file }: Layer, findings: Findings) {
  const origin = file.places.key('/name');
  findings.add('LW-P028', origin, 'nothing says `syscalls.default`');
  return { ...CLOSED, origin };
}

function allowOf({ file, isBase }: Layer, groups: Groups, findings: Findings): readonly AllowEntry[] {
  const entries = groups.expand(file.document.syscalls?.allow ?? [], '/syscalls/allow', file.places);
  for (const { report, syscall, origin } of entries) {
    if (report !== 'daemon' || isBase) continue;
    findings.add('LW-S123', origin, `\`${syscall}\`: only \`builtin:base\` has calls reported and continued`);
  }
  return entries;
}

/** An allow without conditions beside one with conditions makes the conditions void. */
function checkFilters(union: readonly AllowEntry[], findings: Findings): void {
  const open = new Map<string, AllowEntry>();
  for (const entry of union) {
    if (entry.args.size === 0 && !open.has(entry.syscall)) open.set(entry.syscall, entry);
  }
  for (const entry of union) {
    const wide = open.get(entry.syscall);
    if (entry.args.size === 0 || wide === undefined) continue;
    const related = [{ origin: wide.origin, message: `allowed without condition here${viaText(wide)}` }];
    const hint = 'narrow the other entry with `restrict`, or delete one of the two';
    findings.add('LW-S101', entry.origin, `the filter on \`${entry.syscall}\` has no effect${viaText(entry)}`, {
      related,
      hint,
    });
  }
}

function viaText({ via }: AllowEntry): string {
  return via.length === 0 ? '' : ` (through ${via.map(({ value }) => `\`${value}\``).join(', ')})`;
}

interface Removal {
  readonly name: string;
  readonly origin: Origin;
  readonly layer: number;
}

function removeCalls(
  union: readonly AllowEntry[],
  layers: readonly Layer[],
  groups: Groups,
  findings: Findings,
): AllowEntry[] {
  const removals = layers.flatMap(({ file }, layer): Removal[] =>
    (file.document.syscalls?.remove ?? []).map((name, index) => {
      return { name, origin: file.places.value(`/syscalls/remove/${index}`), layer };
    }),
  );
  let left = [...union];
  for (const removal of removals) {
    const calls = callsToRemove(removal, groups, findings);
    const removed = left.filter(({ syscall }) => calls.has(syscall));
    if (removed.length === 0 && !union.some(({ syscall }) => calls.has(syscall))) {
      findings.add('LW-S110', removal.origin, `\`${removal.name}\` is not allowed, so there is nothing to remove`);
    }
    checkLaterAllows(removed, removal, layers, findings);
    left = left.filter((entry) => !removed.includes(entry) || entry.report === 'daemon');
  }
  return left;
}

function callsToRemove({ name, origin }: Removal, groups: Groups, findings: Findings): ReadonlySet<string> {
  const calls = groups.callsOf(name);
  if (calls === undefined) groups.unknown(name, origin);
  else if (!name.startsWith('@') && !isKnownSyscall(name)) unknownCall(name, origin, findings);
  return new Set(calls);
}

function unknownCall(name: string, origin: Origin, findings: Findings): void {
  const hint = didYouMean(nearestNames(name, knownSyscallNames()));
  findings.add('LW-S100', origin, `there is no system call \`${name}\``, { hint });
}

/** What is removed can be neither the base's own nor something that a child asks for again. */
function checkLaterAllows(
  removed: readonly AllowEntry[],
  removal: Removal,
  layers: readonly Layer[],
  findings: Findings,
): void {
  for (const entry of removed) {
    const related = [{ origin: removal.origin, message: 'removed here' }];
    const file = (entry.via[0] ?? entry).origin.file;
    const layer = layers.findIndex((candidate) => candidate.file.source.file === file);
    if (entry.report === 'daemon') {
      findings.add('LW-S112', removal.origin, `\`${entry.syscall}\` is allowed by the base, for every sandbox`);
    } else if (layer > removal.layer) {
      findings.add('LW-S114', entry.origin, `\`${entry.syscall}\` is allowed here, but an extended policy removes it`, {
        related,
      });
    }
  }
}

/** Allow entries that ask for the very values which a rule of the base denies, such as prctl's PR_SET_SECCOMP. */
function checkLockedValues(allow: readonly AllowEntry[], rules: readonly RuleEntry[], findings: Findings): void {
  for (const rule of rules.filter(({ locked, args }) => locked && args.size > 0)) {
    for (const entry of allow.filter(({ syscall }) => syscall === rule.syscall)) {
      const word = [...rule.args].flatMap(([name, denied]) => commonWord(denied.value, entry.args.get(name)?.value))[0];
      if (word === undefined) continue;
      const related = [{ origin: rule.origin, message: 'answered here' }];
      const message = `\`${entry.syscall}\` with ${word} is answered by the base, for every sandbox`;
      findings.add('LW-S112', entry.origin, message, { related });
    }
  }
}

/** A word of the second list whose value is in the first one. */
function commonWord(denied: Condition, asked: Condition | undefined): string[] {
  if (denied.kind !== 'oneOf' || asked?.kind !== 'oneOf') return [];
  const values = (word: string) => ARCHES.map((arch) => wordValue(word, kernelTable(arch)));
  const numbers = (words: readonly string[]) =>
    words.flatMap(values).flatMap((value) => (value.kind === 'value' ? [value.value] : []));
  const forbidden = new Set(numbers(denied.words));
  return asked.words.filter((word) => numbers([word]).some((value) => forbidden.has(value)));
}

/** An allow entry that a rule without conditions always decides first. */
function checkAgainstRules(allow: readonly AllowEntry[], rules: readonly RuleEntry[], findings: Findings): void {
  const decided = new Map(rules.filter(({ args }) => args.size === 0).map((rule) => [rule.syscall, rule]));
  for (const entry of allow) {
    const rule = decided.get(entry.syscall);
    if (rule === undefined) continue;
    const related = [{ origin: rule.origin, message: 'this rule decides first' }];
    const code = rule.locked ? 'LW-S112' : 'LW-S114';
    const message = rule.locked
      ? 'is answered by the base, for every sandbox'
      : 'is allowed here, but a rule denies it';
    findings.add(code, entry.origin, `\`${entry.syscall}\` ${message}${viaText(entry)}`, { related });
  }
}

const restrictions = new OncePerFile<RestrictEntry>();

function restrictOf({ file }: Layer, findings: Findings): readonly RestrictEntry[] {
  return restrictions.of(file, '', findings, () => readRestrict(file, findings));
}

function readRestrict({ places, document }: PolicyFile, findings: Findings): RestrictEntry[] {
  return Object.entries(document.syscalls?.restrict ?? {}).flatMap(([syscall, args]) => {
    const pointer = step('/syscalls/restrict', syscall);
    const origin = places.key(pointer);
    if (isKnownSyscall(syscall)) return [{ syscall, args: readConditions(args, syscall, pointer, places), origin }];
    unknownCall(syscall, origin, findings);
    return [];
  });
}

function checkRestrictions(
  own: Layer,
  restrict: readonly RestrictEntry[],
  allow: readonly AllowEntry[],
  findings: Findings,
): void {
  // A policy that is only extended narrows what others allow.
  if (own.file.document.abstract === true) return;
  const allowed = new Set(allow.map(({ syscall }) => syscall));
  for (const { syscall, origin } of restrict) {
    if (origin.file !== own.file.source.file || allowed.has(syscall)) continue;
    findings.add('LW-S111', origin, `\`${syscall}\` is not allowed, so there is nothing to restrict`);
  }
}
