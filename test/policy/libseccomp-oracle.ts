/** libseccomp, which most sandboxes of Linux make their filters with, as a second compiler of policies: Debian's python3-seccomp. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { kernelTable } from '../../src/kernel/table.js';
import type { Arch } from '../../src/kernel/types.js';
import { successorsOf } from '../../src/plan/bpf/successors.js';
import type { BpfInstruction } from '../../src/plan/plan.js';
import type { EffectiveSyscalls } from '../../src/policy/types.js';
import { defaultAnswer, libseccompRules } from './libseccomp-rules.js';

const PYTHON = '/usr/bin/python3';
const SCRIPT = fileURLToPath(new URL('libseccomp.py', import.meta.url));

export function hasLibseccomp(): boolean {
  return spawnSync(PYTHON, ['-I', '-c', 'import seccomp']).status === 0;
}

export interface LibseccompFilter {
  readonly filter: readonly BpfInstruction[];
  /** Names of calls that it has no or not all rules for: libseccomp does not know them, or they would take too many. */
  readonly unsaid: readonly string[];
}

/** One process that answers all questions. */
export class LibseccompOracle {
  readonly #child: ChildProcessWithoutNullStreams = spawn(PYTHON, ['-I', SCRIPT]);
  readonly #lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  #problem = '';

  constructor() {
    this.#child.stderr.on('data', (text) => {
      this.#problem += text;
    });
  }

  /**
   * The filter that libseccomp makes of the policy's meaning.
   *
   * @param optimize how it looks for a number: 1 one after the other, 2 by a binary tree
   */
  async filterOf(syscalls: EffectiveSyscalls, arch: Arch, optimize: 1 | 2 = 1): Promise<LibseccompFilter> {
    const table = kernelTable(arch);
    const { rules, unsaid } = libseccompRules(syscalls, table);
    const rows = rules.map(({ answer, call, conditions }) => [answer, call.name, call.number, conditions]);
    const answer = await this.#ask({ arch, default: defaultAnswer(syscalls, table), optimize, rules: rows });
    const { filter, unknown } = answer as { filter: string; unknown: string[] };
    return { filter: withoutDeadEnd(instructionsOf(Buffer.from(filter, 'base64'))), unsaid: [...unsaid, ...unknown] };
  }

  /** libseccomp's numbers of system calls, -1 for those that it does not know. */
  async numbersOf(names: readonly string[], arch: Arch): Promise<readonly number[]> {
    return (await this.#ask({ arch, names })) as number[];
  }

  close(): void {
    this.#child.stdin.end();
  }

  async #ask(question: unknown): Promise<unknown> {
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`libseccomp: ${this.#problem}`);
    const answer = JSON.parse(value);
    if (answer.error !== undefined) throw new Error(`libseccomp: ${answer.error}`);
    return answer;
  }
}

/** Without the RET at the end to which no path leads: libseccomp can leave one, and our readers of filters refuse it. */
function withoutDeadEnd(filter: readonly BpfInstruction[]): readonly BpfInstruction[] {
  const last = filter.length - 1;
  const isReached = filter.some(
    (_, index) => index < last && successorsOf(filter[index] as BpfInstruction, index).includes(last),
  );
  return isReached ? filter : filter.slice(0, last);
}

/** `struct sock_filter[]`. */
function instructionsOf(bytes: Buffer): BpfInstruction[] {
  return Array.from({ length: bytes.length / 8 }, (_, index) => ({
    code: bytes.readUInt16LE(8 * index),
    jt: bytes[8 * index + 2] as number,
    jf: bytes[8 * index + 3] as number,
    k: bytes.readUInt32LE(8 * index + 4),
  }));
}
