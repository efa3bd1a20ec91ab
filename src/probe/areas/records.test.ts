import { describe, expect, it } from 'vitest';
import { compileShipped } from '../../../test/policy/shipped.js';
import { kernelTable } from '../../kernel/table.js';
import type { JobEnd } from '../attempts/job-end.js';
import { Program } from '../program.js';
import { excessOf, recordResults } from './records.js';

const { plan, policy } = compileShipped('python', 'x86_64');
const program = new Program(plan, policy.syscalls);
const call = (name: string) => ({ name, nr: kernelTable('x86_64').syscall(name)?.number ?? -1, args: [] });

/** A job whose supervisor has recorded these calls, so many times. */
function end(...denied: readonly (readonly [name: string, count: number])[]): JobEnd {
  const denials = denied.map(([syscall, count]) => {
    return { syscall, nr: call(syscall).nr, args: [], count, errno: 'EACCES', rule: null, hint: null };
  });
  return { status: 'ok', signal: null, stdout: '', stderr: '', denials, receipt: undefined, error: undefined };
}

const results = (ends: readonly JobEnd[], ...names: readonly string[]) =>
  recordResults([{ calls: names.map(call), ends }], program);

describe('recordResults', () => {
  it('is content when each refused call is recorded, over all jobs', () => {
    expect(results([end(['keyctl', 1]), end(['acct', 1])], 'keyctl', 'acct')).toMatchObject([
      { outcome: 'BLOCKED', seen: 'all 2 were recorded' },
    ]);
  });

  it('names a call that the supervisor never saw', () => {
    expect(results([end(['acct', 1])], 'keyctl', 'acct')).toMatchObject([
      { outcome: 'BROKEN', name: 'records of keyctl', seen: '1 are missing' },
    ]);
  });

  it('wants no record of what the policy allows, or refuses without a report', () => {
    expect(results([end()], 'getpid', 'clone3')).toEqual([]);
  });

  it('does not mind what Python is refused beside', () => {
    expect(results([end(['keyctl', 3])], 'keyctl')).toMatchObject([{ outcome: 'BLOCKED' }]);
  });
});

describe('excessOf', () => {
  it('counts what the policy would not have refused', () => {
    const recorded = { calls: [call('getpid')], ends: [end(['getpid', 2])] };
    expect(excessOf(call('getpid').nr, recorded, program)).toBe(2);
    expect(excessOf(call('getuid').nr, recorded, program)).toBe(0);
  });
});
