import * as Flags from '@oclif/core/flags';
import { LeewardCommand } from '../command.js';
import { jsonFlag, socketFlag } from '../flags.js';

export default class Ps extends LeewardCommand {
  static override summary = 'Show the jobs that run and that wait.';
  static override description =
    'Each job by the name that the daemon has given it, which is also in the log, the audit log and the answer. Operators see all jobs, the user of a tenant those of the tenant. Nothing of a job’s code, arguments or output is shown.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'The processes that run jobs, or are ready for them.',
      command: '<%= config.bin %> <%= command.id %> --workers',
    },
    {
      description: 'What waits for a place, with jq.',
      command: '<%= config.bin %> <%= command.id %> --json | jq -r \'.jobs[] | select(.state == "queued") | .job\'',
    },
  ];
  static override flags = {
    workers: Flags.boolean({ description: 'Show workers instead: which state they have, and how many jobs they ran.' }),
    socket: socketFlag,
    json: jsonFlag,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Ps);
    const [{ askDaemon }, { jobLines, workerLines }] = await Promise.all([
      import('../administration/ask-daemon.js'),
      import('../operating/ps-text.js'),
    ]);
    if (flags.workers) {
      const workers = await askDaemon(flags.socket, (client) => client.workers());
      this.#show(workers, workerLines(workers), flags.json);
    } else {
      const jobs = await askDaemon(flags.socket, (client) => client.jobs());
      this.#show(jobs, jobLines(jobs), flags.json);
    }
  }

  #show(value: object, lines: readonly string[], json: boolean): void {
    if (json) this.printJson(value);
    else for (const line of lines) this.print(line);
  }
}
