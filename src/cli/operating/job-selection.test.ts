import { describe, expect, it } from 'vitest';
import { jobSelection, type KillWords } from './job-selection.js';

const words = (given: Partial<KillWords>): KillWords => ({
  jobs: [],
  all: false,
  tenant: undefined,
  policy: undefined,
  ...given,
});

describe('which jobs are to end', () => {
  it.each([
    [{ jobs: ['1kw74zh00001'] }, { jobs: ['1kw74zh00001'] }],
    [{ all: true }, { all: true }],
    [{ tenant: 'acme' }, { all: true, tenant: 'acme' }],
    [
      { all: true, policy: 'python' },
      { all: true, policy: 'python' },
    ],
  ])('%j', (given, selection) => {
    expect(jobSelection(words(given))).toEqual(selection);
  });

  it.each([
    [{}, 'missing JOB'],
    [{ jobs: ['1kw74zh00001'], all: true }, 'both names of jobs and'],
    [{ jobs: ['1kw74zh00001'], policy: 'python' }, 'both names of jobs and'],
    [{ jobs: ['4711'] }, '4711 is no name of a job'],
    [{ jobs: ['1kw74zh00001', ''] }, ' is no name of a job'],
    [{ jobs: ['1kw74zh0000l'] }, '1kw74zh0000l is no name of a job'],
    [{ jobs: Array.from({ length: 257 }, () => '1kw74zh00001') }, '257 names of jobs'],
  ])('%j is no answer', (given, message) => {
    expect(() => jobSelection(words(given))).toThrow(message);
  });
});
