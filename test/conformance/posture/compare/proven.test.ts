import { expect, it } from 'vitest';
import { compileShipped } from '../../../policy/shipped.js';
import { programOf } from './expected-threads.js';
import { job } from './perfect.js';
import { misreadings } from './proven.js';
import type { RawProcess, RawThread } from './raw.js';

const { plan, policy } = compileShipped('strict', 'x86_64');
const [first] = Object.values(job.threads) as [RawThread];

/** A job of two threads with these programs. */
function withPrograms(...programs: readonly (readonly string[] | null)[]): RawProcess {
  const threads = programs.map((filters, index) => [String(index), { ...first, filters }] as const);
  return { ...job, threads: Object.fromEntries(threads) };
}

it('finds nothing where every thread has the program of the plan, or none may be read', () => {
  expect(misreadings(withPrograms([programOf(plan)], [programOf(plan)]), plan, policy)).toEqual([]);
  expect(misreadings(withPrograms(null), plan, policy)).toEqual([]);
});

it('finds the thread with another program, and says what it answers otherwise', () => {
  const { plan: other } = compileShipped('python', 'x86_64');
  const found = misreadings(withPrograms([programOf(plan)], [programOf(other)]), plan, policy);
  expect(found.length).toBeGreaterThan(10);
  expect(found).toContainEqual(expect.stringMatching(/^policies\/.*: the filter answers allow, the policy means /));
  expect(misreadings(withPrograms(['06']), plan, policy)).toHaveLength(1);
});
