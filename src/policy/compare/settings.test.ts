import { describe, expect, it } from 'vitest';
import { findingsText, resolveText } from '../../../test/policy/shipped.js';
import type { EffectivePolicy } from '../types.js';
import { comparePolicies } from './compare.js';
import { comparePlaces } from './places.js';
import { compareSettings } from './settings.js';

const TEXT = `version: 1
kind: Policy
name: test
extends: [builtin:base@1]
runtime: python
syscalls: {allow: ["@leeward/vital"]}
mounts:
  - {source: /srv/models, target: /models, readOnly: true, submounts: true}
  - {source: "/data/jobs/\${job.id}/output", target: /output, create: {mode: "0700"}, optional: true}
  - {tmpfs: /scratch, size: 1MiB, inodes: 64}
  - {symlink: /models/a, target: /link}
requestMounts: {allowedPaths: [/data/jobs]}
landlock:
  read: [/models]
  write: [/output, /scratch]
requestEnvironment: [TZ, LC_*]
`;

const policy = resolved(TEXT);

function resolved(text: string, file = 'test.yaml'): EffectivePolicy {
  const { value, diagnostics } = resolveText(text, { test: TEXT }, file);
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return value;
}

/** Fields that say nothing of what is allowed; system calls have tests of their own. */
const SAYS_NOTHING = ['name', 'description', 'files', 'origin', 'abstract', 'tests', 'syscalls'];

interface Change {
  readonly where: string;
  readonly value: unknown;
}

/** The same thing with one leaf changed or one entry missing, in every way. */
function* changesOf(thing: unknown, where: string): Generator<Change> {
  if (thing instanceof Map) {
    for (const [key, value] of thing) {
      yield { where: `${where}/${key} gone`, value: new Map([...thing].filter(([other]) => other !== key)) };
      for (const change of changesOf(value, `${where}/${key}`)) {
        yield { where: change.where, value: new Map(thing).set(key, change.value) };
      }
    }
  } else if (Array.isArray(thing)) {
    for (const [index, value] of thing.entries()) {
      yield { where: `${where}/${index} gone`, value: thing.toSpliced(index, 1) };
      for (const change of changesOf(value, `${where}/${index}`))
        yield { where: change.where, value: thing.with(index, change.value) };
    }
  } else if (typeof thing === 'object' && thing !== null) {
    for (const [key, value] of Object.entries(thing)) {
      if (key === 'origin') continue;
      for (const change of changesOf(value, `${where}/${key}`))
        yield { where: change.where, value: { ...thing, [key]: change.value } };
    }
  } else {
    yield { where, value: otherThan(thing) };
  }
}

function otherThan(leaf: unknown): unknown {
  if (typeof leaf === 'boolean') return !leaf;
  if (typeof leaf === 'bigint') return leaf + 1n;
  if (typeof leaf === 'number') return leaf + 1;
  return leaf === null ? 1 : `${leaf}x`;
}

describe('the fields of two policies', () => {
  const changes = Object.entries(policy)
    .filter(([key]) => !SAYS_NOTHING.includes(key))
    .flatMap(([key, value]) =>
      [...changesOf(value, key)].map(({ where, value: changed }) => ({ key, where, changed })),
    );

  it.each(changes)('differ by $where', ({ key, changed }) => {
    const other = { ...policy, [key]: changed } as EffectivePolicy;
    const [there, back] = [
      [policy, other],
      [other, policy],
    ].map(([a, b]) =>
      [
        ...comparePlaces(a as EffectivePolicy, b as EffectivePolicy),
        ...compareSettings('', a as EffectivePolicy, b as EffectivePolicy),
      ].map(({ direction }) => direction),
    );
    expect(there?.length).toBeGreaterThan(0);
    const swapped = { wider: 'narrower', narrower: 'wider', incomparable: 'incomparable', different: 'different' };
    expect(back?.sort()).toEqual(there?.map((direction) => swapped[direction]).sort());
  });

  it('are looked at without exception', () => {
    expect(changes.length).toBeGreaterThan(150);
    expect(comparePolicies(policy, structuredClone(policy))).toEqual({ relation: 'equal', differences: [] });
  });

  it.each([
    ['limits: {memory: {default: 4GiB, max: 8GiB}}', 'wider', 'limits.memory.max 4GiB 8GiB'],
    ['limits: {cpus: 0.5}', 'narrower', 'limits.cpus 1 0.5'],
    [
      'limits: {whenUnavailable: {service: report, rootless: report}}',
      'wider',
      'limits.whenUnavailable.service refuse report',
    ],
    ['reuse: {times: 5}', 'wider', 'reuse 1 5'],
    ['landlock: {abi: 5, minimumAbi: 1}', 'wider', 'landlock.abi 6 5'],
    ['landlock: {abi: 6, minimumAbi: 2}', 'narrower', 'landlock.minimumAbi 1 2'],
    [
      'landlock: {pathBeneath: [{allowedAccess: [ioctl_dev], parent: [/scratch]}]}',
      'wider',
      'landlock /scratch write ioctl_dev, write',
    ],
    [
      'mounts: [{source: /srv/models, target: /models, readOnly: true}]',
      'narrower',
      'mounts /models host /srv/models, read-only, submounts host /srv/models, read-only',
    ],
    [
      'mounts: [{source: /srv/other, target: /models, readOnly: true, submounts: true}]',
      'incomparable',
      'mounts /models host /srv/models, read-only, submounts host /srv/other, read-only, submounts',
    ],
    ['requestMounts: {allowedPaths: [/data]}', 'wider', 'requestMounts.allowedPaths nothing /data'],
    ['requestMounts: {allowedPaths: [/data/jobs/mine]}', 'equal', ''],
    ['identity: {uid: 0, gid: 0, umask: "0002", withoutIdMap: refuse}', 'wider', 'identity.umask 022 02'],
    ['environment: {API: one}', 'wider', 'environment.API nothing one'],
    ['environment: {LANG: C}', 'incomparable', 'environment.LANG "C.UTF-8" "C"'],
    ['requestEnvironment: [LC_ALL]', 'equal', ''],
    ['requestEnvironment: ["LC*"]', 'wider', 'requestEnvironment nothing LC*'],
    ['hostname: other', 'equal', 'hostname leeward other'],
    ['runtime: python-data', 'incomparable', 'runtime python python-data'],
  ])('with %s: %s', (line, relation, difference) => {
    const child = resolved(`version: 1\nkind: Policy\nname: child\nextends: [test]\n${line}\n`, 'child.yaml');
    const comparison = comparePolicies(policy, child);
    expect(comparison.relation).toBe(relation);
    const texts = comparison.differences.map(
      ({ field, a, b }) => `${field} ${a?.text ?? 'nothing'} ${b?.text ?? 'nothing'}`,
    );
    expect(texts).toEqual(difference === '' ? [] : [difference]);
  });

  it('with mode: audit: wider, for that and for each call that it lets through', () => {
    const child = resolved('version: 1\nkind: Policy\nname: child\nextends: [test]\nmode: audit\n', 'child.yaml');
    const { relation, differences } = comparePolicies(policy, child);
    expect(relation).toBe('wider');
    expect(differences.find(({ field }) => field === 'mode')).toMatchObject({
      a: { text: 'enforce' },
      b: { text: 'audit' },
    });
    expect(differences.some(({ a, b }) => /^reported E/.test(a?.text ?? '') && b?.text === 'reported allow')).toBe(
      true,
    );
    expect(comparePolicies(child, policy).relation).toBe('narrower');
  });
});
