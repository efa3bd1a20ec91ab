import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../harness/checkout.js';
import { allLayers, buildsWithoutLayer } from './layers.js';

const NATIVE = join(PACKAGE_ROOT, 'native');
const SHIPPED = [
  'leeward-supervisor',
  'leeward-keeper',
  'leeward-trial',
  'leeward.node',
  'worker/libleeward-worker.so',
];

describe('the vocabulary of layers', () => {
  it('has a sentence for each', () => {
    for (const { text } of allLayers()) expect(text).toMatch(/^[A-Z].{20,}\.$/);
  });

  it('has each layer that can be left out', () => {
    const names = allLayers().map(({ name }) => name);
    expect([...buildsWithoutLayer()].filter((name) => !names.includes(name))).toEqual([]);
    expect(buildsWithoutLayer().size).toBeGreaterThan(15);
  });
});

describe('builds without a layer', () => {
  it('are known by a mark, which nothing has that is shipped', () => {
    const mark = /leeward-knockout/.exec(readFileSync(join(NATIVE, 'test/knockout/mark.c'), 'utf8'))?.[0] ?? '';
    expect(mark).not.toBe('');
    for (const file of SHIPPED) {
      const content = readFileSync(join(NATIVE, 'build', file));
      expect(content.includes(mark), file).toBe(false);
      expect(content.includes('__wrap_'), file).toBe(false);
      expect(content.includes('__real_'), file).toBe(false);
    }
  });
});
