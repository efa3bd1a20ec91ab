/**
 * The suite as each account, at the same time: every account in a process and in namespaces of its own, so that what one does to its
 * host the other does not see. Controls are made here, once for all of them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Host, testHost } from '../../harness/host.js';
import { type AccountName, type Case, isHostSide } from './case.js';
import type { ControlSource } from './control.js';
import { type ProbeResult, probesToTry, type Selection } from './suite.js';

/** To an account's process: first of all where its host is. */
export type ToAccount = { readonly kind: 'host'; readonly host: Host } | Answer;

export type FromAccount =
  | { readonly kind: 'ask'; readonly number: number; readonly of: 'snippet' | 'host probe'; readonly id: string }
  | { readonly kind: 'place'; readonly results: readonly ProbeResult[] }
  | { readonly kind: 'end' };

/** A control, or why there is none. */
export interface Answer {
  readonly kind: 'answer';
  readonly number: number;
  readonly control?: unknown;
  readonly error?: string;
}

const AS_ACCOUNT = fileURLToPath(new URL('../as-account.ts', import.meta.url));
const intoOwnHost = JSON.parse(readFileSync(new URL('../own-host.json', import.meta.url), 'utf8')) as string[];

/**
 * @param args of this run's command line: an account's process chooses the same probes by them
 * @param onPlace called with the results of each place; those of one account follow those of the account before
 * @throws Error when an account's process does not come to its end
 */
export async function runAccounts(
  selection: Pick<Selection, 'accounts' | 'classes' | 'places' | 'usual'>,
  args: readonly string[],
  controls: ControlSource,
  onPlace: (results: readonly ProbeResult[]) => void,
): Promise<readonly ProbeResult[]> {
  const { accounts, classes } = selection;
  const cases = new Map(classes.flatMap((own) => own.cases.map((probe) => [probe.id, probe] as const)));
  const answer = (asked: FromAccount & { kind: 'ask' }) => answerTo(asked, cases.get(asked.id), controls);
  const turns = new Turns(onPlace, accounts.length);
  const runs = accounts.map((name, index) => {
    const done = runAccount(name, args, answer, (results) => turns.say(index, results));
    return done.then(() => turns.end(index));
  });
  const ahead = new AbortController();
  void makeAhead(probesToTry(selection), controls, ahead.signal);
  await Promise.all(runs).finally(() => ahead.abort());
  return turns.all();
}

/** Says what comes from several sides in their order, as early as that allows. */
class Turns {
  readonly #say: (results: readonly ProbeResult[]) => void;
  readonly #held: (readonly ProbeResult[])[][];
  readonly #ended: boolean[];
  #turn = 0;

  constructor(say: (results: readonly ProbeResult[]) => void, count: number) {
    this.#say = say;
    this.#held = Array.from({ length: count }, () => []);
    this.#ended = Array.from({ length: count }, () => false);
  }

  say(index: number, results: readonly ProbeResult[]): void {
    this.#held[index]?.push(results);
    if (index === this.#turn) this.#say(results);
  }

  end(index: number): void {
    this.#ended[index] = true;
    while (this.#ended[this.#turn] === true) {
      this.#turn++;
      for (const results of this.#held[this.#turn] ?? []) this.#say(results);
    }
  }

  all(): readonly ProbeResult[] {
    return this.#held.flat(2);
  }
}

/** While the accounts are at one probe the next one's control can be made. */
async function makeAhead(probes: Iterable<Case>, controls: ControlSource, signal: AbortSignal): Promise<void> {
  for (const probe of probes) {
    if (signal.aborted) return;
    if (!isHostSide(probe)) await controls.ofSnippet(probe).catch(() => undefined); // whoever asks for it is told why
  }
}

async function answerTo(
  { number, of, id }: FromAccount & { kind: 'ask' },
  probe: Case | undefined,
  controls: ControlSource,
): Promise<Answer> {
  try {
    if (probe === undefined) throw new Error(`there is no probe ${id}`);
    const control = await (of === 'snippet' ? controls.ofSnippet(probe) : controls.ofHostProbe(probe));
    return { kind: 'answer', number, control };
  } catch (error) {
    return { kind: 'answer', number, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** Resolves at the process's end, which it has announced. */
function runAccount(
  name: AccountName,
  args: readonly string[],
  answer: (asked: FromAccount & { kind: 'ask' }) => Promise<Answer>,
  onPlace: (results: readonly ProbeResult[]) => void,
): Promise<void> {
  const [command = '', ...rest] = [...intoOwnHost, process.execPath, ...process.execArgv, AS_ACCOUNT, ...args];
  const child = spawn(command, [...rest, '--account', name], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  let hasEnded = false;
  child.on('message', (message: FromAccount) => {
    if (message.kind === 'place') onPlace(message.results);
    else if (message.kind === 'end') hasEnded = true;
    else void answer(message).then((control) => tell(child, control));
  });
  tell(child, { kind: 'host', host: testHost() });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (hasEnded && code === 0) resolve();
      else reject(new Error(`the suite as ${name} ended with ${signal ?? `exit code ${code}`} before it was through`));
    });
  });
}

/** Whether it still listens shows in how it ends. */
function tell(child: ChildProcess, message: ToAccount): void {
  child.send(message, () => undefined);
}
