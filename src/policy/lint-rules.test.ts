import { describe, expect, it } from 'vitest';
import { fakeHost, loaderWith, shippedPolicy, shippedRuntime } from '../../test/policy/shipped.js';
import type { Diagnostic } from '../errors/diagnostic.js';
import { compilePolicy, lintPolicy, provePlan, resolvePolicy } from './index.js';
import { LINT_CATALOG, type LintCode } from './lint-catalog.gen.js';
import type { HostFacts } from './types.js';

/** A file in which one rule is broken, and the place at which it must be found. */
interface Case {
  readonly text: string;
  readonly at: `${number}:${number}`;
  readonly others?: Readonly<Record<string, string>>;
  /** Found when it is compiled for a host, not before. */
  readonly host?: Partial<HostFacts>;
  /** Where it is found. */
  readonly file?: string;
  /** Name of the file itself, where it is not `test.yaml`. */
  readonly name?: string;
  /** A second file that is checked together with it. */
  readonly beside?: string;
  /** Names of those that there are, where somebody asks. */
  readonly runtimes?: readonly string[];
}

const HEAD = 'version: 1\nkind: Policy\nname: test\n';
/** Three lines and `extends`: what follows begins at line 5. */
const BARE = `${HEAD}extends: [builtin:base@1]\n`;
const PYTHON = `${HEAD}extends: [builtin:python@1]\n`;
const RUNTIME = 'version: 1\nkind: Runtime\nname: test\n';
/** Four lines: what follows begins at line 5. */
const TENANT = 'version: 1\nkind: Tenant\nname: test\nidentities: {uids: [1201], gids: [1300]}\n';
const OTHER_TENANT = 'version: 1\nkind: Tenant\nname: other\nidentities: {uids: [1202]}\npolicies: [shared]\n';
const SHARED = {
  shared: `${PYTHON}requestMounts: {allowedPaths: [/srv/jobs]}\n`.replace('name: test', 'name: shared'),
};
const child = (rest: string, parent = 'builtin:python@1') =>
  `${HEAD}extends: [parent]\n`.replace('parent', parent) + rest;

const missingHost = (path: string): Partial<HostFacts> => {
  const { resolve } = fakeHost();
  return { resolve: (asked) => (asked === path ? { real: path, kind: 'missing' } : resolve(asked)) };
};

const CASES: Readonly<Record<LintCode, Case>> = {
  'LW-P001': { text: `${PYTHON}limits: {pids: 3\n`, at: '6:1' },
  'LW-P002': { text: `${PYTHON}name: other\n`, at: '5:1' },
  'LW-P003': { text: `${PYTHON}tests: ${'['.repeat(40)}${']'.repeat(40)}\n`, at: '5:39' },
  'LW-P004': { text: `%YAML 1.1\n---\n${PYTHON}`, at: '1:1' },
  'LW-P005': { text: `${PYTHON}devices: &d [zero]\ntests: [${'*d, '.repeat(65)}]\n`, at: '6:265' },
  'LW-P006': { text: `${PYTHON}limits: {pids: 0700}\n`, at: '5:16' },
  'LW-P007': { text: `${PYTHON}description: "a\\0b"\n`, at: '5:14' },
  'LW-P010': { text: `${PYTHON}limitss: {}\n`, at: '5:1' },
  'LW-P011': { text: `${PYTHON}root: {size: 1MiB}\n`, at: '5:1' },
  'LW-P012': { text: `${PYTHON}limits: {pids: many}\n`, at: '5:16' },
  'LW-P013': { text: `${PYTHON}mode: enforced\n`, at: '5:7' },
  'LW-P014': { text: `${PYTHON}workingDirectory: tmp\n`, at: '5:19' },
  'LW-P015': { text: `${PYTHON}limits: {openFiles: 4}\n`, at: '5:21' },
  'LW-P016': { text: `${PYTHON}limits: {memory: 100M}\n`, at: '5:18' },
  'LW-P020': { text: `${HEAD}extends: [builtin:pyton@1]\n`, at: '4:11' },
  'LW-P021': { text: child('', 'a'), others: { a: child('', 'b'), b: child('', 'a') }, at: '4:11' },
  'LW-P022': { text: HEAD, at: '3:1' },
  'LW-P023': { text: PYTHON, name: 'other.yaml', file: 'other.yaml', at: '3:7' },
  'LW-P024': { text: `${PYTHON}abstract: true\n`, host: {}, at: '3:1' },
  'LW-P025': { text: `${PYTHON}network: host\n`, at: '5:10' },
  'LW-P026': { text: PYTHON.replace('kind: Policy', 'kind: Pod'), at: '2:7' },
  'LW-P027': { text: `${PYTHON}mode: enforce # leeward-allow LW-S120\n`, at: '5:15' },
  'LW-P028': { text: child('', 'a'), others: { a: HEAD }, at: '3:1' },
  'LW-P029': { text: `${PYTHON}environment: {LONG: ${'x'.repeat(4096)}}\n`, host: {}, at: '3:1' },
  'LW-P030': { text: `${PYTHON}mode: enforce # leeward-allow LW-S120: it was needed once\n`, at: '5:15' },
  'LW-P031': { text: `${PYTHON}mode: audit\n`, at: '5:7' },
  'LW-P032': { text: `${PYTHON}reuse: {times: 9}\n`, at: '5:8' },
  'LW-S100': { text: `${PYTHON}syscalls: {allow: [opennat]}\n`, at: '5:20' },
  'LW-S101': { text: `${PYTHON}syscalls: {allow: [{syscall: read, args: {fd: 0}}]}\n`, at: '5:20' },
  'LW-S102': { text: `${PYTHON}syscalls: {allow: ["@leeward/thread"]}\n`, at: '5:20' },
  'LW-S103': { text: `${PYTHON}syscalls: {allow: ["@process"]}\n`, at: '5:20' },
  'LW-S104': { text: `${PYTHON}groups: {"@a/x": {allow: ["@a/x"]}}\n`, at: '5:27' },
  'LW-S105': { text: `${PYTHON}syscalls: {allow: [{syscall: wait4, args: {pidd: 1}}]}\n`, at: '5:50' },
  'LW-S106': { text: `${PYTHON}syscalls: {allow: [{syscall: connect, args: {addr: 8}}]}\n`, at: '5:52' },
  'LW-S107': { text: `${PYTHON}syscalls: {allow: [{syscall: socket, args: {domain: AF_UNIXX}}]}\n`, at: '5:53' },
  'LW-S108': { text: `${PYTHON}syscalls: {allow: [{syscall: ioctl, args: {request: -1}}]}\n`, at: '5:53' },
  'LW-S109': { text: `${PYTHON}syscalls: {allow: [{syscall: ioctl, args: {fd: 0}}]}\n`, at: '5:20' },
  'LW-S110': { text: `${PYTHON}syscalls: {remove: [socket]}\n`, at: '5:21' },
  'LW-S111': { text: `${PYTHON}syscalls: {restrict: {socket: {domain: 1}}}\n`, at: '5:23' },
  'LW-S112': { text: `${PYTHON}syscalls: {allow: [clone3]}\n`, at: '5:20' },
  'LW-S113': { text: `${PYTHON}syscalls: {rules: [{names: [ptrace], action: errno, errno: EPERM}]}\n`, at: '5:29' },
  'LW-S114': { text: `${PYTHON}syscalls: {allow: [ptrace]}\n`, at: '5:20' },
  'LW-S116': { text: `${BARE}syscalls: {allow: [read]}\n`, at: '5:1' },
  'LW-S117': { text: `${PYTHON}syscalls: {default: {action: errno, errno: EACCESS}}\n`, at: '5:21' },
  'LW-S118': {
    text: `${PYTHON}syscalls: {rules: [{names: [socket], args: {domain: 2}, action: errno, errno: EPERM}]}\n`,
    at: '5:29',
  },
  'LW-S119': { text: `${PYTHON}syscalls: {allow: [arch_prctl]}\n`, at: '5:20' },
  'LW-S120': { text: `${PYTHON}syscalls: {allow: [personality]}\n`, at: '5:20' },
  'LW-S121': {
    text: `${PYTHON}syscalls: {allow: [{syscall: socket, args: {type: {mask: 1, equals: 2}}}]}\n`,
    at: '5:51',
  },
  'LW-S122': { text: `${PYTHON}syscalls:\n${manyConditions()}`, at: '3:1' },
  'LW-S123': { text: `${PYTHON}syscalls: {allow: [{syscall: read, report: daemon}]}\n`, at: '5:20' },
  'LW-S124': { text: `${PYTHON}groups: {"@leeward/threads": {allow: []}}\n`, at: '5:10' },
  'LW-S125': {
    text: `${PYTHON}syscalls: {allow: [{syscall: socket, args: {type: {oneOf: [${upTo(70)}]}}}]}\n`,
    at: '3:1',
  },
  'LW-S126': { text: `${PYTHON}syscalls: {restrict: {lseek: {whence: SEEK_SET}}}\n`, at: '5:23' },
  'LW-S127': { text: `${PYTHON}groups:\n${doublingGroups()}`, at: '18:3' },
  'LW-S128': { text: `${PYTHON}syscalls:\n  allow:\n${overlappingBits()}`, at: '22:7' },
  'LW-S130': { text: PYTHON, at: '19:7', file: 'policies/builtin/base.yaml' },
  'LW-F200': {
    text: `${BARE}landlock: {read: [/models]}\n`,
    at: '5:19',
  },
  'LW-F201': { text: `${PYTHON}landlock: {read: [/models]}\n`, at: '5:19' },
  'LW-F202': { text: `${PYTHON}landlock: {minimumAbi: 7}\n`, at: '5:24' },
  'LW-F203': { text: `${PYTHON}landlock: {remove: [/usr/share]}\n`, at: '5:21' },
  'LW-F204': { text: `${PYTHON}landlock: {minimumAbi: 2}\n`, host: { landlockAbi: 1 }, at: '5:24' },
  'LW-F205': {
    text: `${PYTHON}landlock: {abi: 2, pathBeneath: [{allowedAccess: [truncate], parent: [/tmp]}]}\n`,
    at: '5:71',
  },
  'LW-F206': { text: `${PYTHON}landlock: {minimumAbi: 0}\n`, at: '5:24' },
  'LW-F207': {
    text: `${PYTHON}mounts: [{source: "/x/\${job.id}", target: /x, optional: true}]\n`,
    host: {},
    at: '5:10',
  },
  'LW-F208': { text: `${PYTHON}mounts: [{source: /srv/models, target: /m, readOnly: true}]\n`, at: '5:10' },
  'LW-F209': { text: `${PYTHON}landlock: {write: [/usr]}\n`, at: '5:20' },
  'LW-F210': { text: `${PYTHON}landlock: {read: [/mnt]}\n`, at: '5:19' },
  'LW-F211': { text: `${PYTHON}landlock: {read: [/input/a]}\n`, at: '5:19' },
  'LW-F212': {
    text: `${PYTHON}landlock: {pathBeneath: [{allowedAccess: [make_sym], parent: [/output]}]}\n`,
    at: '5:63',
  },
  'LW-F213': {
    text: `${PYTHON}mounts: [{tmpfs: /w, size: 1MiB, inodes: 9, noexec: false}]\nlandlock: {write: [/w], execute: [/w/bin]}\n`,
    at: '6:35',
  },
  'LW-M300': { text: `${PYTHON}mounts:\n${'  - {tmpfs: /a, size: 1MiB, inodes: 9}\n'.repeat(2)}`, at: '7:5' },
  'LW-M301': { text: `${PYTHON}mounts: [{tmpfs: /tmp, size: 1MiB, inodes: 9}]\n`, at: '5:10' },
  'LW-M302': { text: `${PYTHON}mounts: [{tmpfs: /usr/tmp, size: 1MiB, inodes: 9}]\n`, at: '5:10' },
  'LW-M303': {
    text: `${PYTHON}mounts: [{source: /nothing, target: /n, readOnly: true}]\nlandlock: {read: [/n]}\n`,
    host: {},
    at: '5:10',
  },
  'LW-M304': { text: `${PYTHON}requestMounts: {allowedPaths: ["/x/\${user}"]}\n`, at: '5:32' },
  'LW-M306': { text: `${PYTHON}mounts: [{source: /srv/x, target: /x}]\nlandlock: {write: [/x]}\n`, at: '5:10' },
  'LW-M307': {
    text: `${PYTHON}mounts: [{source: /srv, target: /x, readOnly: true, create: {mode: "0700"}}]\n`,
    at: '5:53',
  },
  'LW-M309': { text: `${PYTHON}requestMounts: {fileSystems: [ext5]}\n`, at: '5:31' },
  'LW-M310': { text: `${PYTHON}requestMounts: {parents: {readOnly: /mnt, writable: /mnt/rw}}\n`, at: '5:26' },
  'LW-M311': {
    text: `${PYTHON}mounts: [{source: /run/docker.sock, target: /s, readOnly: true}]\nlandlock: {read: [/s]}\n`,
    at: '5:19',
  },
  'LW-M312': {
    text: child('', 'a'),
    others: { a: `${BARE}mounts: [{tmpfs: /opt/leeward/worker, size: 1MiB, inodes: 9}]\nlandlock: {write: [/opt]}\n` },
    at: '3:1',
  },
  'LW-M313': { text: PYTHON, host: missingHost('/usr/bin/python3'), file: 'policies/python.yaml', at: '7:10' },
  'LW-M314': { text: PYTHON, host: missingHost('/dev/full'), file: 'policies/builtin/base.yaml', at: '101:25' },
  'LW-M315': { text: `${PYTHON}workingDirectory: /work\n`, at: '5:19' },
  'LW-M316': { text: `${PYTHON}root: {size: 0, inodes: 99}\n`, at: '5:7' },
  'LW-M317': { text: `${PYTHON}requestMounts: {remove: [/data/job]}\n`, at: '5:26' },
  'LW-L400': { text: HEAD, at: '3:1' },
  'LW-L401': { text: `${PYTHON}limits: {timeout: {default: 2h, max: 1h}}\n`, at: '5:19' },
  'LW-L402': { text: `${PYTHON}limits: {pids: 65}\n`, at: '5:16' },
  'LW-L403': { text: `${PYTHON}limits: {memory: 0}\n`, at: '5:18' },
  'LW-L405': { text: `${PYTHON}limits: {memory: {default: 100B, max: 1GiB}}\n`, at: '5:18' },
  'LW-L404': { text: `${PYTHON}requestMounts: {deadline: 61m}\n`, at: '5:27' },
  'LW-E500': { text: `${PYTHON}requestEnvironment: ["LD_*"]\n`, at: '5:22' },
  'LW-E501': { text: `${PYTHON}environment: {PATH: /usr/bin}\n`, at: '5:15' },
  'LW-E502': { text: `${PYTHON}environment: {LD_PRELOAD: /x.so}\n`, at: '5:15' },
  'LW-I600': { text: HEAD, at: '3:1' },
  'LW-T700': { text: `${PYTHON}tests: [{syscall: socket, expect: allow}]\n`, at: '5:9' },
  'LW-T701': { text: `${PYTHON}tests: [{syscall: arch_prctl, expect: {errno: EACCES}}]\n`, at: '5:9' },
  'LW-R800': { text: `${RUNTIME}pool: {standby: 9, max: 2}\n`, at: '4:17' },
  'LW-R801': { text: `${PYTHON}runtime: python-data\n`, host: {}, at: '5:10' },
  'LW-R803': { text: `${RUNTIME}warmup: ${'x'.repeat(4090)}\n`, at: '4:1' },
  'LW-R802': {
    text: `${HEAD}extends: [builtin:python-data@1]\n`,
    host: { runtimeDirectory: null },
    file: 'policies/python-data.yaml',
    at: '7:10',
  },
  'LW-R804': { text: `${PYTHON}runtime: pyton\n`, runtimes: ['python'], at: '5:10' },
  'LW-U900': { text: `${TENANT}policies: [a]\n`, at: '5:12' },
  'LW-U901': { text: `${TENANT}policies: [shared]\ndefault: strict\n`, others: SHARED, at: '6:10' },
  'LW-U902': { text: `${TENANT.replace('1201', '1202')}policies: [shared]\n`, beside: OTHER_TENANT, at: '4:21' },
  'LW-U903': {
    text: `${TENANT}policies: [shared]\n`,
    others: SHARED,
    beside: OTHER_TENANT,
    file: 'shared.yaml',
    at: '5:32',
  },
  'LW-U904': { text: `${TENANT}policies: [shared]\n`, others: SHARED, at: '3:1' },
  'LW-U905': {
    text: `${TENANT}policies: [shared]\nceiling: lower\n`,
    others: { ...SHARED, lower: `${PYTHON.replace('test', 'lower')}limits: {pids: 3}\n` },
    at: '5:12',
  },
  'LW-U906': { text: `${TENANT.replace(/name: .*/, 'name: local')}policies: [shared]\n`, others: SHARED, at: '3:7' },
};

function upTo(count: number): string {
  return Array.from({ length: count }, (_, index) => index).join(', ');
}

/** Each names the one before it twice. */
function doublingGroups(): string {
  const groups = Array.from({ length: 20 }, (_, index) => `"@a/g${index}", "@a/g${index}"`);
  return ['read', ...groups].map((names, index) => `  "@a/g${index}": {allow: [${names}]}\n`).join('');
}

/** Each has a bit of one argument of its own, and another value of another argument. */
function overlappingBits(): string {
  const entries = Array.from({ length: 16 }, (_, index) => {
    return `{syscall: setpriority, args: {which: {mask: ${1 << index}, equals: ${1 << index}}, who: ${index}}}`;
  });
  return entries.map((entry) => `    - ${entry}\n`).join('');
}

function manyConditions(): string {
  const values = Array.from({ length: 250 }, (_, index) => index * 3 + 1);
  const entries = Array.from({ length: 20 }, (_, index) => {
    const types = values.map((value) => value + index).join(', ');
    return `    - {syscall: socket, args: {domain: ${index}, type: {oneOf: [${types}]}}}\n`;
  });
  return `  default: {action: errno, errno: EACCES}\n  allow:\n${entries.join('')}`;
}

// A chain without these values cannot be written with the shipped base, so the base itself is changed.
const BROKEN_BASES: Partial<Record<LintCode, readonly [from: string, to: string]>> = {
  'LW-P028': ['\nhostname: leeward', ''],
  'LW-L400': ['\n  swap: 0', ''],
  'LW-I600': ['namespaces: [user, pid, ', 'namespaces: [user, '],
};

function findingsOf(
  code: LintCode,
  { text, others, host, name = 'test.yaml', beside, runtimes }: Case,
): readonly Diagnostic[] {
  if (code === 'LW-S130') return corruptedFilter();
  const change = BROKEN_BASES[code];
  const source = { file: name, text };
  const loader = Object.assign(loaderWith(others), runtimes && { runtimes: () => runtimes });
  if (change !== undefined) {
    const changed = (reference: string) => {
      const found = loader(reference);
      return found && { ...found, text: found.text.replace(...change) };
    };
    return lintPolicy([{ ...source, text: PYTHON }], changed).diagnostics;
  }
  if (host === undefined)
    return lintPolicy(beside === undefined ? [source] : [{ file: 'other.yaml', text: beside }, source], loader)
      .diagnostics;
  const { value, diagnostics } = resolvePolicy(source, loader);
  if (value === undefined) return diagnostics;
  const runtime = code === 'LW-R802' ? 'python-data' : 'python';
  return compilePolicy(value, shippedRuntime(runtime), fakeHost('x86_64', host)).diagnostics;
}

/** A filter in which the answer to one call was changed behind the compiler's back. */
function corruptedFilter(): readonly Diagnostic[] {
  const policy = shippedPolicy('python');
  const compiled = compilePolicy(policy, shippedRuntime('python'), fakeHost()).value;
  if (compiled === undefined) throw new Error('python compiles');
  const exitGroup = compiled.plan.notify.map((answer) => ({ ...answer, action: 'errno' as const, errno: 1 }));
  return provePlan({ ...compiled.plan, notify: exitGroup }, policy).diagnostics;
}

describe('each rule of the catalogue', () => {
  it.each(Object.keys(LINT_CATALOG) as LintCode[])('%s is found at its place', (code) => {
    const wanted = CASES[code];
    const found = findingsOf(code, wanted).filter((diagnostic) => diagnostic.code === code);
    const places = found.map(({ range }) => `${range.start.line}:${range.start.col}`);
    expect(places).toContain(wanted.at);
    const file = wanted.file ?? 'test.yaml';
    expect(found.map((diagnostic) => diagnostic.file)).toContain(BROKEN_BASES[code] ? 'test.yaml' : fileOf(code, file));
    expect(found[0]?.severity).toBe(LINT_CATALOG[code].severity);
    expect(found[0]?.message).toMatch(/^[^A-Z]/);
  });

  it('has a case, and every case a rule', () => {
    expect(Object.keys(CASES).sort()).toEqual(Object.keys(LINT_CATALOG).sort());
  });
});

function fileOf(code: LintCode, file: string): string {
  return code === 'LW-P021' ? 'b.yaml' : file;
}
