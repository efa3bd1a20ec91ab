import { describe, expect, it } from 'vitest';
import { kernelTable } from '../../kernel/table.js';
import type { ArgumentConditions, EffectiveSyscalls } from '../types.js';
import { Diagrams } from './diagrams.js';
import { callDiagrams, policyDiagram } from './meaning.js';

const range = { start: { line: 1, col: 1, offset: 0 }, end: { line: 1, col: 1, offset: 0 } };
const origin = { file: 'policy.yaml', range };

function where(name: string, ...words: string[]): ArgumentConditions {
  return new Map([[name, { value: { kind: 'oneOf', words }, origin }]]);
}

const closed = { action: 'errno', errno: 'EACCES', report: 'none', origin } as const;
const rule = { syscall: 'kill', args: where('sig', '9'), action: 'errno', errno: 'EPERM', report: 'none' } as const;
const allow = { syscall: 'kill', args: where('sig', '9', '15'), report: 'none', origin, via: [] } as const;
const restrict = { syscall: 'kill', args: where('pid', '1', '2'), origin };
const base: EffectiveSyscalls = {
  default: closed,
  allow: [allow],
  restrict: [restrict],
  rules: [{ ...rule, origin, locked: false }],
};

describe('a call that policies have in common', () => {
  const others: Readonly<Record<string, EffectiveSyscalls>> = {
    'its default': { ...base, default: { ...closed, errno: 'ENOENT' } },
    'the report of its default': { ...base, default: { ...closed, report: 'daemon' } },
    'a word of an allow entry': { ...base, allow: [{ ...allow, args: where('sig', '9', '14') }] },
    'the argument of an allow entry': { ...base, allow: [{ ...allow, args: where('pid', '9', '15') }] },
    'the kind of a condition': {
      ...base,
      allow: [{ ...allow, args: new Map([['sig', { value: { kind: 'range', min: '9', max: '15' }, origin }]]) }],
    },
    'the report of an allow entry': { ...base, allow: [{ ...allow, report: 'daemon' }] },
    'one more allow entry': { ...base, allow: [allow, { ...allow, args: where('sig', '2') }] },
    'a word of a restriction': { ...base, restrict: [{ ...restrict, args: where('pid', '1', '3') }] },
    'no restriction': { ...base, restrict: [] },
    'a word of a rule': { ...base, rules: [{ ...rule, origin, locked: false, args: where('sig', '15') }] },
    'the action of a rule': { ...base, rules: [{ ...rule, origin, locked: false, action: 'kill_process' }] },
    'the errno of a rule': { ...base, rules: [{ ...rule, origin, locked: false, errno: 'ENOSYS' }] },
    'the report of a rule': { ...base, rules: [{ ...rule, origin, locked: false, report: 'daemon' }] },
  };

  it.each(Object.entries(others))('has another meaning with another one: %s', (_, other) => {
    const diagrams = new Diagrams();
    const first = policyDiagram(diagrams, base, 'x86_64');
    expect(policyDiagram(diagrams, other, 'x86_64')).not.toBe(first);
    expect(policyDiagram(diagrams, base, 'x86_64')).toBe(first);
  });

  it('has the rule of the base before others', () => {
    const [mild, strict] = [
      { ...rule, origin, locked: true },
      { ...rule, origin, locked: false, action: 'kill_process' as const, errno: '' },
    ];
    const diagrams = new Diagrams();
    const meaning = (locked: boolean) => {
      const syscalls = { ...base, rules: [{ ...mild, locked }, strict] };
      return policyDiagram(diagrams, syscalls, 'x86_64');
    };
    expect(meaning(true)).not.toBe(meaning(false));
  });

  it('has another meaning where its numbers are other ones', () => {
    const diagrams = new Diagrams();
    const [x86, arm] = (['x86_64', 'arm64'] as const).map((arch) => {
      const table = kernelTable(arch);
      const syscalls = { ...base, allow: [{ ...allow, syscall: 'openat', args: where('flags', 'O_DIRECTORY') }] };
      const call = table.syscall('openat');
      return call === undefined ? undefined : callDiagrams(diagrams, syscalls, table)(call);
    });
    expect(x86).not.toBe(arm);
  });
});
