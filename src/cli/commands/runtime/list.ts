import { LeewardCommand } from '../../command.js';
import { jsonFlag, pathFlags, pathOptions } from '../../flags.js';
import { table } from '../../terminal/table.js';

export default class RuntimeList extends LeewardCommand {
  static override summary = 'List runtimes and whether they are built.';
  static override description =
    'A runtime is how the policies that name it are run: interpreter, packages, what is imported beforehand.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override flags = { json: jsonFlag, ...pathFlags };

  async run(): Promise<void> {
    const { flags } = await this.parse(RuntimeList);
    const { openLibrary } = await import('../../../daemon/index.js');
    const runtimes = await openLibrary(pathOptions(flags)).runtimes();
    if (flags.json) {
      this.printJson({ runtimes: runtimes.map(({ error, ...rest }) => ({ ...rest, error: error?.toJSON() ?? null })) });
      return;
    }
    const rows = runtimes.map(({ name, state, interpreter, directory, error }) => [
      name,
      state.replaceAll('_', ' '),
      interpreter,
      error?.message.split('\n')[0] ?? directory ?? 'needs no build',
    ]);
    for (const line of table(['runtime', 'state', 'interpreter', 'files'], rows)) this.print(line);
  }
}
