import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitrarySyscalls } from '../../../test/policy/arbitrary-syscalls.js';
import { decidingEntry } from '../../../test/policy/oci-evaluator.js';
import { findingsText, loaderWith, resolveText, shippedPolicy, WITH_OWN_FILTER } from '../../../test/policy/shipped.js';
import { kernelTable } from '../../kernel/table.js';
import { ARCHES, type Arch } from '../../kernel/types.js';
import { SECCOMP_DATA } from '../../plan/bpf/opcodes.js';
import { checkedCalls } from '../check/boundaries.js';
import { Diagrams } from '../prove/diagrams.js';
import { givenCall, givenWord } from '../prove/words.js';
import { resolvePolicy } from '../resolve/resolve.js';
import type { EffectivePolicy, PolicyLoader, SourceFile } from '../types.js';
import { exportOci, isWider, type OciExport, silentMeaning } from './export.js';
import { ociAnswer, ociDiagram } from './meaning.js';
import { profileJson } from './profile.js';

const PYTHON = 'version: 1\nkind: Policy\nname: test\nextends: [builtin:python@1]\n';
const BASE = 'version: 1\nkind: Policy\nname: test\nextends: [builtin:base@1]\nruntime: python\n';

/** The same object for the same file, which is then read once. */
const once: PolicyLoader = (reference) => {
  if (!files.has(reference)) files.set(reference, loaderWith()(reference));
  return files.get(reference);
};
const files = new Map<string, SourceFile | undefined>();

function policyOf(text: string): EffectivePolicy {
  const { value, diagnostics } = resolveText(text);
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return value;
}

function exported(policy: EffectivePolicy, arch: Arch): OciExport {
  const { value, diagnostics } = exportOci(policy, arch);
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return value;
}

/** Names of calls that the profile answers otherwise than the policy. */
function differences(policy: EffectivePolicy, { profile }: OciExport, arch: Arch): string[] {
  const table = kernelTable(arch);
  const diagrams = new Diagrams();
  const meant = silentMeaning(diagrams, policy.syscalls, arch);
  const said = ociDiagram(diagrams, profile, arch);
  expect(isWider(diagrams, said, meant)).toBe(false);
  return table.names().filter((name) => {
    const [left, right] = [meant, said].map((diagram) => {
      return givenCall(diagrams, diagram, table.auditArch, table.syscall(name)?.number ?? -1);
    });
    return left !== right;
  });
}

const cases = WITH_OWN_FILTER.flatMap((name) => ARCHES.map((arch) => ({ name, arch })));

describe.each(cases)('$name on $arch as a profile', ({ name, arch }) => {
  const policy = shippedPolicy(name);
  const result = exported(policy, arch);

  it('answers every call of the table as the policy does', () => {
    expect(differences(policy, result, arch)).toEqual([]);
  });

  it('has no entry with two conditions on one argument, which runc takes as alternatives', () => {
    for (const { args = [] } of result.profile.syscalls)
      expect(new Set(args.map(({ index }) => index)).size).toBe(args.length);
  });

  it('is understood by both readers of profiles alike', () => {
    const { profile } = result;
    const table = kernelTable(arch);
    const diagrams = new Diagrams();
    const meaning = ociDiagram(diagrams, profile, arch);
    for (const { nr, args, arch: auditArch } of checkedCalls(policy.syscalls, table)) {
      const call = table.syscallByNumber(nr);
      if (call === undefined || auditArch !== table.auditArch) continue;
      const entry = decidingEntry(profile, call.name, args);
      const closed = { action: profile.defaultAction, errnoRet: profile.defaultErrnoRet ?? 0 };
      const words: [number, number][] = [
        [SECCOMP_DATA.arch, auditArch],
        [SECCOMP_DATA.nr, nr],
        ...[0, 1, 2, 3, 4, 5].flatMap((index): [number, number][] => [
          [SECCOMP_DATA.argHigh(index), Number((args[index] ?? 0n) >> 32n)],
          [SECCOMP_DATA.argLow(index), Number(BigInt.asUintN(32, args[index] ?? 0n))],
        ]),
      ];
      const end = words.reduce((diagram, [offset, value]) => givenWord(diagrams, diagram, offset, value), meaning);
      expect(diagrams.valueOf(end)).toBe(ociAnswer(entry ?? closed));
    }
  });
});

it.each(ARCHES)('the profile of strict on %s is the one of the golden file', async (arch) => {
  const { profile } = exported(shippedPolicy('strict'), arch);
  await expect(profileJson(profile)).toMatchFileSnapshot(`../../../test/golden/strict/${arch}.oci.json`);
});

it.each(ARCHES)('any policy is exported exactly, or the call that is not is named (%s)', (arch) => {
  fc.assert(
    fc.property(arbitrarySyscalls(arch), (syscalls) => {
      const { value: policy } = resolvePolicy({ file: 'test.yaml', text: `${BASE}${syscalls}` }, once);
      fc.pre(policy !== undefined);
      const { value: result } = exportOci(policy, arch);
      fc.pre(result !== undefined);
      const named = result.losses.map(({ message }) => message).join('\n');
      for (const name of differences(policy, result, arch))
        expect(named).toContain(`\`${name}\` is left to the default`);
    }),
    { numRuns: 12 },
  );
});

describe('what a profile cannot say', () => {
  it('is named with the place of the policy', () => {
    const { losses } = exported(policyOf(PYTHON), 'x86_64');
    expect(losses.map(({ origin, message }) => `${origin.file}:${origin.range.start.line} ${message}`)).toEqual([
      'policies/builtin/base.yaml:16 what is refused is not reported',
      'policies/builtin/base.yaml:19 `exit_group` is not reported',
      'policies/builtin/base.yaml:16 a number that is no system call gets EACCES instead of ENOSYS',
      'policies/builtin/base.yaml:16 a call of another architecture ends the thread, and not the process',
    ]);
  });

  it('is each rule that is reported where the default is not', () => {
    const rules = 'rules: [{names: [ptrace], action: errno, errno: EPERM, report: daemon}]';
    const text = `${BASE}syscalls: {default: {action: errno, errno: EPERM}, allow: ["@leeward/vital"], ${rules}}\n`;
    const { losses } = exported(policyOf(text), 'x86_64');
    expect(losses.map(({ origin }) => `${origin.file}:${origin.range.start.line}`)).toContain('test.yaml:6');
  });

  it('is left to the default when it would take too many entries, never allowed without its conditions', () => {
    const range = '{min: 0x11111111, max: 0xeeeeeeee}';
    const args = `{domain: ${range}, type: ${range}, protocol: ${range}}`;
    const { profile, losses } = exported(
      policyOf(`${PYTHON}syscalls: {allow: [{syscall: socket, args: ${args}}]}\n`),
      'x86_64',
    );
    expect(profile.syscalls.some(({ names }) => names.includes('socket'))).toBe(false);
    expect(losses.at(-1)).toMatchObject({ message: expect.stringContaining('`socket` is left to the default') });
    expect(losses.at(-1)?.origin.file).toBe('test.yaml');
  });

  it('is refused when a condition is wrong on the architecture', () => {
    const { value, diagnostics } = exportOci(
      policyOf(`${PYTHON}syscalls: {allow: [{syscall: wait4, args: {no: 1}}]}\n`),
      'arm64',
    );
    expect(value).toBeUndefined();
    expect(diagnostics.map(({ code }) => code)).toEqual(['LW-S105']);
  });
});

it('writes numbers of 64 bits without loss', () => {
  const args = [{ index: 0, value: 0xffff_ffff_ffff_fffen, valueTwo: 1n, op: 'SCMP_CMP_MASKED_EQ' as const }];
  const syscalls = [{ names: ['kill'], action: 'SCMP_ACT_ALLOW' as const, args }];
  const text = profileJson({ defaultAction: 'SCMP_ACT_ERRNO', architectures: [], syscalls });
  expect(text).toContain('"value": 18446744073709551614,');
  expect(JSON.parse(text)).toMatchObject({ syscalls: [{ args: [{ index: 0, valueTwo: 1 }] }] });
});
