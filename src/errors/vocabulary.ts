import { ERROR_CATALOG, type ErrorCode } from './catalog.gen.js';
import type { Place } from './leeward-error.js';

/** What the users of a client call the fields of a request: top-level names of the protocol to their own words. */
export type Vocabulary = Readonly<Record<string, string>>;

/** The part of an error that speaks of fields. `code` may be one of a newer daemon. */
export interface FieldError {
  readonly code: string;
  readonly message: string;
  readonly place?: Place | undefined;
  readonly hint?: string | undefined;
}

/**
 * The same error in the words of a client's users, with the catalogue's advice as its hint where that names a field. In text
 * only names that are no words of the language are replaced (`timeout_secs`, not `env`), and none that is a part of a path.
 */
export function inWordsOf<E extends FieldError>(error: E, vocabulary: Vocabulary): E {
  const action = Object.hasOwn(ERROR_CATALOG, error.code) ? ERROR_CATALOG[error.code as ErrorCode].action : undefined;
  const advice = action === undefined ? undefined : textIn(action, vocabulary);
  const hint = error.hint === undefined ? (advice === action ? undefined : advice) : textIn(error.hint, vocabulary);
  const { place } = error;
  return {
    ...error,
    message: textIn(error.message, vocabulary),
    ...(hint === undefined ? {} : { hint }),
    ...(place !== undefined && 'field' in place
      ? { place: { ...place, field: fieldIn(place.field, vocabulary) } }
      : {}),
  };
}

function textIn(text: string, vocabulary: Vocabulary): string {
  return text.replace(/(?<![\w/.-])[a-z]+(?:_[a-z]+)+(?![\w/-]|\.\w)/g, (name) => wordFor(name, vocabulary));
}

/** `mounts[0].host` starts with the name of its field. */
function fieldIn(field: string, vocabulary: Vocabulary): string {
  return field.replace(/^\w+/, (name) => wordFor(name, vocabulary));
}

function wordFor(name: string, vocabulary: Vocabulary): string {
  return Object.hasOwn(vocabulary, name) ? (vocabulary[name] ?? name) : name;
}
