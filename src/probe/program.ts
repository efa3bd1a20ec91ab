/** What a plan's own seccomp program answers: so no expectation has to repeat a fact of a policy. */
import { kernelTable } from '../kernel/table.js';
import type { Arch } from '../kernel/types.js';
import { filterDigest } from '../plan/bpf/digest.js';
import { type SeccompAction, seccompAction } from '../plan/bpf/opcodes.js';
import { simulate } from '../plan/bpf/simulate.js';
import { digestText } from '../plan/digest.js';
import type { Plan, PlanLimits, ResourceLimit } from '../plan/plan.js';
import type { EffectiveSyscalls } from '../policy/types.js';
import type { RawCall } from './attempts/seen.js';

/** What a call gets: it reaches the kernel, an errno, or the process is killed. */
export type Answer =
  | { readonly kind: 'allow' }
  | { readonly kind: 'errno'; readonly errno: string }
  | { readonly kind: 'kill'; readonly signal: 'SIGSYS' | 'SIGKILL' };

export class Program {
  readonly policy: string;
  /** As in a receipt. */
  readonly digest: string;
  /** What it was compiled from. */
  readonly syscalls: EffectiveSyscalls;
  readonly arch: Arch;
  readonly #plan: Plan;

  constructor(plan: Plan, syscalls: EffectiveSyscalls) {
    this.policy = plan.policyName;
    this.digest = `sha256:${digestText(filterDigest(plan.filter))}`;
    this.syscalls = syscalls;
    this.arch = plan.arch;
    this.#plan = plan;
  }

  /** What the control group and the supervisor enforce. */
  get limits(): PlanLimits {
    return this.#plan.limits;
  }

  /** What setrlimit(2) enforces. */
  get rlimits(): readonly ResourceLimit[] {
    return this.#plan.rlimits;
  }

  /** What a job has as its environment, `NAME=value`, unless the request adds to it. */
  get environment(): readonly string[] {
    return this.#plan.environment;
  }

  /** Paths of the sandbox where the plan mounts something, also for the job itself. */
  get mounts(): readonly string[] {
    const { mounts, jobParents } = this.#plan;
    const made = mounts.filter(({ kind }) => kind !== 'symlink' && kind !== 'directory');
    return ['/', ...made.map(({ target }) => target), jobParents.readOnly, jobParents.writable];
  }

  /** @param auditArch AUDIT_ARCH_* that the call comes from; the plan's own unless it is a foreign one */
  answer(call: RawCall, auditArch: number = kernelTable(this.arch).auditArch): Answer {
    const meaning = this.#meaning(call, auditArch);
    switch (meaning?.kind) {
      case 'errno':
        return this.#errno(meaning.errno);
      case 'notify':
        return this.#notified(call.nr);
      case 'kill_process':
        return { kind: 'kill', signal: 'SIGSYS' };
      default:
        return { kind: 'allow' };
    }
  }

  /** Whether the supervisor is asked, which then has the call in its records unless it lets it go on. */
  isNotified(call: RawCall): boolean {
    return this.#meaning(call, kernelTable(this.arch).auditArch)?.kind === 'notify';
  }

  /** Whether nothing allows the call and audit mode lets it through. */
  isAudited(call: RawCall): boolean {
    return this.syscalls.default.audit !== undefined && this.isNotified(call) && this.answer(call).kind === 'allow';
  }

  #meaning({ nr, args }: RawCall, arch: number): SeccompAction | undefined {
    return seccompAction(simulate(this.#plan.filter, { arch, nr, args }).action);
  }

  #notified(nr: number): Answer {
    const rule = this.#plan.notify.find((answer) => answer.nr === nr);
    // The supervisor records the call and kills the whole job (docs/adr/0010).
    if (rule?.action === 'kill') return { kind: 'kill', signal: 'SIGKILL' };
    return rule?.action === 'continue' ? { kind: 'allow' } : this.#errno(rule?.errno ?? this.#plan.notifyDefaultErrno);
  }

  #errno(number: number): Answer {
    return { kind: 'errno', errno: kernelTable(this.arch).errnoName(number) ?? `errno ${number}` };
  }
}
