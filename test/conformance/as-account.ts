/** The suite as one account: started by `runner/accounts.ts` in namespaces of its own, with the run's command line. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { provideHost, testHost } from '../harness/host.js';
import type { Answer, FromAccount, ToAccount } from './runner/accounts.js';
import type { Case } from './runner/case.js';
import { choose } from './runner/chosen.js';
import type { ControlSource } from './runner/control.js';
import { removeCompiled } from './runner/materials.js';
import { parseOptions } from './runner/options.js';
import { runSuite } from './runner/suite.js';

/** Resolves when it is written: what is written last must arrive, too. */
function tell(message: FromAccount): Promise<void> {
  return new Promise((resolve, reject) => {
    if (process.send === undefined) throw new Error('as-account.ts is started by `npm run conformance`');
    process.send(message, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });
}

const waiting = new Map<number, (answer: Answer) => void>();

/** Controls are made by the process that has started this one. */
const controls: ControlSource = {
  ofSnippet: (probe) => asked('snippet', probe),
  ofHostProbe: (probe) => asked('host probe', probe),
};

async function asked<T>(of: 'snippet' | 'host probe', { id }: Case): Promise<T> {
  const number = waiting.size;
  const answered = new Promise<Answer>((resolve) => waiting.set(number, resolve));
  await tell({ kind: 'ask', number, of, id });
  const { control, error } = await answered;
  if (error !== undefined) throw new Error(`control: ${error}`);
  return control as T;
}

/** What probes of policy files lay there, and the modes that they give the folder, are nothing of another account's. */
function takeOwnPolicies(): void {
  const { scratch, installation } = testHost();
  const own = mkdtempSync(join(scratch, 'policies-'));
  execFileSync('cp', ['-a', `${installation.policies}/.`, own]);
  execFileSync('mount', ['--bind', own, installation.policies]);
}

async function main(): Promise<void> {
  const { selection } = choose(parseOptions(process.argv.slice(2)));
  try {
    await runSuite(selection, (results) => void tell({ kind: 'place', results }), controls);
    await tell({ kind: 'end' });
  } finally {
    removeCompiled();
    process.disconnect();
  }
}

process.on('message', (message: ToAccount) => {
  if (message.kind === 'answer') return waiting.get(message.number)?.(message);
  provideHost(message.host);
  takeOwnPolicies();
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 2;
  });
});
