import * as Flags from '@oclif/core/flags';
import { askDaemon } from '../../administration/ask-daemon.js';
import { LeewardCommand } from '../../command.js';
import { jsonFlag, socketFlag } from '../../flags.js';
import { generationArg, generationOf } from '../../policy/generation-argument.js';
import { printable } from '../../terminal/printable.js';

export default class PolicyPin extends LeewardCommand {
  static override summary = 'Have a generation of policies serve, whatever changes, until `policy unpin`.';
  static override description =
    'Also after a restart of the daemon. What changes in its folders waits, and `policy apply` is refused; `leeward status` says so. The generation has its number again. Exit code: 1 when it is refused, or when it serves and a power failure may undo the pin. For operators: the daemon’s user and root.';
  static override examples = ['<%= config.bin %> <%= command.id %> 3 -m "the new quotas break the nightly run"'];
  static override args = { generation: generationArg };
  static override flags = {
    message: Flags.string({ char: 'm', description: 'Why, for those who look at the status.', helpValue: 'TEXT' }),
    socket: socketFlag,
    json: jsonFlag,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PolicyPin);
    const { message } = flags;
    const request = { generation: generationOf(args.generation), ...(message === undefined ? {} : { message }) };
    const result = await askDaemon(flags.socket, (client) => client.pinPolicies(request));
    if (flags.json) this.printJson(result);
    else this.print(`generation ${result.generation} serves, and is pinned`);
    const { unsynced } = result;
    // A daemon that is older does not say.
    if (!unsynced) return;
    this.note(`leeward: ${printable(unsynced)}`);
    process.exitCode = 1;
  }
}
