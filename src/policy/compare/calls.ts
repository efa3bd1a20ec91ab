/** Which system calls two policies answer differently: every call of the table, with every value of its arguments. */
import { kernelTable } from '../../kernel/table.js';
import { ARCHES, type Arch } from '../../kernel/types.js';
import { evaluateCall, restrictionOf } from '../check/evaluate.js';
import { type Answer, answerRank, answerText } from '../prove/answers.js';
import type { Diagram, Diagrams } from '../prove/diagrams.js';
import { differenceOf } from '../prove/difference.js';
import { policyDiagram } from '../prove/meaning.js';
import { callText } from '../prove/prove.js';
import { sharedDiagrams } from '../prove/shared-diagrams.js';
import { givenCall } from '../prove/words.js';
import type { EffectiveSyscalls, Origin, SyscallEvent } from '../types.js';
import { combine } from './combine.js';
import type { Difference, Direction, Side } from './difference.js';
import { larger } from './orders.js';

/** A call for which the answers differ. */
export interface Witness {
  readonly name: string;
  readonly arch: Arch;
  readonly event: SyscallEvent;
  readonly direction: Direction;
  readonly answers: readonly [Answer, Answer];
}

export function compareCalls(a: EffectiveSyscalls, b: EffectiveSyscalls): readonly Difference[] {
  return grouped(ARCHES.flatMap((arch) => witnesses(a, b, arch)).map((witness) => differenceAt(witness, a, b)));
}

/** For each call of the table one example of each direction in which its answers differ. */
export function witnesses(a: EffectiveSyscalls, b: EffectiveSyscalls, arch: Arch): readonly Witness[] {
  const diagrams = sharedDiagrams();
  const table = kernelTable(arch);
  const [left, right] = [policyDiagram(diagrams, a, arch), policyDiagram(diagrams, b, arch)];
  if (left === right) return [];
  return table.names().flatMap((name) => {
    const nr = table.syscall(name)?.number;
    if (nr === undefined) return [];
    const pair = [left, right].map((all) => givenCall(diagrams, all, table.auditArch, nr)) as [Diagram, Diagram];
    return ofCall(diagrams, pair).map(({ args, ...rest }) => {
      return { ...rest, name, arch, event: { arch: table.auditArch, nr, args } };
    });
  });
}

const DIRECTIONS: readonly Direction[] = ['wider', 'narrower', 'different'];

type CallWitness = Pick<Witness, 'direction' | 'answers'> & Pick<SyscallEvent, 'args'>;

function ofCall(diagrams: Diagrams, [a, b]: readonly [Diagram, Diagram]): CallWitness[] {
  if (a === b) return [];
  return DIRECTIONS.flatMap((direction) => {
    // The second policy's answers where they differ in this direction, the first one's elsewhere.
    const there = combine(diagrams, a, b, (left, right) => (directionOf(left, right) === direction ? right : left));
    const found = differenceOf(diagrams, a, there);
    return found === undefined ? [] : [{ direction, answers: found.values, args: found.event.args }];
  });
}

/** Two answers that allow equally much, such as two errnos, or one with a report, differ in no right. */
function directionOf(a: Answer, b: Answer): Direction | undefined {
  if (a === b) return undefined;
  return larger(answerRank(a), answerRank(b)) ?? 'different';
}

function differenceAt(witness: Witness, a: EffectiveSyscalls, b: EffectiveSyscalls): Difference {
  const { name, arch, event, direction, answers } = witness;
  const table = kernelTable(arch);
  const [left, right] = [sideOf(a, answers[0], witness), sideOf(b, answers[1], witness)];
  const calls = { names: [name], example: callText(event, table), arches: [arch] };
  return { field: 'syscalls', direction, a: left, b: right, calls };
}

function sideOf(syscalls: EffectiveSyscalls, answer: Answer, { arch, event }: Witness): Side {
  const text = answerText(answer, kernelTable(arch));
  const restriction = restrictionOf(syscalls, arch, event);
  if (restriction !== undefined) return { text: `${text} by restrict`, origin: restriction.origin };
  const origin = evaluateCall(syscalls, arch, event).origin ?? syscalls.default.origin;
  const group = syscalls.allow.find((entry) => entry.origin === origin)?.via[0];
  // A reader looks for the line that names the group.
  return group === undefined ? { text, origin } : { text: `${text} by ${group.value}`, origin: group.origin };
}

/** Calls that differ in the same way by the same lines become one difference. */
function grouped(differences: readonly Difference[]): Difference[] {
  const groups = new Map<string, Difference>();
  for (const difference of differences) {
    const { direction, a, b } = difference;
    const key = JSON.stringify([direction, ...[a, b].map((side) => [side?.text, placeOf(side?.origin)])]);
    const group = groups.get(key);
    groups.set(key, group === undefined ? difference : joined(group, difference));
  }
  return [...groups.values()];
}

function joined(group: Difference, { calls }: Difference): Difference {
  if (group.calls === undefined || calls === undefined) return group;
  const union = <T>(a: readonly T[], b: readonly T[]) => [...new Set([...a, ...b])];
  const { names, example, arches } = group.calls;
  const both = { names: union(names, calls.names), arches: union(arches, calls.arches), example };
  return { ...group, calls: both };
}

function placeOf(origin: Origin | undefined): unknown {
  return [origin?.file, origin?.range.start.offset];
}
