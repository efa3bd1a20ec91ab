import { describe, expect, it } from 'vitest';
import { DOCKER, imported, importOutcome, profileWith } from '../../../test/policy/profiles.js';
import type { ImportOptions } from '../../policy/index.js';
import type { SourceFile } from '../../policy/types.js';
import { importExitCode, importFile, importJson, importLossLine } from './import.js';

const REQUEST = { file: 'some/docker.json', name: undefined, runtime: 'python', arch: undefined };
const text = JSON.stringify(DOCKER, null, 2);

/** A library of one file. */
const library = {
  file: (file: string): SourceFile | undefined => (file.endsWith('none.json') ? undefined : { file, text }),
  importedProfile: (source: SourceFile, options: ImportOptions) => imported(source.text, options),
};

describe('the profile of a file', () => {
  it('has its name, without the folder', () => {
    const { document, text: policy } = importFile(library, REQUEST);
    expect(document).toMatchObject({ name: 'docker', description: 'system calls of docker.json', runtime: 'python' });
    expect(policy).toMatch(/^# The system calls of docker\.json, /);
  });

  it('has the name and runtime that are asked for', () => {
    const { document } = importFile(library, { ...REQUEST, name: 'mine', runtime: 'other' });
    expect(document).toMatchObject({ name: 'mine', runtime: 'other' });
  });

  it.each([
    [{ file: 'a_b.json' }, "'a_b' cannot be the name of a policy"],
    [{ name: '7' }, "'7' cannot be the name of a policy"],
    [{ name: 'a\nkind: Tenant' }, "'a\nkind: Tenant' cannot be the name of a policy"],
    [{ runtime: 'A' }, "'A' cannot be the name of a runtime"],
    [{ file: 'none.json' }, 'there is no file none.json'],
  ])('is refused for %j', (change, message) => {
    expect(() => importFile(library, { ...REQUEST, ...change })).toThrow(message);
  });

  it('has a file name without what would end a comment', () => {
    const { text: policy } = importFile(library, { ...REQUEST, file: 'a\nb\u202e.json', name: 'mine' });
    expect(policy).toMatch(/^# The system calls of a\?b\?\.json, /);
  });
});

it('gives programs the policy as data, and every loss with its place', () => {
  const large = JSON.stringify(
    profileWith([{ name: 'lseek', action: 'SCMP_ACT_ALLOW', args: [{ index: 1, value: 7777, op: 'SCMP_CMP_EQ' }] }]),
  );
  const { policy, arches, losses } = importJson(imported(large.replace('7777', '18446744073709551614'))) as {
    policy: { groups: Record<string, { allow: unknown[] }> };
    arches: string[];
    losses: object[];
  };
  expect(policy.groups['@test/calls']?.allow).toContainEqual({
    syscall: 'lseek',
    args: { offset: '18446744073709551614' },
  });
  expect(arches).toEqual(['x86_64', 'arm64']);
  expect(losses[0]).toMatchObject({
    kind: 'base',
    file: 'profile.json',
    line: 1,
    calls: [expect.any(String)],
    example: expect.any(String),
  });
});

it('names each loss on a line, and ends with 1 only for losses', () => {
  const result = imported(DOCKER);
  expect(importExitCode(result)).toBe(1);
  expect(importLossLine(result.losses[0] as (typeof result.losses)[number])).toMatch(/^profile\.json:2:20 number: /);
  expect(importExitCode({ ...result, losses: [] })).toBe(0);
  expect(importOutcome('{}').value).toBeUndefined();
});
