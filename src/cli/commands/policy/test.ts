import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { LeewardCommand } from '../../command.js';
import { USAGE_EXIT } from '../../failure.js';
import { pathFlags, pathOptions } from '../../flags.js';
import { printable } from '../../terminal/printable.js';
import { styleFor } from '../../terminal/style.js';

export default class PolicyTest extends LeewardCommand {
  static override summary = 'Run the tests that policies have in their files.';
  static override description =
    'Tests of system calls are simulated on every architecture; tests in Python run in real sandboxes of this host, each in a fresh one, and need no daemon. Lines of the policy that no simulated test meets are named. Exit code 0: all passed; 1: one failed, or a policy had none that ran; 2: a policy does not exist or has an error.';
  static override examples = [
    {
      description: 'A file and a policy by its name.',
      command: '<%= config.bin %> <%= command.id %> ./mine.yaml python',
    },
    { description: 'Where no sandbox can run.', command: '<%= config.bin %> <%= command.id %> --no-live ./mine.yaml' },
    {
      description: 'For a CI server; every line must be met.',
      command: '<%= config.bin %> <%= command.id %> --format junit --min-coverage 100 ./mine.yaml > tests.xml',
    },
  ];
  static override args = {
    policy: Args.string({
      description: 'Names of policies, or paths of their files.',
      required: true,
      multiple: true,
      ignoreStdin: true,
    }),
  };
  static override flags = {
    live: Flags.boolean({ description: 'Run the tests in Python.', default: true, allowNo: true }),
    'min-coverage': Flags.integer({
      description: 'Fail when tests meet less of a policy’s own lines, in percent.',
      helpValue: 'PERCENT',
      min: 0,
      max: 100,
      default: 0,
    }),
    format: Flags.string({
      description: 'How the report is printed.',
      options: ['text', 'json', 'junit'],
      default: 'text',
    }),
    ...pathFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PolicyTest);
    const [{ openLibrary }, { testPolicy }, { shortfallsOf, testExitCode }, text] = await Promise.all([
      import('../../../daemon/index.js'),
      import('../../policy/tests/run.js'),
      import('../../policy/tests/report.js'),
      import('../../policy/tests/text.js'),
    ]);
    const minimum = flags['min-coverage'];
    const paths = pathOptions(flags);
    const library = openLibrary(paths);
    const reports = [];
    for (const policy of args.policy) {
      const report = await testPolicy(library, { policy, paths, live: flags.live });
      reports.push(report);
      if (flags.format === 'text')
        for (const line of text.testText(report, styleFor(process.stdout), minimum)) this.print(line);
      else for (const shortfall of shortfallsOf(report, minimum)) this.note(`leeward: ${printable(shortfall)}`);
    }
    if (flags.format === 'json') this.printJson(text.testJson(reports, minimum));
    if (flags.format === 'junit') process.stdout.write(text.testJunit(reports, minimum));
    process.exitCode = testExitCode(reports, minimum);
  }

  protected override async catch(thrown: Error): Promise<void> {
    await super.catch(thrown);
    if (process.exitCode !== 130) process.exitCode = USAGE_EXIT;
  }
}
