/** Policies as property tests make them. */
import fc from 'fast-check';
import { kernelTable } from '../../src/kernel/table.js';
import type { Arch, SyscallArgument } from '../../src/kernel/types.js';

/** The `syscalls` of a policy that extends the base: random allow entries, restrictions and rules over calls of many argument shapes. */
export function arbitrarySyscalls(arch: Arch): fc.Arbitrary<string> {
  const calls = [
    'socket',
    'mprotect',
    'mremap',
    'openat',
    'kill',
    'lseek',
    'clone',
    'fcntl',
    'prctl',
    'prlimit64',
    'getpid',
    'fchown',
  ];
  const syscall = fc.constantFrom(...calls.filter((name) => kernelTable(arch).syscall(name) !== undefined));
  const withArgs = syscall.chain((name) => {
    const args = kernelTable(arch).syscall(name)?.args ?? [];
    if (args.length === 0) return fc.constant({ name, args: '' });
    const some = fc.subarray([...args], { minLength: 1, maxLength: 2 });
    return some
      .chain((list) => fc.tuple(...list.map(condition)))
      .map((texts) => ({ name, args: `{${texts.join(', ')}}` }));
  });
  const allow = withArgs.map(({ name, args }) => (args === '' ? name : `{syscall: ${name}, args: ${args}}`));
  const action = fc.constantFrom(
    'action: kill_process',
    'action: errno, errno: EACCES',
    'action: errno, errno: EPERM, report: none',
  );
  const rule = fc.tuple(
    withArgs.filter(({ args }) => args !== ''),
    action,
  );
  return fc
    .tuple(fc.array(allow, { maxLength: 8 }), fc.array(rule, { maxLength: 3 }), fc.option(withArgs))
    .map(([entries, rules, narrow]) => {
      const ruleText = rules.map(([{ name, args }, text]) => `{names: [${name}], args: ${args}, ${text}}`);
      const restrict = narrow === null || narrow.args === '' ? '' : `  restrict: {${narrow.name}: ${narrow.args}}\n`;
      return `syscalls:\n  allow: [${['"@leeward/vital"', ...entries].join(', ')}]\n  rules: [${ruleText.join(', ')}]\n${restrict}`;
    });
}

function condition(argument: SyscallArgument): fc.Arbitrary<string> {
  if (argument.kind === 'pointer') return fc.constant(`${argument.name}: 0`);
  const top = argument.width === 32 ? 0xffff_ffffn : 0xffff_ffff_ffff_ffffn;
  const edges = [0n, 1n, 2n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_fffen, 0xffff_ffffn, 0x1_0000_0000n, top - 1n, top];
  const value = fc.oneof(fc.constantFrom(...edges.filter((edge) => edge <= top)), fc.bigInt(0n, top)).map(String);
  const forms = fc.oneof(
    value,
    fc.array(value, { minLength: 1, maxLength: 4 }).map((list) => `{oneOf: [${list.join(', ')}]}`),
    fc.array(value, { minLength: 1, maxLength: 3 }).map((list) => `{noneOf: [${list.join(', ')}]}`),
    fc.tuple(value, value).map(([mask, bits]) => `{mask: ${mask}, equals: ${BigInt(mask) & BigInt(bits)}}`),
    fc
      .tuple(value, value)
      .map(([a, b]) => (BigInt(a) <= BigInt(b) ? `{min: ${a}, max: ${b}}` : `{min: ${b}, max: ${a}}`)),
    value.map((min) => `{min: ${min}}`),
  );
  return forms.map((text) => `${argument.name}: ${text}`);
}
