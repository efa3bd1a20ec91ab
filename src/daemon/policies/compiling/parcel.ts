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
  readonly plan: Omit<Plan, 'filter'>;
  readonly policy: Omit<EffectivePolicy, 'files' | 'syscalls'>;
  /** What each of the policy's files is called where it is extended; null for its own. */
  readonly files: readonly (string | null)[];
  /** Number of the plan's filter. */
  readonly filter: number;
  /** Numbers of the entries. */
  readonly syscalls: { readonly default: EffectiveSyscalls['default'] } & Record<EntryList, Uint32Array>;
  readonly newEntries: NewParts<Entry>;
  readonly newFilters: NewParts<Uint8Array>;
}

type EntryList = 'allow' | 'restrict' | 'rules';

/** Some times those of the largest policy. */
const ENTRIES = 4096;
/** Of policies with the same system calls, however many others come between them. */
const FILTERS = 32;

export class ParcelWriter {
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
    const { first, parts } = this.#filters.take();
    return {
      ...numbered,
      newEntries: this.#entries.take(),
      newFilters: { first, parts: parts.map(filterBytes) },
      files: files.map((file) => references.get(file) ?? null),
      admission: compiled.admission,
      ...{ plan, policy, proof, digest, warnings },
    };
  }
}

export class ParcelReader {
  readonly #entries = new ReceivedParts<Entry>(ENTRIES);
  readonly #filters = new ReceivedParts<Filter>(FILTERS);

  /** To be called for each parcel, in the order in which they were written. */
  open(parcel: Parcel): OpenParcel {
    const { newEntries, newFilters } = parcel;
    this.#entries.add({ ...newEntries, parts: newEntries.parts.map((entry) => Object.freeze(entry)) });
    this.#filters.add({ ...newFilters, parts: newFilters.parts.map(frozenFilter) });
    const filter = this.#filters.get(parcel.filter);
    const syscalls = this.#syscalls(parcel);
    this.#entries.forget();
    this.#filters.forget();
    return new OpenParcel(parcel, filter, syscalls);
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
  readonly #parcel: Parcel;
  readonly #filter: Filter;
  readonly #syscalls: EffectiveSyscalls;

  constructor(parcel: Parcel, filter: Filter, syscalls: EffectiveSyscalls) {
    this.files = parcel.files;
    this.runtime = parcel.policy.runtime?.value ?? '';
    this.#parcel = parcel;
    this.#filter = filter;
    this.#syscalls = syscalls;
  }

  with(files: readonly SourceFile[], runtime: RuntimeSpec): LibraryPolicy {
    const { plan, policy, admission, proof, digest, warnings } = this.#parcel;
    const compiled = {
      plan: { ...plan, filter: this.#filter },
      policy: { ...policy, files, syscalls: this.#syscalls },
      runtime,
      admission,
    };
    return { compiled, proof, digest, warnings };
  }
}

/** Whoever changed the program of one policy would change that of others, after it was proven. */
function frozenFilter(bytes: Uint8Array): Filter {
  return Object.freeze(filterOfBytes(bytes).map((instruction) => Object.freeze(instruction)));
}
