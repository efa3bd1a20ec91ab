import { askDaemon } from '../../administration/ask-daemon.js';
import { LeewardCommand } from '../../command.js';
import { jsonFlag, socketFlag } from '../../flags.js';
import { changeFields, changeFlags } from '../../policy/change-flags.js';
import { changeText } from '../../policy/change-text.js';
import { generationArg, generationOf } from '../../policy/generation-argument.js';
import { styleFor } from '../../terminal/style.js';

export default class PolicyRollback extends LeewardCommand {
  static override summary = 'Bring back the policies of an earlier generation.';
  static override description =
    'Its files become a new generation, checked as those of `policy apply`. Works with `daemon --policy-source store`; with --dry-run also with one that follows folders. For operators: the daemon’s user and root.';
  static override examples = [
    { description: 'What would change.', command: '<%= config.bin %> <%= command.id %> 3 --dry-run' },
    '<%= config.bin %> <%= command.id %> 3 -m "team.yaml was too narrow"',
  ];
  static override args = { generation: generationArg };
  static override flags = { ...changeFlags, socket: socketFlag, json: jsonFlag };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PolicyRollback);
    const request = { generation: generationOf(args.generation), ...changeFields(flags) };
    const result = await askDaemon(flags.socket, (client) => client.rollBackPolicies(request));
    if (flags.json) this.printJson(result);
    else for (const line of changeText(result, styleFor(process.stdout))) this.print(line);
  }
}
