import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { pathFlags, pathOptions } from '../../flags.js';
import { PolicyCommand } from '../../policy-command.js';

export default class PolicyNew extends PolicyCommand {
  static override summary = 'Begin a policy.';
  static override description =
    'Writes NAME.yaml with every section, each with a word on what it is for; what most policies do not need is commented out.';
  static override examples = [
    {
      description: 'On top of a shipped one.',
      command: '<%= config.bin %> <%= command.id %> reports --from python-data',
    },
    {
      description: 'In the folder of policies.',
      command: '<%= config.bin %> <%= command.id %> reports --from builtin:strict@1 --directory /etc/leeward/policies',
    },
  ];
  static override args = {
    name: Args.string({ description: 'Name of the policy.', required: true, ignoreStdin: true }),
  };
  static override flags = {
    from: Flags.string({ description: 'Policy that it extends.', helpValue: 'POLICY', default: 'python' }),
    directory: Flags.string({ description: 'Where the file is written.', helpValue: 'DIR', default: '.' }),
    stdout: Flags.boolean({ description: 'Print the text instead.', exclusive: ['directory'] }),
    ...pathFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PolicyNew);
    const [{ openLibrary }, { newPolicy, writePolicy }] = await Promise.all([
      import('../../../daemon/index.js'),
      import('../../policy/new.js'),
    ]);
    const text = newPolicy({ name: args.name, from: flags.from }, openLibrary(pathOptions(flags)));
    if (flags.stdout) process.stdout.write(text);
    else this.note(`leeward: wrote ${writePolicy(args.name, text, flags.directory)}`);
  }
}
