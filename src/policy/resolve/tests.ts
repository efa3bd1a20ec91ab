import type { SyscallTest as WrittenSyscallTest, PolicyTest as WrittenTest } from '../document/document.gen.js';
import { type Places, step } from '../document/places.js';
import type { Origin, PolicyTest, Sourced } from '../types.js';
import { wordText } from './conditions.js';
import type { Layer } from './layers.js';

/** The tests of the policy's own file: a parent's hold for the parent. A row with several calls is a test of each. */
export function resolveTests(layers: readonly Layer[]): PolicyTest[] {
  const own = layers.at(-1)?.file;
  if (own === undefined) return [];
  return (own.document.tests ?? []).flatMap((test, index) => readTest(test, step('/tests', index), own.places));
}

function readTest(test: WrittenTest, pointer: string, places: Places): PolicyTest[] {
  const origin = places.value(pointer);
  if ('python' in test) {
    return [{ kind: 'python', code: test.python, error: test.expect === 'ok' ? null : errorOf(test.expect), origin }];
  }
  const { syscall: calls } = test;
  if (typeof calls === 'string') return [syscallTest(test, calls, origin, pointer, places)];
  return calls.map((name, index) => {
    return syscallTest(test, name, places.value(step(step(pointer, 'syscall'), index)), pointer, places);
  });
}

function syscallTest(
  { args: written = {}, expect }: WrittenSyscallTest,
  syscall: string,
  origin: Origin,
  pointer: string,
  places: Places,
): PolicyTest {
  const args = new Map<string, Sourced<string>>();
  for (const [name, word] of Object.entries(written)) {
    const value = wordText(word, syscall, name);
    args.set(name, { value, origin: places.value(step(step(pointer, 'args'), name)) });
  }
  return { kind: 'syscall', syscall, args, expect: expectation(expect), origin };
}

function errorOf(expect: 'ok' | { error: string }): string | null {
  return expect === 'ok' ? null : expect.error;
}

function expectation(expect: 'allow' | 'kill_process' | { errno: string }) {
  return typeof expect === 'string'
    ? { action: expect, errno: '' }
    : ({ action: 'errno', errno: expect.errno } as const);
}
