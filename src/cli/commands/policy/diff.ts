import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { LeewardCommand } from '../../command.js';
import { USAGE_EXIT } from '../../failure.js';
import { pathFlags, pathOptions } from '../../flags.js';
import { FAIL_ON, type FailOn } from '../../policy/diff.js';
import { styleFor } from '../../terminal/style.js';

export default class PolicyDiff extends LeewardCommand {
  static override summary = 'Say what a policy allows that another does not.';
  static override description =
    'Compares meaning, not text: every system call with every argument on both architectures, paths with their mounts and rights, limits and all other fields, each with the line of both policies. Says whether B is wider than A, narrower, equal or incomparable. Exit code 0: no difference; 1: a difference; 2: a policy does not exist or has an error.';
  static override examples = [
    { description: 'What a change means.', command: '<%= config.bin %> <%= command.id %> old/mine.yaml mine.yaml' },
    {
      description: 'Fail only if the second allows anything that the first, its ceiling, does not.',
      command: '<%= config.bin %> <%= command.id %> --fail-on wider python-data ./mine.yaml',
    },
    {
      description: 'A comment for a pull request.',
      command: '<%= config.bin %> <%= command.id %> --format markdown old/mine.yaml mine.yaml',
    },
  ];
  static override args = {
    a: Args.string({ description: 'Name of a policy, or path of its file.', required: true, ignoreStdin: true }),
    b: Args.string({ description: 'The policy that is compared with it.', required: true, ignoreStdin: true }),
  };
  static override flags = {
    'fail-on': Flags.string({
      description: 'What exit code 1 is for: any difference, or that B is not within A (wider or incomparable).',
      options: [...FAIL_ON],
      default: 'different',
    }),
    format: Flags.string({
      description: 'How the comparison is printed.',
      options: ['text', 'json', 'markdown'],
      default: 'text',
    }),
    ...pathFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PolicyDiff);
    const [{ openLibrary }, { diffNamed, diffExitCode }, text] = await Promise.all([
      import('../../../daemon/index.js'),
      import('../../policy/diff.js'),
      import('../../policy/diff-text.js'),
    ]);
    const diff = diffNamed(openLibrary(pathOptions(flags)), args.a, args.b);
    const failOn = flags['fail-on'] as FailOn;
    if (flags.format === 'json') this.printJson(text.diffJson(diff));
    else if (flags.format === 'markdown') process.stdout.write(text.diffMarkdown(diff));
    else for (const line of text.diffText(diff, styleFor(process.stdout))) this.print(line);
    if (failOn === 'wider') this.note(text.ceilingText(diff));
    process.exitCode = diffExitCode(diff, failOn);
  }

  protected override async catch(thrown: Error): Promise<void> {
    await super.catch(thrown);
    process.exitCode = USAGE_EXIT;
  }
}
