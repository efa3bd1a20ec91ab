import { type CatalogEntry, ERROR_CATALOG, type ErrorCode } from './catalog.gen.js';

export type { ErrorCode };

/** A place in a text file; `line` and `col` count from 1, `col` in UTF-16 units as editors and the yaml package do. */
export interface FilePlace {
  readonly file: string;
  readonly line: number;
  readonly col: number;
}

/** A place in a request: the path of the offending field, for example `mounts[0].host`. An error may have both kinds at once. */
export interface FieldPlace {
  readonly field: string;
}

export type Place = FilePlace | FieldPlace;

/** An error as it travels in an answer frame and in `--json`. Absent members are left out, never null. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly place?: Place;
  readonly hint?: string;
}

export interface LeewardErrorOptions {
  readonly place?: Place | undefined;
  /** What to do in this very case; without it the catalogue's general advice holds. */
  readonly hint?: string | undefined;
  /** Overrides the catalogue, for a cause that is known to be transient (or not). */
  readonly retryable?: boolean | undefined;
  readonly cause?: unknown;
}

/**
 * The one error class of Leeward: `code` is stable and may be compared, `message` is for people.
 * The message is lower-case, names the value and the place, and does not repeat the code.
 */
export class LeewardError extends Error {
  override readonly name = 'LeewardError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly place: Place | undefined;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: LeewardErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? ERROR_CATALOG[code].retryable;
    this.place = options.place;
    this.hint = options.hint;
  }

  /** Exit code of a command that ends with this error. */
  get exitCode(): number {
    return ERROR_CATALOG[this.code].exitCode;
  }

  /** What a client may see: neither the stack nor the cause, which can name paths of the host. */
  toJSON(): ErrorBody {
    return {
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      ...(this.place === undefined ? {} : { place: this.place }),
      ...(this.hint === undefined ? {} : { hint: this.hint }),
    };
  }
}

/** True when `code` is in the catalogue; a newer daemon may send one that is not. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_CATALOG, code);
}

const CODE_BY_NUMBER = new Map<number, ErrorCode>(
  Object.entries(ERROR_CATALOG).map(([code, entry]: [string, CatalogEntry]) => [entry.number, code as ErrorCode]),
);

/** The code of a number that C reported (`struct lw_error`), or undefined when the catalogue does not have it. */
export function errorCodeOfNumber(number: number): ErrorCode | undefined {
  return CODE_BY_NUMBER.get(number);
}

/** Anything thrown, as a LeewardError: itself, or `LW_INTERNAL` with the thrown value as its cause. */
export function asLeewardError(thrown: unknown): LeewardError {
  if (thrown instanceof LeewardError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new LeewardError('LW_INTERNAL', message, { cause: thrown });
}

/** `file:line:col` or the field's path. */
export function placeText(place: Place): string {
  return 'file' in place ? `${place.file}:${place.line}:${place.col}` : place.field;
}
