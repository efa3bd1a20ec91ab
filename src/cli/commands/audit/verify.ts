import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { LeewardCommand } from '../../command.js';
import { jsonFlag, stateFlag } from '../../flags.js';
import { styleFor } from '../../terminal/style.js';

export default class AuditVerify extends LeewardCommand {
  static override summary = 'Check that nobody has changed the audit log.';
  static override description =
    'Each record by itself, that each follows the one before over all files, and that the log says what became of files that are missing. No daemon is needed, only the right to read the files. Who may write them can make a whole chain anew, or cut its end: a hash that was noted elsewhere shows that (--anchor). Exit code 0: whole; 1: something was found; 2: there is no log, or it cannot be read.';
  static override examples = [
    { description: 'The log of this host.', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Part of a log that was brought from another host.',
      command: '<%= config.bin %> <%= command.id %> audit-0000000000000001.ndjson audit-0000000000004711.ndjson',
    },
    {
      description: 'With a hash that the daemon has told the journal.',
      command: '<%= config.bin %> <%= command.id %> --anchor sha256:6bf2...',
    },
  ];
  static override args = {
    file: Args.string({
      description: 'Files of one log, oldest first, or its folder. Default: the log of the state directory.',
      multiple: true,
      ignoreStdin: true,
    }),
  };
  static override flags = {
    anchor: Flags.string({
      description: 'Hash of a record that must be there; may be given several times.',
      helpValue: 'HASH',
      multiple: true,
      multipleNonGreedy: true,
    }),
    'state-dir': stateFlag,
    json: jsonFlag,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(AuditVerify);
    const [{ parseDigest }, { auditLogFolder }, { findLog }, verify] = await Promise.all([
      import('../../audit-log/filter.js'),
      import('../../audit-log/folder.js'),
      import('../../audit-log/log-files.js'),
      import('../../audit-log/verify.js'),
    ]);
    const anchors = (flags.anchor ?? []).map((anchor) => parseDigest(anchor, '--anchor'));
    const files = await findLog(args.file ?? [], auditLogFolder(flags));
    const verification = await verify.verifyLog(files, anchors);
    if (flags.json) this.printJson(verify.verificationJson(verification));
    else for (const line of verify.verificationText(verification, styleFor(process.stdout))) this.print(line);
    for (const line of verify.verificationNotes(verification)) this.note(line);
    process.exitCode = verify.verificationExitCode(verification);
  }
}
