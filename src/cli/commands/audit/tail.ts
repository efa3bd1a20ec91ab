import * as Flags from '@oclif/core/flags';
import { LeewardCommand } from '../../command.js';
import { stateFlag } from '../../flags.js';
import { printable } from '../../terminal/printable.js';
import { styleFor } from '../../terminal/style.js';

export default class AuditTail extends LeewardCommand {
  static override summary = 'Show the last records of the audit log.';
  static override description =
    'One line for people for each, or with --json the record as it is written. No daemon is needed, only the right to read the files. A line that is no record is told on standard error, and the exit code is 1 then.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> -n 50',
    {
      description: 'What happens from now on, over all files that begin meanwhile, until Ctrl-C.',
      command: '<%= config.bin %> <%= command.id %> -n 0 --follow --json',
    },
  ];
  static override flags = {
    lines: Flags.integer({
      char: 'n',
      description: 'How many records.',
      helpValue: 'N',
      min: 0,
      max: 100_000,
      default: 10,
    }),
    follow: Flags.boolean({ char: 'f', description: 'Go on with those that come.' }),
    'state-dir': stateFlag,
    json: Flags.boolean({ description: 'Print records as they are written, one a line.' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(AuditTail);
    const [{ auditLogFolder }, { followLog, tailLog }, { shownRecord }, { recordText }] = await Promise.all([
      import('../../audit-log/folder.js'),
      import('../../audit-log/tail.js'),
      import('../../audit-log/read-records.js'),
      import('../../audit-log/record-text.js'),
    ]);
    const folder = auditLogFolder(flags);
    const complain = (problem: string) => {
      this.note(printable(problem));
      process.exitCode = 1;
    };
    const skipped = () => complain('files were removed before they were read: records are missing here');
    const style = styleFor(process.stdout);
    const lines = flags.follow ? followLog(folder, flags.lines, skipped) : tailLog(folder, flags.lines);
    for await (const line of lines) {
      const shown = shownRecord(line, (problem) => complain(`a line is no record: ${problem}`));
      if (shown !== undefined) this.print(flags.json ? shown.line : recordText(shown.record, style));
      if (this.isUnread) break;
    }
  }
}
