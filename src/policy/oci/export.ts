/** The system calls of a policy as an OCI profile. */
import { kernelTable } from '../../kernel/table.js';
import type { Arch, KernelTable, Syscall } from '../../kernel/types.js';
import { seccompAction } from '../../plan/bpf/opcodes.js';
import { combine } from '../compare/combine.js';
import { lowerSyscalls } from '../compile/lower.js';
import { Findings } from '../findings.js';
import { type Answer, answerOf, withoutReport } from '../prove/answers.js';
import { type Diagram, Diagrams } from '../prove/diagrams.js';
import { policyDiagram } from '../prove/meaning.js';
import { givenCall } from '../prove/words.js';
import { asEnforced } from '../resolve/audit.js';
import type { EffectivePolicy, EffectiveSyscalls, Origin, Outcome } from '../types.js';
import { type ArgumentCube, type Cube, cubesOf, isOneValue } from './cubes.js';
import { ociDiagram } from './meaning.js';
import { OCI_ARCHES, type OciArgument, type OciSeccomp, type OciSyscall } from './profile.js';

/** What a policy says and the profile does not. */
export interface ExportLoss {
  readonly origin: Origin;
  readonly message: string;
}

export interface OciExport {
  readonly profile: OciSeccomp;
  readonly losses: readonly ExportLoss[];
}

/** A call that would need more entries is left to the default. */
const MOST_CUBES = 256;

/**
 * Exports the calls of one architecture, whose numbers and constants are its own. The profile is never wider than the policy: it is
 * read off the policy's meaning for every call, and compared with it again.
 *
 * @returns the profile and what it lacks; no value when the policy's conditions have errors on this architecture
 */
export function exportOci(policy: EffectivePolicy, arch: Arch): Outcome<OciExport> {
  const { syscalls } = asEnforced(policy);
  const table = kernelTable(arch);
  const findings = new Findings();
  lowerSyscalls(syscalls, table, findings);
  if (findings.hasErrors) return { value: undefined, diagnostics: findings.sorted() };
  const diagrams = new Diagrams();
  const meant = silentMeaning(diagrams, syscalls, arch);
  const closed = closedAnswer(syscalls, table);
  const exporter = new Exporter(diagrams, meant, closed, syscalls, table);
  const { action, errno } = syscalls.default;
  const profile: OciSeccomp = {
    defaultAction: action === 'errno' ? 'SCMP_ACT_ERRNO' : 'SCMP_ACT_KILL_PROCESS',
    ...(action === 'errno' ? { defaultErrnoRet: table.errno(errno) ?? 0 } : {}),
    architectures: [OCI_ARCHES[arch]],
    syscalls: exporter.entries(),
  };
  if (isWider(diagrams, ociDiagram(diagrams, profile, arch), meant))
    throw new Error('the profile is wider than its policy');
  return {
    value: { profile, losses: [...auditLosses(policy), ...lossesOf(syscalls), ...exporter.losses] },
    diagnostics: [],
  };
}

function auditLosses({ mode }: EffectivePolicy): ExportLoss[] {
  return mode.value === 'enforce' ? [] : [{ origin: mode.origin, message: '`mode: audit`: the profile refuses' }];
}

/** What the policy means when nothing is reported. */
export function silentMeaning(diagrams: Diagrams, syscalls: EffectiveSyscalls, arch: Arch): Diagram {
  return combine(diagrams, policyDiagram(diagrams, syscalls, arch), diagrams.never, withoutReport);
}

function closedAnswer({ default: { action, errno } }: EffectiveSyscalls, table: KernelTable): Answer {
  return answerOf(action, action === 'errno' ? (table.errno(errno) ?? 0) : 0, false);
}

/** True when the first function allows a call that the second does not. */
export function isWider(diagrams: Diagrams, a: Diagram, b: Diagram): boolean {
  const allowed = answerOf('allow', 0, false);
  const wider = combine(diagrams, a, b, (left, right) => Number(left === allowed && right !== allowed));
  return wider !== diagrams.never;
}

class Exporter {
  readonly losses: ExportLoss[] = [];
  readonly #diagrams: Diagrams;
  readonly #meant: Diagram;
  readonly #closed: Answer;
  readonly #syscalls: EffectiveSyscalls;
  readonly #table: KernelTable;

  constructor(diagrams: Diagrams, meant: Diagram, closed: Answer, syscalls: EffectiveSyscalls, table: KernelTable) {
    this.#diagrams = diagrams;
    this.#meant = meant;
    this.#closed = closed;
    this.#syscalls = syscalls;
    this.#table = table;
  }

  /** Calls that get one answer whatever their arguments together; then each call that has conditions. */
  entries(): OciSyscall[] {
    const plain = new Map<Answer, string[]>();
    const conditional: OciSyscall[] = [];
    for (const name of [...this.#table.names()].sort()) {
      const call = this.#table.syscall(name);
      if (call === undefined) continue;
      const meaning = this.#meaningOf(call);
      const answer = this.#diagrams.valueOf(meaning);
      if (answer === undefined) conditional.push(...this.#conditional(call, meaning));
      else if (answer !== this.#closed) plain.set(answer, [...(plain.get(answer) ?? []), name]);
    }
    return [...[...plain].map(([answer, names]) => ({ names, ...actionOf(answer) })), ...conditional];
  }

  #conditional({ name }: Syscall, meaning: Diagram): OciSyscall[] {
    const cubes = cubesOf(this.#diagrams, meaning, this.#closed, MOST_CUBES);
    if (cubes !== undefined) return cubes.map((cube) => entryOf(name, cube));
    const message = `\`${name}\` is left to the default: its conditions would take more than ${MOST_CUBES} entries`;
    const { rules, restrict, allow, default: closed } = this.#syscalls;
    const said = [...allow, ...rules, ...restrict].find(({ syscall, args }) => syscall === name && args.size > 0);
    this.losses.push({ origin: (said ?? closed).origin, message });
    return [];
  }

  #meaningOf({ number }: Syscall): Diagram {
    return givenCall(this.#diagrams, this.#meant, this.#table.auditArch, number);
  }
}

function entryOf(name: string, { args, answer }: Cube): OciSyscall {
  return { names: [name], ...actionOf(answer), args: [...args].map(([index, cube]) => argumentOf(index, cube)) };
}

function argumentOf(index: number, cube: ArgumentCube): OciArgument {
  if (isOneValue(cube)) return { index, value: cube.value, op: 'SCMP_CMP_EQ' };
  return { index, value: cube.mask, valueTwo: cube.value, op: 'SCMP_CMP_MASKED_EQ' };
}

function actionOf(answer: Answer): Pick<OciSyscall, 'action' | 'errnoRet'> {
  const action = seccompAction(answer);
  switch (action?.kind) {
    case 'allow':
      return { action: 'SCMP_ACT_ALLOW' };
    case 'errno':
      return { action: 'SCMP_ACT_ERRNO', errnoRet: action.errno };
    case 'kill_process':
      return { action: 'SCMP_ACT_KILL_PROCESS' };
    default:
      throw new RangeError(`no policy answers 0x${answer.toString(16)}`);
  }
}

/** What no profile can say. */
function lossesOf({ default: closed, rules, allow }: EffectiveSyscalls): ExportLoss[] {
  const name = closed.action === 'errno' ? closed.errno : closed.action;
  const isReported = ({ report }: { readonly report: string }) => report === 'daemon';
  const reported = isReported(closed) ? [closed] : rules.filter(isReported);
  return [
    ...reported.map(({ origin }) => ({ origin, message: 'what is refused is not reported' })),
    ...allow.filter(isReported).map(({ syscall, origin }) => ({ origin, message: `\`${syscall}\` is not reported` })),
    { origin: closed.origin, message: `a number that is no system call gets ${name} instead of ENOSYS` },
    { origin: closed.origin, message: 'a call of another architecture ends the thread, and not the process' },
  ];
}
