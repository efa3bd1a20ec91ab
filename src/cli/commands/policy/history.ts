import * as Flags from '@oclif/core/flags';
import { MAX_GENERATIONS } from '../../../protocol/schema.gen.js';
import { askDaemon } from '../../administration/ask-daemon.js';
import { LeewardCommand } from '../../command.js';
import { jsonFlag, socketFlag } from '../../flags.js';
import { historyText } from '../../policy/history-text.js';
import { printable } from '../../terminal/printable.js';

export default class PolicyHistory extends LeewardCommand {
  static override summary = 'Show which generations of policies the daemon has served.';
  static override description =
    `When, who made them, and what they did to policies: wider, narrower, equal or incomparable as \`policy diff\` says it. The one that serves has a star. The last ${MAX_GENERATIONS} are kept, also over a restart. For operators: the daemon’s user and root.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'The last three, for programs.', command: '<%= config.bin %> <%= command.id %> -n 3 --json' },
  ];
  static override flags = {
    limit: Flags.integer({
      char: 'n',
      description: 'At most so many generations.',
      helpValue: 'N',
      min: 1,
      max: MAX_GENERATIONS,
      default: 20,
    }),
    socket: socketFlag,
    json: jsonFlag,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(PolicyHistory);
    const history = await askDaemon(flags.socket, (client) => client.policyHistory(flags.limit));
    if (flags.json) this.printJson(history);
    else for (const line of historyText(history)) this.print(line);
    for (const problem of history.problems) this.note(`leeward: ${printable(problem)}`);
  }
}
