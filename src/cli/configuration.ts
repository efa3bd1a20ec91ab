import { Config } from '@oclif/core/config';
import { settings } from '@oclif/core/settings';
import { PACKAGE_ROOT, packageJson } from './package.js';

const OCLIF = {
  bin: 'leeward',
  dirname: 'leeward',
  topicSeparator: ' ' as const,
  commands: { strategy: 'explicit' as const, target: './dist/cli/commands.js', identifier: 'COMMANDS' },
  topics: {
    audit: { description: 'Check and read the audit log.' },
    policy: { description: 'Check, compile, try and list policies.' },
    runtime: { description: 'Build and list the Python environments that policies run.' },
  },
};

/**
 * oclif's configuration. Nothing but this package is searched for commands: a plugin in a user's home could otherwise
 * change what `leeward` does for root.
 */
export function loadConfiguration(): Promise<Config> {
  // dist/ is what runs; oclif would otherwise look for sources of it and for a TypeScript loader.
  settings.enableAutoTranspile = false;
  // Without SHELL oclif asks for the user's passwd entry, and dies where there is none: a container's or a service's bare uid.
  process.env['SHELL'] ??= '/bin/sh';
  const pjson = { ...packageJson(), type: 'module', oclif: OCLIF };
  return Config.load({ root: PACKAGE_ROOT, pjson, userPlugins: false, devPlugins: false, jitPlugins: false });
}
