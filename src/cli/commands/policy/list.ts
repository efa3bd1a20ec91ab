import { LeewardCommand } from '../../command.js';
import { jsonFlag, pathFlags, pathOptions } from '../../flags.js';
import { table } from '../../terminal/table.js';

export default class PolicyList extends LeewardCommand {
  static override summary = 'List the policies of this host.';
  static override description =
    'Those of --policies first, then the configured and the shipped ones; a policy with an error cannot be used.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override flags = { json: jsonFlag, ...pathFlags };

  async run(): Promise<void> {
    const { flags } = await this.parse(PolicyList);
    const { openLibrary } = await import('../../../daemon/index.js');
    const policies = openLibrary(pathOptions(flags)).policies();
    if (flags.json) {
      this.printJson({ policies: policies.map(({ error, ...rest }) => ({ ...rest, error: error?.toJSON() ?? null })) });
      return;
    }
    const rows = policies.map(({ name, runtime, error, description }) => [
      name,
      runtime,
      error === null ? description : `cannot be used: ${error.message.split('\n')[0]}`,
    ]);
    for (const line of table(['policy', 'runtime', 'description'], rows)) this.print(line);
  }
}
