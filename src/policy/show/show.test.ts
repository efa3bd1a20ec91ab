import { describe, expect, it } from 'vitest';
import { findingsText, loaderWith, readFile, SHIPPED, shippedPolicy } from '../../../test/policy/shipped.js';
import { ARCHES } from '../../kernel/types.js';
import { POLICY_SCHEMA } from '../document/schema.gen.js';
import { Diagrams } from '../prove/diagrams.js';
import { policyDiagram } from '../prove/meaning.js';
import { placeText } from '../render/place-text.js';
import { renderShown } from '../render/shown.js';
import { BASE } from '../resolve/builtins.js';
import { resolvePolicy } from '../resolve/resolve.js';
import type { EffectivePolicy, PolicyLoader, SourceFile } from '../types.js';
import { showPolicy } from './show.js';
import type { Saying, ShownPolicy, ShownValue } from './shown.js';

const HEAD = 'version: 1\nkind: Policy\nname: test\n';

/** One line for each thing that `show` has to tell apart. */
const EVERYTHING = `${HEAD}extends: [parent]
description: "a description: with marks"
reuse: never
syscalls:
  default: {action: errno, errno: EPERM}
  allow: [wait4, exit_group, "@io-event", {syscall: socket, args: {domain: {min: 5}, type: {max: 9}}}]
  restrict: {mmap: {flags: {noneOf: [MAP_HUGETLB]}, prot: {noneOf: [PROT_EXEC]}}, wait4: {options: {max: 0x7fffffff}}}
  remove: [kill]
  rules:
    - {names: [sendfile], action: kill_process}
    - {names: [socket], args: {protocol: {mask: 0xf0, equals: 16}}, action: errno, errno: EPERM, report: none}
landlock:
  remove: [/lib64]
  read: [/usr, /models]
  pathBeneath: [{allowedAccess: [read_file, make_fifo], parent: [/tmp, /output]}]
mounts:
  - {tmpfs: /tmp, size: 10MiB, inodes: 5}
  - {source: /srv/models, target: /models, readOnly: true}
limits:
  timeout: {default: 5m, max: 1h}
environment: {HOME: /output, OCTAL: "010", EMPTY: "", COLON: "a: b", LINES: "a\\n b\\n"}
requestEnvironment: ["APP_*"]
tests: [{syscall: wait4, args: {options: -1}, expect: {errno: EPERM}}]
`;

const OTHERS = {
  parent: `version: 1
kind: Policy
name: parent
extends: [builtin:python@1]
syscalls:
  allow:
    - pause # leeward-allow LW-S119: x86-64 only
    - wait4
limits: {timeout: 3m, pids: 65}
`,
};

const files = new Map<string, SourceFile | undefined>();

/** The same object for the same file, which is then read once. */
const LIBRARY: PolicyLoader = (reference) => {
  if (!files.has(reference)) files.set(reference, loaderWith(OTHERS)(reference));
  return files.get(reference);
};

function shown(source: SourceFile, loader: PolicyLoader = LIBRARY): ShownPolicy {
  const { value, diagnostics } = showPolicy(source, loader);
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return value;
}

const everything = { file: 'test.yaml', text: EVERYTHING };

function valueAt(policy: ShownPolicy, path: string, entry?: unknown): ShownValue {
  const found = policy.values.find((value) => {
    return value.path.join('.') === path && (entry === undefined || value.value === entry);
  });
  if (found === undefined) throw new Error(`nothing is shown at ${path}`);
  return found;
}

const sayings = (list: readonly Saying[]) =>
  list.map(({ origin, via }) => [
    placeText(origin),
    ...via.map((group) => `${group.value} ${placeText(group.origin)}`),
  ]);

describe('the shown text', () => {
  const sources = [...SHIPPED.map((name) => readFile(`policies/${name}.yaml`)), everything];

  // Read as if it were the base, which extends nothing.
  it.each(sources)('of $file is a policy that means the same', (source) => {
    const before = resolved(source, LIBRARY);
    const again = { file: `${before.name}.yaml`, text: renderShown(shown(source)) };
    const after = resolved(again, (reference) => (reference === BASE ? again : undefined));
    expect(withoutPlaces(after)).toEqual(withoutPlaces(before));
    for (const arch of ARCHES) {
      const diagrams = new Diagrams();
      const meaning = ({ syscalls }: EffectivePolicy) => policyDiagram(diagrams, syscalls, arch);
      expect(meaning(after)).toBe(meaning(before));
    }
  });

  it('has every key of the policy language', () => {
    const head = ['version', 'kind', 'name', 'description', 'abstract', 'extends', 'groups'];
    const keys = Object.keys(POLICY_SCHEMA['properties'] as object).filter((key) => !head.includes(key));
    expect(new Set(shown(everything).values.map(({ path }) => path[0]))).toEqual(new Set(keys));
  });
});

/** All values but those about system calls, without the places and the files that they are from. */
function withoutPlaces({ files: _, syscalls: __, landlock, environment, ...rest }: EffectivePolicy): unknown {
  const paths = new Set(landlock.paths.map(({ path, access }) => `${access.join(' ')} ${path}`));
  const text = JSON.stringify(
    { ...rest, landlock: { ...landlock, paths: [...paths].sort() } },
    (key, value: unknown) => {
      if (key === 'origin') return undefined;
      if (typeof value === 'bigint') return `${value}n`;
      return value instanceof Map ? [...value] : value;
    },
  );
  return [JSON.parse(text), [...environment].map(([name, { value }]) => [name, value])];
}

function resolved(source: SourceFile, loader: PolicyLoader): EffectivePolicy {
  const { value, diagnostics } = resolvePolicy(source, loader);
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return value;
}

describe('a value', () => {
  const policy = shown(everything);

  it('has the place that decides, which is the one that the compiler goes by', () => {
    const { limits, hostname, denials, identity, landlock } = shippedPolicy('python-data');
    const values = shown(readFile('policies/python-data.yaml'));
    for (const [path, { origin }] of Object.entries({ hostname, denials, 'identity.uid': identity.uid }))
      expect(valueAt(values, path).origin).toEqual(origin);
    expect(valueAt(values, 'landlock.abi').origin).toEqual(landlock.abi.origin);
    expect(valueAt(values, 'limits.cpus').origin).toEqual(limits.milliCpus.origin);
  });

  it('knows all that it took the place of, nearest first', () => {
    const { value, origin, replaces } = valueAt(policy, 'limits.timeout');
    expect([value, placeText(origin)]).toEqual([{ default: '5m', max: '1h' }, 'test.yaml:23:12']);
    expect(replaces.map((other) => other.value)).toEqual(['3m', { default: '30s', max: '1h' }]);
    expect(replaces.map((other) => other.origin.file)).toEqual(['parent.yaml', 'policies/builtin/base.yaml']);
  });

  it('of a mount replaces the one with the same target, and keeps its place in the order', () => {
    const tmp = policy.values.filter(
      ({ path, value }) => path[0] === 'mounts' && JSON.stringify(value).includes('/tmp'),
    );
    expect(tmp).toMatchObject([{ value: { size: '10MiB' }, replaces: [{ value: { size: '100MiB' } }] }]);
    expect(policy.values.filter(({ path }) => path[0] === 'mounts').at(-1)?.value).toMatchObject({ target: '/models' });
  });

  it('of a union knows the other places', () => {
    expect(sayings(valueAt(policy, 'landlock.read', '/usr').also)).toEqual([['test.yaml:17:10']]);
  });

  it('of an allowed call knows its groups, and where it is allowed again or narrowed', () => {
    const wait4 = valueAt(policy, 'syscalls.allow', 'wait4');
    expect(sayings([wait4, ...wait4.also])).toEqual([['parent.yaml:8:7'], ['test.yaml:9:11']]);
    expect(wait4.restrictedBy.map(placeText)).toEqual(['test.yaml:10:83']);
    const brk = valueAt(policy, 'syscalls.allow', 'brk');
    expect(brk.via.map(({ value }) => value)).toEqual(['@leeward/process-core', '@leeward/vital']);
  });

  it('of a rule replaces the answer that is less strict', () => {
    const rules = policy.values.filter(({ path }) => path[1] === 'rules');
    const sendfile = rules.find(({ value }) => (value as { names: string[] }).names.includes('sendfile'));
    expect(sendfile).toMatchObject({ value: { action: 'kill_process' }, replaces: [{ value: { errno: 'ENOTSOCK' } }] });
  });

  it('of a restriction that two files have is shown once', () => {
    const flags = policy.values.filter(({ path }) => path.join('.') === 'syscalls.restrict.mmap.flags');
    expect(flags.map(({ origin, also }) => [origin.file, ...also.map((other) => other.origin.file)])).toEqual([
      ['policies/builtin/base.yaml', 'test.yaml'],
    ]);
  });
});

describe('what does not hold', () => {
  it('is shown with the place that removes it and the places that say it', () => {
    const removed = shown(everything).removed.map(({ path, value, origin, said }) => {
      return [path.join('.'), value, placeText(origin), said.flatMap(({ via }) => via.map((group) => group.value))];
    });
    expect(removed).toEqual([
      ['syscalls.allow', 'kill', 'test.yaml:11:12', ['@leeward/signal-self']],
      ['landlock.read', '/lib64', 'test.yaml:16:12', []],
    ]);
  });

  it('is an allowed path, too', () => {
    const { values, removed } = shown({
      file: 'test.yaml',
      text: `${HEAD}extends: [builtin:python@1]\nrequestMounts: {remove: [/data/jobs], allowedPaths: [/srv]}\n`,
    });
    const allowed = values.filter(({ path }) => path.join('.') === 'requestMounts.allowedPaths');
    expect(allowed.map(({ value }) => value)).toEqual(['/srv']);
    expect(removed).toMatchObject([
      {
        path: ['requestMounts', 'allowedPaths'],
        value: '/data/jobs',
        origin: { file: 'test.yaml', range: { start: { line: 5 } } },
        said: [{ origin: { file: 'policies/python.yaml' } }],
      },
    ]);
  });

  it('is not shown as if it held', () => {
    const { values } = shown(everything);
    expect(values.some(({ value }) => value === 'kill' || value === '/lib64')).toBe(false);
  });
});

it('shows the findings that a comment accepts, at the value when it has one', () => {
  expect(shown(everything).accepted).toMatchObject([{ code: 'LW-S119', reason: 'x86-64 only' }]);
  expect(renderShown(shown(everything))).toMatch(
    /- pause +# .*\n +# .*also parent.yaml:7:7\n +# +accepts LW-S119: x86-64 only\n/,
  );
  const elsewhere = shown({ file: 'test.yaml', text: `${EVERYTHING}# leeward-allow LW-S120: nothing is here\n` });
  expect(renderShown(elsewhere)).toContain('accepted:\n#   test.yaml:27:1: accepts LW-S120: nothing is here\n');
});

it('shows policies that are only there to be extended', () => {
  const base = LIBRARY(BASE);
  if (base === undefined) throw new Error('there is no base');
  expect(renderShown(shown(base))).toContain('\nabstract: true\n');
});

it('shows nothing of a policy with errors', () => {
  const { value, diagnostics } = showPolicy({ file: 'test.yaml', text: `${HEAD}extends: [nothing]\n` }, LIBRARY);
  expect(value).toBeUndefined();
  expect(diagnostics.map(({ code }) => code)).toEqual(['LW-P020']);
});

it('is the text of the golden file', async () => {
  await expect(renderShown(shown(readFile('policies/python-data.yaml')))).toMatchFileSnapshot(
    '../../../test/golden/python-data/show.txt',
  );
});
