/** Probes by layers: what comes of each probe when one layer is missing, and whether that is what its case says. Pure. */

import { type Outcome, worst } from '../../../src/probe/verdict.js';
import type { Case, CaseClass } from './case.js';
import type { HostAttempt } from './host-probe.js';
import type { ProbeResult } from './suite.js';

/** `falls`: something got through. `unknown`: nothing can be said. `skipped`: not tried. */
export type Fate = 'holds' | 'falls' | 'unknown' | 'skipped';

/** Attempts of a case that the same layers stop. */
export interface Group {
  readonly layers: readonly string[];
  readonly attempts: readonly HostAttempt[];
}

export interface Cell {
  readonly fate: Fate;
  /** What the attempts got that decide. */
  readonly details: readonly string[];
  /** Attempts that another layer refused, in other words than the policy's. */
  readonly others: readonly { readonly attempt: string; readonly errno: string }[];
}

/** Characters of an attempt's detail that a matrix keeps. */
const MOST_DETAIL = 160;

const FATES: Readonly<Record<Outcome, Fate>> = {
  BLOCKED: 'holds',
  NO_EFFECT: 'holds',
  SKIPPED: 'skipped',
  BROKEN: 'unknown',
  ESCAPED: 'falls',
};

/** What the runner itself adds (`host`, `report`) belongs to the attempts that have the case's own layers. */
export function groupsOf(probe: Case, attempts: readonly HostAttempt[]): readonly Group[] {
  const groups = new Map<string, { layers: readonly string[]; attempts: HostAttempt[] }>();
  for (const attempt of attempts) {
    const layers = layersOf(probe, attempt.name);
    const key = layers.join();
    const group = groups.get(key) ?? { layers, attempts: [] };
    group.attempts.push(attempt);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** An attempt's layers. A name in `attemptLayers` that ends in `*` stands for all that begin so. */
export function layersOf(probe: Case, attempt: string): readonly string[] {
  const own = Object.entries(probe.attemptLayers ?? {}).find(([name]) => {
    return name.endsWith('*') ? attempt.startsWith(name.slice(0, -1)) : attempt === name;
  });
  return own?.[1] ?? probe.layers;
}

export function cellOf(attempts: readonly HostAttempt[]): Cell {
  // A skipped attempt beside others says nothing about them.
  const tried = attempts.filter(({ outcome }) => outcome !== 'SKIPPED');
  if (tried.length === 0) return { fate: 'skipped', details: [], others: [] };
  const deciding = worst(tried.map(({ outcome }) => outcome));
  const shown = tried.filter(({ outcome }) => outcome === deciding);
  const others = tried.flatMap(({ name, otherErrno }) =>
    otherErrno === undefined ? [] : [{ attempt: name, errno: otherErrno }],
  );
  return {
    fate: FATES[deciding],
    details: shown.map(({ name, detail }) => `${name}: ${detail}`.slice(0, MOST_DETAIL)),
    others,
  };
}

/**
 * What is wrong with a case's `layers`, given what came of it without `layer`. One that names a single layer must fall without it;
 * one that names several, or others, must hold.
 *
 * @returns sentences; none when all is as the case says
 */
export function findingsOf(probe: Case, layer: string, { attempts, outcome, policy }: ProbeResult): readonly string[] {
  if (outcome === 'SKIPPED') return [];
  const name = (layers: readonly string[]) => `${probe.id} (${policy}) without ${layer}, layers ${layers.join(', ')}`;
  return groupsOf(probe, attempts).flatMap(({ layers, attempts: own }) => {
    const { fate, details } = cellOf(own);
    const shown = details.slice(0, 3).join('; ');
    if (fate === 'unknown') return [`${name(layers)}: nothing can be said: ${shown}`];
    const alone = layers.length === 1 && layers[0] === layer;
    if (alone && fate === 'holds') return [`${name(layers)}: holds, so something else stops it, too: ${shown}`];
    if (!alone && fate === 'falls') return [`${name(layers)}: falls, so no other layer stops it: ${shown}`];
    return [];
  });
}

/** A run without one layer. */
export interface KnockOut {
  readonly layer: string;
  readonly results: readonly ProbeResult[];
}

export interface MatrixRow {
  readonly id: string;
  readonly title: string;
  readonly layers: readonly string[];
  /** By the layer that was missing; a layer without an entry was not tried. */
  readonly cells: Readonly<Record<string, Cell>>;
}

export interface Matrix {
  /** Those that were left out. */
  readonly layers: readonly string[];
  /** A row for each probe, and for each set of layers that single attempts of it name. */
  readonly rows: readonly MatrixRow[];
  readonly findings: readonly string[];
  /** Layers without which every probe held. */
  readonly unneeded: readonly string[];
}

export function matrixOf(classes: readonly CaseClass[], runs: readonly KnockOut[]): Matrix {
  const cases = classes.flatMap((own) => own.cases);
  const layers = runs.map(({ layer }) => layer);
  const rows = cases.flatMap((probe) => rowsOf(probe, runs));
  const findings = runs.flatMap(({ layer, results }) => {
    return results.flatMap((result) => {
      const probe = cases.find(({ id }) => id === result.id);
      return probe === undefined ? [] : findingsOf(probe, layer, result);
    });
  });
  const unneeded = layers.filter((layer) => !rows.some(({ cells }) => cells[layer]?.fate === 'falls'));
  return { layers, rows, findings, unneeded };
}

function rowsOf(probe: Case, runs: readonly KnockOut[]): readonly MatrixRow[] {
  const rows = new Map<string, { layers: readonly string[]; cells: Record<string, Cell> }>();
  for (const { layer, results } of runs) {
    const attempts = results.filter(({ id }) => id === probe.id).flatMap((result) => result.attempts);
    for (const { layers, attempts: own } of groupsOf(probe, attempts)) {
      const row = rows.get(layers.join()) ?? { layers, cells: {} };
      row.cells[layer] = cellOf(own);
      rows.set(layers.join(), row);
    }
  }
  return [...rows.values()].map((row) => ({ id: probe.id, title: probe.title, ...row }));
}
