import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { LeewardCommand } from '../command.js';
import { exitCodeOf } from '../exec/exit-code.js';
import { hasStandardInput, readCode, readStandardInput } from '../exec/job-source.js';
import { type Outcome, outcomeJson } from '../exec/outcome.js';
import { outcomeNotes, writeStatus } from '../exec/report.js';
import { requestOf } from '../exec/request.js';
import { runJob } from '../exec/run-job.js';
import { chosenFd } from '../exec/status-fd.js';
import { jsonFlag, pathFlags, pathOptions, socketFlag } from '../flags.js';
import { styleFor } from '../terminal/style.js';

/** As of a program that SIGPIPE has killed. */
const UNREAD = 141;

const repeatable = { multiple: true, multipleNonGreedy: true } as const;

export default class Exec extends LeewardCommand {
  static override readonly usageExit: number = 125;
  static override summary = 'Run Python code in a sandbox.';
  static override description =
    'Sends the code to the daemon where one runs, else runs it in a daemon of its own; a note says which. Standard output and error are the job’s; notes stand on standard error. Exit code: the job’s own; 123 output or processor limit, 124 timed out, 125 not run, 126 killed by the policy, 128+n signal n, 130 cancelled, 137 out of memory.';
  static override usage = '<%= command.id %> [FLAGS] (-c CODE | FILE | -) [-- ARGS]';
  static override examples = [
    { description: 'Code from the command line.', command: `<%= config.bin %> <%= command.id %> -c 'print("hi")'` },
    {
      description: 'A file with mounts, limits and arguments.',
      command:
        '<%= config.bin %> <%= command.id %> --policy python-data --input ./in --output ./out --timeout 5m --memory 2G job.py -- --verbose',
    },
    { description: 'For programs.', command: `<%= config.bin %> <%= command.id %> --json -c 'print(1)'` },
  ];
  static override args = {
    file: Args.string({ description: 'File with the code; - is standard input.', ignoreStdin: true }),
  };
  static override flags = {
    code: Flags.string({ char: 'c', description: 'The code itself.', helpValue: 'CODE' }),
    policy: Flags.string({ char: 'p', description: 'Name of the policy. Default: python.', helpValue: 'NAME' }),
    input: Flags.string({ description: 'Directory at /input, read-only.', helpValue: 'DIR' }),
    output: Flags.string({ description: 'Directory at /output, writable; made if missing.', helpValue: 'DIR' }),
    mount: Flags.string({ ...repeatable, description: 'Another mount.', helpValue: 'HOST:SANDBOX[:ro|rw]' }),
    'allow-path': Flags.string({
      ...repeatable,
      description: 'Host directory beneath which mounts may lie, beside the current one and those of the policy.',
      helpValue: 'DIR',
    }),
    timeout: Flags.string({ description: 'Longest run, such as 30s or 5m.', helpValue: 'TIME' }),
    deadline: Flags.string({
      description: 'Longest wait for the start of the code, such as 2s. Default: as long as it takes.',
      helpValue: 'TIME',
    }),
    memory: Flags.string({ description: 'Memory limit, such as 512M.', helpValue: 'SIZE' }),
    env: Flags.string({ ...repeatable, description: 'Variable that the policy admits.', helpValue: 'NAME=VALUE' }),
    param: Flags.string({ ...repeatable, description: 'Value of ${params.NAME} in mounts.', helpValue: 'NAME=VALUE' }),
    'job-id': Flags.string({ description: 'Value of ${job.id} in mounts.', helpValue: 'ID' }),
    stdin: Flags.boolean({
      description: 'Pass standard input on to the job. Default: unless it is a terminal.',
      allowNo: true,
    }),
    embedded: Flags.boolean({ description: 'Do not ask a daemon.', exclusive: ['socket'] }),
    socket: socketFlag,
    'status-fd': Flags.integer({ description: 'Write how it ended to this descriptor, as JSON.', helpValue: 'N' }),
    quiet: Flags.boolean({ char: 'q', description: 'No notes but errors.' }),
    json: jsonFlag,
    ...pathFlags,
  };

  async run(): Promise<void> {
    const [own, argv] = splitAtDashes(this.argv);
    const { args, flags } = await this.parse(Exec, own);
    const statusFd = chosenFd(flags['status-fd']);
    const readStdin = () => readStandardInput(() => this.note('leeward: reading standard input (--no-stdin: do not)'));
    const code = await readCode({ code: flags.code, file: args.file }, readStdin);
    const wantsStdin = args.file !== '-' && (flags.stdin ?? hasStandardInput());
    const request = requestOf(flags, { code, argv, stdin: wantsStdin ? await readStdin() : undefined }, process.cwd());
    const outcome = await runJob(request, {
      socket: flags.socket,
      embedded: flags.embedded,
      paths: pathOptions(flags),
      allowPaths: flags['allow-path'] !== undefined,
      stream: !flags.json,
      note: (line) => this.note(line),
    });
    if (statusFd !== undefined) writeStatus(statusFd, outcome);
    if (outcome.unread !== true) this.#show(outcome, flags);
    process.exitCode = outcome.unread === true ? UNREAD : exitCodeOf(outcome.response);
  }

  #show(outcome: Outcome, { json, quiet }: { readonly json: boolean; readonly quiet: boolean }): void {
    const { result, error } = outcome.response;
    if (json) this.printJson(outcomeJson(outcome));
    else if (result !== undefined && !outcome.streamed) {
      process.stdout.write(result.stdout);
      process.stderr.write(result.stderr);
    }
    if (quiet && error === undefined) return;
    for (const line of outcomeNotes(outcome, styleFor(process.stderr))) this.note(line);
  }
}

/** What stands before the first `--`, and what after it: the job's own arguments. */
function splitAtDashes(argv: readonly string[]): [own: string[], rest: string[]] {
  const at = argv.indexOf('--');
  return at === -1 ? [[...argv], []] : [argv.slice(0, at), argv.slice(at + 1)];
}
