import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { askDaemon } from '../../administration/ask-daemon.js';
import { jsonFlag, socketFlag } from '../../flags.js';
import { applicationOf, applied, writePlan } from '../../policy/apply.js';
import { changeFields, changeFlags } from '../../policy/change-flags.js';
import { changeText } from '../../policy/change-text.js';
import { PolicyCommand } from '../../policy-command.js';
import { styleFor } from '../../terminal/style.js';
import { UsageError } from '../../usage-error.js';

export default class PolicyApply extends PolicyCommand {
  static override summary = 'Give policies, runtimes and tenants to a daemon with a store, and wait until they serve.';
  static override description =
    'Files take the place of those with the same names. The daemon checks, compiles and proves all of it, compares it with what serves, and changes everything or nothing. Works with `daemon --policy-source store`; with --dry-run or --plan also with one that follows folders. For operators: the daemon’s user and root. Exit code 0: they serve, or would; 1: refused; 2: a file does not exist.';
  static override examples = [
    { description: 'See what a change would do.', command: '<%= config.bin %> <%= command.id %> --dry-run team.yaml' },
    {
      description: 'Make a folder, and nothing else, what is in the store.',
      command: '<%= config.bin %> <%= command.id %> --prune ./policies -m "quotas of March"',
    },
    {
      description: 'Look first, apply later: refused if anything has changed in between.',
      command:
        '<%= config.bin %> <%= command.id %> team.yaml --plan team.json && <%= config.bin %> <%= command.id %> team.json',
    },
  ];
  static override args = {
    file: Args.string({
      description: 'Files, or folders as a daemon reads them; or a plan (.json).',
      required: true,
      multiple: true,
      ignoreStdin: true,
    }),
  };
  static override flags = {
    prune: Flags.boolean({ description: 'Take all other files out of the store.' }),
    plan: Flags.string({
      description: 'Change nothing, and write what would be applied to this file (.json).',
      helpValue: 'FILE',
    }),
    ...changeFlags,
    socket: socketFlag,
    json: jsonFlag,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PolicyApply);
    const { plan } = flags;
    if (plan?.endsWith('.json') === false) throw new UsageError(`--plan ${plan}: the name of a plan ends in .json`);
    const { openLibrary } = await import('../../../daemon/index.js');
    const fields = changeFields({ ...flags, 'dry-run': flags['dry-run'] || plan !== undefined });
    const application = applicationOf(args.file, { prune: flags.prune, ...fields }, openLibrary());
    const result = await askDaemon(flags.socket, (client) => applied(client, application));
    if (plan !== undefined) writePlan(plan, application, result);
    if (flags.json) this.printJson(result);
    else for (const line of changeText(result, styleFor(process.stdout))) this.print(line);
  }
}
