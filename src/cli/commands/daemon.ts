import { resolve } from 'node:path';
import * as Flags from '@oclif/core/flags';
import type { AuditLogSettings } from '../../daemon/index.js';
import { LeewardCommand } from '../command.js';
import { pathFlags, pathOptions, socketFlag } from '../flags.js';
import { formatSize, parseAddress, parseDelay, parseMode, parseSize } from '../units.js';
import { UsageError } from '../usage-error.js';

const MIN_FILE_BYTES = 16 << 10;
const FSYNC = ['always', 'interval', 'never'] as const;
const ON_ERROR = ['refuse', 'continue'] as const;
const SOURCES = ['directory', 'store'] as const;
const LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;

export default class DaemonCommand extends LeewardCommand {
  static override summary = 'Serve clients on a Unix socket until SIGTERM, SIGINT or SIGHUP.';
  static override description =
    'Prints one line on standard output when clients can connect; logs JSON lines on standard error. The first signal lets jobs end that run or wait, for 5 seconds unless --drain-timeout says otherwise; a SIGTERM or SIGINT that comes later does not. As root the daemon itself has no capabilities: a keeper starts it and its supervisor.';
  static override examples = [
    { description: 'On the default socket.', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'With policies and a socket of its own.',
      command: '<%= config.bin %> <%= command.id %> --policies ./policies --socket /run/user/1000/my.sock',
    },
  ];
  static override flags = {
    socket: socketFlag,
    ...pathFlags,
    'policy-source': Flags.string({
      description:
        'Where policies, runtimes and tenants come from: directory, folders that are followed (the default); store, what `policy apply` gives the daemon.',
      options: SOURCES,
    }),
    'default-policy': Flags.string({ description: 'Policy of requests that name none.', helpValue: 'NAME' }),
    'max-jobs': Flags.integer({
      description: 'Jobs at a time, of all tenants together; default: 8 for each processor, at least 32.',
      helpValue: 'N',
      min: 1,
    }),
    queue: Flags.integer({ description: 'Jobs that may wait in one pool.', helpValue: 'N', min: 0 }),
    'compile-threads': Flags.integer({
      description:
        'Threads that compile policies, by default one for each processor but one, at most 4; with 0 requests wait while a policy is compiled.',
      helpValue: 'N',
      min: 0,
      max: 64,
    }),
    'allow-path': Flags.string({
      description:
        'As root: folder beneath which requests may mount, beside those that the policies name; DIR:ro for reading alone. May be given several times.',
      helpValue: 'DIR',
      multiple: true,
      multipleNonGreedy: true,
    }),
    'allow-source': Flags.string({
      description:
        'As root: what policies may mount that come or change after the start; DIR:rw for writing, too. May be given several times.',
      helpValue: 'DIR',
      multiple: true,
      multipleNonGreedy: true,
    }),
    'revoke-after': Flags.string({
      description:
        'How long a job may go on whose policy is taken away or made narrower while it runs; 0s: it is ended at once. Default: 10s.',
      helpValue: 'DURATION',
    }),
    'drain-timeout': Flags.string({
      description: 'How long jobs may go on when the daemon is told to stop; 0s: they are killed at once. Default: 5s.',
      helpValue: 'DURATION',
    }),
    'allow-audit': Flags.boolean({
      description: 'Serve policies with `mode: audit`, too, which let through what they do not allow and report it.',
    }),
    'socket-mode': Flags.string({
      description: 'Mode of the socket, octal; default: 0600, and 0666 where root serves tenants.',
      helpValue: 'MODE',
    }),
    'socket-group': Flags.string({ description: 'Group of the socket, by name or number.', helpValue: 'GROUP' }),
    'metrics-port': Flags.integer({
      description: 'TCP port of /metrics, /healthz and /readyz; 0: none. Default: 9090.',
      env: 'LEEWARD_METRICS_PORT',
      helpValue: 'N',
      min: 0,
      max: 65_535,
    }),
    'metrics-address': Flags.string({
      description: 'IP address of that port; whoever reaches it may read. Default: 127.0.0.1.',
      helpValue: 'IP',
    }),
    'audit-log': Flags.boolean({
      description:
        'Record each job and refusal in the audit log of the state directory; on unless --no-audit-log is given.',
      default: true,
      allowNo: true,
    }),
    'audit-log-fsync': Flags.string({
      description:
        'When records have to be on the disk: always, before the answer; interval, a second later (the default); never, when the kernel thinks so.',
      options: FSYNC,
    }),
    'audit-log-on-error': Flags.string({
      description: 'Whether jobs are refused (the default) or go on while the audit log cannot be written.',
      options: ON_ERROR,
    }),
    'audit-log-max-size': Flags.string({
      description: 'Size of a file of the audit log, after which the next one begins; at least 16K, default: 64M.',
      helpValue: 'SIZE',
    }),
    'audit-log-keep': Flags.integer({
      description: 'Full files of the audit log that are kept; default: 15.',
      helpValue: 'N',
      min: 0,
      max: 9999,
    }),
    'log-level': Flags.string({ description: 'What is logged.', options: LEVELS }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(DaemonCommand);
    const address = flags['metrics-address'];
    const policySource = flags['policy-source'] as (typeof SOURCES)[number] | undefined;
    if (policySource === 'store' && flags.policies !== undefined) throw foldersOfStore();
    const { runDaemon } = await import('../../daemon/index.js');
    process.exitCode = await runDaemon({
      ...pathOptions(flags),
      policySource,
      socket: flags.socket === undefined ? undefined : resolve(flags.socket),
      defaultPolicy: flags['default-policy'],
      maxJobs: flags['max-jobs'],
      queue: flags.queue,
      compileThreads: flags['compile-threads'],
      socketMode: flags['socket-mode'] === undefined ? undefined : parseMode(flags['socket-mode'], '--socket-mode'),
      socketGroup: flags['socket-group'],
      allowPaths: flags['allow-path']?.map((path) => resolve(path)),
      allowSources: flags['allow-source']?.map((path) => resolve(path)),
      revokeAfterMs: delayOf(flags['revoke-after'], '--revoke-after'),
      drainMs: delayOf(flags['drain-timeout'], '--drain-timeout'),
      allowAudit: flags['allow-audit'],
      metricsPort: flags['metrics-port'],
      metricsAddress: address === undefined ? undefined : parseAddress(address, '--metrics-address'),
      auditLog: flags['audit-log'] ? auditLogOf(flags) : false,
      logLevel: flags['log-level'] as (typeof LEVELS)[number] | undefined,
      onReady: ({ paths }) => this.print(`leeward: ready on ${paths.socket}`),
    });
  }
}

/** Milliseconds. */
function delayOf(text: string | undefined, flag: string): number | undefined {
  return text === undefined ? undefined : 1000 * parseDelay(text, flag);
}

/** Whose files would hold, where both have a policy of one name? */
function foldersOfStore(): UsageError {
  const message = '--policies names folders that are followed, and a store has its policies from `policy apply` alone';
  return new UsageError(message, 'give the files to the daemon: `leeward policy apply DIR`');
}

/** What the flags say of the audit log; the daemon has a default for the rest. */
function auditLogOf(flags: {
  readonly 'audit-log-fsync'?: string | undefined;
  readonly 'audit-log-on-error'?: string | undefined;
  readonly 'audit-log-max-size'?: string | undefined;
  readonly 'audit-log-keep'?: number | undefined;
}): Partial<AuditLogSettings> {
  const { 'audit-log-fsync': fsync, 'audit-log-on-error': onError, 'audit-log-keep': keep } = flags;
  const size = flags['audit-log-max-size'];
  return {
    ...(fsync === undefined ? {} : { fsync: fsync as (typeof FSYNC)[number] }),
    ...(onError === undefined ? {} : { onError: onError as (typeof ON_ERROR)[number] }),
    ...(size === undefined ? {} : { maxSize: parseFileSize(size) }),
    ...(keep === undefined ? {} : { keep }),
  };
}

/** Files of a few records would be kept for as little time. */
function parseFileSize(text: string): number {
  const bytes = parseSize(text, '--audit-log-max-size');
  if (bytes >= MIN_FILE_BYTES) return bytes;
  throw new UsageError(`--audit-log-max-size ${text}: a file takes at least ${formatSize(MIN_FILE_BYTES)}`);
}
