import type { Findings } from '../findings.js';
import type { RuntimeSpec } from '../types.js';
import type { Places } from './places.js';
import type { RuntimeDocument } from './runtime.gen.js';

const DEFAULTS = { interpreter: '/usr/bin/python3', pool: { standby: 1, max: 16 }, share: 'tenant' } as const;

/** A runtime file with its defaults filled in. */
export function runtimeSpec(document: RuntimeDocument, places: Places, findings: Findings): RuntimeSpec {
  const pool = document.pool ?? DEFAULTS.pool;
  if (pool.standby > pool.max) {
    findings.add('LW-R800', places.value('/pool/standby'), `\`standby\` ${pool.standby} is above \`max\` ${pool.max}`);
  }
  return {
    name: document.name,
    description: document.description ?? '',
    file: places.file,
    interpreter: document.interpreter ?? DEFAULTS.interpreter,
    requirements: document.requirements ?? null,
    preload: document.preload ?? [],
    // A plain object again: the tree's have no prototype.
    globals: { ...document.globals },
    warmup: document.warmup ?? null,
    pool,
    share: document.share ?? DEFAULTS.share,
    origin: places.key('/name'),
  };
}
