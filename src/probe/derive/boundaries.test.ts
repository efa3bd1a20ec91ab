import { describe, expect, it } from 'vitest';
import { compileShipped } from '../../../test/policy/shipped.js';
import { kernelTable } from '../../kernel/table.js';
import { boundaryCalls } from './boundaries.js';

const ARCH = 'x86_64';
const { syscalls } = compileShipped('python', ARCH).policy;
const calls = boundaryCalls(syscalls, ARCH);
const argumentsOf = (name: string) =>
  calls.filter(({ syscall }) => syscall === name).map(({ args }) => args.map((arg) => BigInt(arg)));

describe('boundaryCalls', () => {
  it('has each call that the policy has a condition on', () => {
    const conditional = syscalls.allow.filter(({ args }) => args.size > 0).map(({ syscall }) => syscall);
    expect(conditional.length).toBeGreaterThan(5);
    expect(new Set(calls.map(({ syscall }) => syscall))).toEqual(new Set([...conditional, ...restricted()]));
  });

  it('tries a value of the condition, its neighbours and garbage in the upper half', () => {
    const request = kernelTable(ARCH).constant('TCGETS') ?? 0n;
    const requests = argumentsOf('ioctl').map(([, value]) => value);
    for (const value of [request, request + 1n, request - 1n, request | (1n << 32n), request | (1n << 63n)])
      expect(requests).toContain(value);
  });

  it('gives the arguments without a condition nothing that a handler can use', () => {
    for (const [fd] of argumentsOf('ioctl')) expect(fd).toBe((1n << 64n) - 1n);
  });

  it('varies one argument beside others that are allowed', () => {
    const pairs = argumentsOf('prlimit64').map(([pid, , limit]) => `${pid} ${limit}`);
    expect(pairs).toEqual(expect.arrayContaining(['0 0', '1 0', '0 1']));
  });
});

function restricted(): readonly string[] {
  return [...syscalls.restrict, ...syscalls.rules].filter(({ args }) => args.size > 0).map(({ syscall }) => syscall);
}
