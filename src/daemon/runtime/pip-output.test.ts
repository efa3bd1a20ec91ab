import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../config/paths.js';
import { lockedPackages, pipEvent } from './pip-output.js';

describe('pipEvent', () => {
  it.each([
    ['Collecting numpy==2.4.6', { kind: 'package', name: 'numpy' }],
    ['Collecting et-xmlfile==2.0.0 (from -r lock (line 1))', { kind: 'package', name: 'et-xmlfile' }],
    ['Processing /opt/w/numpy-2.4.6-cp311-cp311-linux.whl (from -r lock)', { kind: 'package', name: 'numpy' }],
    ['  Downloading numpy-2.4.6-cp311.whl (16.9 MB)', { kind: 'download', bytes: 16_900_000 }],
    ['  Downloading x-1.whl.metadata (62 kB)', { kind: 'download', bytes: 62_000 }],
    ['  Using cached x-1.whl (512 bytes)', { kind: 'download', bytes: 512 }],
    ['Installing collected packages: tzdata, numpy', { kind: 'installing' }],
    ['Looking in links: /opt/w', undefined],
    ['', undefined],
  ])('%s', (line, event) => {
    expect(pipEvent(line)).toEqual(event);
  });
});

describe('lockedPackages', () => {
  it.each([
    ['python-data', ['numpy', 'pandas', 'pyarrow', 'openpyxl']],
    ['python-ml', ['numpy', 'pandas', 'scikit-learn', 'scipy', 'matplotlib']],
  ])('finds every pin of the lock of %s, each with hashes', (runtime, some) => {
    const lock = readFileSync(join(PACKAGE_ROOT, `policies/runtimes/${runtime}.lock`), 'utf8');
    const names = lockedPackages(lock).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(some));
    for (const block of lock.split(/^(?=[a-z])/m).slice(1)) expect(block).toMatch(/--hash=sha256:[0-9a-f]{64}/);
  });
});
