/** A compiled policy as it goes from a compiler thread to the daemon: what it has in common with others goes once. */
import { filterBytes, filterOfBytes } from '../../../plan/bpf/bytes.js';
import type { BpfInstruction, Plan } from '../../../plan/plan.js';
import type {
  AllowEntry,
  CompiledPolicy,
  EffectivePolicy,
  EffectiveSyscalls,
  RestrictEntry,
  RuleEntry,
  RuntimeSpec,
  SourceFile,
} from '../../../policy/types.js';
import type { LibraryPolicy } from './compiler.js';
import { type NewParts, ReceivedParts, SentParts } from './parts.js';

type Entry = AllowEntry | RestrictEntry | RuleEntry;
type Filter = readonly BpfInstruction[];

/** The runtime is not in it: whoever asked has it. */
export interface Parcel
  extends Pick<LibraryPolicy, 'proof' | 'digest' | 'warnings'>,
    Pick<CompiledPolicy, 'admission'> {
  readonly plan: Split<Omit<Plan, 'filter'>>;
  readonly policy: Split<Omit<EffectivePolicy, 'files' | 'syscalls'>>;
  /** What each of the policy's files is called where it is extended; null for its own. */
  readonly files: readonly (string | null)[];
  /** Number of the plan's filter. */
  readonly filter: number;
  /** Numbers of the entries. */
  readonly syscalls: { readonly default: EffectiveSyscalls['default'] } & Record<EntryList, Uint32Array>;
  readonly newMembers: NewParts<object>;
  readonly newEntries: NewParts<Entry>;
  readonly newFilters: NewParts<Uint8Array>;
}

/** An object whose members can be those of many. */
interface Split<Whole> {
  readonly own: Partial<Whole>;
  /** Numbers of the members that nobody can change, by their names. */
  readonly shared: Readonly<Record<string, number>>;
}

type EntryList = 'allow' | 'restrict' | 'rules';

/** Those of some policies that others extend. */
const MEMBERS = 512;
/** Some times those of the largest policy. */
const ENTRIES = 4096;
/** Of policies with the same system calls, however many others come between them. */
const FILTERS = 32;

export class ParcelWriter {
  readonly #members = new SentParts<object>(MEMBERS);
  readonly #entries = new SentParts<Entry>(ENTRIES);
  readonly #filters = new SentParts<Filter>(FILTERS);

  /** @param references what the files are called that the policy extends */
  write({ compiled, proof, digest, warnings }: LibraryPolicy, references: ReadonlyMap<SourceFile, string>): Parcel {
    const { filter, ...plan } = compiled.plan;
    const { files, syscalls, ...policy } = compiled.policy;
    const numbers = (entries: readonly Entry[]) => Uint32Array.from(entries, (entry) => this.#entries.numberOf(entry));
    const { allow, restrict, rules } = syscalls;
    const numbered = {
      filter: this.#filters.numberOf(filter),
      syscalls: {
        default: syscalls.default,
        allow: numbers(allow),
        restrict: numbers(restrict),
        rules: numbers(rules),
      },
    };
    const split = { plan: this.#split(plan), policy: this.#split(policy) };
    const { first, parts } = this.#filters.take();
    return {
      ...numbered,
      ...split,
      newMembers: this.#members.take(),
      newEntries: this.#entries.take(),
      newFilters: { first, parts: parts.map(filterBytes) },
      files: files.map((file) => references.get(file) ?? null),
      admission: compiled.admission,
      ...{ proof, digest, warnings },
    };
  }

  #split<Whole extends object>(whole: Whole): Split<Whole> {
    const own: Record<string, unknown> = {};
    const shared: Record<string, number> = {};
    for (const [name, member] of Object.entries(whole)) {
      if (isShared(member)) shared[name] = this.#members.numberOf(member);
      else own[name] = member;
    }
    return { own: own as Partial<Whole>, shared };
  }
}

export class ParcelReader {
  readonly #members = new ReceivedParts<object>(MEMBERS);
  readonly #entries = new ReceivedParts<Entry>(ENTRIES);
  readonly #filters = new ReceivedParts<Filter>(FILTERS);

  /** To be called for each parcel, in the order in which they were written. */
  open(parcel: Parcel): OpenParcel {
    const { newMembers, newEntries, newFilters } = parcel;
    this.#members.add({ ...newMembers, parts: newMembers.parts.map((member) => Object.freeze(member)) });
    this.#entries.add({ ...newEntries, parts: newEntries.parts.map((entry) => Object.freeze(entry)) });
    this.#filters.add({ ...newFilters, parts: newFilters.parts.map(frozenFilter) });
    const filter = this.#filters.get(parcel.filter);
    const syscalls = this.#syscalls(parcel);
    const plan = { ...this.#whole(parcel.plan), filter };
    const policy = { ...this.#whole(parcel.policy), syscalls };
    this.#members.forget();
    this.#entries.forget();
    this.#filters.forget();
    return new OpenParcel(parcel, plan, policy);
  }

  #whole<Whole>({ own, shared }: Split<Whole>): Whole {
    const members = Object.entries(shared).map(([name, number]) => [name, this.#members.get(number)]);
    return { ...own, ...Object.fromEntries(members) } as Whole;
  }

  #syscalls({ syscalls }: Parcel): EffectiveSyscalls {
    const list = <Kind extends Entry>(numbers: Uint32Array) =>
      Array.from(numbers, (number) => this.#entries.get(number) as Kind);
    return {
      default: syscalls.default,
      allow: list<AllowEntry>(syscalls.allow),
      restrict: list<RestrictEntry>(syscalls.restrict),
      rules: list<RuleEntry>(syscalls.rules),
    };
  }
}

/** A compiled policy but for what whoever asked has already. */
export class OpenParcel {
  /** As `Parcel.files`. */
  readonly files: readonly (string | null)[];
  /** Name of the runtime for which it was compiled. */
  readonly runtime: string;
  readonly #rest: Pick<Parcel, 'admission' | 'proof' | 'digest' | 'warnings'>;
  readonly #plan: Plan;
  readonly #policy: Omit<EffectivePolicy, 'files'>;

  constructor(parcel: Parcel, plan: Plan, policy: Omit<EffectivePolicy, 'files'>) {
    this.files = parcel.files;
    this.runtime = policy.runtime?.value ?? '';
    this.#rest = parcel;
    this.#plan = plan;
    this.#policy = policy;
  }

  with(files: readonly SourceFile[], runtime: RuntimeSpec): LibraryPolicy {
    const { admission, proof, digest, warnings } = this.#rest;
    const policy = { ...this.#policy, files };
    return { compiled: { plan: this.#plan, policy, runtime, admission }, proof, digest, warnings };
  }
}

/** Nobody can change it, so that policies may have it in common. */
function isShared(member: unknown): member is object {
  return typeof member === 'object' && member !== null && Object.isFrozen(member);
}

/** Whoever changed the program of one policy would change that of others, after it was proven. */
function frozenFilter(bytes: Uint8Array): Filter {
  return Object.freeze(filterOfBytes(bytes).map((instruction) => Object.freeze(instruction)));
}
