import { describe } from 'vitest';
import { type Account, isRoot, root, user } from '../../harness/account.js';

/** The same tests as root and as an ordinary user. */
export function asEachAccount(body: (account: Account) => void): void {
  describe.skipIf(!isRoot)('as root (needs root)', () => body(root));
  describe('as an ordinary user', () => body(user));
}
