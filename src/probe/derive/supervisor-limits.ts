/** What the supervisor counts of a job beside its two streams: the text about an exception, and refused calls. Pure. */
import { kernelTable } from '../../kernel/table.js';
import { durationText, sizeText } from '../../policy/index.js';
import type { CompiledPolicy } from '../../policy/types.js';
import type { JobException, JobResult } from '../../protocol/messages.gen.js';
import type { RawCall } from '../attempts/seen.js';
import type { Program } from '../program.js';
import { uselessValue } from './boundaries.js';
import type { Crossing } from './crossing.js';

/** Of each of the three texts the daemon passes on so many characters. */
const TEXT = 65_536n;
/** Where a job writes them (docs/internals/native.md). */
const DESCRIPTOR = 4;

/** The job writes more about an exception of its own than it may: what is passed on ends at the limit. */
export function claims({ policy, plan }: CompiledPolicy): Crossing {
  const { origin } = policy.limits.claims;
  const limit = plan.limits.claimsMax;
  const held = ({ error }: JobResult) => {
    if (limit === 0n) return error === null;
    // A NUL at the very end is not seen.
    return error?.lossy === true && [limit, limit - 1n].includes(lengthOf(error));
  };
  const base = { name: 'claims', origin, held, expected: `cut at ${sizeText(limit)}` };
  if (limit > 3n * TEXT)
    return { ...base, reason: `${sizeText(limit)} are more than is passed on of an exception in any case` };
  const text = `b"x" * ${TEXT} + b"\\0"`;
  return { ...base, job: { code: `import os\nos.write(${DESCRIPTOR}, (${text}) * 3)` } };
}

/** Bytes as they were written: each text ended by a NUL, the last one by the limit. */
function lengthOf({ name, value, traceback }: JobException): bigint {
  const texts = [name, value, traceback].filter((text) => text !== '');
  return BigInt(texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, -1));
}

const MOST_DENIALS = 20_000n;
/** Of the second in which so many answers as the policy says are given. */
const PART = 3n;

/** More refused calls than are answered at once: the job takes at least as long as the rest of them has to wait. */
export function denials({ policy, plan }: CompiledPolicy, program: Program): Crossing {
  const { origin } = policy.denials;
  const [burst, perSecond] = [BigInt(plan.denialBurst), BigInt(plan.denialPerSecond)];
  const beyond = perSecond < PART ? 1n : perSecond / PART;
  const count = burst + beyond;
  const waits = (beyond * 1000n) / perSecond;
  const base = {
    ...{ name: 'denials', origin },
    expected: `${count} refused calls take ${durationText(waits)} or more: ${burst} at once, then ${perSecond} a second`,
  };
  const call = refusedCall(program);
  const held = ({ denials: recorded, duration_ms }: JobResult) =>
    recorded.some(({ nr, count: times }) => nr === call?.nr && times >= count) && duration_ms >= waits;
  if (call === undefined) return { ...base, held, reason: 'the supervisor answers no call that is refused' };
  if (count > MOST_DENIALS) return { ...base, held, reason: `${count} calls are more than is tried` };
  const args = [call.nr, ...call.args].map((value) => `ctypes.c_long(${BigInt.asIntN(64, BigInt(value))})`).join(', ');
  const code = `import ctypes\nlibc = ctypes.CDLL(None)\nfor _ in range(${count}): libc.syscall(${args})`;
  return { ...base, held, job: { code } };
}

/** A call that the supervisor refuses, whatever it is asked with. */
function refusedCall(program: Program): RawCall | undefined {
  const table = kernelTable(program.arch);
  const calls = table.names().flatMap((name) => table.syscall(name) ?? []);
  const raw = calls.map(({ number, args }): RawCall => ({ nr: number, args: args.map(uselessValue) }));
  return raw.find((call) => program.isNotified(call) && program.answer(call).kind === 'errno');
}
