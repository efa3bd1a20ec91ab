import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { LeewardCommand } from '../command.js';
import { jsonFlag, socketFlag } from '../flags.js';
import { printable } from '../terminal/printable.js';

export default class Kill extends LeewardCommand {
  static override summary = 'End jobs, running or waiting.';
  static override description =
    'Each by its name, as `leeward ps` shows it, and waits until it has ended, or for the time of --wait. Its client is told LW_JOB_KILLED, and the audit log has who did it. Operators end any job, others those that they have sent. Exit code: 1 when a job that was named is not under way, ended otherwise first, or has not ended in time.';
  static override usage = '<%= command.id %> [FLAGS] (JOB... | --all | --tenant NAME | --policy NAME)';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 1kw74zh0a7f3',
    {
      description: 'Those of a tenant under a policy.',
      command: '<%= config.bin %> <%= command.id %> --tenant acme --policy python-data',
    },
  ];
  static override args = {
    job: Args.string({ description: 'Names of jobs, at most 256.', multiple: true, ignoreStdin: true }),
  };
  static override flags = {
    all: Flags.boolean({ description: 'All jobs that run or wait now, as far as this user may end them.' }),
    tenant: Flags.string({ description: 'All of this tenant.', helpValue: 'NAME' }),
    policy: Flags.string({ description: 'All under this policy.', helpValue: 'NAME' }),
    wait: Flags.string({
      description: 'How long to wait for their end, such as 5s or 0s. Default: 30s.',
      helpValue: 'TIME',
    }),
    socket: socketFlag,
    json: jsonFlag,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Kill);
    const [{ askDaemon }, { jobSelection }, { parseDelay }] = await Promise.all([
      import('../administration/ask-daemon.js'),
      import('../operating/job-selection.js'),
      import('../units.js'),
    ]);
    const { all, tenant, policy } = flags;
    const selection = jobSelection({ jobs: args.job ?? [], all, tenant, policy });
    const wait = flags.wait === undefined ? {} : { wait_ms: Math.round(1000 * parseDelay(flags.wait, '--wait')) };
    const result = await askDaemon(flags.socket, (client) => client.kill({ ...selection, ...wait }));
    // A daemon that is older waits for all.
    const ending = result.ending ?? [];
    if (flags.json) this.printJson(result);
    else {
      for (const name of result.killed) this.print(`killed ${printable(name)}`);
      if (result.killed.length + ending.length + result.gone.length === 0)
        this.note('leeward: no such job was under way, or none that did not end otherwise first');
    }
    for (const name of ending) {
      this.note(
        `leeward: job ${printable(name)} was told to end, and has not ended yet: \`leeward ps\` shows it until it has`,
      );
      process.exitCode = 1;
    }
    for (const name of result.gone) {
      this.note(
        `leeward: job ${printable(name)} was not killed: it has ended already or otherwise, is not yours to end, or never was`,
      );
      process.exitCode = 1;
    }
  }
}
