/**
 * What a compiler thread and the thread that started it say to each other. There is one policy at a time:
 *
 *     -> compile   <- files    -> files     as often as something is extended that was not given
 *                  <- target   -> target    which runtime it names; that runtime, and the host
 *                  <- done or failed
 *
 * Instead of an answer the next `compile` may come: then the policy was given up.
 */
import type { ErrorBody } from '../../../errors/leeward-error.js';
import type { SourceFile } from '../../../policy/types.js';
import type { Place } from './compile-policy.js';
import type { Parcel } from './parcel.js';
import type { NewParts } from './parts.js';

/** The number of a file by what `extends` calls it; undefined when there is none. */
export type NamedFile = readonly [reference: string, file: number | undefined];

export interface FilesByNumber {
  readonly files: readonly NamedFile[];
  /** Most policies extend the same files, which go once. */
  readonly newFiles: NewParts<SourceFile>;
}

export interface FilesAnswer extends FilesByNumber {
  readonly kind: 'files';
  /** All names that there are, for hints; undefined while nothing was missing. */
  readonly names: readonly string[] | undefined;
}

export type Answer = FilesAnswer | ({ readonly kind: 'target' } & Place);

export interface CompileMessage extends FilesByNumber {
  readonly kind: 'compile';
  readonly source: SourceFile;
}

export type Question =
  | { readonly kind: 'files'; readonly references: readonly string[] }
  | { readonly kind: 'target'; readonly runtime: string };

export interface DoneMessage {
  readonly kind: 'done';
  readonly parcel: Parcel;
  /** What each file names in `extends`: the policy's own, then those that were given, in their order. */
  readonly extended: readonly (readonly string[])[];
}

export interface FailedMessage {
  readonly kind: 'failed';
  readonly error: ErrorBody;
  /** Where an internal error comes from. */
  readonly stack: string | undefined;
}

export type ToThread = CompileMessage | Answer;
export type FromThread = Question | DoneMessage | FailedMessage;
