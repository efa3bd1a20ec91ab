import { expect, it } from 'vitest';
import { sharedDiagrams } from './shared-diagrams.js';

it('are the same ones until they have many nodes', () => {
  const diagrams = sharedDiagrams();
  expect(sharedDiagrams()).toBe(diagrams);
  for (let value = 0; value <= 1 << 18; value++) diagrams.constant(value);
  const others = sharedDiagrams();
  expect(others).not.toBe(diagrams);
  expect(others.size).toBe(2);
});
