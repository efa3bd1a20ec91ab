import { describe, expect, it } from 'vitest';
import { importOutcome } from '../../../test/policy/profiles.js';
import { placesOf } from '../../../test/policy/shipped.js';

const DEFAULT = '"defaultAction": "SCMP_ACT_ERRNO"';

/** A profile with one entry that allows `kill` with one argument; `change` takes the place of what is there. */
const entry = (change: string) =>
  `{${DEFAULT}, "syscalls": [{"names": ["kill"], "action": "SCMP_ACT_ALLOW", ${change}}]}`;
const argument = (change: string) => entry(`"args": [{"index": 0, ${change}, "op": "SCMP_CMP_EQ"}]`);

describe('a file that is no profile', () => {
  it.each([
    ['nothing', '', 'LW-P001 1:1'],
    ['an array', '[]', 'LW-P012 1:1'],
    ['broken JSON', `{${DEFAULT},\n "syscalls": [}`, 'LW-P001 2:15'],
    ['YAML', 'defaultAction: SCMP_ACT_ERRNO\n', 'LW-P001 1:1'],
    ['a comment in JSON', `{${DEFAULT} # closed\n}`, 'LW-P001 1:36'],
    ['no default', '{"syscalls": []}', 'LW-P011 1:1'],
    ['an action that there is none of', '{"defaultAction": "SCMP_ACT_ALOW"}', 'LW-P013 1:19'],
    ['a key that there is none of', `{${DEFAULT}, "syscal": []}`, 'LW-P010 1:37'],
    ['a key written twice', `{${DEFAULT}, "flags": [], "flags": []}`, 'LW-P002 1:50'],
    ['a prototype', `{${DEFAULT}, "__proto__": {}}`, 'LW-P010 1:37'],
    ['a name that is no name', entry('"names": ["kill\\n# x"]').replace('"names": ["kill"], ', ''), 'LW-P014 1:89'],
    ['no names', `{${DEFAULT}, "syscalls": [{"action": "SCMP_ACT_ALLOW"}]}`, 'LW-P011 1:50'],
    ['names in two ways', entry('"name": "kill"'), 'LW-P015 1:98'],
    [
      'architectures in two ways',
      `{${DEFAULT}, "architectures": ["SCMP_ARCH_X86"], "archMap": [{"architecture": "SCMP_ARCH_X86"}]}`,
      'LW-P015 1:73',
    ],
    ['other architectures', `{${DEFAULT}, "architectures": ["SCMP_ARCH_S390X"]}`, 'LW-P013 1:37'],
    [
      'an argument that there is none of',
      entry('"args": [{"index": 6, "value": 0, "op": "SCMP_CMP_EQ"}]'),
      'LW-P015 1:117',
    ],
    [
      'an operator that there is none of',
      entry('"args": [{"index": 0, "value": 0, "op": "SCMP_CMP_IN"}]'),
      'LW-P013 1:138',
    ],
    ['a negative number', argument('"value": -1'), 'LW-P015 1:129'],
    ['a fraction', argument('"value": 0.5'), 'LW-P012 1:129'],
    ['a number of 65 bits', argument('"value": 18446744073709551616'), 'LW-P014 1:129'],
    ['a number in quotes', argument('"value": "1"'), 'LW-P012 1:129'],
    ['a version that is none', entry('"includes": {"minKernel": "new"}'), 'LW-P014 1:124'],
    ['a file without end', `{${DEFAULT}, "listenerPath": "${'x'.repeat(300_000)}"}`, 'LW-P003 1:1'],
    ['lists without end', '['.repeat(1000), 'LW-P003 1:33'],
  ])('%s', (_, text, place) => {
    const { value, diagnostics } = importOutcome(text);
    expect(value).toBeUndefined();
    expect(placesOf(diagnostics, 'profile.json')).toContain(place);
  });
});

it('takes null for what is not said, as Go writes it', () => {
  const text = `{${DEFAULT}, "architectures": null, "archMap": null, "flags": null, "syscalls": [
    {"names": ["getpid"], "action": "SCMP_ACT_ALLOW", "args": null, "errnoRet": null, "includes": {"caps": null}, "excludes": null}]}`;
  expect(importOutcome(text).value?.text).toContain('getpid');
});

it('takes the largest number of 64 bits', () => {
  expect(importOutcome(argument('"value": 18446744073709551615')).diagnostics).toEqual([]);
});
