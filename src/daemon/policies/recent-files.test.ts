import { expect, it } from 'vitest';
import { RecentFiles } from './recent-files.js';

const file = (name: string) => ({ file: name, text: '' });

it('forgets the file that was not used for longest', () => {
  const files = new RecentFiles(2);
  const [a, b, c] = [file('a'), file('b'), file('c')];
  files.set('a', a);
  files.set('b', b);
  expect(files.get('a')).toBe(a);
  files.set('c', c);
  expect(['a', 'b', 'c'].map((path) => files.get(path))).toEqual([a, undefined, c]);
  files.delete('a');
  expect(files.get('a')).toBeUndefined();
});
