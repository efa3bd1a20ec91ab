import type { PolicyLoader, SourceFile } from '../../policy/types.js';

interface Made<Value> {
  readonly value: Value;
  /** What was asked for, and what was there. */
  readonly asked: ReadonlyMap<string, SourceFile | undefined>;
}

/** What was made of policies, each for as long as its own file and those that it extends are the same objects. */
export class WhileUnchanged<Value> {
  readonly #made = new WeakMap<SourceFile, Made<Value>>();

  /** @param make is to use the loader that it is given; what it throws is not kept */
  of(source: SourceFile, loader: PolicyLoader, make: (loader: PolicyLoader) => Value): Value {
    const known = this.#made.get(source);
    if (known !== undefined && isSame(known, loader)) return known.value;
    const asked = new Map<string, SourceFile | undefined>();
    const noting = (reference: string) => {
      const file = loader(reference);
      asked.set(reference, file);
      return file;
    };
    const value = make(Object.assign(noting, loader.names && { names: loader.names }));
    this.#made.set(source, { value, asked });
    return value;
  }
}

function isSame({ asked }: Made<unknown>, loader: PolicyLoader): boolean {
  return [...asked].every(([reference, file]) => loader(reference) === file);
}

/** A loader that reads what many policies extend once. */
export function readingOnce(loader: PolicyLoader): PolicyLoader {
  const read = new Map<string, SourceFile | undefined>();
  const reading = (reference: string) => {
    if (!read.has(reference)) read.set(reference, loader(reference));
    return read.get(reference);
  };
  return Object.assign(reading, loader.names && { names: loader.names });
}
