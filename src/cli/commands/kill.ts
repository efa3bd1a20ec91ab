import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { LeewardCommand } from '../command.js';
import { jsonFlag, socketFlag } from '../flags.js';
import { printable } from '../terminal/printable.js';

export default class Kill extends LeewardCommand {
  static override summary = 'End jobs, running or waiting.';
  static override description =
    'Each by its name, as `leeward ps` shows it, and waits until it has ended. Its client is told LW_JOB_KILLED, and the audit log has who did it. Operators end any job, others those that they have sent. Exit code: 1 when a job that was named is not under way, or ended otherwise first.';
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
    socket: socketFlag,
    json: jsonFlag,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Kill);
    const [{ askDaemon }, { jobSelection }] = await Promise.all([
      import('../administration/ask-daemon.js'),
      import('../operating/job-selection.js'),
    ]);
    const { all, tenant, policy } = flags;
    const selection = jobSelection({ jobs: args.job ?? [], all, tenant, policy });
    const result = await askDaemon(flags.socket, (client) => client.kill(selection));
    if (flags.json) this.printJson(result);
    else {
      for (const name of result.killed) this.print(`killed ${printable(name)}`);
      if (result.killed.length === 0 && result.gone.length === 0)
        this.note('leeward: no such job was under way, or none that did not end otherwise first');
    }
    for (const name of result.gone) {
      this.note(
        `leeward: job ${printable(name)} was not killed: it has ended already or otherwise, is not yours to end, or never was`,
      );
      process.exitCode = 1;
    }
  }
}
