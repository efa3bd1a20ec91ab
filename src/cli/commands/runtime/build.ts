import * as Args from '@oclif/core/args';
import { LeewardCommand } from '../../command.js';
import { pathFlags, pathOptions } from '../../flags.js';
import { buildRuntime } from '../../runtime-build.js';

export default class RuntimeBuild extends LeewardCommand {
  static override summary = 'Build the Python environment of a runtime.';
  static override description =
    'Installs the packages of its lock file, each checked by its hash, and never runs code of theirs but to see that they import. Does nothing when it is built already.';
  static override examples = ['<%= config.bin %> <%= command.id %> python-data'];
  static override args = {
    name: Args.string({ description: 'Name of the runtime.', required: true, ignoreStdin: true }),
  };
  static override flags = { ...pathFlags };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RuntimeBuild);
    const { openLibrary } = await import('../../../daemon/index.js');
    const directory = await buildRuntime(openLibrary(pathOptions(flags)), args.name, process.stderr);
    this.print(directory ?? `runtime ${args.name} needs no build`);
  }
}
