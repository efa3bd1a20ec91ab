import { describe, expect, it } from 'vitest';
import {
  fakeHost,
  findingsText,
  loaderWith,
  placesOf,
  readFile,
  resolveText,
  shippedRuntime,
} from '../../test/policy/shipped.js';
import { compilePolicy } from './compile/compile.js';
import { lintPolicy } from './lint.js';
import { provePlan } from './prove/prove.js';

describe('the examples of the guide', () => {
  const guide = ['policies', 'tenants'].map((page) => readFile(`docs/guide/${page}.md`).text).join('\n');
  const examples = [...guide.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');

  const named = examples.map((text) => ({ text, name: /^name: (.*)$/m.exec(text)?.[1] ?? '' }));
  // Tenants name policies that other examples are, and shipped ones.
  const policies = Object.fromEntries(
    named.filter(({ text }) => text.includes('kind: Policy')).map(({ name, text }) => [name, text]),
  );
  policies['python-data'] = readFile('policies/python-data.yaml').text;

  it.each(named)('$name lints clean', ({ text }) => {
    const findings = lintPolicy([{ file: 'guide', text }], loaderWith(policies)).diagnostics;
    expect(findingsText(findings.filter(({ severity }) => severity !== 'note'))).toBe('');
  });

  it('are eight', () => {
    expect(examples.length).toBe(8);
  });
});

describe('the example of tenants', () => {
  const file = (name: string) => readFile(`examples/tenants/policies/${name}.yaml`);

  it('lints clean', () => {
    const files = ['team-data', 'tenants/acme', 'tenants/beta'].map(file);
    const loader = loaderWith({
      'team-data': file('team-data').text,
      'python-data': readFile('policies/python-data.yaml').text,
    });
    const { diagnostics } = lintPolicy(files, loader);
    expect(findingsText(diagnostics.filter(({ severity }) => severity !== 'note'))).toBe('');
  });
});

/** Every key of the language's design in one file. */
const WHOLE = `
version: 1
kind: Policy
name: test
description: pandas and numpy on mounted files; no network, no other programs
extends: [builtin:python@1]
runtime: python-data
mode: enforce
reuse: never
syscalls:
  default: {action: errno, errno: EACCES, report: daemon}
  allow:
    - "@leeward/process-core"
    - "@leeward/threads"
    - "@leeward/file-read"
    - "@leeward/file-write"
    - {syscall: ioctl, args: {request: {oneOf: [TCGETS, TIOCGWINSZ, FIOCLEX, FIONBIO]}}}
    - {syscall: prlimit64, args: {pid: 0, new_limit: 0}}
  restrict:
    mmap: {prot: {noneOf: [PROT_EXEC]}}
    mprotect: {prot: {noneOf: [PROT_EXEC]}}
  rules:
    - {names: [ptrace, bpf, mount, unshare, setns], action: kill_process}
landlock:
  abi: 6
  minimumAbi: 1
  read: [/input, /usr, /lib, /opt/leeward/runtime]
  write: [/output, /tmp]
  execute: []
  scoped: [signal, abstract_unix_socket]
mounts:
  - {source: "/data/jobs/\${job.id}/input", target: /input, readOnly: true, optional: true}
  - {source: "/data/jobs/\${job.id}/output", target: /output, create: {mode: "0700"}, optional: true}
  - {runtime: true, target: /opt/leeward/runtime}
  - {tmpfs: /tmp, size: 100MiB, inodes: 65536}
requestMounts: {allowedPaths: [/data/jobs]}
limits:
  memory: {default: 1GiB, max: 4GiB}
  timeout: {default: 30s, max: 1h}
  cpuTime: 1h
  swap: 0
  cpus: 1
  pids: 64
  stdout: 10MiB
  stderr: 1MiB
  openFiles: 256
  fileSize: 10GiB
  core: 0
  whenUnavailable: {service: refuse, rootless: report}
network: none
environment: {LANG: C.UTF-8, OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1", ARROW_IO_THREADS: "1",
              JE_ARROW_MALLOC_CONF: "background_thread:false"}
tests:
  - {syscall: openat2, expect: {errno: ENOSYS}}
  - {python: "open('/etc/shadow')", expect: {error: PermissionError}}
`.trimStart();

describe('a policy that says everything', () => {
  it('lints clean', () => {
    expect(findingsText(lintPolicy([{ file: 'test.yaml', text: WHOLE }], loaderWith()).diagnostics)).toBe('');
  });

  it('compiles to a plan that means the same', () => {
    const policy = resolveText(WHOLE).value;
    if (policy === undefined) throw new Error('it resolves');
    const { value, diagnostics } = compilePolicy(policy, shippedRuntime('python-data'), fakeHost());
    expect(findingsText(diagnostics)).toBe('');
    expect(provePlan(value?.plan ?? neverCompiled(), policy).diagnostics).toEqual([]);
  });
});

function neverCompiled(): never {
  throw new Error('it compiles');
}

describe('lint', () => {
  const child = 'version: 1\nkind: Policy\nname: test\nextends: [parent]\n';
  const parent = 'version: 1\nkind: Policy\nname: parent\nextends: [builtin:python@1]\n';

  it('shows errors of all files, warnings of those that were asked for', () => {
    const others = { parent: `${parent}limits: {pids: 99}\nsyscalls: {allow: [personality]}\n` };
    expect(placesOf(lintPolicy([{ file: 'test.yaml', text: child }], loaderWith(others)).diagnostics)).toEqual([]);
    const broken = { parent: `${parent}limits: {pids: -1}\n` };
    expect(placesOf(lintPolicy([{ file: 'test.yaml', text: child }], loaderWith(broken)).diagnostics)).toEqual([
      'LW-P015 parent.yaml:5:16',
    ]);
  });

  it('names each finding once, however many files lead to it', () => {
    const files = ['a', 'b'].map((name) => ({ file: `${name}.yaml`, text: child.replace('test', name) }));
    const broken = loaderWith({ parent: `${parent}limits: {pids: -1}\n` });
    expect(placesOf(lintPolicy(files, broken).diagnostics)).toEqual(['LW-P015 parent.yaml:5:16']);
  });

  it('reads runtimes too', () => {
    const text = 'version: 1\nkind: Runtime\nname: r\npool: {standby: 3}\n';
    expect(placesOf(lintPolicy([{ file: 'test.yaml', text }], loaderWith()).diagnostics)).toEqual(['LW-P011 4:1']);
  });
});
