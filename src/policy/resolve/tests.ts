import type { PolicyTest as WrittenTest } from '../document/document.gen.js';
import { type Places, step } from '../document/places.js';
import type { PolicyTest, Sourced } from '../types.js';
import type { Layer } from './layers.js';

/** The tests of the policy's own file: a parent's hold for the parent. */
export function resolveTests(layers: readonly Layer[]): PolicyTest[] {
  const own = layers.at(-1)?.file;
  return (own?.document.tests ?? []).map((test, index) => readTest(test, step('/tests', index), own?.places as Places));
}

function readTest(test: WrittenTest, pointer: string, places: Places): PolicyTest {
  const origin = places.value(pointer);
  if ('python' in test) {
    return { kind: 'python', code: test.python, error: test.expect === 'ok' ? null : errorOf(test.expect), origin };
  }
  const args = new Map<string, Sourced<string>>();
  for (const [name, word] of Object.entries(test.args ?? {})) {
    args.set(name, { value: String(word), origin: places.value(step(step(pointer, 'args'), name)) });
  }
  return { kind: 'syscall', syscall: test.syscall, args, expect: expectation(test.expect), origin };
}

function errorOf(expect: 'ok' | { error: string }): string | null {
  return expect === 'ok' ? null : expect.error;
}

function expectation(expect: 'allow' | 'kill_process' | { errno: string }) {
  return typeof expect === 'string'
    ? { action: expect, errno: '' }
    : ({ action: 'errno', errno: expect.errno } as const);
}
