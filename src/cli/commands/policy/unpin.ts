import { askDaemon } from '../../administration/ask-daemon.js';
import { LeewardCommand } from '../../command.js';
import { jsonFlag, socketFlag } from '../../flags.js';
import { printable } from '../../terminal/printable.js';

export default class PolicyUnpin extends LeewardCommand {
  static override summary = 'Have the policies serve again that are in the folders, or in the store, now.';
  static override description =
    'Ends `policy pin`. Where they have an error, what was pinned goes on to serve until they are right, and the exit code is 1, as it is when a power failure may bring the pin back. For operators: the daemon’s user and root.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override flags = { socket: socketFlag, json: jsonFlag };

  async run(): Promise<void> {
    const { flags } = await this.parse(PolicyUnpin);
    const result = await askDaemon(flags.socket, (client) => client.unpinPolicies());
    const { generation, problem, unsynced } = result;
    if (flags.json) this.printJson(result);
    else this.print(`no generation is pinned; generation ${generation} serves`);
    const error = problem === null ? [] : ['leeward: what would serve now has an error:', ...problem.split('\n')];
    // A daemon that is older does not say.
    const risk = unsynced ? [`leeward: ${unsynced}`] : [];
    for (const line of [...error, ...risk]) {
      this.note(printable(line));
      process.exitCode = 1;
    }
  }
}
