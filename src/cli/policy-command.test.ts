import { Config } from '@oclif/core/config';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LeewardError } from '../errors/leeward-error.js';
import { PolicyCommand } from './policy-command.js';

class Failing extends PolicyCommand {
  async run(): Promise<void> {}

  /** The exit code that the command ends with. */
  async codeOf(thrown: Error): Promise<typeof process.exitCode> {
    await this.catch(thrown);
    return process.exitCode;
  }
}

let before: typeof process.exitCode;
beforeEach(() => {
  before = process.exitCode;
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  process.exitCode = before;
  vi.restoreAllMocks();
});

it.each([
  ['LW_REQUEST_UNKNOWN_POLICY', 2],
  ['LW_POLICY_NOT_FOUND', 2],
  ['LW_POLICY_INVALID', 1],
  ['LW_RUNTIME_NOT_BUILT', 125],
] as const)('a command about policies that fails with %s ends with %i', async (code, expected) => {
  const command = new Failing([], new Config({ root: import.meta.dirname }));
  expect(await command.codeOf(new LeewardError(code, 'no'))).toBe(expected);
  expect(process.stderr.write).toHaveBeenCalledWith(expect.stringContaining(code));
});
