import { expect, it } from 'vitest';
import { findingsText, loaderWith } from '../../../test/policy/shipped.js';
import { showPolicy } from '../../policy/index.js';
import { shownJson } from './show.js';

const TEXT = `version: 1
kind: Policy
name: test
extends: [builtin:python@1]
syscalls:
  allow: [personality, {syscall: lookup_dcookie, args: {len: {max: 0xffffffffff}}}] # leeward-allow LW-S120: an old interpreter asks
  remove: [kill]
limits: {pids: 65}
`;

it('gives programs every value with its places, as plain JSON', () => {
  const { value, diagnostics } = showPolicy({ file: 'test.yaml', text: TEXT }, loaderWith());
  if (value === undefined) throw new Error(findingsText(diagnostics));
  const json = shownJson(value) as { values: { path: string[]; value: unknown }[] };
  const at = (...path: string[]) => json.values.filter((shown) => shown.path.join() === path.join());
  expect(json).toMatchObject({
    name: 'test',
    abstract: false,
    files: ['policies/builtin/groups.yaml', 'policies/builtin/base.yaml', 'policies/python.yaml', 'test.yaml'],
    removed: [{ path: ['syscalls', 'allow'], value: 'kill', origin: { file: 'test.yaml', line: 7, col: 12 } }],
    accepted: [{ code: 'LW-S120', reason: 'an old interpreter asks', origin: { file: 'test.yaml', line: 6 } }],
  });
  expect(at('limits', 'pids')).toEqual([
    {
      path: ['limits', 'pids'],
      entry: false,
      value: 65,
      origin: { file: 'test.yaml', line: 8, col: 16 },
      via: [],
      replaces: [{ value: 64, origin: { file: 'policies/builtin/base.yaml', line: 116, col: 9 } }],
      also: [],
      restricted_by: [],
    },
  ]);
  const brk = at('syscalls', 'allow').find((shown) => shown.value === 'brk');
  expect(brk).toMatchObject({ entry: true, via: [{ group: '@leeward/process-core' }, { group: '@leeward/vital' }] });
  const large = at('syscalls', 'allow').find((shown) => JSON.stringify(shown.value).includes('lookup_dcookie'));
  expect(large?.value).toEqual({ syscall: 'lookup_dcookie', args: { len: { max: 0xff_ffff_ffff } } });
});
