import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { LeewardCommand } from '../../command.js';
import { PACKAGE_ROOT } from '../../package.js';

export default class PolicySchema extends LeewardCommand {
  static override summary = 'Print the JSON Schema of policy, runtime or tenant files.';
  static override description = 'For editors: `# yaml-language-server: $schema=PATH` in the first line of a policy.';
  static override examples = ['<%= config.bin %> <%= command.id %> > policy.schema.json'];
  static override flags = {
    kind: Flags.string({ description: 'Kind of file.', options: ['policy', 'runtime', 'tenant'], default: 'policy' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(PolicySchema);
    process.stdout.write(readFileSync(join(PACKAGE_ROOT, 'schemas', `${flags.kind}.schema.json`), 'utf8'));
  }
}
