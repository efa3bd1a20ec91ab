/** What the policy's own seccomp program answers: so no case has to repeat a fact of a policy. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernelTable } from '../../../src/kernel/table.js';
import type { Arch } from '../../../src/kernel/types.js';
import { seccompAction } from '../../../src/plan/bpf/opcodes.js';
import { simulate } from '../../../src/plan/bpf/simulate.js';
import type { BpfInstruction, Plan, PlanLimits, ResourceLimit } from '../../../src/plan/plan.js';
import { builtinPath, compilePolicy, parseRuntime, resolvePolicy } from '../../../src/policy/index.js';
import type { EffectiveSyscalls, SourceFile } from '../../../src/policy/types.js';
import { PACKAGE_ROOT } from '../../harness/checkout.js';
import { fakeHost, findingsText } from '../../policy/shipped.js';
import type { RawCall } from './seen.js';

/** Of this machine. */
export const ARCH: Arch = process.arch === 'arm64' ? 'arm64' : 'x86_64';

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
  readonly #plan: Plan;

  constructor(plan: Plan, syscalls: EffectiveSyscalls) {
    this.policy = plan.policyName;
    this.digest = digestOf(plan.filter);
    this.syscalls = syscalls;
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

  /** @param auditArch AUDIT_ARCH_* that the call comes from; this machine's own unless it is a foreign one */
  answer({ nr, args }: RawCall, auditArch: number = kernelTable(ARCH).auditArch): Answer {
    const { action } = simulate(this.#plan.filter, { arch: auditArch, nr, args });
    const meaning = seccompAction(action);
    switch (meaning?.kind) {
      case 'errno':
        return errnoAnswer(meaning.errno);
      case 'notify':
        return this.#notified(nr);
      case 'kill_process':
        return { kind: 'kill', signal: 'SIGSYS' };
      default:
        return { kind: 'allow' };
    }
  }

  #notified(nr: number): Answer {
    const rule = this.#plan.notify.find((answer) => answer.nr === nr);
    // The supervisor records the call and kills the whole job (docs/adr/0010).
    if (rule?.action === 'kill') return { kind: 'kill', signal: 'SIGKILL' };
    return rule?.action === 'continue' ? { kind: 'allow' } : errnoAnswer(rule?.errno ?? this.#plan.notifyDefaultErrno);
  }
}

function errnoAnswer(number: number): Answer {
  return { kind: 'errno', errno: kernelTable(ARCH).errnoName(number) ?? `errno ${number}` };
}

/** Over the instructions as seccomp(2) takes them: `struct sock_filter` of linux/filter.h, little-endian. */
function digestOf(filter: readonly BpfInstruction[]): string {
  const bytes = Buffer.alloc(8 * filter.length);
  filter.forEach(({ code, jt, jf, k }, index) => {
    bytes.writeUInt16LE(code, 8 * index);
    bytes.writeUInt8(jt, 8 * index + 2);
    bytes.writeUInt8(jf, 8 * index + 3);
    bytes.writeUInt32LE(k, 8 * index + 4);
  });
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

const programs = new Map<string, Program>();

/**
 * The program of a shipped policy or of one in the suite's folder.
 *
 * @param folders where policies are, relative to the repository
 * @throws Error when it does not compile
 */
export function programOf(name: string, folders: readonly string[]): Program {
  let program = programs.get(name);
  if (program === undefined) {
    program = compile(name, folders);
    programs.set(name, program);
  }
  return program;
}

// What the host is like has no part in the program; a receipt's digest shows that it is the one that ran.
function compile(name: string, folders: readonly string[]): Program {
  const load = (reference: string): SourceFile | undefined => {
    const builtin = builtinPath(reference);
    const paths = builtin === undefined ? folders.map((folder) => `${folder}/${reference}.yaml`) : [builtin];
    return paths.map(read).find((file) => file !== undefined);
  };
  const file = load(name);
  if (file === undefined) throw new Error(`there is no policy ${name}`);
  const policy = resolvePolicy(file, load);
  if (policy.value === undefined) throw new Error(findingsText(policy.diagnostics));
  const runtimeName = policy.value.runtime?.value ?? '';
  const runtimeFile = folders
    .map((folder) => read(`${folder}/runtimes/${runtimeName}.yaml`))
    .find((found) => found !== undefined);
  if (runtimeFile === undefined) throw new Error(`there is no runtime ${runtimeName}`);
  const runtime = parseRuntime(runtimeFile);
  if (runtime.value === undefined) throw new Error(findingsText(runtime.diagnostics));
  const compiled = compilePolicy(policy.value, runtime.value, fakeHost(ARCH));
  if (compiled.value === undefined) throw new Error(findingsText(compiled.diagnostics));
  return new Program(compiled.value.plan, policy.value.syscalls);
}

function read(path: string): SourceFile | undefined {
  const absolute = join(PACKAGE_ROOT, path);
  return existsSync(absolute) ? { file: path, text: readFileSync(absolute, 'utf8') } : undefined;
}
