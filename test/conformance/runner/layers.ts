/**
 * The vocabulary of `layers`: what can stop a probe. The schema of case files is where it is written. A layer that native/test/knockout
 * has files for can be left out, the others are parts of Leeward whose work is no step of a job's confinement.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../harness/checkout.js';

export interface Layer {
  readonly name: string;
  /** What it does, in a sentence. */
  readonly text: string;
  /** Whether there are builds without it. */
  readonly canBeLeftOut: boolean;
}

const SCHEMA = new URL('../case.schema.json', import.meta.url);
const KNOCKOUTS = join(PACKAGE_ROOT, 'native/test/knockout');

/** In the order of the schema. */
export function allLayers(): readonly Layer[] {
  const { $defs } = JSON.parse(readFileSync(SCHEMA, 'utf8')) as {
    $defs: { layer: { oneOf: readonly { const: string; description: string }[] } };
  };
  const built = buildsWithoutLayer();
  return $defs.layer.oneOf.map(({ const: name, description }) => {
    return { name, text: description, canBeLeftOut: built.has(name) };
  });
}

/** Names of the layers that `make knockout` knows. */
export function buildsWithoutLayer(): ReadonlySet<string> {
  const named = readdirSync(KNOCKOUTS).flatMap((file) => /^(?:supervisor|worker)_(.+)\.c$/.exec(file)?.[1] ?? []);
  return new Set(named);
}
