import * as Flags from '@oclif/core/flags';
import type { PolicyApplyRequest } from '../../protocol/messages.gen.js';

const RUNNING = ['finish', 'deadline', 'kill'] as const;

/** What `policy apply` and `policy rollback` have in common. */
export const changeFlags = {
  'dry-run': Flags.boolean({ description: 'Check and compare, and change nothing.' }),
  'expect-generation': Flags.integer({
    description: 'Refuse unless this generation serves; of two that expect the same one the second is refused.',
    helpValue: 'N',
    min: 1,
  }),
  running: Flags.string({
    description:
      'What becomes of jobs under policies that are others then: finish, they go on; deadline, they get the daemon’s --revoke-after; kill, they end at once. Default: a deadline for those whose policy is narrower or gone.',
    options: RUNNING,
  }),
  message: Flags.string({ char: 'm', description: 'A line for the history.', helpValue: 'TEXT' }),
};

type ChangeFields = Pick<PolicyApplyRequest, 'dry_run' | 'expect_generation' | 'running' | 'message'>;

/** Fields of a request that these flags stand for. */
export function changeFields(flags: {
  readonly 'dry-run': boolean;
  readonly 'expect-generation'?: number | undefined;
  readonly running?: string | undefined;
  readonly message?: string | undefined;
}): ChangeFields {
  const { 'dry-run': dryRun, 'expect-generation': expected, running, message } = flags;
  return {
    dry_run: dryRun,
    ...(expected === undefined ? {} : { expect_generation: expected }),
    ...(running === undefined ? {} : { running: running as (typeof RUNNING)[number] }),
    ...(message === undefined ? {} : { message }),
  };
}
