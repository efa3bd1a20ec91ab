import { describe, expect, it } from 'vitest';
import { loaderWith } from '../../test/policy/shipped.js';
import { lintPolicy } from './lint.js';

const policy = (name: string, rest = '') =>
  `version: 1\nkind: Policy\nname: ${name}\nextends: [builtin:python@1]\n${rest}`;

const tenant = (name: string, uid: number, rest: string) => ({
  file: `tenants/${name}.yaml`,
  text: `version: 1\nkind: Tenant\nname: ${name}\nidentities: {uids: [${uid}]}\n${rest}`,
});

const LIBRARY = {
  bound: policy('bound', 'limits: {timeout: {default: 10s, max: 1m}}\n'),
  slow: policy('slow', 'limits: {timeout: {default: 10s, max: 5m}}\nsyscalls: {remove: [dup]}\n'),
  quick: policy('quick', 'limits: {timeout: 5s}\nsyscalls: {remove: [socketpair]}\n'),
  calls: policy('calls', 'limits: {timeout: 5s}\nsyscalls: {allow: [setpriority]}\n'),
  broken: policy('broken', 'syscalls: {allow: [{syscall: socket, args: {domainn: 1}}]}\n'),
  abstract: policy('abstract', 'abstract: true\n'),
};

/** A loader that counts how often a policy is asked for. */
function countingLoader() {
  const asked = new Map<string, number>();
  const loader = loaderWith(LIBRARY);
  const counting = (reference: string) => {
    asked.set(reference, (asked.get(reference) ?? 0) + 1);
    return loader(reference);
  };
  return { asked, loader: Object.assign(counting, { names: () => Object.keys(LIBRARY) }) };
}

function lint(rest: string) {
  return lintPolicy([tenant('acme', 1201, rest)], countingLoader().loader).diagnostics;
}

describe('the ceiling of a tenant', () => {
  it('admits itself, and policies that allow less', () => {
    expect(lint('policies: [bound, quick]\nceiling: bound\n')).toEqual([]);
  });

  it('refuses what allows more, with the first difference and both places', () => {
    const [finding, ...more] = lint('policies: [quick, slow]\nceiling: bound\n');
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      code: 'LW-U905',
      file: 'tenants/acme.yaml',
      message: '`slow` is not within the ceiling `bound`: limits.timeout.max',
      range: { start: { line: 5, col: 19 } },
      related: [
        { file: 'slow.yaml', range: { start: { line: 5, col: 19 } }, message: '`slow`: 5m' },
        { file: 'bound.yaml', range: { start: { line: 5, col: 19 } }, message: 'the ceiling `bound`: 1m' },
      ],
    });
  });

  it('names a system call that shows it', () => {
    expect(lint('policies: [calls]\nceiling: bound\n')[0]).toMatchObject({
      message: expect.stringMatching(/: system call setpriority\(which=0x0, who=0x0, /),
      related: [
        { file: 'calls.yaml', message: '`calls`: allow' },
        { file: 'policies/builtin/base.yaml', message: 'the ceiling `bound`: reported EACCES' },
      ],
    });
  });

  it('is compared once with each policy, however many tenants name both', () => {
    const { asked, loader } = countingLoader();
    const tenants = Array.from({ length: 40 }, (_, index) => {
      return tenant(`t${index}`, 2000 + index, 'policies: [slow, quick]\nceiling: bound\n');
    });
    const found = lintPolicy(tenants, loader).diagnostics.filter(({ code }) => code === 'LW-U905');
    expect(found).toHaveLength(40);
    expect(asked.get('slow')).toBe(1);
    expect(asked.get('bound')).toBe(1);
  });
});

describe('a policy that a tenant cannot use', () => {
  it.each([
    ['policies: [qick]\nceiling: bound\n', 'there is no policy `qick`', 'did you mean `quick`?'],
    ['policies: [quick]\nceiling: bund\n', 'there is no policy `bund`', 'did you mean `bound`?'],
    ['policies: [abstract]\nceiling: bound\n', '`abstract` is only there to be extended', undefined],
    ['policies: [broken]\nceiling: bound\n', '`broken` has an error', undefined],
  ])('%j: %s', (rest, message, hint) => {
    const [finding, ...more] = lint(rest);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ code: 'LW-U900', message });
    expect(finding?.hint).toBe(hint);
  });

  it('is said with the place of its error, also one that only the tables of calls show', () => {
    expect(lint('policies: [broken]\nceiling: bound\n')[0]?.related).toMatchObject([
      { file: 'broken.yaml', message: expect.stringMatching(/^LW-S105: `socket` has no argument `domainn`/) },
    ]);
  });
});
