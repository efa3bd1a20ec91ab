import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { LeewardCommand } from '../../command.js';
import { stateFlag } from '../../flags.js';
import { printable } from '../../terminal/printable.js';
import { styleFor } from '../../terminal/style.js';

export default class AuditQuery extends LeewardCommand {
  static override summary = 'Find records in the audit log.';
  static override description =
    'Oldest first, over all files; everything that is asked for has to fit. One line for people for each record, or with --json the record as it is written. Each line is checked by itself: one that is no record is told on standard error, and the exit code is 1 then. Whether records are missing says `leeward audit verify`.';
  static override examples = [
    {
      description: 'What was refused to a user in the last day.',
      command: '<%= config.bin %> <%= command.id %> --uid 1201 --since 1d --kind refused --kind refusals',
    },
    {
      description: 'Who has run this file.',
      command: '<%= config.bin %> <%= command.id %> --code $(sha256sum job.py | cut -c1-64)',
    },
    {
      description: 'Processor seconds of a user in July, with jq.',
      command:
        "<%= config.bin %> <%= command.id %> --uid 1201 --kind job --since 2026-07-01 --until 2026-08-01 --json | jq -s 'map(.cpu_time_us) | add / 1e6'",
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
    kind: Flags.string({
      description: 'Kind of record: job, refused, daemon_started ...; may be given several times.',
      helpValue: 'KIND',
      multiple: true,
      multipleNonGreedy: true,
    }),
    tenant: Flags.string({ description: 'Name of a tenant.', helpValue: 'NAME' }),
    policy: Flags.string({ description: 'Name of a policy.', helpValue: 'NAME' }),
    status: Flags.string({ description: 'How a job ended: ok, error, timed_out ...', helpValue: 'STATUS' }),
    error: Flags.string({ description: 'Code of an error.', helpValue: 'LW_...' }),
    uid: Flags.integer({ description: 'Who asked.', helpValue: 'N', min: 0 }),
    job: Flags.string({ description: 'A job’s own name, as `leeward ps` and answers have it.', helpValue: 'NAME' }),
    'job-id': Flags.string({ description: 'The `job_id` of a request.', helpValue: 'ID' }),
    code: Flags.string({ description: 'sha256 of the code.', helpValue: 'HASH' }),
    since: Flags.string({ description: 'A time (UTC, if it does not say), or how long ago: 2h.', helpValue: 'TIME' }),
    until: Flags.string({ description: 'Before a time, or how long ago.', helpValue: 'TIME' }),
    'state-dir': stateFlag,
    json: Flags.boolean({ description: 'Print records as they are written, one a line.' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(AuditQuery);
    const [
      { auditLogFolder },
      { findLog },
      { queryLog },
      { parseDigest, parseKind, parseMoment, parseStatus },
      { recordText },
    ] = await Promise.all([
      import('../../audit-log/folder.js'),
      import('../../audit-log/log-files.js'),
      import('../../audit-log/query.js'),
      import('../../audit-log/filter.js'),
      import('../../audit-log/record-text.js'),
    ]);
    const filter = {
      ...{ kinds: flags.kind?.map(parseKind), tenant: flags.tenant, policy: flags.policy },
      ...{
        status: flags.status === undefined ? undefined : parseStatus(flags.status),
        error: flags.error,
        uid: flags.uid,
        job: flags.job,
        jobId: flags['job-id'],
      },
      code: flags.code === undefined ? undefined : parseDigest(flags.code, '--code'),
      since: flags.since === undefined ? undefined : parseMoment(flags.since, '--since'),
      until: flags.until === undefined ? undefined : parseMoment(flags.until, '--until'),
    };
    const complain = (problem: string) => {
      this.note(printable(problem));
      process.exitCode = 1;
    };
    const style = styleFor(process.stdout);
    const files = await findLog(args.file ?? [], auditLogFolder(flags));
    for await (const { line, record } of queryLog(files, filter, complain)) {
      this.print(flags.json ? line : recordText(record, style));
      if (this.isUnread) break;
    }
  }
}
