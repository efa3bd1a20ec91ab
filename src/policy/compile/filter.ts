/**
 * The seccomp filter of a policy, in the order in which a call is decided: architecture, numbers that no table knows,
 * calls with conditions, all others. Arguments are loaded only after the number is decided, so that the kernel can tell
 * from the number alone that a call without conditions is allowed, and need not run the filter for it.
 */
import { SECCOMP_DATA, seccompReturn } from '../../plan/bpf/opcodes.js';
import type { BpfInstruction } from '../../plan/plan.js';
import type { InstructionNote, Origin } from '../types.js';
import { testArgument } from './argument-tests.js';
import { assemble } from './assemble.js';
import { FilterGraph, type FilterNode } from './filter-graph.js';
import type { Clause, LoweredSyscall, LoweredSyscalls } from './lowered.js';

/** A number that a tracer sets to skip a call. */
const SKIPPED = 0xffff_ffff;

export function compileFilter(syscalls: LoweredSyscalls): readonly BpfInstruction[] {
  return assemble(new FilterBuilder(syscalls, sharedGraph()).build()).filter;
}

export interface AnnotatedFilter {
  readonly filter: readonly BpfInstruction[];
  /** What each instruction decides and where that was written, by index. */
  readonly notes: readonly (readonly InstructionNote[])[];
}

/** The same filter with its notes, for people. */
export function annotatedFilter(syscalls: LoweredSyscalls): AnnotatedFilter {
  const graph = new FilterGraph({ annotated: true });
  const { filter, nodes } = assemble(new FilterBuilder(syscalls, graph).build());
  return { filter, notes: nodes.map((node) => (node === undefined ? [] : graph.notesOf(node))) };
}

/** Some thousand policies that have most of their calls in common. */
const MOST_NODES = 1 << 15;

let shared: FilterGraph | undefined;

/** The graph of all filters: policies that extend the same ones have most of its parts in common. */
function sharedGraph(): FilterGraph {
  if (shared === undefined || shared.size > MOST_NODES) shared = new FilterGraph();
  return shared;
}

/** Consecutive numbers with the same answer. */
interface Run {
  readonly from: number;
  readonly node: FilterNode;
  readonly name: string;
  readonly origin: Origin | null;
}

class FilterBuilder {
  readonly #graph: FilterGraph;
  readonly #syscalls: LoweredSyscalls;
  readonly #kill: FilterNode;
  readonly #unknown: FilterNode;
  readonly #default: FilterNode;

  constructor(syscalls: LoweredSyscalls, graph: FilterGraph) {
    this.#graph = graph;
    this.#syscalls = syscalls;
    const enosys = syscalls.table.errno('ENOSYS');
    if (enosys === undefined) throw new Error('the kernel table has no ENOSYS');
    this.#kill = this.#graph.returns(seccompReturn({ kind: 'kill_process' }));
    this.#unknown = this.#graph.returns(seccompReturn({ kind: 'errno', errno: enosys }));
    this.#default = this.#answer(syscalls.default);
  }

  build(): FilterNode {
    const { table } = this.#syscalls;
    const numbers = this.#numberTree();
    const native = this.#graph.load(SECCOMP_DATA.nr, this.#refuseX32(numbers, table.x32Bit));
    const note = () => ({ text: 'the native architecture', origin: null });
    const compare = this.#graph.equal(table.auditArch, native, this.#kill, note);
    return this.#graph.load(SECCOMP_DATA.arch, compare);
  }

  #answer({ action, errno, notify, origin }: Clause): FilterNode {
    const kind = notify ? 'notify' : action;
    const value = kind === 'errno' ? seccompReturn({ kind, errno }) : seccompReturn({ kind });
    return this.#graph.returns(value, () => ({ text: action, origin }));
  }

  // -1 has the x32 bit too, but it is a tracer's way to skip a call, not a call.
  #refuseX32(numbers: FilterNode, x32Bit: number | undefined): FilterNode {
    if (x32Bit === undefined) return numbers;
    const marked = this.#graph.anyBit(x32Bit, this.#kill, numbers, () => ({ text: 'x32 calls', origin: null }));
    return this.#graph.equal(SKIPPED, this.#unknown, marked, () => ({ text: 'a skipped call', origin: null }));
  }

  /** Calls with conditions by a search of their own first: all others the kernel answers from its cache. */
  #numberTree(): FilterNode {
    const runs = this.#runs();
    const key = runs.map(({ from, node }) => `${from} ${node.id}`).join();
    const others = this.#graph.named(key, () => this.#searchRuns(runs));
    const filtered = [...this.#syscalls.calls.values()].filter(hasConditions).sort((a, b) => a.number - b.number);
    return this.#searchCalls(filtered, others);
  }

  #searchCalls(calls: readonly LoweredSyscall[], others: FilterNode): FilterNode {
    const middle = Math.floor(calls.length / 2);
    const call = calls[middle];
    if (call === undefined) return others;
    const note = () => ({ text: call.name, origin: call.clauses[0]?.origin ?? null });
    if (calls.length === 1) return this.#graph.equal(call.number, this.#decided(call), others, note);
    const upper = this.#searchCalls(calls.slice(middle), others);
    return this.#graph.atLeast(call.number, upper, this.#searchCalls(calls.slice(0, middle), others), note);
  }

  #decided(call: LoweredSyscall): FilterNode {
    return this.#graph.part(call, this.#default, () => this.#clauses(call));
  }

  #clauses({ clauses }: LoweredSyscall): FilterNode {
    return clauses.toReversed().reduce((next, clause) => {
      const answer = this.#answer(clause);
      return clause.tests
        .toReversed()
        .reduce((pass, test) => testArgument(this.#graph, test, { pass, fail: next }), answer);
    }, this.#default);
  }

  /**
   * The answers to all numbers, without conditions; a call with conditions never comes here, so it joins its neighbour.
   */
  #runs(): Run[] {
    const { table, calls } = this.#syscalls;
    const runs: Run[] = [];
    for (let number = 0; number <= table.highestNumber + 1; number++) {
      const call = calls.get(number);
      if (call !== undefined && hasConditions(call)) continue;
      const known = table.syscallByNumber(number);
      const node = known === undefined ? this.#unknown : this.#plain(call);
      if (runs.at(-1)?.node === node) continue;
      const from = runs.length === 0 ? 0 : number;
      runs.push({
        from,
        node,
        name: known?.name ?? 'no such call',
        origin: known === undefined ? null : (call?.clauses[0] ?? this.#syscalls.default).origin,
      });
    }
    return runs;
  }

  /** The answer to a call that has no conditions. */
  #plain(call: LoweredSyscall | undefined): FilterNode {
    return call === undefined ? this.#answer(this.#syscalls.default) : this.#decided(call);
  }

  #searchRuns(runs: readonly Run[]): FilterNode {
    const middle = Math.floor(runs.length / 2);
    const run = runs[middle];
    if (run === undefined) return this.#unknown;
    if (runs.length === 1) return run.node;
    const note = () => ({ text: `${run.name} and above`, origin: run.origin });
    return this.#graph.atLeast(
      run.from,
      this.#searchRuns(runs.slice(middle)),
      this.#searchRuns(runs.slice(0, middle)),
      note,
    );
  }
}

function hasConditions({ clauses }: LoweredSyscall): boolean {
  return clauses.length === 0 ? false : (clauses[0] as Clause).tests.length > 0;
}
