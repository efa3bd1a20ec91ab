/**
 * A second opinion on filters and policies, from an SMT solver (Z3). It shares with the prover the plan, the effective policy and
 * the number tables, and nothing of its method: both sides are bit-vector terms here.
 */
import { type BitVec, type Bool, type Context, init } from 'z3-solver';
import { kernelTable } from '../../src/kernel/table.js';
import type { Arch, KernelTable, Syscall, SyscallArgument } from '../../src/kernel/types.js';
import { BPF, SECCOMP_DATA, SECCOMP_RET, seccompReturn } from '../../src/plan/bpf/opcodes.js';
import type { BpfInstruction, Plan } from '../../src/plan/plan.js';
import type {
  ArgumentConditions,
  Condition,
  DefaultAction,
  EffectiveSyscalls,
  RuleEntry,
} from '../../src/policy/types.js';
import { wordValue } from '../../src/policy/words.js';

type Name = 'leeward';
type Term = BitVec<32, Name>;

/** Starts Z3, once for a test file: it takes a second. */
export async function startZ3(): Promise<Context<Name>> {
  const { Context } = await withoutFinalizers(init);
  return Context('leeward');
}

/**
 * The binding lets terms go when they are collected, in this thread, also while Z3 solves in another one: answers are wrong then.
 * What it makes here is never let go.
 */
async function withoutFinalizers<Value>(start: () => Promise<Value>): Promise<Value> {
  const usual = globalThis.FinalizationRegistry;
  globalThis.FinalizationRegistry = class<T> extends usual<T> {
    override register(): void {}
  };
  try {
    return await start();
  } finally {
    globalThis.FinalizationRegistry = usual;
  }
}

/** What the filter and the supervisor answer against what the policy means: `equal`, or a call that shows the difference. */
export class Z3Oracle {
  readonly #z3: Context<Name>;
  readonly #table: KernelTable;
  readonly #words: readonly Term[];

  constructor(z3: Context<Name>, arch: Arch) {
    this.#z3 = z3;
    this.#table = kernelTable(arch);
    this.#words = Array.from({ length: SECCOMP_DATA.size / 4 }, (_, index) => z3.BitVec.const(`word${index}`, 32));
  }

  async areEqual(plan: Plan, syscalls: EffectiveSyscalls): Promise<boolean> {
    const solver = new this.#z3.Solver();
    solver.add(this.#program(plan.filter).neq(this.#policy(syscalls)));
    const answer = await solver.check();
    if (answer === 'unknown') throw new Error('Z3 does not know');
    return answer === 'unsat';
  }

  /** Term for every instruction and what the accumulator holds there: a word of the input under a mask. */
  #program(filter: readonly BpfInstruction[]): Term {
    const known = new Map<string, Term>();
    const from = (index: number, accumulator: Term, key: string): Term => {
      const at = filter[index] as BpfInstruction;
      const place = `${index} ${key}`;
      const made = known.get(place);
      if (made !== undefined) return made;
      const term = this.#instruction(at, index, accumulator, key, from);
      known.set(place, term);
      return term;
    };
    return from(0, this.#number(0), '0');
  }

  #instruction(
    at: BpfInstruction,
    index: number,
    accumulator: Term,
    key: string,
    from: (index: number, accumulator: Term, key: string) => Term,
  ): Term {
    switch (at.code) {
      case BPF.RET_K:
        return this.#number(at.k);
      case BPF.JA:
        return from(index + 1 + at.k, accumulator, key);
      case BPF.LD_W_ABS:
        return from(index + 1, this.#words[at.k / 4] as Term, `word ${at.k}`);
      case BPF.AND_K:
        return from(index + 1, accumulator.and(this.#number(at.k)), `${key} & ${at.k}`);
      default: {
        const taken = this.#isTaken(at, accumulator);
        const [then, otherwise] = [at.jt, at.jf].map((jump) => from(index + 1 + jump, accumulator, key));
        return this.#z3.If(taken, then as Term, otherwise as Term);
      }
    }
  }

  #isTaken({ code, k }: BpfInstruction, accumulator: Term): Bool<Name> {
    const constant = this.#number(k);
    switch (code) {
      case BPF.JEQ_K:
        return accumulator.eq(constant);
      case BPF.JGT_K:
        return accumulator.ugt(constant);
      case BPF.JGE_K:
        return accumulator.uge(constant);
      default:
        return this.#z3.Not(isZero(accumulator.and(constant)));
    }
  }

  #policy(syscalls: EffectiveSyscalls): Term {
    const [number, arch] = [this.#words[0], this.#words[1]] as [Term, Term];
    const kill = this.#number(SECCOMP_RET.KILL_PROCESS);
    const enosys = this.#number(SECCOMP_RET.ERRNO + (this.#table.errno('ENOSYS') ?? 0));
    const known = this.#table.names().reduce((rest, name) => {
      const call = this.#table.syscall(name) as Syscall;
      return this.#z3.If(number.eq(this.#number(call.number)), this.#call(syscalls, call), rest);
    }, enosys);
    const isX32 = this.#z3.Not(isZero(number.and(this.#number(this.#table.x32Bit ?? 0))));
    const native = this.#z3.If(number.eq(this.#number(0xffff_ffff)), enosys, this.#z3.If(isX32, kill, known));
    return this.#z3.If(arch.eq(this.#number(this.#table.auditArch)), native, kill);
  }

  #call({ rules, restrict, allow, default: closed }: EffectiveSyscalls, call: Syscall): Term {
    const own = <T extends { readonly syscall: string }>(list: readonly T[]) =>
      list.filter(({ syscall }) => syscall === call.name);
    const { audit } = closed;
    const isRefused = audit?.refused.includes(call.name) === true;
    const refused = this.#denial(isRefused ? { ...audit.enforced, report: 'none' } : closed, false);
    const within = own(restrict).map(({ args }) => this.#all(args, call, true));
    const reported = own(allow).filter(({ report }) => report === 'daemon');
    const anyOf = (entries: readonly { readonly args: ArgumentConditions }[]) =>
      this.#z3.Or(...entries.map(({ args }) => this.#all(args, call, true)));
    const allowed = this.#z3.If(
      anyOf(reported),
      this.#number(SECCOMP_RET.USER_NOTIF),
      this.#z3.If(anyOf(own(allow)), this.#number(SECCOMP_RET.ALLOW), refused),
    );
    const open = this.#z3.If(this.#z3.And(...within), allowed, refused);
    // The last one that is put around the rest decides first: the base's rules, and of those that kill.
    const mildestFirst = [...own(rules)].sort((a, b) => strictness(a) - strictness(b));
    return mildestFirst.reduce(
      (rest, rule) => this.#z3.If(this.#all(rule.args, call, false), this.#denial(rule, rule.args.size === 0), rest),
      open,
    );
  }

  #denial({ action, errno, report }: Pick<DefaultAction, 'action' | 'errno' | 'report'>, byNumber: boolean): Term {
    if (action === 'kill_process')
      return this.#number(report === 'daemon' && byNumber ? SECCOMP_RET.USER_NOTIF : SECCOMP_RET.KILL_PROCESS);
    if (report === 'daemon') return this.#number(SECCOMP_RET.USER_NOTIF);
    return this.#number(seccompReturn({ kind: 'errno', errno: this.#table.errno(errno) ?? 0 }));
  }

  #all(args: ArgumentConditions, call: Syscall, isAllow: boolean): Bool<Name> {
    const conditions = [...args].flatMap(([name, { value }]) => {
      const index = call.args.findIndex((argument) => argument.name === name);
      const argument = call.args[index] as SyscallArgument;
      const [low, high] = [this.#words[4 + 2 * index], this.#words[5 + 2 * index]] as [Term, Term];
      const holds = this.#holds(value, argument, argument.width === 32 ? low : this.#z3.Concat(high, low));
      return isAllow && argument.width === 32 ? [holds, this.#isClean(argument, low, high)] : [holds];
    });
    return this.#z3.And(...conditions);
  }

  #isClean({ signed }: SyscallArgument, low: Term, high: Term): Bool<Name> {
    if (!signed) return isZero(high);
    const isExtended = this.#z3.And(high.eq(this.#number(0xffff_ffff)), low.slt(this.#number(0)));
    return this.#z3.Or(isZero(high), isExtended);
  }

  #holds(condition: Condition, { width, kind }: SyscallArgument, value: BitVec<number, Name>): Bool<Name> {
    const number = (word: string) => {
      const found = wordValue(word, this.#table);
      return found.kind === 'value' ? [this.#z3.BitVec.val(BigInt.asUintN(width, found.value), width)] : [];
    };
    switch (condition.kind) {
      case 'oneOf':
        return this.#z3.Or(...condition.words.flatMap(number).map((word) => value.eq(word)));
      case 'noneOf': {
        const isBits = kind === 'flags' || kind === 'mode';
        const words = condition.words.flatMap(number);
        return this.#z3.And(...words.map((word) => (isBits ? isZero(value.and(word)) : value.neq(word))));
      }
      case 'masked': {
        const [mask] = number(condition.mask);
        const [equals] = number(condition.equals);
        return mask && equals ? value.and(mask).eq(equals) : this.#z3.Bool.val(false);
      }
      case 'range': {
        const [min] = number(condition.min);
        const [max] = number(condition.max);
        return min && max ? this.#z3.And(value.uge(min), value.ule(max)) : this.#z3.Bool.val(false);
      }
    }
  }

  #number(value: number): Term {
    return this.#z3.BitVec.val(value, 32);
  }
}

function isZero(term: BitVec<number, Name>): Bool<Name> {
  return term.eq(term.ctx.BitVec.val(0, term.size()));
}

function strictness({ locked, action }: RuleEntry): number {
  return 2 * Number(locked) + Number(action === 'kill_process');
}
