import { describe, expect, it } from 'vitest';
import { compileShipped } from '../../../test/policy/shipped.js';
import { digestText } from '../../plan/digest.js';
import type { Receipt } from '../../protocol/messages.gen.js';
import { Program } from '../program.js';
import { postureAttempts } from './posture.js';
import { receiptFacts } from './receipt-facts.js';

const python = compileShipped('python', 'x86_64');
const programOf = ({ plan, policy }: typeof python) => new Program(plan, policy.syscalls);
const program = programOf(python);

describe('postureAttempts', () => {
  const { attempts, untried } = postureAttempts(python, program);
  const given = (name: string) => attempts.find((one) => one.name === name)?.with;

  it('has what the plan says, and nothing that only the zygote has', () => {
    expect(given('environment')).toEqual({ variables: ['HOME=/tmp', 'LANG=C.UTF-8', 'TMPDIR=/tmp'] });
    expect(given('uname')).toMatchObject({ value: 'leeward' });
    expect(given('getcwd')).toMatchObject({ value: '/tmp' });
    expect(given('umask')).toMatchObject({ args: [0o022], value: 0o022 });
  });

  it('reads the status of the process only where the policy lets it be read', () => {
    expect(given('capabilities')).toMatchObject({ fields: { CapEff: 0 } });
    const strict = compileShipped('strict', 'x86_64');
    const names = postureAttempts(strict, programOf(strict)).attempts.map(({ name }) => name);
    expect(names).not.toContain('capabilities');
  });

  it('connects only where the filter gives sockets', () => {
    expect(untried).toMatchObject([{ name: 'network', reason: expect.stringContaining('the filter refuses socket') }]);
  });
});

describe('receiptFacts', () => {
  const right = {
    plan: `sha256:${digestText(python.plan.digest)}`,
    seccomp: { mode: 'filter', digest: program.digest, instructions: 1 },
    landlock: { status: 'fully', abi: 7, missing: [] },
    namespaces: ['user', 'pid', 'mount', 'net', 'ipc', 'uts', 'cgroup'],
    user: { inside_uid: 0, inside_gid: 0, outside_uid: 1, outside_gid: 1 },
    ...{ capabilities_empty: true, no_new_privs: true, not_dumpable: true },
  } as unknown as Receipt;
  const failed = (change: Partial<Receipt>) =>
    receiptFacts(python, program, { ...right, ...change })
      .filter(({ outcome }) => outcome !== 'BLOCKED')
      .map(({ name, outcome }) => `${outcome} ${name}`);

  it('is content with a receipt as the plan says', () => {
    expect(failed({})).toEqual([]);
  });

  it.each<[string, Partial<Receipt>, string[]]>([
    ['another plan', { plan: 'sha256:00' }, ['ESCAPED receipt: plan']],
    ['no filter', { seccomp: { mode: 'none', digest: null, instructions: 0 } }, ['ESCAPED receipt: seccomp']],
    ['capabilities', { capabilities_empty: false }, ['ESCAPED receipt: capabilities']],
    ['privileges to gain', { no_new_privs: false }, ['ESCAPED receipt: no_new_privs']],
    [
      'the host’s network',
      { namespaces: right.namespaces.filter((one) => one !== 'net') },
      ['ESCAPED receipt: network namespace'],
    ],
    ['no Landlock', { landlock: { status: 'not_enforced', abi: 0, missing: [] } }, ['ESCAPED receipt: landlock']],
    [
      'an older Landlock',
      { landlock: { status: 'partially', abi: 3, missing: ['signal'] } },
      ['SKIPPED receipt: landlock'],
    ],
  ])('finds %s', (_, change, names) => {
    expect(failed(change)).toEqual(names);
  });
});
