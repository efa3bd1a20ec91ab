/** One system call of an OCI profile on one architecture, as entries of a policy. */
import { kernelTable } from '../../kernel/table.js';
import type { Arch, Syscall, SyscallArgument } from '../../kernel/types.js';
import { Diagrams } from '../prove/diagrams.js';
import type { Origin } from '../types.js';
import { type Alternative, alternativesOf, merged } from './alternatives.js';
import { largestOf, type ValueSet } from './argument-values.js';
import { type BaseFacts, numberOf } from './base-facts.js';
import type { Losses } from './losses.js';
import { isLarge } from './meaning.js';
import type { NativeEntry, NativeProfile } from './native.js';
import type { OciArgument, OciSyscall } from './profile.js';
import { listsOf, singleValues, type WrittenCondition, writtenConditions } from './written-conditions.js';

/** By name of the argument. */
export type WrittenArguments = Readonly<Record<string, WrittenCondition>>;

export interface WrittenRule {
  readonly action: 'errno' | 'kill_process';
  /** Empty with `kill_process`. */
  readonly errno: string;
  /** Empty: whatever the arguments are. */
  readonly args: WrittenArguments;
}

export interface ImportedCall {
  /** Each an entry of its own; one without conditions stands alone. */
  readonly allow: readonly WrittenArguments[];
  readonly rules: readonly WrittenRule[];
}

/** A call that would need more entries is left to the default. */
const MOST_ENTRIES = 64;
/** Of the diagram of one call; that of a shipped policy's longest has some hundred. */
const MOST_NODES = 8192;
const NOTHING: ImportedCall = { allow: [], rules: [] };

interface Answers {
  readonly allowed: readonly Alternative[];
  readonly denied: readonly { readonly entry: OciSyscall; readonly alternatives: readonly Alternative[] }[];
}

export class CallImporter {
  readonly #profile: NativeProfile;
  readonly #arch: Arch;
  readonly #base: BaseFacts;
  readonly #losses: Losses;
  readonly #entries = new Map<string, NativeEntry[]>();
  readonly #diagrams = new Diagrams();
  readonly #large = new Map<string, boolean>();

  constructor(profile: NativeProfile, arch: Arch, base: BaseFacts, losses: Losses) {
    this.#profile = profile;
    this.#arch = arch;
    this.#base = base;
    this.#losses = losses;
    for (const entry of profile.syscalls) {
      for (const name of new Set(entry.names)) this.#entries.set(name, [...(this.#entries.get(name) ?? []), entry]);
    }
  }

  /** The entries that speak of a call. */
  entriesOf(name: string): readonly NativeEntry[] {
    return this.#entries.get(name) ?? [];
  }

  /** Where the profile speaks of a call first, or of all others. */
  originOf(name: string): Origin {
    return this.entriesOf(name)[0]?.origin ?? this.#profile.defaultOrigin;
  }

  /** The profile without what cannot be compared: to these calls the policy gives no right. */
  get comparable(): NativeProfile {
    const syscalls = this.#profile.syscalls.map((entry) => {
      return { ...entry, names: entry.names.filter((name) => !this.#isTooLarge(name)) };
    });
    return { ...this.#profile, syscalls };
  }

  #isTooLarge(name: string): boolean {
    let isTooLarge = this.#large.get(name);
    if (isTooLarge === undefined) {
      const strictest = byStrictness(this.entriesOf(name));
      isTooLarge =
        decidingEntry(strictest) === undefined &&
        [strictest, strictest.toReversed()].some((entries) => isLarge(this.#diagrams, entries, MOST_NODES));
      this.#large.set(name, isTooLarge);
    }
    return isTooLarge;
  }

  /** What the policy has to say of a call, beside its default and the base. */
  of(call: Syscall): ImportedCall {
    if (this.#base.calls.has(call.name)) return NOTHING;
    if (this.#isTooLarge(call.name)) {
      this.#lose('size', call, `\`${call.name}\` has too many conditions to be compared: it is left to the default`);
      return NOTHING;
    }
    const decided = decidingEntry(this.entriesOf(call.name));
    const answers = decided === undefined ? this.#conditional(call) : always(decided);
    const imported = { allow: this.#allow(call, answers), rules: this.#rules(call, answers) };
    const count = imported.allow.length + imported.rules.length;
    if (count <= MOST_ENTRIES) return imported;
    const message = `\`${call.name}\` would take ${count} entries, of which there may be ${MOST_ENTRIES}: it is left to the default`;
    this.#lose('size', call, message);
    return NOTHING;
  }

  #conditional(call: Syscall): Answers {
    const { defaultAction } = this.#profile;
    const open: Alternative[] = defaultAction === 'SCMP_ACT_ALLOW' ? [new Map()] : [];
    const entries = this.entriesOf(call.name).map((entry) => {
      const isDenial = entry.action !== 'SCMP_ACT_ALLOW';
      const { alternatives, unsayable } = alternativesOf(entry.args, call, isDenial);
      const outcome = isDenial ? 'it is refused whatever this is' : 'the entry is left out';
      for (const why of unsayable) this.#lose('argument', call, `${why}: ${outcome}`, entry);
      return { entry, alternatives };
    });
    const denied = entries.filter(({ entry }) => entry.action !== 'SCMP_ACT_ALLOW');
    // A denial with nothing that can be said is one of all calls.
    if (denied.some(({ alternatives }) => alternatives.some(({ size }) => size === 0))) return { allowed: [], denied };
    const allowed = entries.filter((one) => !denied.includes(one)).flatMap(({ alternatives }) => alternatives);
    return {
      allowed: withCleanHalves(
        [...open, ...allowed],
        denied.flatMap(({ entry }) => entry.args),
        call,
      ),
      denied,
    };
  }

  #allow(call: Syscall, { allowed }: Answers): WrittenArguments[] {
    if (call.name !== 'ioctl' && allowed.some((alternative) => alternative.size === 0)) return [{}];
    return merged(allowed).flatMap((alternative) => this.#written(call, alternative, true));
  }

  #rules(call: Syscall, { denied }: Answers): WrittenRule[] {
    const rules = denied.flatMap(({ entry, alternatives }) => {
      const answer = this.#ruleAnswer(entry);
      const isDefault = this.#isDefault(entry);
      return merged(alternatives)
        .filter(({ size }) => size > 0 || !isDefault)
        .flatMap((alternative) => this.#written(call, alternative, false).map((args) => ({ ...answer, args })));
    });
    const open = rules.filter(({ args }) => Object.keys(args).length === 0);
    // Only one can hold whatever the arguments are.
    const strictest = open.find(({ action }) => action === 'kill_process') ?? open[0];
    return rules.filter((rule) => rule === strictest || !open.includes(rule));
  }

  #isDefault({ action, errnoRet }: OciSyscall): boolean {
    return action === this.#profile.defaultAction && errnoRet === this.#profile.defaultErrnoRet;
  }

  #ruleAnswer({ action, errnoRet = 0 }: OciSyscall): Pick<WrittenRule, 'action' | 'errno'> {
    if (action !== 'SCMP_ACT_ERRNO') return { action: 'kill_process', errno: '' };
    return { action: 'errno', errno: kernelTable(this.#arch).errnoName(errnoRet) ?? '' };
  }

  /** All combinations of what the arguments may be. */
  #written(call: Syscall, alternative: Alternative, isAllow: boolean): WrittenArguments[] {
    const own = isAllow && call.name === 'ioctl' && !alternative.has('request');
    const names = [...alternative.keys(), ...(own ? ['request'] : [])];
    return names.reduce<WrittenArguments[]>(
      (rows, name) => {
        const argument = call.args.find((one) => one.name === name) as SyscallArgument;
        const conditions = this.#conditions(call, argument, alternative.get(name), isAllow);
        return rows.flatMap((row) => conditions.map((condition) => ({ ...row, [name]: condition })));
      },
      [{}],
    );
  }

  #conditions(
    call: Syscall,
    argument: SyscallArgument,
    values: ValueSet | undefined,
    isAllow: boolean,
  ): readonly WrittenCondition[] {
    const denied = this.#base.values.get(call.name)?.get(argument.name);
    const isRequest = call.name === 'ioctl' && argument.name === 'request';
    if (!isAllow || (denied === undefined && !isRequest))
      return values === undefined ? [] : writtenConditions(values, argument);
    const singles = singleValues(values);
    if (singles === undefined && isRequest) return this.#requests(call, values);
    if (singles === undefined) return values === undefined ? [] : writtenConditions(values, argument);
    const numbers = (denied ?? []).map((word) => numberOf(word, this.#arch));
    return listsOf(singles.filter((value) => !numbers.includes(value)));
  }

  /** Those requests of shipped policies that are among the values. */
  #requests(call: Syscall, values: ValueSet | undefined): readonly WrittenCondition[] {
    const words = this.#base.requests.filter((word) => values === undefined || has(values, numberOf(word, this.#arch)));
    const kept = words.length === 0 ? 'none' : words.join(', ');
    this.#lose('ioctl', call, `\`ioctl\` needs a list of requests: ${kept} of those that are allowed`);
    return listsOf(words);
  }

  #lose(kind: 'argument' | 'ioctl' | 'size', { name }: Syscall, message: string, entry?: NativeEntry): void {
    this.#losses.add({ kind, origin: entry?.origin ?? this.originOf(name), message, calls: [name] });
  }
}

/** An entry without conditions decides its call; of several libseccomp keeps the first, and the policy the strictest. */
function decidingEntry(entries: readonly NativeEntry[]): NativeEntry | undefined {
  return byStrictness(entries).find(({ args }) => args.length === 0);
}

/** Kills, refusals, what is allowed. */
export function byStrictness<Entry extends OciSyscall>(entries: readonly Entry[]): Entry[] {
  const ranks = ['SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_ERRNO', 'SCMP_ACT_ALLOW'];
  return entries.toSorted((a, b) => ranks.indexOf(a.action) - ranks.indexOf(b.action));
}

function always(entry: OciSyscall): Answers {
  const alternatives: Alternative[] = [new Map()];
  if (entry.action === 'SCMP_ACT_ALLOW') return { allowed: alternatives, denied: [] };
  return { allowed: [], denied: [{ entry, alternatives }] };
}

/**
 * A rule of a policy does not look at the upper half of a 32-bit argument. What is allowed beside it must have a clean one, or a denial
 * of the profile for which that half counts would be slipped past.
 */
function withCleanHalves(
  allowed: readonly Alternative[],
  denied: readonly OciArgument[],
  call: Syscall,
): readonly Alternative[] {
  const narrow = call.args.filter(({ width }, index) => width === 32 && denied.some((one) => one.index === index));
  const clean: ValueSet = { kind: 'intervals', intervals: [[0n, largestOf(32)]] };
  return allowed.map((alternative) => new Map([...narrow.map(({ name }) => [name, clean] as const), ...alternative]));
}

function has(values: ValueSet, value: bigint | undefined): boolean {
  if (value === undefined) return false;
  if (values.kind === 'masked') return (value & values.mask) === values.equals;
  return values.intervals.some(([from, to]) => from <= value && value <= to);
}
