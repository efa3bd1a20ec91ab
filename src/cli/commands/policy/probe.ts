import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { AREAS, type Area } from '../../../probe/result.js';
import { LeewardCommand } from '../../command.js';
import { USAGE_EXIT } from '../../failure.js';
import { pathFlags, pathOptions } from '../../flags.js';
import { ProgressLine } from '../../terminal/progress.js';
import { parseDuration } from '../../units.js';

/** Of an interrupted command, as `leeward exec` has it. */
const CANCELLED_EXIT = 130;

export default class PolicyProbe extends LeewardCommand {
  static override summary = 'Try on this host whether a policy really holds.';
  static override description =
    'Attempts that are derived from the policy are made in real sandboxes, and each answer is compared with what the policy says. Needs no daemon. Exit code 0: all as the policy says; 1: something is not; 2: the policy does not compile, or this host runs no job of it.';
  static override examples = [
    { description: 'A policy by its name.', command: '<%= config.bin %> <%= command.id %> python-data' },
    {
      description: 'A file, for a CI server.',
      command: '<%= config.bin %> <%= command.id %> --format junit ./mine.yaml > probe.xml',
    },
  ];
  static override args = {
    policy: Args.string({ description: 'Name of a policy, or path of its file.', required: true, ignoreStdin: true }),
  };
  static override flags = {
    only: Flags.string({
      description: 'What is tried, separated by commas. Default: everything.',
      options: [...AREAS],
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
    }),
    'max-wait': Flags.string({
      description: 'How long one limit may take until it is crossed, such as 10m for processor time.',
      helpValue: 'DURATION',
      default: '3s',
    }),
    format: Flags.string({
      description: 'How the report is printed.',
      options: ['text', 'json', 'junit', 'markdown'],
      default: 'text',
    }),
    ...pathFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PolicyProbe);
    const [{ probe }, { probeExitCode }, { reportText }] = await Promise.all([
      import('../../policy/probe.js'),
      import('../../../probe/report/report.js'),
      import('../../policy/probe-text.js'),
    ]);
    const progress = new ProgressLine(process.stderr);
    const areas = AREAS.filter((area) => flags.only?.includes(area) !== false);
    const onArea = (area: Area) => progress.update(`trying ${area}`);
    const maxWait = BigInt(Math.ceil(parseDuration(flags['max-wait'], '--max-wait') * 1000));
    const report = await probe({
      policy: args.policy,
      paths: pathOptions(flags),
      ...{ areas, maxWait, onArea },
    }).finally(() => progress.end());
    process.stdout.write(reportText(report, flags.format));
    process.exitCode = probeExitCode(report);
  }

  protected override async catch(thrown: Error): Promise<void> {
    await super.catch(thrown);
    if (process.exitCode !== CANCELLED_EXIT) process.exitCode = USAGE_EXIT;
  }
}
