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
import { type HostFiles, placesOfHost } from './host-files.js';
import { ioctlAttempts, openTmpfs, rightAttempts } from './rights.js';
import { roomAttempts } from './room.js';
import { grantOrigin, isGranted, type SandboxPlace, sandboxPlaces } from './sandbox-places.js';
import { changeAttempts, codeAttempts, executeAttempts, writeAttempts } from './writes.js';

/** What is there without a request's own mounts. */
export function derivedPaths(compiled: CompiledPolicy, program: Program, host: HostFiles): DerivedAttempts {
  const places = sandboxPlaces(compiled);
  const attempts = places.flatMap((place) => [
    readAttempt(compiled, place),
    ...writeAttempts(compiled, place, program),
    ...mountAttempts(compiled, place),
    ...ioctlAttempts(compiled, place),
    ...absentAttempts(compiled, place, host),
  ]);
  const proc = places.find(({ path }) => path === '/proc');
  const own = new Set(places.map(({ path }) => path));
  const shown = placesOfHost(compiled, host).filter(({ path }) => !own.has(path));
  const rights = places.flatMap((place) => openTmpfs(place) ?? []).map((open) => rightAttempts(compiled, open));
  const parts = [executeAttempts(compiled), ...rights, roomAttempts(compiled, places)];
  return {
    attempts: [
      ...attempts,
      ...(proc === undefined ? [] : [readAttempt(compiled, { ...proc, path: '/proc/self/stat', kind: 'file' })]),
      ...shown.map((place) => readAttempt(compiled, place)),
      ...parts.flatMap((part) => part.attempts),
    ],
    untried: parts.flatMap((part) => part.untried),
  };
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
    right,
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
  host: HostFiles,
): DerivedAttempt[] {
  if (mount !== undefined) return [];
  const { readOnly, writable } = plan.jobParents;
  const made = [...plan.mounts, ...plan.jobMounts].map(({ target }) => target).concat(readOnly, writable);
  const prefix = path === '/' ? '/' : `${path}/`;
  const beneath = made.filter((target) => target.startsWith(prefix)).map((target) => target.slice(prefix.length));
  const own = new Set(beneath.map((target) => target.split('/')[0]));
  const names = host.names(path).filter((name) => !own.has(name));
  if (names.length === 0) return [];
  const given = { directory: path, names: names.slice(0, MOST_NAMES) };
  const accepted = refused(['ENOENT'], 'the policy mounts none of it');
  return [{ name: `the host's ${path}`, do: 'absent', with: given, accepted, origin }];
}
