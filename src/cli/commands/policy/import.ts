import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { LeewardCommand } from '../../command.js';
import { USAGE_EXIT } from '../../failure.js';
import { pathFlags, pathOptions } from '../../flags.js';
import { ARCHES, type CompileArch } from '../../policy/compile.js';
import { printable } from '../../terminal/printable.js';

export default class PolicyImport extends LeewardCommand {
  static override summary = 'Make a policy of a seccomp profile for container runtimes.';
  static override description =
    'Reads `linux.seccomp` of the OCI runtime specification as Docker and Podman have it, or a whole `config.json`, and prints a policy that means the same and allows no more. What is not as in the file is named on standard error and at the top of the policy, with line and column. Exit code 0: nothing; 1: something is; 2: the file has no profile.';
  static override examples = [
    {
      description: 'A profile of Docker, and what became of it.',
      command: '<%= config.bin %> <%= command.id %> default.json --name docker-default > docker-default.yaml',
    },
    {
      description: 'Where the architectures differ, for one of them.',
      command: '<%= config.bin %> <%= command.id %> --arch arm64 seccomp.json',
    },
    {
      description: 'The profile in the configuration of a container.',
      command: '<%= config.bin %> <%= command.id %> bundle/config.json --name box > box.yaml',
    },
    { description: 'For programs.', command: '<%= config.bin %> <%= command.id %> --format json seccomp.json' },
  ];
  static override args = {
    file: Args.string({
      description: 'Path of the profile, or of a `config.json`.',
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = {
    name: Flags.string({ description: 'Name of the policy. Default: the file’s, without `.json`.', helpValue: 'NAME' }),
    runtime: Flags.string({ description: 'Runtime that its jobs run in.', helpValue: 'NAME', default: 'python' }),
    arch: Flags.string({
      description: 'Architecture that the policy is for. Default: all that the profile is for.',
      options: [...ARCHES],
    }),
    format: Flags.string({
      description: '`json`: the policy and what it lacks as data.',
      options: ['text', 'json'],
      default: 'text',
    }),
    ...pathFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PolicyImport);
    const [{ openLibrary }, { importFile, importExitCode, importJson, importLossLine }] = await Promise.all([
      import('../../../daemon/index.js'),
      import('../../policy/import.js'),
    ]);
    const { name, runtime, arch } = flags;
    const request = { file: args.file, name, runtime, arch: arch as CompileArch | undefined };
    const imported = importFile(openLibrary(pathOptions(flags)), request);
    if (flags.format === 'json') {
      this.printJson(importJson(imported));
    } else {
      for (const loss of imported.losses) this.note(printable(importLossLine(loss)));
      process.stdout.write(imported.text);
    }
    process.exitCode = importExitCode(imported);
  }

  protected override async catch(thrown: Error): Promise<void> {
    await super.catch(thrown);
    process.exitCode = USAGE_EXIT;
  }
}
