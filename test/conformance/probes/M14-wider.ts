/** Requests that want more than their policy gives: each is refused, by a line of the policy where one decides. */
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostContext } from '../runner/host-probe.js';
import { type Attempt, daemonProbe, judged } from './daemon-probe.js';
import { EXECUTE } from './messages.js';
import { freshName, HEAD } from './policy-files.js';

const MEBIBYTE = 1 << 20;
const POLICY = `${HEAD}limits: {memory: {default: 64MiB, max: 128MiB}, timeout: {default: 2s, max: 3s}}
mounts: [{source: "DATA/jobs/\${job.id}/fixed", target: /fixed, readOnly: true, optional: true}]
landlock: {read: [/fixed]}
requestMounts: {allowedPaths: [DATA/jobs]}
`;

/** Fields, the code of the refusal, and the field that it names; `line` of the policy where one decides. */
type Wider = readonly [fields: object, code: string, field: string, line?: number];

/** `DATA` in these stands for a directory of the probe's own. */
const mount = (host: string, sandbox: string, more: object = {}) => ({ mounts: [{ host, sandbox, ...more }] });

const ABOVE_MAX = 'LW_REQUEST_LIMIT_ABOVE_MAX';
const NOT_ALLOWED = 'LW_REQUEST_MOUNT_NOT_ALLOWED';
const TARGET = 'LW_REQUEST_MOUNT_TARGET';
const ENVIRONMENT = 'LW_REQUEST_ENVIRONMENT';
const UNKNOWN = 'LW_PROTO_UNKNOWN_FIELD';

const WIDER: Readonly<Record<string, Wider>> = {
  'a millisecond more': [{ timeout_secs: 3.001 }, ABOVE_MAX, 'timeout_secs', 5],
  'a year': [{ timeout_secs: 31_536_000 }, ABOVE_MAX, 'timeout_secs', 5],
  'beyond a year': [{ timeout_secs: 31_536_001 }, 'LW_PROTO_BAD_FIELD', 'timeout_secs'],
  'a byte more': [{ memory_limit: 128 * MEBIBYTE + 1 }, ABOVE_MAX, 'memory_limit', 5],
  'the largest number': [{ memory_limit: Number.MAX_SAFE_INTEGER }, ABOVE_MAX, 'memory_limit', 5],
  'another folder': [mount('/etc', '/input'), NOT_ALLOWED, 'mounts[0].host'],
  'the folder above': [mount('DATA', '/input'), NOT_ALLOWED, 'mounts[0].host'],
  'a folder whose name begins alike': [mount('DATA/jobs2', '/input'), NOT_ALLOWED, 'mounts[0].host'],
  'writing where the policy reads': [mount('DATA/jobs/a', '/fixed', { ro: false }), NOT_ALLOWED, 'mounts[0].ro', 6],
  'over a mount of the policy': [mount('DATA/jobs/a', '/usr/lib'), TARGET, 'mounts[0].sandbox'],
  'where Landlock has no rule': [mount('DATA/jobs/a', '/elsewhere'), TARGET, 'mounts[0].sandbox'],
  'programs on a mount': [mount('DATA/jobs/a', '/input', { noexec: false }), UNKNOWN, 'mounts[0].noexec'],
  'a network': [{ network: 'host' }, UNKNOWN, 'network'],
  'a network by a map': [{ network: { kind: 'hosts', hosts: ['*'] } }, UNKNOWN, 'network'],
  'limits of the policy': [{ limits: { pids: 1000 } }, UNKNOWN, 'limits'],
  'system calls': [{ syscalls: { allow: ['ptrace'] } }, UNKNOWN, 'syscalls'],
  'a user': [{ user: 0 }, UNKNOWN, 'user'],
  privileges: [{ privileged: true }, UNKNOWN, 'privileged'],
  'a policy of its own': [{ policy: { name: 'mine' } }, 'LW_PROTO_BAD_FIELD', 'policy'],
  'a variable that chooses code': [{ env: { LD_PRELOAD: '/x.so' } }, ENVIRONMENT, 'env.LD_PRELOAD'],
  'a variable that the policy does not list': [{ env: { MINE: 'x' } }, ENVIRONMENT, 'env.MINE'],
};

const NAME = freshName();

function filled<T>(value: T, scratch: string): T {
  return JSON.parse(JSON.stringify(value).replaceAll('DATA', scratch)) as T;
}

/** The policy, which is there when the daemon starts. */
function lay(folder: string, { scratch }: HostContext): string {
  const file = join(folder, `${NAME}.yaml`);
  if (existsSync(file)) return file;
  chmodSync(scratch, 0o755);
  mkdirSync(join(scratch, 'jobs'), { recursive: true });
  writeFileSync(file, filled(POLICY, scratch).replace('NAME', NAME), { mode: 0o644 });
  return file;
}

const refused =
  ([fields, code, field, line]: Wider): Attempt =>
  async (target, context) => {
    const file = lay(target.policies, context);
    const connection = await target.connect();
    try {
      const answer = await connection.ask({ ...EXECUTE, policy: NAME, ...filled(fields, context.scratch) });
      const seen = judged(answer, new RegExp(`^${code}$`));
      const place = answer.error?.place as Record<string, unknown> | undefined;
      const wanted = line === undefined ? { field } : { field, file, line };
      const isThere = Object.entries(wanted).every(([key, value]) => place?.[key] === value);
      return { holds: seen.holds && isThere, detail: `${seen.detail} at ${JSON.stringify(place)}` };
    } finally {
      connection.close();
    }
  };

export const probe = daemonProbe(
  Object.fromEntries(Object.entries(WIDER).map(([name, wider]) => [name, refused(wider)])),
  lay,
);
