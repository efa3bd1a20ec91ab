import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { LeewardCommand } from '../../command.js';
import { pathFlags, pathOptions } from '../../flags.js';
import { PACKAGE_ROOT, packageJson } from '../../package.js';
import { printable } from '../../terminal/printable.js';
import { styleFor } from '../../terminal/style.js';

export default class PolicyLint extends LeewardCommand {
  static override summary = 'Check policy and runtime files.';
  static override description =
    'Schema, meaning on every architecture, and the tests in the files that need no kernel. All problems of all files are shown, each with its line. Exit code 0: nothing forbids their use; 1: an error in one of them; 2: one does not exist.';
  static override examples = [
    { description: 'Check one file.', command: '<%= config.bin %> <%= command.id %> policies/python-data.yaml' },
    { description: 'A policy by its name.', command: '<%= config.bin %> <%= command.id %> python-data' },
    {
      description: 'Correct what needs no question.',
      command: '<%= config.bin %> <%= command.id %> --fix policies/*.yaml',
    },
    {
      description: 'For code review: SARIF 2.1.0, which forges and editors read.',
      command: '<%= config.bin %> <%= command.id %> --format sarif policies/*.yaml > lint.sarif',
    },
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
      options: ['text', 'json', 'sarif'],
      default: 'text',
    }),
    fix: Flags.boolean({
      description:
        'Correct what can be corrected without a question, in the files themselves; then check them. A fix makes no policy wider, removes its finding and adds none.',
    }),
    ...pathFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PolicyLint);
    const [{ openLibrary }, lint, { fixFiles, fixLines, fixSummary }, { lintSarif }] = await Promise.all([
      import('../../../daemon/index.js'),
      import('../../policy/lint.js'),
      import('../../policy/lint-fix.js'),
      import('../../policy/sarif.js'),
    ]);
    const library = openLibrary(pathOptions(flags));
    const fixes = flags.fix ? fixFiles(args.file, library) : { fixed: [], unwritten: [], stopped: [] };
    for (const line of [...fixLines(fixes), ...fixes.unwritten, ...fixes.stopped]) this.note(printable(line));
    const report = lint.lintFiles(args.file, library);
    if (flags.format === 'json') this.printJson(lint.lintJson(report, fixes.fixed));
    else if (flags.format === 'sarif') this.printJson(lintSarif(report, sarifContext()));
    else for (const line of lint.lintText(report, styleFor(process.stdout))) this.print(line);
    this.note(lint.lintSummary(report));
    if (flags.fix) this.note(fixSummary(fixes));
    process.exitCode = Math.max(lint.lintExitCode(report), fixes.unwritten.length > 0 ? 1 : 0);
  }
}

function sarifContext() {
  return { directory: process.cwd(), packageDirectory: PACKAGE_ROOT, version: packageJson().version };
}
