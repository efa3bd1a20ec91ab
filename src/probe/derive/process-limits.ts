/** Limits that a process meets with an errno: setrlimit(2), and user namespaces. Pure. */
import { kernelTable } from '../../kernel/table.js';
import { type ResourceLimit, UNLIMITED } from '../../plan/plan.js';
import type { CompiledPolicy, EffectiveLimits, Origin } from '../../policy/types.js';
import type { Program } from '../program.js';
import type { DerivedAttempt, DerivedAttempts, UntriedAttempt } from './derived-attempt.js';
import { isGranted } from './sandbox-places.js';

/** The limit of the policy by the kernel's name. */
const LIMIT_OF: Readonly<Record<string, keyof EffectiveLimits>> = {
  RLIMIT_NOFILE: 'openFiles',
  RLIMIT_FSIZE: 'fileSize',
  RLIMIT_CORE: 'core',
  RLIMIT_STACK: 'stack',
  RLIMIT_MEMLOCK: 'lockedMemory',
};

/** More take too long. */
const MOST_FILES = 65_536n;
/** Farther no file system in memory goes. */
const MOST_SIZE = 1n << 50n;
const MOST_LOCKED = 64n << 20n;

export function processLimits(compiled: CompiledPolicy, program: Program): DerivedAttempts {
  const parts = compiled.plan.rlimits.map((limit) => partsOf(compiled, limit));
  const namespaces = userNamespaces(compiled, program);
  return {
    attempts: [...parts.flatMap(({ attempts }) => attempts), ...namespaces.attempts],
    untried: [...parts.flatMap(({ untried }) => untried), ...namespaces.untried],
  };
}

function partsOf(compiled: CompiledPolicy, { resource, hard }: ResourceLimit): DerivedAttempts {
  const { plan, policy } = compiled;
  const table = kernelTable(plan.arch);
  const name = table.constantNames('RLIMIT_').find((one) => table.constant(one) === BigInt(resource)) ?? `${resource}`;
  const limit = LIMIT_OF[name];
  const origin = limit === undefined ? policy.origin : policy.limits[limit].origin;
  if (hard === UNLIMITED) return { attempts: [], untried: [] };
  const value: DerivedAttempt = {
    ...{ name: `value of ${name}`, do: 'value', with: { resource, limit: Number(hard) } },
    ...{ accepted: { kind: 'held', because: `at most ${hard}` }, origin },
  };
  if (limit === 'stack') {
    const { attempts, untried } = stack(hard, origin);
    return { attempts: [value, ...attempts], untried };
  }
  const crossing = crossingOf(compiled, limit, hard, origin);
  if (crossing === undefined) return { attempts: [value], untried: [] };
  return 'reason' in crossing
    ? { attempts: [value], untried: [crossing] }
    : { attempts: [value, crossing], untried: [] };
}

function crossingOf(
  { plan }: CompiledPolicy,
  limit: keyof EffectiveLimits | undefined,
  hard: bigint,
  origin: Origin,
): DerivedAttempt | UntriedAttempt | undefined {
  const made = (name: string, errno: string, action: Pick<DerivedAttempt, 'do' | 'with'>, reason?: string) => {
    const accepted = { kind: 'errno', errnos: [errno], because: `${limit} is ${hard}` } as const;
    return reason === undefined ? { name, ...action, accepted, origin } : { name, reason, accepted, origin };
  };
  const tooMuch = (most: bigint) =>
    hard > most ? `${hard} is more than is tried; "value of" asks the kernel` : undefined;
  switch (limit) {
    case 'openFiles':
      return made('openFiles', 'EMFILE', { do: 'descriptors', with: { limit: Number(hard) } }, tooMuch(MOST_FILES));
    case 'lockedMemory':
      return made('lockedMemory', 'EAGAIN', { do: 'locked', with: { limit: Number(hard) } }, tooMuch(MOST_LOCKED));
    case 'fileSize': {
      const place = plan.mounts.find(
        ({ kind, target }) => kind === 'tmpfs' && isGranted(plan, target, 'make_reg', 'write_file'),
      );
      const nowhere = place === undefined ? 'there is no file system in memory that a job may write to' : undefined;
      const given = { directory: place?.target ?? '', limit: Number(hard) };
      return made('fileSize', 'EFBIG', { do: 'size', with: given }, nowhere ?? tooMuch(MOST_SIZE));
    }
    default:
      return undefined; // the kernel tells the value; crossing it is a crash
  }
}

/** Other mappings may begin where more would be (mmap_base of arch/x86/mm/mmap.c keeps this free). */
const MOST_STACK = 96n << 20n;
/** What lies above libc's end of the stack: arguments, variables, the auxiliary vector. */
const ABOVE_STACK = 1n << 20n;

/** The stack grows to nearly its limit, and beyond it the process ends. */
function stack(hard: bigint, origin: Origin): DerivedAttempts {
  const beyond = { kind: 'signal', signal: 'SIGSEGV', because: `stack is ${hard}` } as const;
  const base = { do: 'stack', origin };
  if (hard > MOST_STACK || hard < 2n * ABOVE_STACK) {
    const reason = `${hard} is not tried; "value of" asks the kernel`;
    return { attempts: [], untried: [{ name: 'stack', reason, accepted: beyond, origin }] };
  }
  const within = { kind: 'works', because: `stack is ${hard}` } as const;
  return {
    attempts: [
      { ...base, name: 'stack within its limit', with: { size: Number(hard - ABOVE_STACK) }, accepted: within },
      { ...base, name: 'stack', with: { size: Number(hard + ABOVE_STACK) }, accepted: beyond },
    ],
    untried: [],
  };
}

/** The filter is asked first: where it refuses, the limit is a second wall that cannot be seen. */
function userNamespaces({ plan, policy }: CompiledPolicy, program: Program): DerivedAttempts {
  const { origin } = policy.limits.userNamespaces;
  const table = kernelTable(plan.arch);
  const call = { nr: table.syscall('unshare')?.number ?? -1, args: [table.constant('CLONE_NEWUSER') ?? 0n] };
  const accepted = { kind: 'errno', errnos: ['ENOSPC'], because: 'userNamespaces is 0' } as const;
  const name = 'userNamespaces';
  if (plan.limits.userNamespacesMax > 0) return { attempts: [], untried: [] };
  if (program.answer(call).kind === 'allow')
    return { attempts: [{ name, do: 'user namespace', with: {}, accepted, origin }], untried: [] };
  return {
    attempts: [],
    untried: [{ name, reason: 'the filter refuses unshare before the limit is asked', accepted, origin }],
  };
}
