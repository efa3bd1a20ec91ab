import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { jsonFlag, pathFlags, pathOptions } from '../../flags.js';
import { ARCHES, type CompileArch } from '../../policy/compile.js';
import { PolicyCommand } from '../../policy-command.js';

export default class PolicyProve extends PolicyCommand {
  static override summary = 'Prove that a compiled policy answers every system call as the policy says.';
  static override description =
    'Every call: each architecture, number and argument. This is done whenever a policy is compiled for use; the command shows it. Exit code 0: proven; 2: the policy does not exist. What it does not cover is printed with it.';
  static override examples = [
    { description: 'A policy by its name.', command: '<%= config.bin %> <%= command.id %> python-data' },
    {
      description: 'For both architectures.',
      command: '<%= config.bin %> <%= command.id %> ./mine.yaml --arch x86_64 --arch arm64',
    },
  ];
  static override args = {
    policy: Args.string({ description: 'Name of a policy, or path of its file.', required: true, ignoreStdin: true }),
  };
  static override flags = {
    arch: Flags.string({
      description: 'Architecture. Default: this host’s.',
      options: [...ARCHES],
      multiple: true,
      multipleNonGreedy: true,
    }),
    json: jsonFlag,
    ...pathFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PolicyProve);
    const [{ openLibrary }, { proveNamed, proofJson, proofText }] = await Promise.all([
      import('../../../daemon/index.js'),
      import('../../policy/prove.js'),
    ]);
    const arches = (flags.arch ?? []) as CompileArch[];
    const results = await proveNamed(openLibrary(pathOptions(flags)), args.policy, arches);
    if (flags.json) this.printJson(results.map(proofJson));
    else process.stdout.write(results.map(proofText).join(''));
  }
}
