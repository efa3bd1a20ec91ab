import { describe, expect, it } from 'vitest';
import { compileShipped } from '../../../test/policy/shipped.js';
import { Program } from '../program.js';
import { foreignCalls } from './foreign.js';

function callsOn(arch: 'x86_64' | 'arm64') {
  const compiled = compileShipped('python', arch);
  return foreignCalls(compiled, new Program(compiled.plan, compiled.policy.syscalls));
}

describe('foreignCalls', () => {
  it('has calls of i386 whose numbers the policy would allow, and every program kills for', () => {
    const calls = callsOn('x86_64');
    expect(calls.map(({ name }) => name)).toEqual(['i386 getpid', 'i386 socketcall']);
    for (const { accepted } of calls) expect(accepted).toMatchObject({ kind: 'signal', signal: 'SIGSYS' });
    const { plan, policy } = compileShipped('python', 'x86_64');
    const native = new Program(plan, policy.syscalls);
    for (const nr of [20, 102]) expect(native.answer({ nr, args: [] })).toEqual({ kind: 'allow' });
  });

  it('knows no such instruction elsewhere', () => {
    expect(callsOn('arm64')).toEqual([]);
  });
});
