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
  /** Indexes of the policy's files among those that the thread was given. */
  readonly files: readonly number[];
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

  /** @param given the policy's own file and those that the thread was given, in the order in which both sides have them */
  write({ compiled, proof, digest, warnings }: LibraryPolicy, given: readonly SourceFile[]): Parcel {
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
      files: files.map((file) => given.indexOf(file)),
      admission: compiled.admission,
      ...{ plan, policy, proof, digest, warnings },
    };
  }
}

export class ParcelReader {
  readonly #entries = new ReceivedParts<Entry>(ENTRIES);
  readonly #filters = new ReceivedParts<Filter>(FILTERS);

  /**
   * @param given as for the writer
   * @param runtime for which it was compiled
   */
  read(parcel: Parcel, given: readonly SourceFile[], runtime: RuntimeSpec): LibraryPolicy {
    const { newEntries, newFilters, admission, proof, digest, warnings } = parcel;
    this.#entries.add({ ...newEntries, parts: newEntries.parts.map((entry) => Object.freeze(entry)) });
    this.#filters.add({ ...newFilters, parts: newFilters.parts.map(frozenFilter) });
    const files = parcel.files.map((index) => given[index] as SourceFile);
    const compiled = {
      plan: { ...parcel.plan, filter: this.#filters.get(parcel.filter) },
      policy: { ...parcel.policy, files, syscalls: this.#syscalls(parcel) },
      runtime,
      admission,
    };
    this.#entries.forget();
    this.#filters.forget();
    return { compiled, proof, digest, warnings };
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

/** Whoever changed the program of one policy would change that of others, after it was proven. */
function frozenFilter(bytes: Uint8Array): Filter {
  return Object.freeze(filterOfBytes(bytes).map((instruction) => Object.freeze(instruction)));
}
