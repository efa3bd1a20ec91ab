import { expect, it } from 'vitest';
import { placesOf, resolveText } from '../../../test/policy/shipped.js';

function findings(landlock: string, mounts: string): string[] {
  const text = `version: 1
kind: Policy
name: test
extends: [builtin:python@1]
landlock: {${landlock}}
mounts: [${mounts}]
`;
  return placesOf(resolveText(text).diagnostics).filter((place) => place.startsWith('LW-F213'));
}

const OPEN = '{tmpfs: /w, size: 1MiB, inodes: 9, noexec: false}';

it.each([
  ['the same place', 'write: [/w], execute: [/w]', OPEN],
  ['a place above', 'write: [/w], execute: [/]', OPEN],
  ['a place below', 'write: [/w], execute: [/w/bin]', OPEN],
  ['an exact right', 'pathBeneath: [{allowedAccess: [make_reg], parent: [/w]}], execute: [/w]', OPEN],
])('what a job writes must not be executable: %s', (_, landlock, mounts) => {
  expect(findings(landlock, mounts)).toHaveLength(1);
});

it.each([
  ['the mount forbids it', 'write: [/w], execute: [/w]', OPEN.replace('false', 'true')],
  ['nothing is writable there', 'write: [/w], execute: [/usr/bin]', OPEN],
  ['only reading is granted', 'read: [/w], execute: [/w]', OPEN],
])('may be executable where %s', (_, landlock, mounts) => {
  expect(findings(landlock, mounts)).toEqual([]);
});
