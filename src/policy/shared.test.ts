/** What policies that extend the same files have in common is made once; nobody may notice. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeHost, readFile, shippedRuntime } from '../../test/policy/shipped.js';
import { builtinPath, compilePolicy, resolvePolicy } from './index.js';
import type { EffectivePolicy, HostFacts, PolicyLoader, SourceFile } from './types.js';

/** Of each word some ways to say it, with and without findings. */
const SAID: Readonly<Record<string, readonly string[]>> = {
  limits: ['{memory: 1GiB}', '{pids: 9999, core: 1MiB}', '{timeout: {default: 9s, max: 1s}}'],
  environment: ['{A: b}', '{LANG: C, LD_PRELOAD: /x.so}'],
  requestEnvironment: ['[FOO, BAR_*]', '["LD_*"]'],
  mounts: [
    '[{source: /srv/models, target: /models, readOnly: true}]',
    '[{source: /srv/models, target: /tmp}]',
    '[{source: /etc/ld.so.cache, target: /tmp}]',
    '[{source: /srv/missing, target: /usr/missing, readOnly: true}]',
    '[{source: /srv/missing, target: /missing, readOnly: true}]',
  ],
  landlock: [
    '{read: [/models]}',
    '{write: [/models], remove: [/tmp]}',
    '{write: [/proc]}',
    '{read: [/usr/missing]}',
    '{remove: [/nothing]}',
    '{minimumAbi: 0}',
  ],
  requestMounts: [
    '{allowedPaths: [/data/jobs]}',
    '{parents: {readOnly: /mnt/a, writable: /mnt/b}}',
    '{remove: [/nothing]}',
    '{fileSystems: [nofs]}',
  ],
  identity: ['{uid: 5}', '{withoutIdMap: runAsPeer}'],
  syscalls: ['{allow: [tee]}', '{allow: [no_such_call]}', '{remove: [socketpair]}'],
  mode: ['audit'],
  hostname: ['other'],
  root: ['{size: 2MiB, inodes: 64}', '{size: 0, inodes: 64}'],
  proc: ['none'],
  devices: ['["null"]'],
  abstract: ['true'],
};

const lines = fc
  .uniqueArray(fc.constantFrom(...Object.keys(SAID)), { maxLength: 4 })
  .chain((words) =>
    fc.tuple(...words.map((word) => fc.constantFrom(...(SAID[word] ?? [])).map((said) => `${word}: ${said}\n`))),
  );
const family = fc.record({ parent: lines, children: fc.array(lines, { minLength: 2, maxLength: 4 }) });

function fileOf(name: string, parent: string, said: readonly string[]): SourceFile {
  return {
    file: `${name}.yaml`,
    text: `version: 1\nkind: Policy\nname: ${name}\nextends: [${parent}]\n${said.join('')}`,
  };
}

/** @param read what a builtin's file is */
function loaderOf(parent: SourceFile, read: (path: string) => SourceFile): PolicyLoader {
  return (reference) => {
    const path = builtinPath(reference);
    return path === undefined ? parent : read(path);
  };
}

function outcomeOf(source: SourceFile, loader: PolicyLoader, host: HostFacts) {
  const resolved = resolvePolicy(source, loader);
  const compiled =
    resolved.value === undefined ? undefined : compilePolicy(resolved.value, shippedRuntime('python-data'), host);
  return { resolved, compiled };
}

/** @returns how many of them can be used */
function expectSame(parent: readonly string[], children: readonly (readonly string[])[], host: HostFacts): number {
  const known = fileOf('parent', 'builtin:python-data@1', parent);
  let usable = 0;
  for (const [index, said] of children.entries()) {
    const own = fileOf(`child-${index}`, 'parent', said);
    const shared = outcomeOf(own, loaderOf(known, readFile), host);
    const alone = outcomeOf(
      { ...own },
      loaderOf({ ...known }, (path) => ({ ...readFile(path) })),
      fakeHost(),
    );
    expect(shared, own.text).toEqual(alone);
    if (shared.compiled?.value !== undefined) usable += 1;
  }
  return usable;
}

describe('a policy comes to the same, with the same findings,', () => {
  it('whatever one other thing those say that were looked at before', () => {
    const children = Object.entries(SAID).flatMap(([word, all]) => all.map((said) => [`${word}: ${said}\n`]));
    expect(expectSame([], [[], ...children, []], fakeHost())).toBeGreaterThan(children.length / 2);
  });

  it.each(['mounts', 'landlock'])('whatever the %s come to that it has in common with others', (word) => {
    for (const said of SAID[word] ?? []) expectSame([`${word}: ${said}\n`], [[], ['hostname: other\n']], fakeHost());
  });

  it('whoever was looked at before', () => {
    const host = fakeHost();
    let usable = 0;
    const property = fc.property(family, ({ parent, children }) => {
      usable += expectSame(parent, children, host);
    });
    fc.assert(property, { numRuns: 25 });
    expect(usable).toBeGreaterThan(5);
  });
});

const PARTS = [
  'syscalls',
  'landlock',
  'mounts',
  'requestMounts',
  'identity',
  'environment',
  'requestEnvironment',
] as const;

describe('policies that extend the same one', () => {
  const parent = fileOf('parent', 'builtin:python-data@1', ['hostname: parent\n']);
  const policyOf = (name: string, said: readonly string[]): EffectivePolicy => {
    const { value } = resolvePolicy(fileOf(name, 'parent', said), loaderOf(parent, readFile));
    if (value === undefined) throw new Error('it has no errors');
    return value;
  };
  const [a, b] = [policyOf('a', ['limits: {pids: 32}\n']), policyOf('b', ['environment: {A: b}\n'])];

  it('have the parts of which they say nothing as one object, which nobody can change', () => {
    for (const part of PARTS.filter((name) => name !== 'environment')) {
      expect(b[part], part).toBe(a[part]);
      expect(Object.isFrozen(a[part]), part).toBe(true);
    }
    expect(b.environment).not.toBe(a.environment);
    expect(b.limits.core).toBe(a.limits.core);
    expect(b.limits.pids.value).not.toBe(a.limits.pids.value);
  });

  it('have the same mounts and rules, as one object, on the same host alone', () => {
    const plan = (policy: EffectivePolicy, host: HostFacts) => {
      const { value } = compilePolicy(policy, shippedRuntime('python-data'), host);
      if (value === undefined) throw new Error('it has no errors');
      return value.plan;
    };
    const host = fakeHost();
    const [ofA, ofB, elsewhere] = [
      plan(a, host),
      plan(b, host),
      plan(b, fakeHost('x86_64', { workerDirectory: '/w' })),
    ];
    expect(ofB.mounts).toBe(ofA.mounts);
    expect(ofB.landlock).toBe(ofA.landlock);
    expect(Object.isFrozen(ofA.mounts) && Object.isFrozen(ofA.landlock)).toBe(true);
    expect(elsewhere.mounts).not.toEqual(ofA.mounts);
  });
});
