/** Jobs that change what a later one would find: `state.py` is run by a job before, and by one after. */
import { readFileSync } from 'node:fs';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { answersOf, batched, type End, parsedEnd } from './hostile-jobs.js';

const STATE = readFileSync(new URL('state.py', import.meta.url), 'utf8');

/** @param changes code by the name of what it changes */
export function rememberedProbe(changes: Readonly<Record<string, string>>): HostProbe {
  const control = (): Promise<readonly HostAttempt[]> =>
    batched(Object.entries(changes), async ([name, code]) => {
      const [before, , after] = (await answersOf([STATE, code, STATE])).split('\n').flatMap(parsedEnd);
      return judged(name, before, after);
    });
  const run = async (context: HostContext): Promise<readonly HostAttempt[]> => {
    const { daemon } = context.sandbox;
    if (!context.variant.confines || daemon === undefined) return control();
    const connection = await daemon.connect();
    const fields = { policy: context.policy };
    const attempts: HostAttempt[] = [];
    const before = await connection.run(STATE, fields);
    if (before.status !== 'ok') throw new Error(`the state: ${before.stderr}`);
    for (const [name, code] of Object.entries(changes)) {
      await connection.run(code, fields);
      attempts.push(judged(name, before, await connection.run(STATE, fields)));
    }
    connection.close();
    return attempts;
  };
  return { control, controlIsSameForAll: true, run };
}

function judged(name: string, before: End | undefined, after: End | undefined): HostAttempt {
  const [first, second] = [stateOf(before), stateOf(after)];
  const odd = Object.keys(first).filter((key) => JSON.stringify(first[key]) !== JSON.stringify(second[key]));
  const isSame = odd.length === 0 && Object.keys(first).length > 0;
  const detail = isSame ? 'nothing differs' : odd.map((key) => `${key}: ${short(first[key], second[key])}`).join('; ');
  return { name, outcome: isSame ? 'BLOCKED' : 'ESCAPED', detail };
}

function stateOf(end: End | undefined): Record<string, unknown> {
  try {
    return JSON.parse(String(end?.stdout)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** What two values have not in common. */
function short(first: unknown, second: unknown): string {
  if (isRecord(first) && isRecord(second)) {
    return Object.keys({ ...first, ...second })
      .filter((key) => first[key] !== second[key])
      .join(', ');
  }
  return `${JSON.stringify(first)} and ${JSON.stringify(second)}`.slice(0, 300);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
