/** What a usable list of calls must have, and what it had better not have. */
import { kernelTable } from '../../kernel/table.js';
import { ARCHES } from '../../kernel/types.js';
import { BySyscall } from '../by-syscall.js';
import type { Findings } from '../findings.js';
import type { AllowEntry, EffectiveSyscalls } from '../types.js';
import type { Groups } from './groups.js';
import type { Layer } from './layers.js';

/** Groups of `policies/builtin/groups.yaml` that the checks go by. */
const VITAL = '@leeward/vital';
const DANGEROUS = '@leeward/dangerous';
const HOT = '@leeward/hot';

export function checkSyscalls(own: Layer, syscalls: EffectiveSyscalls, groups: Groups, findings: Findings): void {
  checkIoctl(syscalls, findings);
  checkHot(own, syscalls, groups, findings);
  checkDangerous(syscalls.allow, groups, findings);
  checkArches(syscalls.allow, findings);
  if (own.file.document.abstract !== true) checkVital(own, syscalls.allow, groups, findings);
}

function checkIoctl({ allow, restrict }: EffectiveSyscalls, findings: Findings): void {
  if (restrict.some(({ syscall, args }) => syscall === 'ioctl' && args.get('request')?.value.kind === 'oneOf')) return;
  for (const { syscall, args, origin } of allow) {
    if (syscall !== 'ioctl' || args.get('request')?.value.kind === 'oneOf') continue;
    const hint = '{syscall: ioctl, args: {request: {oneOf: [TCGETS, ...]}}}';
    findings.add('LW-S109', origin, '`ioctl` is allowed without a list of requests', { hint });
  }
}

function checkDangerous(allow: readonly AllowEntry[], groups: Groups, findings: Findings): void {
  const dangerous = new Set(groups.callsOf(DANGEROUS));
  for (const { syscall, origin, via } of allow) {
    // A wide group is one finding already.
    if (via.some(({ value }) => !value.includes('/')) || !dangerous.has(syscall)) continue;
    findings.add('LW-S120', origin, `\`${syscall}\` is a frequent way out of sandboxes or into kernel bugs`);
  }
}

function checkArches(allow: readonly AllowEntry[], findings: Findings): void {
  for (const { syscall, origin, via } of allow) {
    // Groups list the old and the new name of a call side by side.
    if (via.length > 0) continue;
    for (const arch of ARCHES) {
      if (kernelTable(arch).syscall(syscall) !== undefined) continue;
      findings.add('LW-S119', origin, `there is no \`${syscall}\` on ${arch}`);
    }
  }
}

function checkVital({ file }: Layer, allow: readonly AllowEntry[], groups: Groups, findings: Findings): void {
  const allowed = new Set(allow.map(({ syscall }) => syscall));
  const missing = (groups.callsOf(VITAL) ?? []).filter((name) => !allowed.has(name));
  const origin = file.places.key('/syscalls');
  for (const name of missing) {
    findings.add('LW-S116', origin, `\`${name}\` is not allowed: a process cannot live without it`, {
      hint: `allow \`${name}\`, or the group \`${VITAL}\``,
    });
  }
}

/** The first file that has a condition on a hot call makes it cost, and has the finding; what others add to that is little. */
function checkHot({ file }: Layer, syscalls: EffectiveSyscalls, groups: Groups, findings: Findings): void {
  const [allow, restrict, rules] = [
    new BySyscall(syscalls.allow),
    new BySyscall(syscalls.restrict),
    new BySyscall(syscalls.rules),
  ];
  for (const name of groups.callsOf(HOT) ?? []) {
    const [allowed, denials] = [allow.of(name), rules.of(name)];
    if (allowed.length === 0 || denials.some(isPlain)) continue;
    const all = [...(allowed.some(isPlain) ? [] : allowed), ...restrict.of(name), ...denials];
    const conditional = all.filter((entry) => !isPlain(entry));
    if (conditional.some(({ origin }) => origin.file !== file.source.file)) continue;
    for (const { origin } of conditional) {
      findings.add('LW-S126', origin, `\`${name}\` is made often, and with a condition each call runs the filter`);
    }
  }
}

function isPlain({ args }: Pick<AllowEntry, 'args'>): boolean {
  return args.size === 0;
}
