/** A probe as its case file says it; the shape is `case.schema.json`. */

export type PlaceName =
  | 'fresh'
  | 'warm'
  | 'after-timeout'
  | 'after-oom'
  | 'under-load'
  | 'reused'
  | 'landlock-1'
  | 'embedded';
export const PLACES: readonly PlaceName[] = [
  ...(['fresh', 'warm', 'after-timeout', 'after-oom', 'under-load', 'reused', 'landlock-1', 'embedded'] as const),
];

export type AccountName = 'root' | 'user';

/** What a probe's attempt must meet. `policy`: what the policy's own program answers to the call. */
export type Expectation =
  | 'policy'
  | { readonly errno: readonly string[]; readonly because: string }
  | { readonly signal: string; readonly because: string }
  | { readonly noEffect: string }
  /** The snippet itself must have looked and found nothing. */
  | { readonly held: string }
  /** Must go through, inside as outside: an over-tight sandbox is a bug too. */
  | { readonly works: string };

export type Argument =
  | number
  | string
  | { readonly text: string }
  | { readonly zeros: number }
  | { readonly u64: readonly (number | string)[] };

export interface Call {
  readonly name?: string;
  readonly syscall: string | number;
  readonly args?: readonly Argument[];
  readonly expect?: Expectation;
}

export interface Sweep {
  readonly from: number;
  readonly to: number | string;
  readonly with?: Readonly<Record<string, readonly number[]>>;
  readonly except?: Readonly<Record<string, string>>;
}

/** A file of a job's input: a text, a program that is compiled, or a character device. */
export type InputFile =
  | { readonly text: string }
  | { readonly program: string }
  | { readonly device: { readonly major: number; readonly minor: number } };

export interface Case {
  readonly id: string;
  readonly title: string;
  readonly layers: readonly string[];
  readonly attemptLayers?: Readonly<Record<string, readonly string[]>>;
  readonly origin: string;
  readonly policies?: readonly string[];
  readonly places?: readonly PlaceName[];
  readonly accounts?: readonly AccountName[];
  /** The only account that tries it in a usual run. */
  readonly usualAccount?: AccountName;
  readonly calls?: readonly Call[];
  readonly sweep?: Sweep;
  /** System calls that are derived from the case's policies. */
  readonly boundaries?: { readonly except?: Readonly<Record<string, string>> };
  readonly python?: string;
  readonly file?: string;
  readonly native?: string;
  readonly files?: Readonly<Record<string, InputFile>>;
  readonly code?: Readonly<Record<string, string>>;
  readonly children?: boolean;
  readonly output?: boolean;
  readonly timeout?: number;
  readonly repeat?: { readonly times: number; readonly full: number };
  readonly expect?: Expectation;
  readonly attempts?: Readonly<Record<string, Expectation>>;
  readonly allowed?: string;
  readonly control?: { readonly reached: readonly string[]; readonly because: string };
  readonly requires?: {
    readonly arch?: string;
    readonly file?: string;
    readonly because: string;
  };
  /** Tests elsewhere that try just this: `test` is a name in `file`, which is relative to the repository. */
  readonly provenBy?: readonly { readonly file: string; readonly test: string }[];
  readonly notYet?: string;
}

/** The content of one file of `cases/`. */
export interface CaseClass {
  readonly class: string;
  readonly title: string;
  readonly cases: readonly Case[];
}

/** Where the work of a probe is written: exactly one of these, unless it is `provenBy` others or `notYet`. */
export const BODIES = ['calls', 'sweep', 'boundaries', 'python', 'file', 'native'] as const;

/** Everything that the policy and the suite leave open. */
export const DEFAULTS = {
  policies: ['python'],
  places: PLACES.filter((place) => place !== 'embedded'),
  accounts: ['root', 'user'] as const,
  timeout: 10,
} as const;

/** A host-side probe is a TypeScript module or a test of the C parts. */
export function isHostSide({ file, native }: Case): boolean {
  return native !== undefined || file?.endsWith('.ts') === true;
}
