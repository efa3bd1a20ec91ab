import { rightsOfBits } from '../../kernel/landlock.js';
import { kernelTable } from '../../kernel/table.js';
import { digestText } from '../../plan/digest.js';
import { NAMESPACE } from '../../plan/layout.gen.js';
import { type LandlockRule, type MountOperation, type Plan, UNLIMITED } from '../../plan/plan.js';
import { isKilledByKernel } from '../compile/lower.js';
import { durationText, sizeText } from '../document/units.js';
import { conditionText } from '../resolve/conditions.js';
import type {
  AllowEntry,
  ArgumentConditions,
  CompiledPolicy,
  DefaultAction,
  EffectiveSyscalls,
  JobMountTemplate,
  RuleEntry,
} from '../types.js';
import { columns, placeText } from './place-text.js';

/** A compiled policy as text: everything that a sandbox of it may do, and the line that says so. */
export function renderPlan(compiled: CompiledPolicy): string {
  const { plan } = compiled;
  const parts = [
    headLines(compiled),
    syscallLines(compiled),
    landlockLines(plan),
    ['mounts', ...columns(plan.mounts.map(mountRow))],
    jobMountLines(compiled),
    limitLines(compiled),
    ['environment', ...plan.environment.map((entry) => `  ${entry}`)],
    ['start', ...plan.argv.map((argument) => `  ${argument}`)],
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function headLines({ plan, policy, runtime }: CompiledPolicy): string[] {
  const namespaces = Object.entries(NAMESPACE).filter(([, bit]) => (plan.namespaces & bit) !== 0);
  return [
    `plan of ${plan.policyName} for ${plan.arch}`,
    ...columns([
      ['digest', digestText(plan.digest)],
      ['files', policy.files.map(({ file }) => file).join(', ')],
      ['runtime', runtime.name],
      ['mode', plan.mode],
      ['namespaces', namespaces.map(([name]) => name).join(', ')],
      ['identity', `uid ${plan.insideUid}, gid ${plan.insideGid}, umask ${octal(plan.umask)}, no capability`],
      ['hostname', plan.hostname],
      ['directory', plan.workDir],
      ['network', policy.network.value],
    ]),
  ];
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

function syscallLines({ plan, policy }: CompiledPolicy): string[] {
  const { syscalls } = policy;
  const table = kernelTable(plan.arch);
  const here = ({ syscall }: { syscall: string }) => table.syscall(syscall) !== undefined;
  const byName = (a: { syscall: string }, b: { syscall: string }) =>
    a.syscall < b.syscall ? -1 : Number(a.syscall > b.syscall);
  return [
    `system calls: ${plan.filter.length} instructions, ${plan.notify.length} own answers of the supervisor`,
    ...columns([['default', answerText({ ...syscalls.default, args: new Map() }), placeText(syscalls.default.origin)]]),
    ...columns([
      ...syscalls.rules.filter(here).sort(byName).map(ruleRow),
      ...firstOfEach(syscalls.allow.filter(here))
        .sort(byName)
        .map((entry) => allowRow(entry, syscalls)),
    ]),
  ];
}

/** Of equal entries for one call only the first one decides. */
function firstOfEach(entries: readonly AllowEntry[]): AllowEntry[] {
  const seen = new Set<string>();
  return entries.filter(({ syscall, args }) => {
    const isNew = args.size > 0 || !seen.has(syscall);
    if (args.size === 0) seen.add(syscall);
    return isNew;
  });
}

function answerText({
  action,
  errno,
  report,
  args,
}: Pick<RuleEntry, 'errno' | 'report' | 'args'> & Pick<DefaultAction, 'action'>): string {
  if (action === 'allow') return 'allow, reported';
  if (action === 'kill_process') return isKilledByKernel({ action, args, report }) ? action : `${action}, reported`;
  return report === 'daemon' ? `${errno}, reported` : errno;
}

function ruleRow(rule: RuleEntry): string[] {
  return [rule.syscall, answerText(rule), placeText(rule.origin), argsText([rule.args])];
}

function allowRow({ syscall, args, report, origin }: AllowEntry, { restrict }: EffectiveSyscalls): string[] {
  const conditions = [args, ...restrict.filter((entry) => entry.syscall === syscall).map((entry) => entry.args)];
  return [syscall, report === 'daemon' ? 'allow, reported' : 'allow', placeText(origin), argsText(conditions)];
}

function argsText(conditions: readonly ArgumentConditions[]): string {
  const texts = conditions.flatMap((args) => [...args].map(([name, { value }]) => `${name} ${conditionText(value)}`));
  return texts.join(' and ');
}

function landlockLines({ landlock }: Plan): string[] {
  const words = (kind: 'fs' | 'net' | 'scope', bits: bigint) =>
    rightsOfBits(kind, bits)
      .rights.map(({ name }) => name)
      .join(' ') || 'none';
  return [
    `landlock: ABI ${landlock.abi}, at least ${landlock.minimumAbi}`,
    ...columns([
      ['handled', words('fs', landlock.handledFs)],
      ['network', words('net', landlock.handledNet)],
      ['scoped', words('scope', landlock.scoped)],
    ]),
    ...columns(landlock.rules.map(({ path, access }: LandlockRule) => [path, words('fs', access)])),
  ];
}

function mountRow({ kind, source, target, flags, size, inodes, mode }: MountOperation): string[] {
  const room = kind === 'tmpfs' ? `${sizeText(size)}, ${inodes} inodes, mode ${octal(mode)}` : source;
  return [kind, target, room, flags.join(' ')];
}

function jobMountLines({ admission, plan }: CompiledPolicy): string[] {
  const { readOnly, writable } = plan.jobParents;
  const { size, inodes, mode } = plan.jobParentTmpfs;
  return [
    `job mounts: beneath ${readOnly} and ${writable}, without id map: ${plan.noIdmap}`,
    `  parents: ${sizeText(size)}, ${inodes} inodes, mode ${octal(mode)}; to be opened and attached within ${durationText(plan.mountDeadlineMs)} each`,
    ...columns(admission.jobMounts.map(templateRow)),
    ...columns([
      ['allowed', admission.allowedPaths.map(({ path }) => path).join(', ') || 'nothing'],
      ['file systems', plan.fileSystems.map((magic) => `0x${magic.toString(16)}`).join(' ')],
      ['environment', admission.requestEnvironment.join(' ') || 'nothing'],
    ]),
  ];
}

function templateRow({ target, source, readOnly, noexec, optional, createMode }: JobMountTemplate): string[] {
  const words = [
    readOnly ? 'read-only' : 'writable',
    ...(noexec ? ['noexec'] : []),
    ...(optional ? ['optional'] : []),
    ...(createMode === null ? [] : [`create ${octal(createMode)}`]),
  ];
  return [target, source, words.join(' ')];
}

function limitLines({ plan, policy }: CompiledPolicy): string[] {
  const { limits } = plan;
  const { memory, timeout } = policy.limits;
  return [
    'limits',
    ...columns([
      ['memory', `${sizeText(memory.value.default)}, at most ${sizeText(memory.value.max)}`],
      ['swap', sizeText(limits.swapMax)],
      ['processes', unlimited(limits.pidsMax, String)],
      ['reuse', plan.reuseMax === 1 ? 'never' : `${plan.reuseMax} jobs in a process`],
      ['user namespaces', String(limits.userNamespacesMax)],
      ['cpu', `${limits.cpuQuotaUs} us of ${limits.cpuPeriodUs}`],
      ['cpu time', durationText(limits.cpuTimeUs / 1000n)],
      ['timeout', `${durationText(timeout.value.default)}, at most ${durationText(timeout.value.max)}`],
      [
        'output',
        `${sizeText(limits.stdoutMax)}, errors ${sizeText(limits.stderrMax)}, claims ${sizeText(limits.claimsMax)}`,
      ],
      ['root', `${sizeText(plan.root.size)}, ${plan.root.inodes} inodes`],
      ['unavailable', `as a service ${limits.unavailableService}, rootless ${limits.unavailableRootless}`],
      ['denials', `${plan.denialBurst} at once, ${plan.denialPerSecond} a second`],
      ...plan.rlimits.map(({ resource, hard }) => [resourceName(resource, plan), unlimited(hard, String)]),
    ]),
  ];
}

function resourceName(resource: number, { arch }: Plan): string {
  const table = kernelTable(arch);
  const name = table.constantNames('RLIMIT_').find((candidate) => table.constant(candidate) === BigInt(resource));
  return name ?? `rlimit ${resource}`;
}

function unlimited(value: bigint, text: (value: bigint) => string): string {
  return value === UNLIMITED ? 'unlimited' : text(value);
}
