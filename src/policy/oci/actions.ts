/** The answers of OCI profiles in the words of a policy (runtime-spec config-linux.md, Seccomp; seccomp(2)). */
import { kernelTable } from '../../kernel/table.js';
import type { Arch, KernelTable } from '../../kernel/types.js';
import type { Action } from '../document/profile.gen.js';
import type { OciAction } from './profile.js';

/** An answer as it is written. */
export interface WrittenAnswer {
  readonly action: Action;
  /** By number: `errnoRet`. */
  readonly errnoRet?: number | null | undefined;
  /** By name or number, as Podman has it. */
  readonly errno?: string | undefined;
}

export interface MeantAnswer {
  readonly action: OciAction;
  /** 0 with other actions than SCMP_ACT_ERRNO. */
  readonly errnoRet: number;
  /** What it is that the policy cannot say. */
  readonly loss?: string;
}

/** The answer nearest to a written one, and never wider. */
export function meantAnswer(written: WrittenAnswer, arch: Arch): MeantAnswer {
  const table = kernelTable(arch);
  switch (written.action) {
    case 'SCMP_ACT_ALLOW':
      return { action: 'SCMP_ACT_ALLOW', errnoRet: 0 };
    case 'SCMP_ACT_LOG':
      return { action: 'SCMP_ACT_ALLOW', errnoRet: 0, loss: 'what it allows is not logged' };
    case 'SCMP_ACT_ERRNO':
      return refused(written, table);
    case 'SCMP_ACT_KILL_PROCESS':
      return { action: 'SCMP_ACT_KILL_PROCESS', errnoRet: 0 };
    case 'SCMP_ACT_KILL':
    case 'SCMP_ACT_KILL_THREAD':
      return killed('the process ends, and not the thread alone');
    case 'SCMP_ACT_TRAP':
      return killed('the process ends, and gets no SIGSYS that it could handle');
    case 'SCMP_ACT_TRACE':
      return unheard('no job has a tracer', table);
    case 'SCMP_ACT_NOTIFY':
      return unheard('no job has a listener of its own', table);
  }
}

/** True when a runtime leaves the entry out (runc: `callAct == defAct`). */
export function isSameAnswer(a: WrittenAnswer, b: WrittenAnswer, arch: Arch): boolean {
  if (a.action !== b.action) return false;
  const table = kernelTable(arch);
  return a.action !== 'SCMP_ACT_ERRNO' || numberOf(a, table) === numberOf(b, table);
}

/** What is wrong where name and number are not the same. */
export function disagreementOf(written: WrittenAnswer, arch: Arch): string | undefined {
  const { errno = '', errnoRet } = written;
  if (errno === '' || typeof errnoRet !== 'number' || numberOf(written, kernelTable(arch)) === errnoRet)
    return undefined;
  return `Docker answers errno ${errnoRet}, Podman ${errno}: it gets ${errno}`;
}

function killed(loss: string): MeantAnswer {
  return { action: 'SCMP_ACT_KILL_PROCESS', errnoRet: 0, loss };
}

/** What the kernel answers where nobody listens. */
function unheard(why: string, table: KernelTable): MeantAnswer {
  return { action: 'SCMP_ACT_ERRNO', errnoRet: errnoOf('ENOSYS', table), loss: `${why}: it gets ENOSYS` };
}

function refused(written: WrittenAnswer, table: KernelTable): MeantAnswer {
  const number = numberOf(written, table);
  if (number !== undefined && table.errnoName(number) !== undefined)
    return { action: 'SCMP_ACT_ERRNO', errnoRet: number };
  const loss = `there is no errno ${written.errno || written.errnoRet}: it gets EPERM`;
  return { action: 'SCMP_ACT_ERRNO', errnoRet: errnoOf('EPERM', table), loss };
}

/** The name decides, as with Podman; EPERM where nothing is said. */
function numberOf({ errno = '', errnoRet }: WrittenAnswer, table: KernelTable): number | undefined {
  if (errno === '') return errnoRet ?? errnoOf('EPERM', table);
  return /^[0-9]/.test(errno) ? Number(errno) : table.errno(errno);
}

/** @throws RangeError for a name that there is no errno of */
function errnoOf(name: 'EPERM' | 'ENOSYS', table: KernelTable): number {
  const number = table.errno(name);
  if (number === undefined) throw new RangeError(`there is no errno ${name}`);
  return number;
}
