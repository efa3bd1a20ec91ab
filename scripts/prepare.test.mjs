import { expect, it } from 'vitest';
import { isAtLeast } from './prepare.mjs';
import { installCommand, isPresent, requiredPackages } from './system-packages.mjs';

it.each([
  ['v20.19.0', '20.19', true],
  ['20.20.2', '20.19', true],
  ['v22.0.0', '20.19', true],
  ['v20.18.9', '20.19', false],
  ['v18.99.0', '20.19', false],
  ['v20.19.0-rc.1', '20.19', true],
])('node %s against %s: %s', (version, minimum, expected) => {
  expect(isAtLeast(version, minimum)).toBe(expected);
});

it('knows how to see each required package, and names the missing ones in one line', () => {
  for (const entry of requiredPackages()) {
    expect(['command', 'file', 'python'].filter((key) => key in entry)).toHaveLength(1);
  }
  expect(installCommand(['gcc', 'make'])).toMatch(/^(sudo )?apt-get update && .*install .* gcc make$/);
  expect(installCommand(['gcc'])).not.toContain('\n');
});

it('sees what is there and what is not', () => {
  expect(isPresent({ package: 'sh', command: 'sh', why: '' })).toBe(true);
  expect(isPresent({ package: 'x', command: 'leeward-no-such-command', why: '' })).toBe(false);
  expect(isPresent({ package: 'x', command: '/nonexistent/python3', why: '' })).toBe(false);
  expect(isPresent({ package: 'x', file: '/nonexistent/file.h', why: '' })).toBe(false);
  expect(isPresent({ package: 'x', python: ['leeward_no_such_module'], why: '' })).toBe(false);
});
