import type { ExportLoss, Saying, ShownPolicy } from '../../policy/index.js';
import type { Origin, Sourced } from '../../policy/types.js';
import { jsonValue } from '../json.js';

/** For programs: the shape stands in docs/guide/policies.md. Places count lines and columns from 1. */
export function shownJson({ name, description, abstract, files, values, removed, accepted }: ShownPolicy): unknown {
  return jsonValue({
    name,
    description,
    abstract,
    files,
    values: values.map(({ path, isEntry, value, replaces, also, restrictedBy, ...saying }) => ({
      path,
      entry: isEntry,
      value,
      ...sayingJson(saying),
      replaces: replaces.map(sourcedJson),
      also: also.map(sayingJson),
      restricted_by: restrictedBy.map(place),
    })),
    removed: removed.map(({ path, value, origin, said }) => {
      return { path, value, origin: place(origin), said: said.map(sayingJson) };
    }),
    accepted: accepted.map(({ code, reason, origin }) => ({ code, reason, origin: place(origin) })),
  });
}

function sayingJson({ origin, via }: Saying): object {
  return { origin: place(origin), via: via.map(({ value, origin: at }) => ({ group: value, origin: place(at) })) };
}

function sourcedJson({ value, origin }: Sourced<unknown>): object {
  return { value, origin: place(origin) };
}

function place({ file, range: { start } }: Origin): object {
  return { file, line: start.line, col: start.col };
}

/** What an OCI profile lacks, on a line of standard error. */
export function lossLine({ origin: { file, range }, message }: ExportLoss): string {
  return `${file}:${range.start.line}:${range.start.col}: not in the profile: ${message}`;
}
