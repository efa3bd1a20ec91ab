import { LeewardError } from '../errors/leeward-error.js';
import { LeewardCommand } from './command.js';
import { USAGE_EXIT } from './failure.js';

/** Commands about policies as files: one that does not exist is a mistake in the command line, whether it is named or a path. */
export abstract class PolicyCommand extends LeewardCommand {
  protected override async catch(thrown: Error): Promise<void> {
    await super.catch(thrown);
    if (isMissing(thrown)) process.exitCode = USAGE_EXIT;
  }
}

function isMissing(thrown: Error): boolean {
  if (!(thrown instanceof LeewardError)) return false;
  return thrown.code === 'LW_REQUEST_UNKNOWN_POLICY' || thrown.code === 'LW_POLICY_NOT_FOUND';
}
