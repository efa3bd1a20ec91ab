/** From the kernel's texts to facts. Nothing is left out on the grounds that it looks right. */
import type { Fact, Facts } from './facts.js';
import { parseMountinfo } from './mountinfo.js';
import type { RawDescriptor, RawProcess, RawThread } from './raw.js';

/** Fields of proc_pid_status(5) that say what a thread may do; the others count or name something. */
const STATUS_FIELDS = [
  ...['Uid', 'Gid', 'Groups', 'NoNewPrivs', 'Seccomp', 'Seccomp_filters', 'Umask', 'TracerPid'],
  ...['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'SigPnd', 'ShdPnd', 'SigBlk', 'SigIgn'],
  ...['Cpus_allowed_list', 'Mems_allowed_list'],
];

export function fieldsOfStatus(status: string): ReadonlyMap<string, string> {
  const lines = status.split('\n').filter((line) => line.includes(':'));
  return new Map(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')),
      line
        .slice(line.indexOf(':') + 1)
        .trim()
        .replaceAll('\t', ' '),
    ]),
  );
}

/** `PID (NAME) STATE PPID PGRP SESSION TTY ...`: a name may hold anything, but ends at the last bracket. */
function sessionOf(stat: string): Fact {
  const [, , group, session, terminal] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return { group: group ?? -1, session: session ?? -1, terminal: terminal ?? -1 };
}

/** Membership in each hierarchy of cgroups(7), by its controllers; v2 is `''`. */
export function groupsOf(text: string): Facts {
  return new Map(
    text
      .trim()
      .split('\n')
      .map((line): [string, Fact] => {
        const [, controllers = '', ...path] = line.split(':');
        return [`cgroup ${controllers}`, path.join(':')];
      }),
  );
}

/** Signals 32 and 33, which libc keeps for itself (nptl(7)) and handles from its first thread, or change of ids, on. */
const OF_LIBC = 0b11n << 31n;

function handledBy(status: ReadonlyMap<string, string>): Fact {
  const mask = status.get('SigCgt');
  return mask === undefined ? null : (BigInt(`0x${mask}`) & ~OF_LIBC).toString(16).padStart(16, '0');
}

export function threadFacts(raw: RawThread): Facts {
  const status = fieldsOfStatus(raw.status);
  return new Map<string, Fact>([
    ...STATUS_FIELDS.map((field): [string, Fact] => [field, status.get(field) ?? null]),
    ['SigCgt', handledBy(status)],
    ...groupsOf(raw.cgroup),
    ['session', sessionOf(raw.stat)],
    ['nice', raw.nice],
    ['scheduler', raw.scheduler],
    ['real-time priority', raw.rt_priority],
    ['affinity', raw.affinity],
    ['ioprio', raw.ioprio],
    ['timer slack', raw.timerslack?.trim() ?? null],
    ['filters', raw.filters],
  ]);
}

function mapOf(text: string | null | undefined): Fact {
  const lines = (text ?? '').split('\n').filter((line) => line !== '');
  return lines.map((line) => line.trim().split(/\s+/).map(Number));
}

/** `NAME  SOFT  HARD  UNITS` in columns; a name has single spaces. */
export function limitFacts(text: string | null | undefined): Facts {
  const rows = (text ?? '').trim().split('\n').slice(1);
  return new Map(
    rows.map((row): [string, Fact] => {
      const [name = '', soft = '', hard = ''] = row.split(/\s{2,}/);
      return [`limit ${name}`, [soft, hard]];
    }),
  );
}

/** S_IFMT of inode(7). */
const FORMATS = new Map([
  [0o010000, 'pipe'],
  [0o020000, 'character device'],
  [0o040000, 'directory'],
  [0o060000, 'block device'],
  [0o100000, 'file'],
  [0o140000, 'socket'],
]);

/** O_* of asm-generic/fcntl.h as fdinfo shows them; O_LARGEFILE, which every 64-bit open has, says nothing. */
const O_LARGEFILE = 0o100000;
const O_CLOEXEC = 0o2000000;

function descriptorFact({ link, format, rdev, flags }: RawDescriptor): Fact {
  // `pipe:[INODE]`, `socket:[INODE]`, and a namespace's, a regular file of nsfs, `net:[INODE]`.
  const name = link.replace(/^(\w+):\[\d+\]$/, '$1');
  return {
    type: FORMATS.get(format) ?? 'anonymous',
    name,
    access: ['read', 'write', 'read and write'][flags & 3] ?? 'none',
    closeOnExec: (flags & O_CLOEXEC) !== 0,
    flags: flags & ~(3 | O_CLOEXEC | O_LARGEFILE),
    rdev,
  };
}

function descriptorFacts(descriptors: RawProcess['descriptors']): Facts {
  const facts = new Map<string, Fact>();
  for (const [number, raw] of Object.entries(descriptors)) facts.set(`descriptor ${number}`, descriptorFact(raw));
  const pipes = Object.values(descriptors).filter(({ link }) => link.startsWith('pipe:'));
  facts.set('different pipes', new Set(pipes.map(({ link }) => link)).size);
  return facts;
}

function strings(text: string | null | undefined): Fact {
  return text?.split('\0').slice(0, -1) ?? null;
}

function rows(text: string | null | undefined): number {
  return (text ?? '').trim().split('\n').slice(1).length;
}

/** All facts of a process but those of its threads and of its file systems. */
export function processFacts(raw: RawProcess): Facts {
  const { texts } = raw;
  return new Map<string, Fact>([
    ['uid_map', mapOf(texts['uid_map'])],
    ['gid_map', mapOf(texts['gid_map'])],
    ['setgroups', texts['setgroups']?.trim() ?? null],
    ...limitFacts(texts['limits']),
    ['oom_score_adj', texts['oom_score_adj']?.trim() ?? null],
    ['personality', texts['personality']?.trim() ?? null],
    ['coredump_filter', texts['coredump_filter']?.trim() ?? null],
    ['cmdline', strings(texts['cmdline'])],
    ['environ', strings(texts['environ'])],
    ...Object.entries(raw.auxiliary).map(([name, value]): [string, Fact] => [`auxiliary ${name}`, value]),
    ['root', raw.links['root'] ?? null],
    ['cwd', raw.links['cwd'] ?? null],
    ['exe', raw.links['exe'] ?? null],
    ['owner', raw.owner],
    ['hostname', raw.hostname],
    ['domainname', raw.domainname],
    ['user namespaces at most', raw.userNamespacesMax],
    ['interfaces', raw.interfaces],
    ['routes', rows(texts['net/route'])],
    ['addresses', texts['net/if_inet6']?.trim() || null],
    ['unix sockets', rows(texts['net/unix'])],
    ...descriptorFacts(raw.descriptors),
  ]);
}

/** What is mounted, how large, and everything that lies in the file systems that hold mount points. */
export function fileSystemFacts(raw: RawProcess): Facts {
  return new Map<string, Fact>([
    ...parseMountinfo(raw.texts['mountinfo'] ?? '').map(({ key, fact }): [string, Fact] => [key, fact]),
    ...Object.entries(raw.sizes).map(([point, size]): [string, Fact] => [`size of ${point}`, { ...size }]),
    ...Object.entries(raw.tree).map(([path, entry]): [string, Fact] => [`entry ${path}`, { ...entry }]),
  ]);
}

/** Which of the others share each of its namespaces. */
export function namespaceFacts(own: RawProcess, others: Readonly<Record<string, RawProcess>>): Facts {
  return new Map(
    Object.entries(own.namespaces).map(([kind, inode]): [string, Fact] => [
      `namespace ${kind} shared with`,
      Object.keys(others)
        .filter((name) => others[name]?.namespaces[kind] === inode)
        .sort(),
    ]),
  );
}
