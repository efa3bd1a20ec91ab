import { askDaemon } from '../administration/ask-daemon.js';
import { LeewardCommand } from '../command.js';
import { jsonFlag, socketFlag } from '../flags.js';
import { statusText } from '../status-text.js';
import { styleFor } from '../terminal/style.js';

export default class Status extends LeewardCommand {
  static override summary = 'Show the state of the daemon.';
  static override description =
    'Policies and what is wrong with those that are not loaded, pools, jobs, and the supervisor.';
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json'];
  static override flags = { socket: socketFlag, json: jsonFlag };

  async run(): Promise<void> {
    const { flags } = await this.parse(Status);
    const status = await askDaemon(flags.socket, (client) => client.status());
    if (flags.json) this.printJson(status);
    else for (const line of statusText(status, styleFor(process.stdout))) this.print(line);
  }
}
