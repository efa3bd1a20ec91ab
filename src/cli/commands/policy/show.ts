import * as Args from '@oclif/core/args';
import { LeewardCommand } from '../../command.js';
import { jsonFlag, pathFlags, pathOptions } from '../../flags.js';

export default class PolicyShow extends LeewardCommand {
  static override summary = 'Show everything that holds under a policy, and where it is written.';
  static override description =
    'The policy with all that it extends and all groups written out. Each value has its place at the right: file:line:col, the groups that led there, what it replaces, and other places that say the same. A policy that is only there to be extended can be shown, too.';
  static override examples = [
    { description: 'A policy by its name.', command: '<%= config.bin %> <%= command.id %> python-data' },
    { description: 'For programs.', command: '<%= config.bin %> <%= command.id %> --json ./mine.yaml' },
  ];
  static override args = {
    policy: Args.string({ description: 'Name of a policy, or path of its file.', required: true, ignoreStdin: true }),
  };
  static override flags = { json: jsonFlag, ...pathFlags };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PolicyShow);
    const [{ openLibrary }, { namedSource }, { shownJson }, { renderShown }] = await Promise.all([
      import('../../../daemon/daemon.js'),
      import('../../policy/source.js'),
      import('../../policy/show.js'),
      import('../../../policy/index.js'),
    ]);
    const library = openLibrary(pathOptions(flags));
    const shown = library.shown(namedSource(library, args.policy));
    if (flags.json) this.printJson(shownJson(shown));
    else process.stdout.write(renderShown(shown));
  }
}
