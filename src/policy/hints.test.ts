import { describe, expect, it } from 'vitest';
import { loaderWith } from '../../test/policy/shipped.js';
import { lintPolicy } from './lint.js';

const HEAD = 'version: 1\nkind: Policy\nname: test\nextends: [builtin:python@1]\n';
const RUNTIME = 'version: 1\nkind: Runtime\nname: test\n';
const TENANT = 'version: 1\nkind: Tenant\nname: test\nidentities: {uids: [1201]}\nceiling: reports\n';
const LIBRARY = { reports: HEAD.replace('test', 'reports') };

/** Every place where a name is refused, with a name that is nearly one. */
const CASES: readonly (readonly [place: string, text: string, code: string, meant: string])[] = [
  ['a key of a policy', `${HEAD}limitss: {}\n`, 'LW-P010', 'limits'],
  ['a limit', `${HEAD}limits: {memroy: 1GiB}\n`, 'LW-P010', 'memory'],
  ['a part of a limit', `${HEAD}limits: {memory: {default: 1GiB, maxx: 2GiB}}\n`, 'LW-P010', 'max'],
  ['a key of a mount', `${HEAD}mounts: [{source: /srv, target: /srv, readonly: true}]\n`, 'LW-P010', 'readOnly'],
  ['the key that names a kind of mount', `${HEAD}mounts: [{tmpsf: /x, size: 1MiB, inodes: 9}]\n`, 'LW-P010', 'tmpfs'],
  ['a list of Landlock', `${HEAD}landlock: {reed: [/usr]}\n`, 'LW-P010', 'read'],
  ['a condition', `${HEAD}syscalls: {restrict: {bind: {fd: {onOf: [1]}}}}\n`, 'LW-P010', 'oneOf'],
  ['a key of an entry', `${HEAD}syscalls: {allow: [{sycall: bind}]}\n`, 'LW-P010', 'syscall'],
  ['a key of a rule', `${HEAD}syscalls: {rules: [{name: [bind], action: kill_process}]}\n`, 'LW-P010', 'names'],
  ['a key of a test', `${HEAD}tests: [{syscall: bind, expct: allow}]\n`, 'LW-P010', 'expect'],
  ['a key of a runtime', `${RUNTIME}prelaod: [os]\n`, 'LW-P010', 'preload'],
  ['a key of a tenant', `${TENANT}policies: [reports]\nqouta: {}\n`, 'LW-P010', 'quota'],
  ['the kind of a file', HEAD.replace('kind: Policy', 'kind: Polcy'), 'LW-P026', 'Policy'],
  ['an action', `${HEAD}syscalls: {rules: [{names: [bind], action: kill_proces}]}\n`, 'LW-P013', 'kill_process'],
  [
    'what is reported',
    `${HEAD}syscalls: {rules: [{names: [bind], action: kill_process, report: deamon}]}\n`,
    'LW-P013',
    'daemon',
  ],
  [
    'a right of Landlock',
    `${HEAD}landlock: {pathBeneath: [{allowedAccess: [make_regg], parent: [/tmp]}]}\n`,
    'LW-P013',
    'make_reg',
  ],
  ['a scope of Landlock', `${HEAD}landlock: {scoped: [signals]}\n`, 'LW-P013', 'signal'],
  ['a namespace', `${HEAD}namespaces: [usr]\n`, 'LW-P013', 'user'],
  ['a device', `${HEAD}devices: [urandm]\n`, 'LW-P013', 'urandom'],
  ['a mode', `${HEAD}mode: enforced\n`, 'LW-P013', 'enforce'],
  ['what is done without a limit', `${HEAD}limits: {whenUnavailable: {service: refus}}\n`, 'LW-P013', 'refuse'],
  ['an expected action', `${HEAD}tests: [{syscall: bind, expect: alow}]\n`, 'LW-P013', 'allow'],
  ['a builtin that is extended', `${HEAD.replace('python', 'pyton')}`, 'LW-P020', 'builtin:python@1'],
  ['the version of a builtin', `${HEAD.replace('@1', '@2')}`, 'LW-P020', 'builtin:python@1'],
  ['a policy that is extended', `${HEAD.replace('builtin:python@1', 'report')}`, 'LW-P020', 'reports'],
  ['a suppression', `${HEAD}mode: enforce # leeward-allow LW-S12: reason\n`, 'LW-P027', 'LW-S120'],
  ['an allowed call', `${HEAD}syscalls: {allow: [scoket]}\n`, 'LW-S100', 'socket'],
  ['a call with conditions', `${HEAD}syscalls: {allow: [{syscall: scoket, args: {domain: 1}}]}\n`, 'LW-S100', 'socket'],
  ['a restricted call', `${HEAD}syscalls: {restrict: {lseekk: {whence: 1}}}\n`, 'LW-S100', 'lseek'],
  ['a removed call', `${HEAD}syscalls: {remove: [lseekk]}\n`, 'LW-S100', 'lseek'],
  ['a call of a rule', `${HEAD}syscalls: {rules: [{names: [scoket], action: kill_process}]}\n`, 'LW-S100', 'socket'],
  ['a call of a group', `${HEAD}groups: {"@a/x": {allow: [scoket]}}\n`, 'LW-S100', 'socket'],
  ['a call of a test', `${HEAD}tests: [{syscall: scoket, expect: allow}]\n`, 'LW-S100', 'socket'],
  ['a group', `${HEAD}syscalls: {allow: ["@leeward/thread"]}\n`, 'LW-S102', '@leeward/threads'],
  ["a group of systemd's", `${HEAD}syscalls: {allow: ["@io-events"]}\n`, 'LW-S102', '@io-event'],
  ['a removed group', `${HEAD}syscalls: {remove: ["@leeward/thread"]}\n`, 'LW-S102', '@leeward/threads'],
  ['an argument', `${HEAD}syscalls: {allow: [{syscall: socket, args: {domian: 1}}]}\n`, 'LW-S105', 'domain'],
  ['a restricted argument', `${HEAD}syscalls: {restrict: {lseek: {wence: 1}}}\n`, 'LW-S105', 'whence'],
  [
    'an argument of a rule',
    `${HEAD}syscalls: {rules: [{names: [socket], args: {domian: 1}, action: kill_process}]}\n`,
    'LW-S105',
    'domain',
  ],
  [
    'an argument of a test',
    `${HEAD}tests: [{syscall: socket, args: {domian: 1}, expect: {errno: EACCES}}]\n`,
    'LW-S105',
    'domain',
  ],
  ['a constant', `${HEAD}syscalls: {allow: [{syscall: socket, args: {domain: AF_UNIXX}}]}\n`, 'LW-S107', 'AF_UNIX'],
  [
    'a constant in a mask',
    `${HEAD}syscalls: {allow: [{syscall: socket, args: {type: {mask: SOCK_CLOEXE, equals: 0}}}]}\n`,
    'LW-S107',
    'SOCK_CLOEXEC',
  ],
  [
    'a constant of a test',
    `${HEAD}tests: [{syscall: socket, args: {domain: AF_UNIXX}, expect: {errno: EACCES}}]\n`,
    'LW-S107',
    'AF_UNIX',
  ],
  ['the errno of the default', `${HEAD}syscalls: {default: {action: errno, errno: EACCESS}}\n`, 'LW-S117', 'EACCES'],
  [
    'the errno of a rule',
    `${HEAD}syscalls: {rules: [{names: [bind], action: errno, errno: EPREM}]}\n`,
    'LW-S117',
    'EPERM',
  ],
  ['the errno of a test', `${HEAD}tests: [{syscall: socket, expect: {errno: EACCESS}}]\n`, 'LW-S117', 'EACCES'],
  ['a Landlock path that is removed', `${HEAD}landlock: {remove: [/dev/sm]}\n`, 'LW-F203', '/dev/shm'],
  ['a placeholder', `${HEAD}requestMounts: {allowedPaths: ["/x/\${job_id}"]}\n`, 'LW-M304', '${job.id}'],
  ['a file system', `${HEAD}requestMounts: {fileSystems: [ext5]}\n`, 'LW-M309', 'ext4'],
  ["a tenant's policy", `${TENANT}policies: [report]\n`, 'LW-U900', 'reports'],
  ["a tenant's default", `${TENANT}policies: [reports]\ndefault: report\n`, 'LW-U901', 'reports'],
  ['a runtime', `${HEAD}runtime: pyton\n`, 'LW-R804', 'python'],
  [
    "a tenant's ceiling",
    `${TENANT.replace('ceiling: reports', 'ceiling: report')}policies: [reports]\n`,
    'LW-U900',
    'reports',
  ],
];

const loader = Object.assign(loaderWith(LIBRARY), {
  names: () => Object.keys(LIBRARY),
  runtimes: () => ['python', 'python-data'],
});

describe('a name that is nearly another', () => {
  it.each(CASES)('is told which: %s', (_, text, code, meant) => {
    const { diagnostics } = lintPolicy([{ file: 'test.yaml', text }], loader);
    const hints = diagnostics.flatMap((found) => (found.code === code ? (found.hint ?? []) : []));
    expect(hints).toContainEqual(expect.stringMatching(/^did you mean .*\?$/));
    expect(hints.join()).toContain(`\`${meant}\``);
  });
});
