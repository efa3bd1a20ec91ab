/** The matrix of probes and layers, printed and as a file. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, release } from 'node:os';
import { join } from 'node:path';
import { cellOf, type Fate, type KnockOut, type Matrix } from '../matrix.js';

const FATES: readonly Fate[] = ['holds', 'falls', 'unknown', 'skipped'];
const SIGNS: Readonly<Record<Fate, string>> = { holds: '.', falls: 'X', unknown: '?', skipped: ' ' };

export function layerLine({ layer, results }: KnockOut): string {
  const counts = FATES.flatMap((fate) => {
    const count = results.filter(({ attempts }) => cellOf(attempts).fate === fate).length;
    return count === 0 ? [] : [`${count} ${fate}`];
  });
  const seconds = results.reduce((sum, { ms }) => sum + ms, 0) / 1000;
  return `without ${layer.padEnd(18)} ${seconds.toFixed(1).padStart(6)} s  ${counts.join(', ')}`;
}

/** The matrix, the findings, and the layers that no probe needs. */
export function matrixLines({ layers, rows, findings, unneeded }: Matrix): readonly string[] {
  const head = layers.map((layer, index) => `${String(index + 1).padStart(2)} ${layer}`);
  const numbers = layers.map((_, index) => String(index + 1).padStart(3)).join('');
  const lines = rows.map(({ id, layers: own, cells }) => {
    const signs = layers.map((layer) => SIGNS[cells[layer]?.fate ?? 'skipped'].padStart(3)).join('');
    return `${id.padEnd(7)}${signs}  ${own.join(', ')}`;
  });
  return [
    'X: falls without the layer; .: holds; ?: nothing can be said',
    ...head,
    `${''.padEnd(7)}${numbers}`,
    ...lines,
    ...findings,
    ...unneeded.map((layer) => `no probe needs ${layer}`),
    `${rows.length} rows, ${layers.length} layers, ${findings.length} findings`,
  ];
}

/**
 * Writes `layers.json`, of which the page in the docs is made, without what attempts got, which is another in each run; and
 * `knock-out.json` with every attempt.
 */
export function writeMatrix(directory: string, { layers, rows }: Matrix, runs: readonly KnockOut[]): void {
  mkdirSync(directory, { recursive: true });
  const facts = { date: new Date().toISOString().slice(0, 10), host: hostText(), layers };
  const lines = rows.map(({ cells, ...row }) => {
    const kept = Object.entries(cells).map(([layer, { fate, others }]) => {
      return [layer, others.length === 0 ? { fate } : { fate, others }];
    });
    return JSON.stringify({ ...row, cells: Object.fromEntries(kept) });
  });
  const text = JSON.stringify(facts).replace(/}$/, `,"rows":[\n${lines.join(',\n')}\n]}\n`);
  writeFileSync(join(directory, 'layers.json'), text);
  writeFileSync(join(directory, 'knock-out.json'), `${JSON.stringify({ ...facts, runs }, null, 1)}\n`);
}

function hostText(): string {
  const python = execFileSync('/usr/bin/python3', ['--version'], { encoding: 'utf8' }).trim();
  // Without what a distribution calls its own.
  return `Linux ${release().split('-')[0]}, ${arch()}, ${python}`;
}
