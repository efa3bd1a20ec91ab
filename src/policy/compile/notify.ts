/** What the supervisor answers to each call that the filter notifies. */
import type { NotifyAnswer } from '../../plan/plan.js';
import type { Findings } from '../findings.js';
import type { Clause, LoweredSyscall, LoweredSyscalls } from './lowered.js';

export interface NotifyTable {
  readonly answers: readonly NotifyAnswer[];
  readonly defaultErrno: number;
}

/** Only what differs from the default is listed, by number. */
export function compileNotify(syscalls: LoweredSyscalls, findings: Findings): NotifyTable {
  const defaultErrno = syscalls.default.errno || unusedErrno(syscalls);
  const answers: NotifyAnswer[] = [];
  for (const call of syscalls.calls.values()) {
    const notified = notifiedClauses(call, syscalls.default);
    const first = notified[0];
    if (first === undefined) continue;
    checkSame(call, notified, findings);
    if (first.action === 'allow') answers.push({ nr: call.number, action: 'continue', errno: 0 });
    else if (first.action === 'kill_process') answers.push({ nr: call.number, action: 'kill', errno: 0 });
    else if (first.errno !== defaultErrno) answers.push({ nr: call.number, action: 'errno', errno: first.errno });
  }
  answers.sort((a, b) => a.nr - b.nr);
  return { answers: [...answers, ...auditedCalls(syscalls)], defaultErrno };
}

/** In audit mode: all known calls that the policy does not speak of. */
function auditedCalls({ table, calls, default: { action, notify } }: LoweredSyscalls): readonly NotifyAnswer[] {
  if (action !== 'allow' || !notify) return [];
  const others = table.syscalls().filter(({ number }) => !calls.has(number));
  return others.map(({ number }) => ({ nr: number, action: 'continue', errno: 0 }));
}

// With a default of kill_process nothing is notified without an entry; the plan's field still needs an errno.
function unusedErrno({ table }: LoweredSyscalls): number {
  return table.errno('EACCES') ?? 1;
}

/** Of most calls the supervisor hears nothing. */
const NONE: readonly Clause[] = [];

/** Every clause of a call whose answer the supervisor gives, the default among them when it can be reached. */
function notifiedClauses({ clauses }: LoweredSyscall, defaultClause: Clause): readonly Clause[] {
  const isOpen = clauses.some(({ tests }) => tests.length === 0);
  if (isOpen && !clauses.some(({ notify }) => notify)) return NONE;
  return [...clauses, ...(isOpen ? [] : [defaultClause])].filter(({ notify }) => notify);
}

/**
 * The supervisor sees the number of a call, not which condition sent it. The last clause, often the default, is the
 * measure.
 */
function checkSame({ name }: LoweredSyscall, notified: readonly Clause[], findings: Findings): void {
  const last = notified.at(-1);
  for (const clause of notified) {
    if (last === undefined || (clause.errno === last.errno && clause.action === last.action)) continue;
    const related = [{ origin: last.origin, message: 'another answer here' }];
    findings.add('LW-S118', clause.origin, `reported calls of \`${name}\` would get two answers`, { related });
  }
}
