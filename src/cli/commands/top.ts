import { setTimeout as sleep } from 'node:timers/promises';
import * as Flags from '@oclif/core/flags';
import { LeewardCommand } from '../command.js';
import { jsonFlag, socketFlag } from '../flags.js';
import { styleFor } from '../terminal/style.js';

/** Processor time is counted over as long. */
const SPAN_MS = 1000;

export default class Top extends LeewardCommand {
  static override summary = 'Watch what jobs take of the host.';
  static override description =
    'On a terminal a table that is renewed each second, until q or Ctrl-C: the jobs that run and wait, their share of a processor, their memory now and its limit. Elsewhere, and with --once or --json, one picture of a second. What nobody counts on this host is a dash, and the head says why.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'The jobs that have more than a processor, with jq.',
      command: "<%= config.bin %> <%= command.id %> --json | jq -r '.jobs[] | select(.processors > 1) | .job'",
    },
  ];
  static override flags = {
    once: Flags.boolean({ description: 'Show one picture, also on a terminal.' }),
    socket: socketFlag,
    json: jsonFlag,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Top);
    const [{ askDaemon }, { takeSample, topJobs }, { pictureOf }, { watchTop }] = await Promise.all([
      import('../administration/ask-daemon.js'),
      import('../operating/top/sample.js'),
      import('../operating/top/picture.js'),
      import('../operating/top/watch.js'),
    ]);
    const style = styleFor(process.stdout);
    const { stdin: input, stdout: output } = process;
    await askDaemon(flags.socket, async (client) => {
      const sample = () => takeSample(client);
      if (output.isTTY && input.isTTY && !flags.once && !flags.json) {
        await watchTop(sample, { input, output, style });
        return;
      }
      const before = await sample();
      await sleep(SPAN_MS);
      const now = await sample();
      if (flags.json) {
        const { generation } = now.status.daemon;
        const { reload_error } = now.status;
        const { workers, total, recycled } = now.workers;
        const jobs = { jobs: topJobs(before, now), jobs_total: now.jobs.total };
        this.printJson({
          generation,
          reload_error,
          ...jobs,
          workers,
          workers_total: total,
          workers_recycled: recycled,
        });
      } else {
        const { head, table } = pictureOf(before, now, style);
        for (const line of [...head, '', ...table]) this.print(line);
      }
    });
  }
}
