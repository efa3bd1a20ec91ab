/** Calls of the other ABI that x86-64 processes can make, by the instruction that is left of it. */
import { readFileSync } from 'node:fs';
import { confinedAttempts } from '../attempts/confined.js';
import type { ProbeContext } from '../context.js';
import { foreignCalls } from '../derive/foreign.js';
import type { ProbeResult } from '../result.js';
import { attemptResults, dataText } from './attempt-results.js';

const ACTIONS = readFileSync(new URL('../attempts/foreign.py', import.meta.url), 'utf8');

export async function probeForeign(context: ProbeContext): Promise<readonly ProbeResult[]> {
  const attempts = foreignCalls(context.compiled, context.program);
  if (attempts.length === 0) return [];
  const run = await confinedAttempts(`${ACTIONS}\n_foreign_attempts(${dataText(attempts)})`, context);
  const trapped = run.attempts
    .filter(({ seen }) => seen.kind === 'died' && seen.signal === TRAP)
    .map(({ name }) => name);
  return attemptResults('syscalls', attempts, run, context.program).map((result) => {
    const own = { ...result, place: null }; // no policy can change it
    if (!trapped.includes(result.name)) return own;
    return { ...own, outcome: 'SKIPPED', seen: `${TRAP}: this kernel has no calls of i386`, hint: null };
  });
}

/** Of the instruction, where the kernel was built or booted without such calls. */
const TRAP = 'SIGSEGV';
