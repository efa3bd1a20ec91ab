import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { LeewardCommand } from '../../command.js';
import { pathFlags, pathOptions } from '../../flags.js';
import { styleFor } from '../../terminal/style.js';

export default class PolicyLint extends LeewardCommand {
  static override summary = 'Check policy and runtime files.';
  static override description =
    'Schema, meaning on every architecture, and the tests in the files that need no kernel. All problems of all files are shown, each with its line. Exit code 0: nothing forbids their use; 1: an error in one of them; 2: one does not exist.';
  static override examples = [
    { description: 'Check one file.', command: '<%= config.bin %> <%= command.id %> policies/python-data.yaml' },
    { description: 'A policy by its name.', command: '<%= config.bin %> <%= command.id %> python-data' },
    { description: 'For programs.', command: '<%= config.bin %> <%= command.id %> --format json policies/*.yaml' },
  ];
  static override args = {
    file: Args.string({
      description: 'Files to check, or names of policies.',
      required: true,
      multiple: true,
      ignoreStdin: true,
    }),
  };
  static override flags = {
    format: Flags.string({
      description: 'How findings are printed.',
      options: ['text', 'json'],
      default: 'text',
    }),
    ...pathFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PolicyLint);
    const [{ openLibrary }, lint] = await Promise.all([
      import('../../../daemon/daemon.js'),
      import('../../policy/lint.js'),
    ]);
    const report = lint.lintFiles(args.file, openLibrary(pathOptions(flags)));
    if (flags.format === 'json') this.printJson(lint.lintJson(report));
    else for (const line of lint.lintText(report, styleFor(process.stdout))) this.print(line);
    this.note(lint.lintSummary(report));
    process.exitCode = lint.lintExitCode(report);
  }
}
