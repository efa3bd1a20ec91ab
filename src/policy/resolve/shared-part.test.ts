import { describe, expect, it } from 'vitest';
import { findingsText, loaderWith, placesOf } from '../../../test/policy/shipped.js';
import type { EffectivePolicy, SourceFile } from '../types.js';
import { resolvePolicy } from './resolve.js';

const head = (name: string) => `version: 1\nkind: Policy\nname: ${name}\n`;
const PARENT = {
  file: 'parent.yaml',
  text: `${head('parent')}extends: [builtin:python@1]\nsyscalls: {allow: [vhangup]}\n`,
};
const child = (name: string, rest = '') => ({
  file: `${name}.yaml`,
  text: `${head(name)}extends: [parent]\n${rest}`,
});

/** Resolves one after the other with the same objects of files, as a daemon does. */
function family(parent: SourceFile, grandparent?: SourceFile) {
  const builtin = loaderWith();
  const known = new Map<string, SourceFile | undefined>([
    ['parent', parent],
    ['grandparent', grandparent],
  ]);
  const loader = (reference: string) => {
    if (!known.has(reference)) known.set(reference, builtin(reference));
    return known.get(reference);
  };
  return (source: SourceFile) => resolvePolicy(source, loader);
}

function policyOf({ value, diagnostics }: ReturnType<ReturnType<typeof family>>): EffectivePolicy {
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return value;
}

describe('policies that say nothing about system calls', () => {
  it('have those of what they extend, as one object', () => {
    const resolve = family({ ...PARENT, text: PARENT.text.replace('vhangup', 'mincore') });
    const [a, b] = [policyOf(resolve(child('a'))), policyOf(resolve(child('b', 'hostname: b\n')))];
    expect(b.syscalls).toBe(a.syscalls);
    expect(a.syscalls.allow.map(({ syscall }) => syscall)).toContain('mincore');
  });

  it('have another once a file that they extend has another text', () => {
    const [before, after] = ['mincore', 'tee'].map((call) =>
      policyOf(family({ ...PARENT, text: PARENT.text.replace('vhangup', call) })(child('a'))),
    );
    expect(before?.syscalls.allow.map(({ syscall }) => syscall)).toContain('mincore');
    expect(after?.syscalls.allow.map(({ syscall }) => syscall)).not.toContain('mincore');
  });

  it('have another once a file that the same file extends has another text', () => {
    const grandparent = (call: string) =>
      `${head('grandparent')}extends: [builtin:python@1]\nsyscalls: {allow: [${call}]}\n`;
    const parent = { file: 'parent.yaml', text: PARENT.text.replace('builtin:python@1', 'grandparent') };
    const [before, after] = ['mincore', 'tee'].map((call) =>
      policyOf(family(parent, { file: 'grandparent.yaml', text: grandparent(call) })(child('a'))),
    );
    expect(before?.syscalls.allow.map(({ syscall }) => syscall)).toContain('mincore');
    expect(after?.syscalls.allow.map(({ syscall }) => syscall)).not.toContain('mincore');
  });

  it('each show what is wrong with what they extend', () => {
    const resolve = family({ ...PARENT, text: PARENT.text.replace('vhangup', 'no_such_call') });
    for (const name of ['a', 'b']) {
      const found = placesOf(resolve(child(name)).diagnostics);
      expect(found).toContain('LW-S100 parent.yaml:5:20');
    }
  });

  it('each show what they extend has too much of', () => {
    const resolve = family({ ...PARENT, text: PARENT.text.replace('vhangup', 'ptrace') });
    const [a, b] = [resolve(child('a')), resolve(child('b'))].map(({ diagnostics }) => placesOf(diagnostics));
    expect(a).toEqual(b);
    expect(a?.join(' ')).toContain('parent.yaml:5:20');
  });
});

describe('a policy that says something about system calls', () => {
  it('changes those of no other', () => {
    const resolve = family({ ...PARENT, text: PARENT.text.replace('vhangup', 'mincore') });
    const plain = policyOf(resolve(child('a')));
    const own = policyOf(resolve(child('b', 'syscalls: {allow: [tee]}\n')));
    const again = policyOf(resolve(child('c')));
    expect(own.syscalls.allow.map(({ syscall }) => syscall)).toContain('tee');
    expect(again.syscalls).toBe(plain.syscalls);
    expect(again.syscalls.allow.map(({ syscall }) => syscall)).not.toContain('tee');
  });

  it('has the very entries of what it extends, which nobody can change', () => {
    const resolve = family({ ...PARENT });
    const [a, b] = ['mincore', 'tee'].map((call) => policyOf(resolve(child(call, `syscalls: {allow: [${call}]}\n`))));
    for (const list of ['allow', 'restrict', 'rules'] as const) {
      const inherited = (policy: EffectivePolicy | undefined) =>
        policy?.syscalls[list].filter(({ origin }) => !/mincore|tee/.test(origin.file)) ?? [];
      expect(inherited(a).length).toBeGreaterThan(0);
      expect(inherited(a).every((entry, index) => entry === inherited(b)[index])).toBe(true);
      expect(inherited(a).every(Object.isFrozen)).toBe(true);
    }
  });

  it('gives a group of its parent another meaning for nobody else', () => {
    const resolve = family({ ...PARENT, text: PARENT.text.replace('vhangup', '"@own/more"') });
    const [a, b] = ['mincore', 'tee'].map((call) => {
      const source = child(`with-${call}`, `groups: {"@own/more": {description: more, allow: [${call}]}}\n`);
      return policyOf(resolve(source)).syscalls.allow.map(({ syscall }) => syscall);
    });
    expect([a?.includes('mincore'), a?.includes('tee')]).toEqual([true, false]);
    expect([b?.includes('mincore'), b?.includes('tee')]).toEqual([false, true]);
  });

  it('has all of what it extends, when another one had no room for it', () => {
    const resolve = family({ ...PARENT });
    const levels = Array.from({ length: 16 }, (_, level) => {
      const next = level === 15 ? 'mincore' : `"@own/l${level + 1}"`;
      return `  "@own/l${level}": {description: twice, allow: [${next}, ${next}]}\n`;
    });
    const found = placesOf(resolve(child('large', `groups:\n${levels.join('')}`)).diagnostics);
    expect(found.join()).toContain('LW-S127');
    const names = policyOf(resolve(child('small', 'syscalls: {allow: [tee]}\n'))).syscalls.allow;
    expect(names.map(({ syscall }) => syscall)).toEqual(expect.arrayContaining(['exit_group', 'read', 'tee']));
  });

  it.each([
    ['an entry', 'allow: [no_such_call]'],
    ['a group', 'allow: ["@no-such-group"]'],
    ['a rule', 'rules: [{names: [no_such_call], action: kill_process}]'],
    ['a restriction', 'restrict: {no_such_call: {a: 1}}'],
  ])('has what is wrong with %s of its parent, whoever had it before', (_, lines) => {
    const text = `${head('parent')}extends: [builtin:python@1]\nsyscalls: {${lines}}\n`;
    const resolve = family({ file: 'parent.yaml', text });
    const [a, b] = ['mincore', 'tee'].map((call) =>
      placesOf(resolve(child(call, `syscalls: {allow: [${call}]}\n`)).diagnostics),
    );
    expect(a?.join(' ')).toMatch(/LW-S10[02] parent\.yaml:5/);
    expect(b).toEqual(a);
  });

  it('is looked at for its own sake, too, when others that extend it were found right', () => {
    const restricting = `${head('parent')}extends: [builtin:python@1]\nsyscalls: {restrict: {bpf: {cmd: 0}}}\n`;
    const parent = { file: 'parent.yaml', text: restricting };
    const resolve = family(parent);
    const found = 'LW-S111 parent.yaml:5:23';
    expect(placesOf(resolve(child('a')).diagnostics)).not.toContain(found);
    expect(placesOf(resolve(parent).diagnostics)).toContain(found);
  });
});
