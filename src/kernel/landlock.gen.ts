// Generated from schemas/kernel/landlock.json (bits: linux-libc-dev 7.3.4-1~bpo13+1) by scripts/gen/landlock.mjs. Do not edit: run `npm run gen`.
import type { LandlockAbi, LandlockErratum } from './types.js';

/** What each ABI brings beyond the one before it; ABI n is at index n - 1. */
export const landlockAbis: readonly LandlockAbi[] = [
  {
    abi: 1,
    kernel: '5.13',
    rights: [
      { kind: 'fs', name: 'execute', constant: 'LANDLOCK_ACCESS_FS_EXECUTE', bit: 1n, abi: 1 },
      { kind: 'fs', name: 'write_file', constant: 'LANDLOCK_ACCESS_FS_WRITE_FILE', bit: 2n, abi: 1 },
      { kind: 'fs', name: 'read_file', constant: 'LANDLOCK_ACCESS_FS_READ_FILE', bit: 4n, abi: 1 },
      { kind: 'fs', name: 'read_dir', constant: 'LANDLOCK_ACCESS_FS_READ_DIR', bit: 8n, abi: 1 },
      { kind: 'fs', name: 'remove_dir', constant: 'LANDLOCK_ACCESS_FS_REMOVE_DIR', bit: 16n, abi: 1 },
      { kind: 'fs', name: 'remove_file', constant: 'LANDLOCK_ACCESS_FS_REMOVE_FILE', bit: 32n, abi: 1 },
      { kind: 'fs', name: 'make_char', constant: 'LANDLOCK_ACCESS_FS_MAKE_CHAR', bit: 64n, abi: 1 },
      { kind: 'fs', name: 'make_dir', constant: 'LANDLOCK_ACCESS_FS_MAKE_DIR', bit: 128n, abi: 1 },
      { kind: 'fs', name: 'make_reg', constant: 'LANDLOCK_ACCESS_FS_MAKE_REG', bit: 256n, abi: 1 },
      { kind: 'fs', name: 'make_sock', constant: 'LANDLOCK_ACCESS_FS_MAKE_SOCK', bit: 512n, abi: 1 },
      { kind: 'fs', name: 'make_fifo', constant: 'LANDLOCK_ACCESS_FS_MAKE_FIFO', bit: 1024n, abi: 1 },
      { kind: 'fs', name: 'make_block', constant: 'LANDLOCK_ACCESS_FS_MAKE_BLOCK', bit: 2048n, abi: 1 },
      { kind: 'fs', name: 'make_sym', constant: 'LANDLOCK_ACCESS_FS_MAKE_SYM', bit: 0x1000n, abi: 1 },
    ],
    restrictSelfFlags: [],
    addRuleFlags: [],
  },
  {
    abi: 2,
    kernel: '5.19',
    rights: [
      { kind: 'fs', name: 'refer', constant: 'LANDLOCK_ACCESS_FS_REFER', bit: 0x2000n, abi: 2 },
    ],
    restrictSelfFlags: [],
    addRuleFlags: [],
  },
  {
    abi: 3,
    kernel: '6.2',
    rights: [
      { kind: 'fs', name: 'truncate', constant: 'LANDLOCK_ACCESS_FS_TRUNCATE', bit: 0x4000n, abi: 3 },
    ],
    restrictSelfFlags: [],
    addRuleFlags: [],
  },
  {
    abi: 4,
    kernel: '6.7',
    rights: [
      { kind: 'net', name: 'bind_tcp', constant: 'LANDLOCK_ACCESS_NET_BIND_TCP', bit: 1n, abi: 4 },
      { kind: 'net', name: 'connect_tcp', constant: 'LANDLOCK_ACCESS_NET_CONNECT_TCP', bit: 2n, abi: 4 },
    ],
    restrictSelfFlags: [],
    addRuleFlags: [],
  },
  {
    abi: 5,
    kernel: '6.10',
    rights: [
      { kind: 'fs', name: 'ioctl_dev', constant: 'LANDLOCK_ACCESS_FS_IOCTL_DEV', bit: 0x8000n, abi: 5 },
    ],
    restrictSelfFlags: [],
    addRuleFlags: [],
  },
  {
    abi: 6,
    kernel: '6.12',
    rights: [
      { kind: 'scope', name: 'abstract_unix_socket', constant: 'LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET', bit: 1n, abi: 6 },
      { kind: 'scope', name: 'signal', constant: 'LANDLOCK_SCOPE_SIGNAL', bit: 2n, abi: 6 },
    ],
    restrictSelfFlags: [],
    addRuleFlags: [],
  },
  {
    abi: 7,
    kernel: '6.15',
    rights: [],
    restrictSelfFlags: [
      { constant: 'LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF', bit: 1 },
      { constant: 'LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON', bit: 2 },
      { constant: 'LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF', bit: 4 },
    ],
    addRuleFlags: [],
  },
  {
    abi: 8,
    kernel: '7.0',
    rights: [],
    restrictSelfFlags: [
      { constant: 'LANDLOCK_RESTRICT_SELF_TSYNC', bit: 8 },
    ],
    addRuleFlags: [],
  },
  {
    abi: 9,
    kernel: '7.1',
    rights: [
      { kind: 'fs', name: 'resolve_unix', constant: 'LANDLOCK_ACCESS_FS_RESOLVE_UNIX', bit: 0x10000n, abi: 9 },
    ],
    restrictSelfFlags: [],
    addRuleFlags: [],
  },
  {
    abi: 10,
    kernel: '7.2',
    rights: [
      { kind: 'net', name: 'bind_udp', constant: 'LANDLOCK_ACCESS_NET_BIND_UDP', bit: 4n, abi: 10 },
      { kind: 'net', name: 'connect_send_udp', constant: 'LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP', bit: 8n, abi: 10 },
    ],
    restrictSelfFlags: [],
    addRuleFlags: [
      { constant: 'LANDLOCK_ADD_RULE_QUIET', bit: 1 },
    ],
  },
  {
    abi: 11,
    kernel: '7.3',
    rights: [],
    restrictSelfFlags: [
      { constant: 'LANDLOCK_RESTRICT_SELF_NO_NEW_PRIVS', bit: 16 },
    ],
    addRuleFlags: [],
  },
];

export const landlockErrata: readonly LandlockErratum[] = [
  { erratum: 1, abi: 4, effect: 'TCP rights also restrict other stream protocols (SMC, MPTCP, SCTP)' },
  { erratum: 2, abi: 6, effect: 'signal scoping also forbids signals between threads of one process' },
  { erratum: 3, abi: 1, effect: 'rename or link can widen rights through a directory that was moved out of its bind mount' },
  { erratum: 4, abi: 1, effect: 'overlayfs whiteouts need the right to make character devices' },
];
