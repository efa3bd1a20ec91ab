import { describe, expect, it } from 'vitest';
import {
  fillTemplate,
  hasOpenPlaceholder,
  isNormalPath,
  isPlaceholderValue,
  isWithin,
  placeholdersOf,
  unknownPlaceholders,
} from './paths.js';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: placeholders of policies look like those of JavaScript

describe('paths', () => {
  it.each(['/', '/a', '/a/b.c', '/a/...', '/é'])('%s is normal', (path) => {
    expect(isNormalPath(path)).toBe(true);
  });

  it.each(['', 'a', './a', '/a/', '//a', '/a//b', '/a/./b', '/a/../b', '/..', '/a\0', '/a\nb'])('%j is not', (path) => {
    expect(isNormalPath(path)).toBe(false);
  });

  it('lie within themselves and their parents', () => {
    expect(isWithin('/a/b', '/a')).toBe(true);
    expect(isWithin('/a', '/a')).toBe(true);
    expect(isWithin('/a', '/')).toBe(true);
    expect(isWithin('/ab', '/a')).toBe(false);
    expect(isWithin('/a', '/a/b')).toBe(false);
  });
});

describe('templates', () => {
  it('have placeholders, each named once', () => {
    expect(placeholdersOf('/x/${tenant}/${job.id}/${job.id}/${params.region}')).toEqual([
      'tenant',
      'job.id',
      'params.region',
    ]);
    expect(placeholdersOf('/x/$${job.id}/$HOME')).toEqual([]);
  });

  it('without the end of a placeholder are told apart', () => {
    expect(['/${job.id', '/${a/${tenant}', '/${$${tenant}'].every(hasOpenPlaceholder)).toBe(true);
    expect(['/${job.id}', '/$${job.id', '/$', '/{a'].some(hasOpenPlaceholder)).toBe(false);
  });

  it('know which placeholders exist', () => {
    expect(unknownPlaceholders('/${user}/${job.name}/${params.}/${job.id}')).toEqual(['user', 'job.name', 'params.']);
  });

  it('are filled completely or not at all', () => {
    const values = new Map([['job.id', 'abc']]);
    expect(fillTemplate('/data/${job.id}/in', values)).toBe('/data/abc/in');
    expect(fillTemplate('/data/${tenant}/${job.id}', values)).toBeUndefined();
    expect(fillTemplate('/data/$${job.id}', values)).toBe('/data/${job.id}');
  });

  it('take values that are one part of a path', () => {
    expect(['abc', 'a.b-c_1', '...', 'A'.repeat(128)].every(isPlaceholderValue)).toBe(true);
    expect(['', '.', '..', 'a/b', 'a b', 'é', 'A'.repeat(129), '${x}'].some(isPlaceholderValue)).toBe(false);
  });
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
