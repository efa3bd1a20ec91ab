/** What the supervisor has read back of a job, beside what plan and policy say. Pure. */
import { digestText } from '../../plan/digest.js';
import { placeText } from '../../policy/render/place-text.js';
import type { CompiledPolicy, Origin } from '../../policy/types.js';
import type { Receipt } from '../../protocol/messages.gen.js';
import type { Program } from '../program.js';
import type { ProbeResult } from '../result.js';

export function receiptFacts({ plan, policy }: CompiledPolicy, program: Program, receipt: Receipt): ProbeResult[] {
  const { user, seccomp } = receipt;
  const fact = (name: string, expected: string, seen: string, origin: Origin): ProbeResult => {
    const outcome = expected === seen ? 'BLOCKED' : 'ESCAPED';
    return { area: 'posture', name: `receipt: ${name}`, outcome, expected, seen, place: placeText(origin), hint: null };
  };
  const { identity, namespaces, origin } = policy;
  return [
    fact('plan', `sha256:${digestText(plan.digest)}`, receipt.plan, origin),
    fact('seccomp', `filter ${program.digest}`, `${seccomp.mode} ${seccomp.digest}`, policy.syscalls.default.origin),
    fact('capabilities', 'none', receipt.capabilities_empty ? 'none' : 'some', origin),
    fact('no_new_privs', 'set', receipt.no_new_privs ? 'set' : 'not set', origin),
    fact('dumpable', 'no', receipt.not_dumpable ? 'no' : 'yes', origin),
    fact('uid', String(plan.insideUid), String(user.inside_uid), identity.uid.origin),
    fact('gid', String(plan.insideGid), String(user.inside_gid), identity.gid.origin),
    ...namespaces.map(({ value, origin: place }) => {
      const kind = value === 'network' ? 'net' : value;
      return fact(
        `${value} namespace`,
        'its own',
        receipt.namespaces.includes(kind) ? 'its own' : "the supervisor's",
        place,
      );
    }),
    landlockFact(policy, receipt),
  ];
}

/** What a kernel lacks of Landlock the policy has accepted, by its minimumAbi. */
function landlockFact(
  { landlock }: CompiledPolicy['policy'],
  { landlock: { status, abi, missing } }: Receipt,
): ProbeResult {
  const base = {
    area: 'posture',
    name: 'receipt: landlock',
    place: placeText(landlock.abi.origin),
    hint: null,
  } as const;
  const expected = `ABI ${landlock.abi.value}, fully enforced`;
  if (status === 'fully') return { ...base, outcome: 'BLOCKED', expected, seen: `fully, by ABI ${abi}` };
  const lacking = abi >= landlock.minimumAbi.value;
  const seen = `${status}, ABI ${abi}: this kernel lacks ${missing.join(', ')}`;
  return { ...base, outcome: lacking ? 'SKIPPED' : 'ESCAPED', expected, seen };
}
