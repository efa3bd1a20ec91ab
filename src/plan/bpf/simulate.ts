import type { BpfInstruction } from '../plan.js';
import { BPF, SECCOMP_DATA } from './opcodes.js';

/** What the kernel shows a filter: `struct seccomp_data`. */
export interface SeccompInput {
  /** AUDIT_ARCH_* of the call, unsigned 32 bits. */
  readonly arch: number;
  /** System call number; -1 is given as 0xffffffff. */
  readonly nr: number;
  /** The six argument registers, unsigned 64 bits; missing ones are 0. */
  readonly args?: readonly bigint[];
  readonly instructionPointer?: bigint;
}

export interface Simulation {
  /** The RET value: action and data, see `seccompAction`. */
  readonly action: number;
  /** Indices of the executed instructions, RET included. */
  readonly trace: readonly number[];
  /**
   * True when nothing but number and architecture was loaded. The kernel finds such an allow in a bitmap and does not
   * run the filter for it (since Linux 5.11).
   */
  readonly cacheable: boolean;
}

/**
 * Runs a filter that `checkFilter` accepts, exactly as the kernel does.
 *
 * @throws RangeError when the filter runs off its end or has an unknown instruction, which a checked one cannot
 */
export function simulate(filter: readonly BpfInstruction[], input: SeccompInput): Simulation {
  const words = seccompWords(input);
  const trace: number[] = [];
  let accumulator = 0;
  let cacheable = true;
  for (let index = 0; index < filter.length; index++) {
    const at = filter[index] as BpfInstruction;
    trace.push(index);
    switch (at.code) {
      case BPF.LD_W_ABS:
        accumulator = words[at.k / 4] as number;
        if (at.k > SECCOMP_DATA.arch) cacheable = false;
        break;
      case BPF.AND_K:
        accumulator = (accumulator & at.k) >>> 0;
        break;
      case BPF.JA:
        index += at.k;
        break;
      case BPF.RET_K:
        return { action: at.k, trace, cacheable };
      default:
        index += isTaken(at, accumulator) ? at.jt : at.jf;
    }
  }
  throw endsWithoutRet(filter);
}

/**
 * What a filter that `checkFilter` accepts returns for a call of which it knows no more than architecture and number; undefined when it
 * asks for more. The kernel finds that out when a filter is attached, and caches the numbers that are allowed (Linux 5.11, `seccomp_cache_prepare`).
 */
export function answerByNumber(filter: readonly BpfInstruction[], arch: number, nr: number): number | undefined {
  let accumulator = 0;
  for (let index = 0; index < filter.length; index++) {
    const at = filter[index] as BpfInstruction;
    switch (at.code) {
      case BPF.LD_W_ABS:
        if (at.k > SECCOMP_DATA.arch) return undefined;
        accumulator = at.k === SECCOMP_DATA.nr ? nr : arch;
        break;
      case BPF.AND_K:
        accumulator = (accumulator & at.k) >>> 0;
        break;
      case BPF.JA:
        index += at.k;
        break;
      case BPF.RET_K:
        return at.k;
      default:
        index += isTaken(at, accumulator) ? at.jt : at.jf;
    }
  }
  throw endsWithoutRet(filter);
}

function endsWithoutRet({ length }: readonly BpfInstruction[]): RangeError {
  return new RangeError(`the filter of ${length} instructions ends without RET`);
}

function isTaken(at: BpfInstruction, accumulator: number): boolean {
  switch (at.code) {
    case BPF.JEQ_K:
      return accumulator === at.k;
    case BPF.JGT_K:
      return accumulator > at.k;
    case BPF.JGE_K:
      return accumulator >= at.k;
    case BPF.JSET_K:
      return (accumulator & at.k) !== 0;
    default:
      throw new RangeError(`unknown instruction 0x${at.code.toString(16)}`);
  }
}

/** `struct seccomp_data` as sixteen 32-bit words. */
function seccompWords(input: SeccompInput): Uint32Array {
  const words = new Uint32Array(SECCOMP_DATA.size / 4);
  words[0] = input.nr;
  words[1] = input.arch;
  const wide = [input.instructionPointer ?? 0n, ...(input.args ?? [])];
  wide.slice(0, 7).forEach((value, i) => {
    words[2 + 2 * i] = Number(value & 0xffff_ffffn);
    words[3 + 2 * i] = Number((value >> 32n) & 0xffff_ffffn);
  });
  return words;
}
