import { accessSync, constants, fstatSync, readFileSync, type Stats } from 'node:fs';
import { LeewardError } from '../../errors/leeward-error.js';

/** Who may own what is trusted, beside root. */
export interface Trust {
  readonly uid: number;
  readonly gid: number;
}

const STICKY = 0o1000;

/** @throws LeewardError LW_POLICY_UNSAFE_FILE when somebody else owns the file, or may write to it */
export function checkFile(path: string, fd: number, trust: Trust): Stats {
  const stats = fstatSync(fd);
  checkOwner(path, stats, trust);
  checkWriters(path, fd, stats, trust);
  return stats;
}

/**
 * @param place a sticky folder that others may write is good enough on the way, not as the last one
 * @throws LeewardError LW_POLICY_UNSAFE_FILE
 */
export function checkFolder(path: string, fd: number, trust: Trust, place: 'last' | 'on the way'): void {
  const stats = fstatSync(fd);
  checkOwner(path, stats, trust);
  if (place === 'last' || (stats.mode & STICKY) === 0) checkWriters(path, fd, stats, trust);
}

/** A link has no mode: who may replace it is a matter of its folder. @throws LeewardError LW_POLICY_UNSAFE_FILE */
export function checkLink(path: string, stats: Stats, trust: Trust): void {
  checkOwner(path, stats, trust, 'chown -h');
}

function checkOwner(path: string, { uid }: Stats, trust: Trust, chown = 'chown'): void {
  if (uid === 0 || uid === trust.uid) return;
  throw unsafe(path, `belongs to uid ${uid}, not to root or uid ${trust.uid}`, `${chown} ${trust.uid} ${path}`);
}

function checkWriters(path: string, fd: number, stats: Stats, trust: Trust): void {
  const writers = stats.mode & (isPrivateGroup(stats.gid, trust) ? 0o002 : 0o022);
  if (writers === 0 || onReadOnlyMount(fd)) return;
  const mode = (stats.mode & 0o7777).toString(8);
  throw unsafe(path, `is writable by others (mode ${mode}, group ${stats.gid})`, `chmod go-w ${path}`);
}

/** access(2) answers EROFS when everything but a read-only mount would admit the write. */
function onReadOnlyMount(fd: number): boolean {
  try {
    accessSync(`/proc/self/fd/${fd}`, constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EROFS';
  }
}

/**
 * True for a user's own group without other members. Distributions with such groups let users create files that it may
 * write (umask 0002): that is nobody else.
 */
function isPrivateGroup(gid: number, trust: Trust): boolean {
  if (gid !== trust.gid || trust.uid === 0) return false;
  try {
    return onlyMember(gid, trust.uid, readFileSync('/etc/passwd', 'utf8'), readFileSync('/etc/group', 'utf8'));
  } catch {
    return false;
  }
}

/** Whether nobody but `uid` is in group `gid`, by the text of passwd(5) and group(5); false when it is not found there. */
export function onlyMember(gid: number, uid: number, passwd: string, group: string): boolean {
  const users = passwd.split('\n').map((line) => line.split(':'));
  const owner = users.find((fields) => Number(fields[2]) === uid && fields.length >= 7)?.[0];
  const entry = group
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields.length >= 4 && Number(fields[2]) === gid);
  if (owner === undefined || entry === undefined) return false;
  const listed = (entry[3] ?? '').split(',').filter((name) => name !== '');
  const primary = users.filter((fields) => fields.length >= 7 && Number(fields[3]) === gid).map((fields) => fields[0]);
  return [...listed, ...primary].every((name) => name === owner);
}

function unsafe(path: string, why: string, command: string): LeewardError {
  return new LeewardError('LW_POLICY_UNSAFE_FILE', `${path} ${why}`, {
    place: { file: path, line: 1, col: 1 },
    hint: `run \`${command}\``,
  });
}
