import { readFileSync } from 'node:fs';

/** Name of a user of this host; undefined where it has none, or its names come from elsewhere than passwd(5). */
export function userName(uid: number): string | undefined {
  try {
    return nameIn(readFileSync('/etc/passwd', 'utf8'), uid);
  } catch {
    return undefined;
  }
}

/** @param passwd text of passwd(5) */
export function nameIn(passwd: string, uid: number): string | undefined {
  const users = passwd.split('\n').map((line) => line.split(':'));
  return users.find((fields) => fields.length >= 7 && fields[2] === String(uid))?.[0];
}
