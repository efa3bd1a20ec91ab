import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { jsonFlag, pathFlags, pathOptions } from '../../flags.js';
import type { CompileArch } from '../../policy/compile.js';
import { PolicyCommand } from '../../policy-command.js';

export default class PolicyCompile extends PolicyCommand {
  static override summary = 'Show what a policy is compiled to.';
  static override description =
    'The plan: system calls, Landlock rules, mounts, limits and environment, each with the line of the policy that it comes from. Nothing is run. Exit code 0: it compiles; 1: it has an error; 2: it does not exist.';
  static override examples = [
    { description: 'A policy by its name.', command: '<%= config.bin %> <%= command.id %> python-data' },
    {
      description: 'The seccomp program of a file, as annotated assembler.',
      command: '<%= config.bin %> <%= command.id %> --bpf ./mine.yaml',
    },
  ];
  static override args = {
    policy: Args.string({ description: 'Name of a policy, or path of its file.', required: true, ignoreStdin: true }),
  };
  static override flags = {
    bpf: Flags.boolean({ description: 'Print the seccomp program only.', exclusive: ['json'] }),
    arch: Flags.string({ description: 'Architecture. Default: this host’s.', options: ['x86_64', 'arm64'] }),
    json: jsonFlag,
    ...pathFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PolicyCompile);
    const [{ openLibrary }, { compileNamed, compiledJson }, { renderBpf, renderPlan }] = await Promise.all([
      import('../../../daemon/index.js'),
      import('../../policy/compile.js'),
      import('../../../policy/index.js'),
    ]);
    const result = await compileNamed(openLibrary(pathOptions(flags)), args.policy, flags.arch as CompileArch);
    const { compiled, runtimeBuilt, warnings } = result;
    for (const { file, range, severity, code, message } of warnings) {
      this.note(`${file}:${range.start.line}:${range.start.col}: ${severity} ${code}: ${message}`);
    }
    if (!runtimeBuilt) this.note(`leeward: runtime ${compiled.runtime.name} is not built yet`);
    if (flags.json) this.printJson(compiledJson(result));
    else process.stdout.write(flags.bpf ? renderBpf(compiled) : renderPlan(compiled));
  }
}
