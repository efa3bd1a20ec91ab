import { STRING_MAX } from '../../plan/layout.gen.js';
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
  const { preload = [], globals = {}, warmup = null } = document;
  const length = Buffer.byteLength(settingsText({ preload, globals, warmup }));
  if (length > STRING_MAX) {
    const origin = warmup === null ? places.key('/preload') : places.key('/warmup');
    findings.add('LW-R803', origin, `preload, globals and warm-up have ${length} bytes, at most ${STRING_MAX} fit`);
  }
  return {
    name: document.name,
    description: document.description ?? '',
    file: places.file,
    interpreter: document.interpreter ?? DEFAULTS.interpreter,
    requirements: document.requirements ?? null,
    preload,
    // A plain object again: the tree's have no prototype.
    globals: { ...globals },
    warmup,
    pool,
    share: document.share ?? DEFAULTS.share,
    origin: places.key('/name'),
  };
}

/** What the zygote is told of its runtime: its last argument. */
export function settingsText({
  preload,
  globals,
  warmup,
}: Pick<RuntimeSpec, 'preload' | 'globals' | 'warmup'>): string {
  return JSON.stringify({ preload, globals, warmup });
}
