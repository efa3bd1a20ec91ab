import { describe, expect, it } from 'vitest';
import type { PolicyLoader, SourceFile } from '../../policy/types.js';
import { readingOnce, WhileUnchanged } from './while-unchanged.js';

const file = (name: string): SourceFile => ({ file: name, text: '' });
const own = file('own');

/** A loader of these files, and how often each was read. */
function filesOf(files: Record<string, SourceFile>) {
  const reads: string[] = [];
  const load: PolicyLoader = (reference) => {
    reads.push(reference);
    return files[reference];
  };
  return { files, reads, load: Object.assign(load, { names: () => Object.keys(files) }) };
}

describe('what is made of a policy', () => {
  it('is made once while all that it asked for is the same', () => {
    const { files, load } = filesOf({ a: file('a') });
    const kept = new WhileUnchanged<number>();
    let made = 0;
    const asking = (loader: PolicyLoader) => {
      loader('a');
      loader('missing');
      return ++made;
    };
    expect([kept.of(own, load, asking), kept.of(own, load, asking)]).toEqual([1, 1]);
    files['a'] = file('a');
    expect(kept.of(own, load, asking)).toBe(2);
    files['missing'] = file('missing');
    expect([kept.of(own, load, asking), kept.of(own, load, asking)]).toEqual([3, 3]);
    expect(kept.of(file('own'), load, asking)).toBe(4);
  });

  it('is not kept when it fails', () => {
    const kept = new WhileUnchanged<number>();
    const { load } = filesOf({});
    const failing = () => {
      throw new Error('no');
    };
    expect(() => kept.of(own, load, failing)).toThrow('no');
    expect(kept.of(own, load, () => 1)).toBe(1);
  });

  it('can ask for the names that there are', () => {
    const { load } = filesOf({ a: file('a') });
    expect(new WhileUnchanged().of(own, load, (loader) => loader.names?.())).toEqual(['a']);
  });
});

it('what many policies extend is read once, also when it is not there', () => {
  const { files, reads, load } = filesOf({ a: file('a') });
  const once = readingOnce(load);
  expect([once('a'), once('a'), once('b'), once('b')]).toEqual([files['a'], files['a'], undefined, undefined]);
  expect(reads).toEqual(['a', 'b']);
  expect(once.names?.()).toEqual(['a']);
});
