/** Names of policies that lead elsewhere: a wrong name never finds another policy, least of all the default. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Attempt, daemonProbe, refusal, type Target } from './daemon-probe.js';
import { EXECUTE } from './messages.js';
import { HEAD } from './policy-files.js';

const REFUSED = /^LW_(REQUEST_UNKNOWN_POLICY|PROTO_BAD_FIELD)$/;

/** Files that a path would find, by the name that finds them from the folder of policies. */
const FILES = [
  '../outside',
  '.hidden',
  'Upper',
  'below/inside',
  'under_score',
  'dot.ted',
  'long'.repeat(20),
  '-hyphen',
];
const NAMES: readonly ((policies: string) => string)[] = [
  ...FILES.map((name) => () => name),
  () => './python',
  (policies) => `../${basename(policies)}/python`,
  (policies) => join(policies, 'python'),
  () => '/etc/passwd',
  () => 'below/../python',
  () => 'runtimes/python',
  () => 'builtin:python@1',
  () => 'builtin/base',
  () => 'PYTHON',
  () => 'python.yaml',
  () => ' python',
  () => 'python\n',
  () => 'python\0',
  () => 'pуthon', // with a Cyrillic letter
  () => 'ｐython',
  () => '',
  () => '.',
  () => '..',
  () => '*',
  () => '$' + '{job.id}',
  () => 'there-is-none',
];

const asked =
  (name: (policies: string) => string): Attempt =>
  async (target) => {
    const remove = lay(target);
    try {
      return await refusal(target, { ...EXECUTE, policy: name(target.policies) }, REFUSED);
    } finally {
      remove();
    }
  };

function lay({ policies }: Target): () => void {
  mkdirSync(join(policies, 'below'));
  const paths = FILES.map((name) => join(policies, `${name}.yaml`));
  for (const path of paths) writeFileSync(path, HEAD.replace('NAME', 'python'), { mode: 0o644 });
  return () => {
    for (const path of [...paths, join(policies, 'below')]) rmSync(path, { recursive: true, force: true });
  };
}

export const probe = daemonProbe(
  Object.fromEntries(NAMES.map((name) => [JSON.stringify(name('POLICIES')).slice(1, -1) || 'nothing', asked(name)])),
);
