/** Who runs a daemon in a test. */
export interface Account {
  readonly name: 'root' | 'user';
  readonly uid: number;
  readonly gid: number;
}

export const isRoot = process.getuid?.() === 0;

/** A uid and gid that no host gives away; tests that are not run as root use the caller's own. */
const ORDINARY = 12_345;

export const root: Account = { name: 'root', uid: 0, gid: 0 };
export const user: Account = {
  name: 'user',
  uid: isRoot ? ORDINARY : (process.getuid?.() ?? -1),
  gid: isRoot ? ORDINARY : (process.getgid?.() ?? -1),
};

/** The command that runs `argv` with the account's ids, no further groups and no capability of the caller. */
export function commandAs(account: Account, argv: readonly string[]): readonly string[] {
  if (account.uid === process.getuid?.()) return argv;
  return ['setpriv', `--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', '--', ...argv];
}
