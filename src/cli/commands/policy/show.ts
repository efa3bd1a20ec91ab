import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { jsonFlag, pathFlags, pathOptions } from '../../flags.js';
import { ARCHES, type CompileArch } from '../../policy/compile.js';
import { PolicyCommand } from '../../policy-command.js';

export default class PolicyShow extends PolicyCommand {
  static override summary = 'Show everything that holds under a policy, and where it is written.';
  static override description =
    'The policy with all that it extends and all groups written out. Each value has its place at the right: file:line:col, the groups that led there, what it replaces, and other places that say the same. A policy that is only there to be extended can be shown, too. Exit code 0: shown; 1: it has an error; 2: it does not exist.';
  static override examples = [
    { description: 'A policy by its name.', command: '<%= config.bin %> <%= command.id %> python-data' },
    {
      description: 'The system calls for a container runtime.',
      command: '<%= config.bin %> <%= command.id %> --format oci python > seccomp.json',
    },
    { description: 'For programs.', command: '<%= config.bin %> <%= command.id %> --json ./mine.yaml' },
  ];
  static override args = {
    policy: Args.string({ description: 'Name of a policy, or path of its file.', required: true, ignoreStdin: true }),
  };
  static override flags = {
    format: Flags.string({
      description: '`oci`: the system calls as `linux.seccomp` of the OCI runtime specification.',
      options: ['text', 'oci'],
      default: 'text',
      exclusive: ['json'],
    }),
    arch: Flags.string({
      description: 'Architecture of an OCI profile. Default: this host’s.',
      options: [...ARCHES],
    }),
    json: jsonFlag,
    ...pathFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PolicyShow);
    const [{ openLibrary }, { namedSource }, { shownJson, lossLine }, { profileJson, renderShown }] = await Promise.all(
      [
        import('../../../daemon/index.js'),
        import('../../policy/source.js'),
        import('../../policy/show.js'),
        import('../../../policy/index.js'),
      ],
    );
    const library = openLibrary(pathOptions(flags));
    const source = namedSource(library, args.policy);
    if (flags.format === 'oci') {
      const { profile, losses } = library.ociProfile(source, flags.arch as CompileArch | undefined);
      for (const loss of losses) this.note(lossLine(loss));
      process.stdout.write(profileJson(profile));
      return;
    }
    const shown = library.shown(source);
    if (flags.json) this.printJson(shownJson(shown));
    else process.stdout.write(renderShown(shown));
  }
}
