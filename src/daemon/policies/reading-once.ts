import type { PolicyLoader, SourceFile } from '../../policy/types.js';

/** A loader that reads what many policies extend once. */
export function readingOnce(loader: PolicyLoader): PolicyLoader {
  const read = new Map<string, SourceFile | undefined>();
  const reading = (reference: string) => {
    if (!read.has(reference)) read.set(reference, loader(reference));
    return read.get(reference);
  };
  return Object.assign(reading, loader.names && { names: loader.names });
}
