/** Attempts at the paths of a sandbox, each at its edge, with what plan and policy say of it. Pure. */
import { kernelTable } from '../../kernel/table.js';
import type { CompiledPolicy } from '../../policy/types.js';
import type { Program } from '../program.js';
import {
  type DerivedAttempt,
  type DerivedAttempts,
  flagsAttempt,
  NOT_GRANTED,
  refused,
  works,
} from './derived-attempt.js';
import { roomAttempts } from './room.js';
import { grantOrigin, isGranted, type SandboxPlace, sandboxPlaces } from './sandbox-places.js';
import { changeAttempts, codeAttempts, executeAttempts, writeAttempts } from './writes.js';

/** Names in a directory of the host; none where it has no such directory. */
export type HostNames = (directory: string) => readonly string[];

/** What is there without a request's own mounts. */
export function derivedPaths(compiled: CompiledPolicy, program: Program, hostNames: HostNames): DerivedAttempts {
  const places = sandboxPlaces(compiled);
  const room = roomAttempts(compiled, places);
  const attempts = places.flatMap((place) => [
    readAttempt(compiled, place),
    ...writeAttempts(compiled, place, program),
    ...mountAttempts(compiled, place),
    ...absentAttempts(compiled, place, hostNames),
  ]);
  return { attempts: [...attempts, ...executeAttempts(compiled), ...room.attempts], untried: room.untried };
}

function readAttempt(compiled: CompiledPolicy, place: SandboxPlace): DerivedAttempt {
  const { plan, policy } = compiled;
  const { path, kind } = place;
  const right = kind === 'directory' ? 'read_dir' : 'read_file';
  const isRead = isGranted(plan, path, right);
  const flags = kind === 'directory' ? Number(kernelTable(plan.arch).constant('O_DIRECTORY') ?? 0n) : 0;
  return {
    name: `read ${path}`,
    do: 'open',
    with: { path, flags },
    accepted: isRead ? works(`Landlock grants ${right}`) : refused(['EACCES'], NOT_GRANTED),
    origin: isRead ? grantOrigin(compiled, place) : policy.landlock.abi.origin,
  };
}

/** What is true of a mount itself. */
function mountAttempts({ plan }: CompiledPolicy, { path, mount, origin }: SandboxPlace): DerivedAttempt[] {
  if (mount?.target !== path) return [];
  const { kind, flags } = mount;
  const isWritten = kind === 'tmpfs' && isGranted(plan, path, 'make_reg', 'write_file');
  return [
    flagsAttempt(path, flags, origin),
    ...(flags.includes('read_only') ? changeAttempts(path, origin) : []),
    ...(isWritten && flags.includes('noexec') ? codeAttempts(path, origin) : []),
  ];
}

/** More would make a job's code long and show nothing new. */
const MOST_NAMES = 500;

/** What the host has beside what the plan puts there: in the directories that hold mount points. */
function absentAttempts(
  { plan }: CompiledPolicy,
  { path, mount, origin }: SandboxPlace,
  hostNames: HostNames,
): DerivedAttempt[] {
  if (mount !== undefined) return [];
  const { readOnly, writable } = plan.jobParents;
  const made = [...plan.mounts, ...plan.jobMounts].map(({ target }) => target).concat(readOnly, writable);
  const prefix = path === '/' ? '/' : `${path}/`;
  const beneath = made.filter((target) => target.startsWith(prefix)).map((target) => target.slice(prefix.length));
  const own = new Set(beneath.map((target) => target.split('/')[0]));
  const names = hostNames(path).filter((name) => !own.has(name));
  if (names.length === 0) return [];
  const given = { directory: path, names: names.slice(0, MOST_NAMES) };
  const accepted = refused(['ENOENT'], 'the policy mounts none of it');
  return [{ name: `the host's ${path}`, do: 'absent', with: given, accepted, origin }];
}
