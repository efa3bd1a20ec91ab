import { describe, expect, it } from 'vitest';
import { type FieldError, inWordsOf } from './vocabulary.js';

const WORDS = { timeout_secs: '--timeout', memory_limit: '--memory', env: '--env', mounts: '--mount' };
const translated = (message: string, rest: Partial<FieldError> = {}) =>
  inWordsOf<FieldError>({ code: 'LW_REQUEST_ENVIRONMENT', message, ...rest }, WORDS);

describe('an error in the words of a client', () => {
  it.each([
    ['timeout_secs is 600, above the maximum of 300', '--timeout is 600, above the maximum of 300'],
    ['raise `memory_limit`.', 'raise `--memory`.'],
    ['timeout_secs, memory_limit', '--timeout, --memory'],
    ['/data/timeout_secs/a is missing', '/data/timeout_secs/a is missing'],
    ['timeout_secs.csv and x-timeout_secs', 'timeout_secs.csv and x-timeout_secs'],
    ['variable env is a word, and so is constructor', 'variable env is a word, and so is constructor'],
    ['not_a_field stays', 'not_a_field stays'],
  ])('%s', (message, expected) => {
    expect(translated(message).message).toBe(expected);
  });

  it('names the field that the place is about, and keeps the rest of the place', () => {
    const place = { field: 'timeout_secs', file: 'p.yaml', line: 1, col: 2 };
    expect(translated('x', { place }).place).toEqual({ ...place, field: '--timeout' });
    expect(translated('x', { place: { field: 'mounts[0].host' } }).place).toEqual({ field: '--mount[0].host' });
    expect(translated('x', { place: { field: 'env.A' } }).place).toEqual({ field: '--env.A' });
    expect(translated('x', { place: { file: 'p.yaml', line: 1, col: 2 } }).place).not.toHaveProperty('field');
  });

  it('has the advice of the catalogue where that names a field, unless there is advice for this very case', () => {
    const advice = (code: string, rest: object = {}) => inWordsOf({ code, message: 'm', ...rest }, WORDS);
    expect(advice('LW_JOB_TIMED_OUT')).toMatchObject({ hint: expect.stringMatching(/^Raise `--timeout` \(/) });
    expect(advice('LW_JOB_TIMED_OUT', { hint: 'lower memory_limit' })).toMatchObject({ hint: 'lower --memory' });
    expect(advice('LW_JOB_LOST')).not.toHaveProperty('hint');
    expect(advice('LW_OF_TOMORROW')).not.toHaveProperty('hint');
  });
});
