import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { lockedPackages } from '../../src/daemon/runtime/pip-output.js';
import { shippedRuntime } from '../policy/shipped.js';

const lockOf = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../policies/runtimes/${name}.lock`, import.meta.url)), 'utf8');

describe('the runtime python-ml', () => {
  const [data, ml] = ['python-data', 'python-ml'].map(shippedRuntime);

  it('has the packages of python-data in the same releases', () => {
    const [packages, all] = ['python-data', 'python-ml'].map((name) => lockedPackages(lockOf(name)));
    expect(all).toEqual(expect.arrayContaining([...(packages ?? ['nothing'])]));
  });

  it('loads, defines and does before a job what python-data does', () => {
    expect(ml?.preload).toEqual(expect.arrayContaining([...(data?.preload ?? ['nothing'])]));
    expect(ml?.globals).toEqual(data?.globals);
    expect(ml?.warmup?.startsWith(data?.warmup ?? 'nothing')).toBe(true);
  });
});
