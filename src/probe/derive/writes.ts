/** Attempts to change something, and to run what was written. Pure. */
import { kernelTable } from '../../kernel/table.js';
import type { CompiledPolicy } from '../../policy/types.js';
import type { Program } from '../program.js';
import {
  type DerivedAttempt,
  type DerivedAttempts,
  NOT_GRANTED,
  READ_ONLY,
  refused,
  works,
} from './derived-attempt.js';
import { grantOrigin, isGranted, type SandboxPlace } from './sandbox-places.js';

/** Files that are made in a directory, and files and devices that are opened for writing. */
export function writeAttempts(compiled: CompiledPolicy, place: SandboxPlace, program: Program): DerivedAttempt[] {
  const { path, kind, mount, origin } = place;
  if (kind !== 'directory') return [openForWriting(compiled, place)];
  if (mount?.kind === 'proc') return []; // no file system in which anybody makes a file
  const base = { name: `make a file in ${path}`, do: 'create', with: { directory: path } };
  // The kernel asks the mount before anybody else when a file is to be made (open_last_lookups of fs/namei.c).
  if (mount?.flags.includes('read_only') === true)
    return [{ ...base, accepted: refused(['EROFS'], READ_ONLY), origin }];
  if (mount === undefined || !isGranted(compiled.plan, path, 'make_reg', 'write_file'))
    return [{ ...base, accepted: refused(['EACCES', 'EROFS'], NOT_GRANTED), origin }];
  const granted = { accepted: works('writable, and Landlock grants it'), origin: grantOrigin(compiled, place) };
  if (mount.kind === 'tmpfs') return [{ ...base, ...granted }];
  // What could not be removed again would stay in a directory of the host.
  return isRemovable(compiled, path, program) ? [{ ...base, with: { directory: path, remove: true }, ...granted }] : [];
}

function openForWriting({ plan }: CompiledPolicy, { path, kind, origin }: SandboxPlace): DerivedAttempt {
  const isWritten = kind === 'device' && isGranted(plan, path, 'write_file');
  const accepted = isWritten ? works('Landlock grants write_file') : refused(['EACCES', 'EROFS'], NOT_GRANTED);
  const flags = Number(kernelTable(plan.arch).constant('O_WRONLY') ?? 1n);
  return { name: `write ${path}`, do: 'open', with: { path, flags }, accepted, origin };
}

function isRemovable({ plan }: CompiledPolicy, path: string, program: Program): boolean {
  const nr = kernelTable(plan.arch).syscall('unlinkat')?.number ?? -1;
  return isGranted(plan, path, 'remove_file') && program.answer({ nr, args: [] }).kind === 'allow';
}

/** Changes for which Landlock has no right: a read-only mount alone refuses them. */
export function changeAttempts(path: string, origin: DerivedAttempt['origin']): DerivedAttempt[] {
  return ['chmod', 'utime'].map((what) => {
    return { name: `${what} ${path}`, do: what, with: { path }, accepted: refused(['EROFS'], READ_ONLY), origin };
  });
}

/** Where a job can write and the mount is noexec, nothing that it has written becomes code. */
export function codeAttempts(directory: string, origin: DerivedAttempt['origin']): DerivedAttempt[] {
  const because = 'the mount is noexec';
  const given = { directory };
  return [
    { name: `map code of ${directory}`, do: 'map', with: given, accepted: refused(['EPERM'], because), origin },
    {
      ...{ name: `execute a file of ${directory}`, do: 'execute own', with: given },
      ...{ accepted: refused(['EACCES'], because), origin },
    },
  ];
}

/** The interpreter, where no rule of Landlock lets it be executed. */
export function executeAttempts({ plan, policy }: CompiledPolicy): DerivedAttempts {
  const [path = ''] = plan.argv;
  const base = { name: `execute ${path}`, origin: policy.landlock.abi.origin };
  if (isGranted(plan, path, 'execute')) {
    const untried = {
      ...base,
      accepted: works('Landlock grants execute'),
      reason: 'it would take the place of the job',
    };
    return { attempts: [], untried: [untried] };
  }
  const accepted = refused(['EACCES'], NOT_GRANTED);
  const right = 'execute';
  return { attempts: [{ ...base, do: 'execute', with: { path }, accepted, right }], untried: [] };
}
