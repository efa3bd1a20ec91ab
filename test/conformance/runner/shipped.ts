/** The variant that is tested: Leeward as it is shipped, by a daemon or embedded in the command line. */

import { type JobEnd, jobEnd, refusedEnd } from '../../../src/probe/attempts/job-end.js';
import type { ExecuteResponse } from '../../../src/protocol/messages.gen.js';
import type { Account } from '../../harness/account.js';
import { leeward } from '../../harness/command.js';
import type { Connection } from '../../harness/connection.js';
import { type DaemonOptions, TestDaemon } from '../../harness/daemon.js';
import { DelegatedGroup } from '../../harness/delegation.js';
import { testHost } from '../../harness/host.js';
import { Place } from '../../harness/place.js';
import { atMost } from '../../harness/slowness.js';
import { ARCH } from './program.js';
import type { ProbeJob, Sandbox, Variant } from './sandbox.js';

export const shipped: Variant = {
  name: 'as shipped',
  confines: true,
  runsProgram: true,
  open: (account, landlockAbi) =>
    sandboxOf(
      account,
      landlockAbi === undefined ? {} : { environment: { LEEWARD_TEST_LANDLOCK_ABI: String(landlockAbi) } },
    ),
  openEmbedded: async (account) => new EmbeddedSandbox(account),
};

/** A sandbox of a daemon that is started otherwise than those of the places. */
export function sandboxOf(account: Account, options: DaemonOptions): Promise<DaemonSandbox> {
  return DaemonSandbox.start(account, options);
}

/** Paths inside: requests mount there. */
const paths: Sandbox['paths'] = ({ input, output }) => ({
  input: input === undefined ? null : '/input',
  output: output === undefined ? null : '/output',
});

export class DaemonSandbox implements Sandbox {
  readonly daemon: TestDaemon;
  readonly paths = paths;
  readonly #connection: Connection;
  readonly #delegated: DelegatedGroup | undefined;

  private constructor(daemon: TestDaemon, connection: Connection, delegated: DelegatedGroup | undefined) {
    [this.daemon, this.#connection, this.#delegated] = [daemon, connection, delegated];
  }

  /** An ordinary user's daemon runs in a delegated control group, where this host can give one: else nothing is limited. */
  static async start(account: Account, options: DaemonOptions): Promise<DaemonSandbox> {
    const delegated = account.name === 'user' ? DelegatedGroup.create(account) : undefined;
    const daemon = await TestDaemon.start(account, { delegated, ...options });
    return new DaemonSandbox(daemon, await daemon.connect(), delegated);
  }

  get place(): Place {
    return this.daemon.place;
  }

  async run({ code, policy, timeoutSeconds, input, output, memory }: ProbeJob): Promise<JobEnd> {
    const mounts = [
      ...(input === undefined ? [] : [{ host: input, sandbox: '/input' }]),
      ...(output === undefined ? [] : [{ host: output, sandbox: '/output', ro: false }]),
    ];
    const answer = await this.#connection.execute(code, {
      policy,
      timeout_secs: atMost(timeoutSeconds),
      allow_paths: [this.place.jobs],
      ...(mounts.length === 0 ? {} : { mounts }),
      ...(memory === undefined ? {} : { memory_limit: memory }),
    });
    return jobEnd(answer, ARCH);
  }

  async close(): Promise<void> {
    this.#connection.close();
    await this.daemon.stop();
    await this.#delegated?.remove();
  }
}

class EmbeddedSandbox implements Sandbox {
  readonly place: Place;
  readonly daemon = undefined;
  readonly paths = paths;

  constructor(account: Account) {
    this.place = new Place(account);
  }

  async run({ code, policy, timeoutSeconds, input, output, memory }: ProbeJob): Promise<JobEnd> {
    const { policies } = testHost().installation;
    const args = ['exec', '--embedded', '--json', '--policies', policies, '--policy', policy];
    args.push('--timeout', `${atMost(timeoutSeconds)}s`, '--allow-path', this.place.jobs);
    if (input !== undefined) args.push('--mount', `${input}:/input:ro`);
    if (output !== undefined) args.push('--mount', `${output}:/output:rw`);
    if (memory !== undefined) args.push('--memory', String(memory));
    const { stdout, stderr } = await leeward(this.place, [...args, '-'], { stdin: code });
    try {
      return jobEnd(JSON.parse(stdout) as ExecuteResponse, ARCH);
    } catch {
      return refusedEnd(stderr || stdout);
    }
  }

  async close(): Promise<void> {}
}
