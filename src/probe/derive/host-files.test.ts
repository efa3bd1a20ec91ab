import { describe, expect, it } from 'vitest';
import { hostWith } from '../../../test/policy/host-with.js';
import { fakeHost, readFile, resolveText, shippedRuntime } from '../../../test/policy/shipped.js';
import { compilePolicy } from '../../policy/index.js';
import type { CompiledPolicy } from '../../policy/types.js';
import { placesOfHost } from './host-files.js';

/** python, which may read /usr/lib but not /usr. */
function compiled(): CompiledPolicy {
  const source = `version: 1
kind: Policy
name: test
extends: [builtin:python@1]
runtime: python
landlock: {read: [/usr/lib], remove: [/usr, /lib64, /etc/localtime]}
`;
  const { value: policy } = resolveText(source, { python: readFile('policies/python.yaml').text });
  const { value } = policy === undefined ? {} : compilePolicy(policy, shippedRuntime('python'), fakeHost());
  if (value === undefined) throw new Error('does not compile');
  return value;
}

const pathsOn = (...files: string[]) =>
  placesOfHost(compiled(), hostWith(files)).map(({ path, kind }) => `${kind} ${path}`);

describe('placesOfHost', () => {
  it('has where a rule ends within a mount, what lies beside it, and a file beneath each', () => {
    expect(pathsOn('/usr/lib/python/os.py', '/usr/notes', '/usr/bin/env', '/usr/share/doc')).toEqual([
      'directory /usr/lib',
      'file /usr/notes',
      'directory /usr/bin',
      'file /usr/lib/python/os.py',
      'file /usr/bin/env',
    ]);
  });

  it('names things as the sandbox has them', () => {
    expect(pathsOn('/usr/lib/leeward/worker/zygote.py')).toContain('file /opt/leeward/worker/zygote.py');
  });

  it('has nothing that not everybody may read, or that is no file', () => {
    expect(pathsOn()).toEqual([]);
  });

  it('comes to an end where directories have none', () => {
    const endless = { names: () => ['a', 'b'], kind: () => 'directory' as const };
    expect(placesOfHost(compiled(), endless).map(({ path }) => path)).toEqual(['/usr/lib', '/usr/a']);
  });
});
