import * as Flags from '@oclif/core/flags';
import { LeewardCommand } from '../command.js';
import { socketFlag } from '../flags.js';
import { plural } from '../terminal/plural.js';
import { styleFor } from '../terminal/style.js';

export default class Logs extends LeewardCommand {
  static override summary = 'Show the log of the daemon.';
  static override description =
    'The last lines that the daemon has written to its standard error, which it keeps in memory, up to 4096 lines and 1 MiB; where a service manager keeps all of them, its own tool shows more. For operators. The output of jobs is not among them: it is in the answer to whoever sent the job, and nobody keeps it.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> -f',
    { description: 'All about one job.', command: '<%= config.bin %> <%= command.id %> --job 1kw74zh0a7f3' },
    {
      description: 'What went wrong, for programs.',
      command: '<%= config.bin %> <%= command.id %> --level warn --json',
    },
  ];
  static override flags = {
    lines: Flags.integer({
      char: 'n',
      description: 'How many lines.',
      helpValue: 'N',
      min: 0,
      max: 4096,
      default: 100,
    }),
    follow: Flags.boolean({ char: 'f', description: 'Go on with those that come.' }),
    job: Flags.string({ description: 'Those about a job, by its name.', helpValue: 'NAME' }),
    level: Flags.option({
      description: 'Those of this level, and more serious ones.',
      helpValue: 'LEVEL',
      options: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const,
    })(),
    socket: socketFlag,
    json: Flags.boolean({ description: 'Print lines as they were written: JSON, one a line.' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Logs);
    const [{ askDaemon }, { readLog }, { lineText }] = await Promise.all([
      import('../administration/ask-daemon.js'),
      import('../operating/logs/read-log.js'),
      import('../operating/logs/line-text.js'),
    ]);
    const { lines: count, follow, level, job, json } = flags;
    const style = styleFor(process.stdout);
    const missed = (lines: number) =>
      this.note(`leeward: ${plural(lines, 'line')} missed: the daemon does not have them any more`);
    await askDaemon(flags.socket, async (client) => {
      for await (const line of readLog(client, { count, follow, level, job }, missed)) {
        this.print(json ? line : lineText(line, style));
        if (this.isUnread) break;
      }
    });
  }
}
