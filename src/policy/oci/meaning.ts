/**
 * What an OCI profile means for every possible call, as runc and libseccomp carry it out: runc's libcontainer/seccomp/seccomp_linux.go
 * (`matchCall`) and seccomp_rule_add(3).
 */
import { kernelTable } from '../../kernel/table.js';
import type { Arch } from '../../kernel/types.js';
import { SECCOMP_DATA } from '../../plan/bpf/opcodes.js';
import { type Answer, answerOf } from '../prove/answers.js';
import type { Diagram, Diagrams } from '../prove/diagrams.js';
import { argumentBits, chosenBy, isAtLeast, isEqual, isMasked, wordBits } from '../prove/words.js';
import { OCI_ARCHES, type OciArgument, type OciSeccomp, type OciSyscall } from './profile.js';

/** SECCOMP_RET_KILL_THREAD, which no policy of ours has. */
const KILL_THREAD: Answer = 0;
const ALL_BITS = 0xffff_ffff_ffff_ffffn;
const LAST_NUMBER = 0xffff_ffffn;

export function ociAnswer({ action, errnoRet = 0 }: Pick<OciSyscall, 'action' | 'errnoRet'>): Answer {
  if (action === 'SCMP_ACT_ERRNO') return answerOf('errno', errnoRet, false);
  return answerOf(action === 'SCMP_ACT_ALLOW' ? 'allow' : 'kill_process', 0, false);
}

/**
 * The profile as a function of `struct seccomp_data`.
 *
 * Calls of architectures that it does not name, and numbers from x32's on, end the thread. An entry without conditions decides its call
 * whatever others say; of several entries with conditions the first that matches does. A number that is no call gets the default.
 */
export function ociDiagram(diagrams: Diagrams, profile: OciSeccomp, arch: Arch): Diagram {
  const table = kernelTable(arch);
  const killed = diagrams.constant(KILL_THREAD);
  if (!profile.architectures.includes(OCI_ARCHES[arch])) return killed;
  const { defaultAction: action, defaultErrnoRet: errnoRet = 0 } = profile;
  const otherwise = diagrams.constant(ociAnswer({ action, errnoRet }));
  const known = new Map(
    table.syscalls().map(({ name, number }) => [number, callDiagram(diagrams, profile, name, otherwise)] as const),
  );
  const number = wordBits(SECCOMP_DATA.nr);
  const listed = chosenBy(diagrams, number, known, otherwise);
  // libseccomp takes -1, with which a tracer skips a call, for a number like others, and all else from x32's first number on for x32.
  const isSkipped = isEqual(diagrams, number, LAST_NUMBER);
  const { x32Bit } = table;
  const isX32 = x32Bit === undefined ? diagrams.never : isAtLeast(diagrams, number, LAST_NUMBER, BigInt(x32Bit));
  const native = diagrams.choose(isSkipped, otherwise, diagrams.choose(isX32, killed, listed));
  return diagrams.choose(isEqual(diagrams, wordBits(SECCOMP_DATA.arch), BigInt(table.auditArch)), native, killed);
}

function callDiagram(diagrams: Diagrams, { syscalls }: OciSeccomp, name: string, otherwise: Diagram): Diagram {
  const own = syscalls.filter(({ names }) => names.includes(name));
  const answerFor = (entry: OciSyscall) => diagrams.constant(ociAnswer(entry));
  const open = own.find(({ args = [] }) => args.length === 0);
  if (open !== undefined) return answerFor(open);
  return own.reduceRight(
    (rest, entry) => diagrams.choose(conditionsDiagram(diagrams, entry.args ?? []), answerFor(entry), rest),
    otherwise,
  );
}

/**
 * True when the diagram of some entries has too many nodes at some point: of conditions on several arguments, or on bits, a few dozen can
 * make more than any memory holds.
 */
export function isLarge(diagrams: Diagrams, entries: readonly OciSyscall[], most: number): boolean {
  let all = diagrams.never;
  for (const entry of entries.toReversed()) {
    for (const args of alternativeArguments(entry.args ?? [])) {
      const condition = conditionsDiagram(diagrams, args);
      all = diagrams.choose(condition, diagrams.constant(ociAnswer(entry)), all);
      if (diagrams.countOf(all) > most) return true;
    }
  }
  return false;
}

/** Two conditions on one argument, which libseccomp does not take, are made rules of their own by runc and crun, with all others. */
export function alternativeArguments(args: readonly OciArgument[]): readonly (readonly OciArgument[])[] {
  const isRepeated = new Set(args.map(({ index }) => index)).size < args.length;
  return isRepeated ? args.map((argument) => [argument]) : [args];
}

/** Where one of the alternatives holds, with all its conditions. */
function conditionsDiagram(diagrams: Diagrams, args: readonly OciArgument[]): Diagram {
  return alternativeArguments(args).reduce((any, alternative) => {
    const tests = alternative.map((argument) => argumentDiagram(diagrams, argument));
    const all = tests.reduce((both, test) => diagrams.and(both, test), diagrams.always);
    return diagrams.or(any, all);
  }, diagrams.never);
}

function argumentDiagram(diagrams: Diagrams, { index, value, valueTwo = 0n, op }: OciArgument): Diagram {
  const bits = argumentBits(index, 64);
  const atLeast = (least: bigint) => isAtLeast(diagrams, bits, ALL_BITS, least);
  switch (op) {
    case 'SCMP_CMP_EQ':
      return isEqual(diagrams, bits, value);
    case 'SCMP_CMP_NE':
      return negated(diagrams, isEqual(diagrams, bits, value));
    case 'SCMP_CMP_LT':
      return negated(diagrams, atLeast(value));
    case 'SCMP_CMP_LE':
      return negated(diagrams, atLeast(value + 1n));
    case 'SCMP_CMP_GE':
      return atLeast(value);
    case 'SCMP_CMP_GT':
      return atLeast(value + 1n);
    case 'SCMP_CMP_MASKED_EQ':
      // libseccomp looks at no bit outside of the mask, on either side.
      return isMasked(diagrams, bits, value, valueTwo & value);
  }
}

function negated(diagrams: Diagrams, condition: Diagram): Diagram {
  return diagrams.choose(condition, diagrams.never, diagrams.always);
}
