import { resolve } from 'node:path';
import * as Flags from '@oclif/core/flags';

export const stateFlag = Flags.string({
  description:
    'Folder of built runtimes and of what a daemon keeps. Default: LEEWARD_STATE_DIR, else the system’s or the user’s.',
  helpValue: 'DIR',
});

/** Where policies and state are, for every command that looks at them without a daemon. */
export const pathFlags = {
  policies: Flags.string({
    description: 'Folder of policies to search before the configured and shipped ones; may be given several times.',
    helpValue: 'DIR',
    multiple: true,
    multipleNonGreedy: true,
  }),
  'state-dir': stateFlag,
};

export const jsonFlag = Flags.boolean({ description: 'Print the result as JSON on standard output.' });

export const socketFlag = Flags.string({
  description: 'Socket of the daemon. Default: LEEWARD_SOCKET, else the user’s own, else the system’s.',
  helpValue: 'PATH',
});

/** The daemon's options that these flags stand for; relative paths start from the current directory. */
export function pathOptions(flags: {
  readonly policies?: readonly string[] | undefined;
  readonly 'state-dir'?: string | undefined;
}): { policyDirectories?: string[]; stateDirectory?: string } {
  const { policies, 'state-dir': stateDirectory } = flags;
  return {
    ...(policies === undefined ? {} : { policyDirectories: policies.map((path) => resolve(path)) }),
    ...(stateDirectory === undefined ? {} : { stateDirectory: resolve(stateDirectory) }),
  };
}
