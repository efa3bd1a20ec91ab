import { describe, expect, it } from 'vitest';
import { checkAssigned } from './landlock.mjs';

const header = { LANDLOCK_ACCESS_FS_EXECUTE: '1', LANDLOCK_SCOPE_SIGNAL: '2' };

describe('checkAssigned', () => {
  it('accepts facts that cover the header', () => {
    checkAssigned(
      [
        { abi: 1, fs: ['EXECUTE'] },
        { abi: 2, scope: ['SIGNAL'] },
      ],
      header,
    );
  });

  it.each([
    ['a right of a newer header that no ABI brings', [{ abi: 1, fs: ['EXECUTE'] }]],
    ['a name that the header lacks', [{ abi: 1, fs: ['EXECUTE', 'FLY'], scope: ['SIGNAL'] }]],
    [
      'a right that two ABIs bring',
      [
        { abi: 1, fs: ['EXECUTE'], scope: ['SIGNAL'] },
        { abi: 2, fs: ['EXECUTE'] },
      ],
    ],
    [
      'a hole between ABIs',
      [
        { abi: 1, fs: ['EXECUTE'] },
        { abi: 3, scope: ['SIGNAL'] },
      ],
    ],
  ])('refuses %s', (_, abis) => {
    expect(() => checkAssigned(abis, header)).toThrow(/landlock\.json/);
  });
});
