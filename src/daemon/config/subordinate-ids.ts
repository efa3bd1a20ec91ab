import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { LeewardError } from '../../errors/leeward-error.js';

/** Host ids that the user may map (subuid(5), subgid(5)): the ids of slots, one after the other. */
export interface SubordinateIds {
  readonly uidBase: number;
  readonly gidBase: number;
  readonly count: number;
}

/** The ids of one supervisor, or why its jobs all have the user's own. */
export type SlotIds = { readonly ids: SubordinateIds } | { readonly without: string };

export interface SubordinateIdFacts {
  /** `LEEWARD_SUBORDINATE_IDS`. */
  readonly setting: string | undefined;
  /** Undefined for a user without an entry in passwd(5). */
  readonly user: string | undefined;
  readonly uid: number;
  /** Texts of /etc/subuid and /etc/subgid, empty where there is no such file. */
  readonly subuid: string;
  readonly subgid: string;
}

const SLOTS = 4096;

/**
 * The subordinate ids for the slots of one supervisor: each has a part of the range of its own, so that jobs of two of them never
 * share an id.
 *
 * @param instance number of the supervisor among those of the user
 * @throws LeewardError LW_DAEMON_SETTING
 */
export function slotIdsOf({ setting, user, uid, subuid, subgid }: SubordinateIdFacts, instance: number): SlotIds {
  const place = { field: 'LEEWARD_SUBORDINATE_IDS' };
  if (setting === 'off') return { without: 'LEEWARD_SUBORDINATE_IDS is off' };
  if (setting !== undefined && setting !== '' && setting !== 'auto') {
    throw new LeewardError('LW_DAEMON_SETTING', `LEEWARD_SUBORDINATE_IDS is '${setting}'; it must be auto or off`, {
      place,
    });
  }
  if (user === undefined) return { without: `uid ${uid} has no entry in /etc/passwd` };
  const uids = longestRange(subuid, user, uid);
  const gids = longestRange(subgid, user, uid);
  if (uids === undefined) return { without: `/etc/subuid gives ${user} no ids` };
  if (gids === undefined) return { without: `/etc/subgid gives ${user} no ids` };
  const offset = instance * SLOTS;
  const count = Math.min(SLOTS, uids.count - offset, gids.count - offset);
  if (count < 1) return { without: `other daemons of ${user} use all of his subordinate ids` };
  return { ids: { uidBase: uids.base + offset, gidBase: gids.base + offset, count } };
}

/** What this host says of the user of this process. */
export function subordinateIdFacts(setting: string | undefined): SubordinateIdFacts {
  const uid = process.getuid?.() ?? 0;
  return { setting, user: userName(), uid, subuid: textOf('/etc/subuid'), subgid: textOf('/etc/subgid') };
}

/** Of several ranges the longest; one that is none, or has root's id, is not looked at. */
function longestRange(text: string, user: string, uid: number): { base: number; count: number } | undefined {
  let longest: { base: number; count: number } | undefined;
  for (const line of text.split('\n')) {
    const [owner, base = '', count = ''] = line.split(':');
    if ((owner !== user && owner !== String(uid)) || !/^[0-9]+$/.test(base) || !/^[0-9]+$/.test(count)) continue;
    const range = { base: Number(base), count: Number(count) };
    const usable = range.base > 0 && range.count > 0 && range.base + range.count < 0xffff_ffff;
    if (usable && (longest === undefined || range.count > longest.count)) longest = range;
  }
  return longest;
}

function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
