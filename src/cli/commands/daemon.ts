import { resolve } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { LeewardCommand } from '../command.js';
import { pathFlags, pathOptions, socketFlag } from '../flags.js';
import { parseAddress, parseMode } from '../units.js';

const LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;

export default class DaemonCommand extends LeewardCommand {
  static override summary = 'Serve clients on a Unix socket until SIGTERM, SIGINT or SIGHUP.';
  static override description =
    'Prints one line on standard output when clients can connect; logs JSON lines on standard error. The first signal lets running jobs end; a SIGTERM or SIGINT that comes later does not. As root the daemon itself has no capabilities: a keeper starts it and its supervisor.';
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
    'log-level': Flags.string({ description: 'What is logged.', options: LEVELS }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(DaemonCommand);
    const address = flags['metrics-address'];
    const { runDaemon } = await import('../../daemon/index.js');
    process.exitCode = await runDaemon({
      ...pathOptions(flags),
      socket: flags.socket === undefined ? undefined : resolve(flags.socket),
      defaultPolicy: flags['default-policy'],
      maxJobs: flags['max-jobs'],
      queue: flags.queue,
      compileThreads: flags['compile-threads'],
      socketMode: flags['socket-mode'] === undefined ? undefined : parseMode(flags['socket-mode'], '--socket-mode'),
      socketGroup: flags['socket-group'],
      allowPaths: flags['allow-path']?.map((path) => resolve(path)),
      allowSources: flags['allow-source']?.map((path) => resolve(path)),
      allowAudit: flags['allow-audit'],
      metricsPort: flags['metrics-port'],
      metricsAddress: address === undefined ? undefined : parseAddress(address, '--metrics-address'),
      logLevel: flags['log-level'] as (typeof LEVELS)[number] | undefined,
      onReady: ({ paths }) => this.print(`leeward: ready on ${paths.socket}`),
    });
  }
}
