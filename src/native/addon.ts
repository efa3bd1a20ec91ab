/**
 * The types of the addon (`native/addon`). It takes valid values: what callers pass was checked here in TypeScript.
 * Every function throws a {@link NativeError} when the kernel refuses.
 */

/** What the addon throws: an Error with these members. */
export interface NativeError extends Error {
  readonly code: 'LW_NATIVE_SYSCALL' | 'LW_NATIVE_CLOSED' | 'LW_NATIVE_QUEUE_FULL' | 'LW_NATIVE_ARGUMENT';
  /** Of LW_NATIVE_SYSCALL only: the call, the positive errno, and its name. */
  readonly syscall?: string;
  readonly errno?: number;
  readonly errnoName?: string;
}

/** A packet with the descriptors that came with it; they belong to the receiver, close-on-exec. */
export interface Packet {
  readonly data: Buffer;
  readonly fds: readonly number[];
}

/**
 * One end of a SOCK_SEQPACKET socket (unix(7)), with the pidfd of the child at the other end. Takes over both descriptors, unless the
 * constructor throws LW_NATIVE_ARGUMENT. Open, it keeps the process alive; `unref` ends that.
 */
export interface Channel {
  /**
   * Sends one packet. True: the kernel took it; false: it is queued (at most 1,024 packets and 16 MiB), with duplicates of `fds`,
   * and sent when the peer reads. The descriptors stay the caller's. Throws LW_NATIVE_CLOSED, LW_NATIVE_QUEUE_FULL.
   */
  send(data: Uint8Array, fds: readonly number[]): boolean;
  /** Starts reading. At most 64 packets a call; with 1,024 not yet handed over, nothing more is read. */
  onPackets(callback: (batch: readonly Packet[]) => void): void;
  /** Called once, after the last packet, when the peer has closed (null) or the channel broke (errno name); not after `close`. */
  onClose(callback: (errnoName: string | null) => void): void;
  /** Called once when the child was reaped; this can be before the last packets. One of the two is null. */
  onExit(callback: (exitCode: number | null, signal: number | null) => void): void;
  /** Sends a signal to the child and to nobody else; false when it has ended, or there is none. */
  kill(signal: number): boolean;
  /** Closes the socket; what is queued is dropped. The child is still waited for. */
  close(): void;
  ref(): void;
  unref(): void;
}

export interface SpawnedSupervisor {
  readonly pid: number;
  readonly channelFd: number;
  readonly pidfd: number;
}

/** Who connected, by the kernel's word at connect time (SO_PEERCRED, SO_PEERGROUPS of socket(7)). */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
}

/** What only system calls can tell of the kernel; `src/native/kernel-probe.ts` adds what is in files. */
export interface RawKernelProbe {
  readonly release: string;
  readonly machine: string;
  /** `errnoName` is empty when there is a Landlock: ENOSYS is a kernel without it, EOPNOTSUPP one that was booted without. */
  readonly landlock: { readonly abi: number; readonly errata: number; readonly errnoName: string };
  readonly seccompListener: boolean;
  readonly seccompWaitKillable: boolean;
  /** The errno name of a call with senseless arguments; ENOSYS: not there, EPERM: forbidden. */
  readonly calls: Readonly<Record<string, string>>;
  /** The step in which making a user namespace failed; both empty when it worked. */
  readonly userNamespaceStep: string;
  readonly userNamespaceErrno: string;
}

export interface Addon {
  readonly Channel: new (socket: number, pidfd: number) => Channel;
  /**
   * Starts a program in a session of its own, with default signals, `args` as argv and exactly `environment` (`NAME=value`).
   * Its descriptors: 0 /dev/null, 1 and 2 our standard error, 3 the channel, 4 a copy of `envelope` unless that is -1; nothing else.
   */
  spawnSupervisor(
    path: string,
    args: readonly string[],
    environment: readonly string[],
    envelope: number,
  ): SpawnedSupervisor;
  peerCredentials(socket: number): PeerCredentials;
  /** Whether the peer has closed its sending side or all of the socket, also while bytes of it are still to be read. */
  peerIsGone(socket: number): boolean;
  /** A memfd with these bytes, at its start, sealed against every change. The caller closes it. */
  sealedMemfd(name: string, data: Uint8Array): number;
  closeFd(fd: number): void;
  /** Takes an exclusive lock (flock(2)) that lives as long as the open file; false when someone else has it. */
  flock(fd: number): boolean;
  /**
   * The path without symbolic links, as openat2(2) finds it with RESOLVE_CACHED; null when a file system would have to be asked.
   * Throws what the lookup fails with.
   */
  resolveCached(path: string): string | null;
  probeKernel(): RawKernelProbe;
}
