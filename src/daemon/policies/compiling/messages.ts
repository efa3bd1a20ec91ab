/**
 * What a compiler thread and the thread that started it say to each other. Several policies may wait for their turn; each is answered
 * once, in the order in which they came:
 *
 *     -> folders   all policies, runtimes and tenants, before the first question about them
 *     -> compile   <- done, failed, or place: then the policy comes once more, with where its runtime is
 *     -> survey    <- survey
 *     -> lint      <- lint, or failed
 */
import type { Diagnostic } from '../../../errors/diagnostic.js';
import type { ErrorBody } from '../../../errors/leeward-error.js';
import type { FrozenData } from '../frozen-folders.js';
import type { HostAbilities } from '../host-facts.js';
import type { Survey } from '../survey/survey.js';
import type { Parcel } from './parcel.js';

export interface FoldersMessage {
  readonly kind: 'folders';
  readonly data: FrozenData;
}

export interface CompileMessage {
  readonly kind: 'compile';
  /** Name of the policy's own file, as findings have it. */
  readonly file: string;
  readonly host: HostAbilities;
  /** Where the files of runtimes are, by name, as far as it is known; null for one that needs none. */
  readonly places: ReadonlyMap<string, string | null>;
}

export interface SurveyMessage {
  readonly kind: 'survey';
}

export interface LintMessage {
  readonly kind: 'lint';
  /** Names of files, as findings have them. */
  readonly files: readonly string[];
}

export interface PlaceQuestion {
  readonly kind: 'place';
  /** Name of the runtime. */
  readonly runtime: string;
}

export interface DoneMessage {
  readonly kind: 'done';
  readonly parcel: Parcel;
}

export interface FailedMessage {
  readonly kind: 'failed';
  readonly error: ErrorBody;
  /** Where an internal error comes from. */
  readonly stack: string | undefined;
  /** Name of the runtime that the policy was compiled for; undefined when it did not come so far. */
  readonly runtime: string | undefined;
}

export interface SurveyAnswer {
  readonly kind: 'survey';
  readonly survey: Survey;
}

export interface LintAnswer {
  readonly kind: 'lint';
  readonly findings: readonly Diagnostic[];
}

export type Question = CompileMessage | SurveyMessage | LintMessage;
export type ToThread = FoldersMessage | Question;
export type FromThread = PlaceQuestion | DoneMessage | FailedMessage | SurveyAnswer | LintAnswer;
