/** Policy files that a daemon meets in its folder, each under a name that it has not served before. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Attempt, judged, type Seen, type Target } from './daemon-probe.js';
import { EXECUTE } from './messages.js';

export const HEAD = 'version: 1\nkind: Policy\nname: NAME\nextends: [python]\n';

let count = 0;

/** A name that no policy has. */
export function freshName(): string {
  return `probe-${count++}`;
}

/**
 * A file that must be refused with its place.
 *
 * @param text with `NAME` where the policy's own name stands
 * @param words what the refusal must say, such as the rule's code
 */
export function refusedFile(text: string, words: string): Attempt {
  return async (target) => {
    const name = freshName();
    const file = join(target.policies, `${name}.yaml`);
    writeFileSync(file, text.replace('NAME', name), { mode: 0o644 });
    try {
      return await refusedPolicy(target, name, words, file);
    } finally {
      rmSync(file);
    }
  };
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
