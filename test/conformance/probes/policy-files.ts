/** Policy files that a daemon meets in its folder, each under a name that it has not served before. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../harness/wait.js';
import type { HostProbe } from '../runner/host-probe.js';
import { type Attempt, daemonProbe, judged, type Seen, type Target } from './daemon-probe.js';
import { EXECUTE } from './messages.js';

export const HEAD = 'version: 1\nkind: Policy\nname: NAME\nextends: [python]\n';

let count = 0;

/** A name that no policy has. */
export function freshName(): string {
  return `probe-${count++}`;
}

/** A file that must be refused with its place. */
export interface BadFile {
  /** With `NAME` where the policy's own name stands. */
  readonly text: string;
  /** What the refusal must say, such as the rule's code. */
  readonly words: string;
}

/**
 * A probe of files that must be refused, each with its place. They are there when the daemon starts: one that comes later refuses all
 * that came with it.
 *
 * @param others what is tried besides
 */
export function fileProbe(
  files: Readonly<Record<string, BadFile>>,
  others: Readonly<Record<string, Attempt>> = {},
): HostProbe {
  const named = Object.entries(files).map(([attempt, file]) => ({ attempt, policy: freshName(), ...file }));
  const write = (folder: string, policy: string, text: string): string => {
    const path = join(folder, `${policy}.yaml`);
    if (!existsSync(path)) writeFileSync(path, text.replace('NAME', policy), { mode: 0o644 });
    return path;
  };
  const attempts = named.map(({ attempt, policy, text, words }): [string, Attempt] => [
    attempt,
    (target) => refusedPolicy(target, policy, words, write(target.policies, policy, text)),
  ]);
  return daemonProbe({ ...Object.fromEntries(attempts), ...others }, (folder) => {
    for (const { policy, text } of named) write(folder, policy, text);
  });
}

/** @param file where the place must be */
export async function refusedPolicy(target: Target, policy: string, words: string, file: string): Promise<Seen> {
  const connection = await target.connect();
  try {
    const answer = await connection.ask({ ...EXECUTE, policy });
    const seen = judged(answer, /^LW_POLICY_(INVALID|UNSAFE_FILE|AUDIT)$/, words);
    const place = answer.error?.place as { file?: string } | undefined;
    const detail = seen.detail.split('\n')[0] ?? '';
    if (seen.holds && place?.file !== file) return { holds: false, detail: `at ${JSON.stringify(place)}: ${detail}` };
    return { holds: seen.holds, detail };
  } finally {
    connection.close();
  }
}

/**
 * As `refusedPolicy`, for a file that comes while a daemon serves: it says why it serves no new set, and does not have the policy.
 *
 * @param place which the refusal must name
 */
export async function refusedSet(target: Target, policy: string, words: string, place: string): Promise<Seen> {
  const connection = await target.connect();
  try {
    const message = await eventually('the refusal', 10_000, async () => {
      const failure = (await connection.status()).reload_error?.message;
      return failure?.includes(words) === true && failure.includes(place) ? failure : undefined;
    });
    const answer = await connection.ask({ ...EXECUTE, policy });
    return { ...judged(answer, /^LW_REQUEST_UNKNOWN_POLICY$/), detail: message.split('\n')[0] ?? '' };
  } finally {
    connection.close();
  }
}
