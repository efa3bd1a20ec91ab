/** Explicit denials: `rules`, and the default. */
import { nearestNames } from '../../errors/nearest.js';
import { step } from '../document/places.js';
import { didYouMean, type Findings } from '../findings.js';
import type { DefaultAction, Origin, Report, RuleEntry } from '../types.js';
import { readConditions } from './conditions.js';
import type { Layer } from './layers.js';
import { OncePerFile } from './once-per-file.js';
import { lastOf } from './scalars.js';
import { isKnownErrno, isKnownSyscall, knownErrnoNames, knownSyscallNames } from './syscall-names.js';

/** The default action of the last layer that has one; undefined, with a finding, when none has. */
export function resolveDefault(layers: readonly Layer[], findings: Findings): DefaultAction | undefined {
  const written = lastOf(layers, '/syscalls/default', (document) => document.syscalls?.default);
  if (written === undefined) return undefined;
  const { value, origin } = written;
  checkErrno(value.action, value.errno, origin, findings);
  const report = value.action === 'errno' ? (value.report ?? 'none') : 'none';
  return { action: value.action, errno: value.errno ?? '', report, origin };
}

/**
 * The rules of all layers, one entry a call. Of several unconditional rules for one call the strictest is kept: the
 * base's first, then kill_process.
 */
export function resolveRules(layers: readonly Layer[], report: Report, findings: Findings): RuleEntry[] {
  const rules = layers.flatMap((layer) => rulesOf(layer, report, findings));
  const unconditional = new Map<string, RuleEntry>();
  for (const rule of rules) {
    if (rule.args.size > 0) continue;
    const other = unconditional.get(rule.syscall);
    unconditional.set(rule.syscall, other === undefined ? rule : stricter(other, rule, findings));
  }
  return [...rules.filter(({ args }) => args.size > 0), ...unconditional.values()];
}

const known = new OncePerFile<RuleEntry>();

/** The rules of one file, one entry a call. */
export function rulesOf(layer: Layer, defaultReport: Report, findings: Findings): readonly RuleEntry[] {
  const key = `${layer.isBase} ${defaultReport}`;
  return known.of(layer.file, key, findings, () => readRules(layer, defaultReport, findings));
}

function readRules({ file, isBase }: Layer, defaultReport: Report, findings: Findings): RuleEntry[] {
  const { places, document } = file;
  return (document.syscalls?.rules ?? []).flatMap((rule, index) => {
    const pointer = `/syscalls/rules/${index}`;
    checkErrno(rule.action, rule.errno, places.value(pointer), findings);
    const common = {
      action: rule.action,
      errno: rule.errno ?? '',
      report: rule.report ?? defaultReport,
      locked: isBase,
    } as const;
    return rule.names.flatMap((syscall, position) => {
      const origin = places.value(step(step(pointer, 'names'), position));
      const args = readConditions(rule.args, syscall, step(pointer, 'args'), places);
      return checkName(syscall, origin, findings) ? [{ syscall, args, origin, ...common }] : [];
    });
  });
}

function checkName(name: string, origin: Origin, findings: Findings): boolean {
  if (isKnownSyscall(name)) return true;
  const hint = didYouMean(nearestNames(name, knownSyscallNames()));
  findings.add('LW-S100', origin, `there is no system call \`${name}\``, { hint });
  return false;
}

function checkErrno(
  action: 'errno' | 'kill_process',
  errno: string | undefined,
  origin: Origin,
  findings: Findings,
): void {
  if (action === 'kill_process') {
    if (errno !== undefined) findings.add('LW-S117', origin, '`kill_process` has no errno');
  } else if (errno === undefined) {
    findings.add('LW-S117', origin, '`action: errno` lacks its `errno`');
  } else if (!isKnownErrno(errno)) {
    const hint = didYouMean(nearestNames(errno, knownErrnoNames()));
    findings.add('LW-S117', origin, `there is no errno \`${errno}\``, { hint });
  }
}

function stricter(first: RuleEntry, second: RuleEntry, findings: Findings): RuleEntry {
  if (first.action === second.action && first.errno === second.errno) {
    // Of two kills the kernel's own is the stricter one: it does not wait for the supervisor.
    return second.action === 'kill_process' && second.report === 'none' && !first.locked ? second : first;
  }
  const related = [{ origin: first.origin, message: `answered with ${answerOf(first)} here` }];
  if (first.locked) {
    const message = `\`${second.syscall}\` is answered by the base, for every sandbox`;
    findings.add('LW-S112', second.origin, message, { related });
    return first;
  }
  if (second.action === 'kill_process') return second;
  const message = `\`${second.syscall}\` gets ${answerOf(second)} here and ${answerOf(first)} elsewhere`;
  findings.add('LW-S113', second.origin, message, { related });
  return first;
}

function answerOf({ action, errno }: RuleEntry): string {
  return action === 'kill_process' ? action : errno;
}
