/** The system calls of a policy with every place that allows, narrows, denies or removes them. */
import { Findings } from '../findings.js';
import { Groups } from '../resolve/groups.js';
import type { Layer } from '../resolve/layers.js';
import { rulesOf } from '../resolve/rules.js';
import type { AllowEntry, EffectiveSyscalls, RuleEntry, Sourced } from '../types.js';
import { writtenCondition, writtenConditions } from './conditions.js';
import { type ShownRemoval, type ShownValue, saidOnce } from './shown.js';
import { entriesAt, scalarAt } from './written.js';

const ALLOW = ['syscalls', 'allow'];

export function shownSyscalls(layers: readonly Layer[], syscalls: EffectiveSyscalls): ShownValue[] {
  return [
    ...scalarAt(layers, ['syscalls', 'default']),
    ...shownAllow(syscalls),
    ...shownRestrictions(syscalls),
    ...shownRules(layers, syscalls),
  ];
}

/** Sorted by name; entries that say the same are one. */
function shownAllow({ allow, restrict }: EffectiveSyscalls): ShownValue[] {
  const reported = new Set(allow.flatMap((entry) => (isReportedAlways(entry) ? entry.syscall : [])));
  const byMeaning = new Map<string, AllowEntry[]>();
  for (const entry of [...allow].sort(byName)) {
    // A plain allow of a call that the base reports is already met by the base's entry.
    const key = reported.has(entry.syscall) ? entry.syscall : meaningOf(entry);
    byMeaning.set(key, [...(byMeaning.get(key) ?? []), entry]);
  }
  return [...byMeaning.values()].flatMap((entries) => {
    const decides = entries.find(isReportedAlways) ?? entries[0];
    if (decides === undefined) return [];
    const also = entries.filter((entry) => entry !== decides).map(({ origin, via }) => ({ origin, via }));
    const narrowed = restrict.filter(({ syscall }) => syscall === decides.syscall).map(({ origin }) => origin);
    const shown = { ...saidOnce(ALLOW, writtenAllow(decides), decides.origin), isEntry: true, via: decides.via };
    return [{ ...shown, also, restrictedBy: narrowed }];
  });
}

function isReportedAlways({ report, args }: AllowEntry): boolean {
  return report === 'daemon' && args.size === 0;
}

function meaningOf({ syscall, args, report }: AllowEntry): string {
  return JSON.stringify([syscall, report, ...[...args].map(([name, { value }]) => [name, value])]);
}

function writtenAllow({ syscall, args, report }: AllowEntry): unknown {
  if (args.size === 0 && report === 'none') return syscall;
  return {
    syscall,
    ...(args.size === 0 ? {} : { args: writtenConditions(args) }),
    ...(report === 'none' ? {} : { report }),
  };
}

/** One value for each condition on an argument. Different ones on one argument must all hold. */
function shownRestrictions({ restrict }: EffectiveSyscalls): ShownValue[] {
  const byMeaning = new Map<string, ShownValue>();
  for (const { syscall, args } of [...restrict].sort(byName)) {
    for (const [name, { value, origin }] of args) {
      const key = JSON.stringify([syscall, name, value]);
      const first = byMeaning.get(key);
      const path = ['syscalls', 'restrict', syscall, name];
      if (first === undefined) byMeaning.set(key, saidOnce(path, writtenCondition(value), origin));
      else byMeaning.set(key, { ...first, also: [...first.also, { origin, via: [] }] });
    }
  }
  return [...byMeaning.values()];
}

function shownRules(layers: readonly Layer[], { default: closed, rules }: EffectiveSyscalls): ShownValue[] {
  const written = layers.flatMap((layer) => rulesOf(layer, closed.report, new Findings()));
  return [...rules].sort(byName).map((rule) => {
    const others = rule.args.size > 0 ? [] : written.filter((other) => isOfSameCall(rule, other));
    const answersAlike = ({ action, errno }: RuleEntry) => action === rule.action && errno === rule.errno;
    return {
      ...saidOnce(['syscalls', 'rules'], writtenRule(rule), rule.origin),
      isEntry: true,
      also: others.filter(answersAlike).map(({ origin }) => ({ origin, via: [] })),
      replaces: others.filter((other) => !answersAlike(other)).map(sourcedRule),
    };
  });
}

/** True for another rule that answers the call whatever its arguments. */
function isOfSameCall(rule: RuleEntry, { syscall, args, origin }: RuleEntry): boolean {
  const isItself = origin.file === rule.origin.file && origin.range.start.offset === rule.origin.range.start.offset;
  return syscall === rule.syscall && args.size === 0 && !isItself;
}

function sourcedRule(rule: RuleEntry): Sourced<unknown> {
  return { value: writtenRule(rule), origin: rule.origin };
}

function writtenRule({ syscall, args, action, errno, report }: RuleEntry): unknown {
  return {
    names: [syscall],
    ...(args.size === 0 ? {} : { args: writtenConditions(args) }),
    action,
    ...(action === 'errno' ? { errno } : {}),
    report,
  };
}

/** Calls that a file of the chain allows and one takes away. */
export function removedCalls(layers: readonly Layer[], { allow }: EffectiveSyscalls): ShownRemoval[] {
  const groups = new Groups(layers, new Findings());
  const left = new Set(allow.map(({ syscall }) => syscall));
  const said = layers
    .flatMap(({ file }) => groups.expand(file.document.syscalls?.allow ?? [], '/syscalls/allow', file.places))
    .filter(({ syscall }) => !left.has(syscall));
  return entriesAt(layers, ['syscalls', 'remove']).flatMap(({ value, origin }) => {
    const calls = new Set(groups.callsOf(String(value)));
    const names = new Set(said.map(({ syscall }) => syscall).filter((syscall) => calls.has(syscall)));
    return [...names].sort().map((name) => {
      const places = said.filter(({ syscall }) => syscall === name);
      return {
        path: ALLOW,
        value: name,
        origin,
        said: places.map(({ origin: place, via }) => ({ origin: place, via })),
      };
    });
  });
}

function byName(a: { readonly syscall: string }, b: { readonly syscall: string }): number {
  return a.syscall < b.syscall ? -1 : Number(a.syscall > b.syscall);
}
