/** The program of a compiler thread: one policy after the other, as `messages.ts` has it. */
import { parentPort } from 'node:worker_threads';
import { asLeewardError, LeewardError } from '../../../errors/leeward-error.js';
import { parsePolicy, resolvePolicy } from '../../../policy/index.js';
import type { EffectivePolicy, Outcome, SourceFile } from '../../../policy/types.js';
import { compileResolved, resolvedPolicy } from './compile-policy.js';
import { GivenFiles } from './given-files.js';
import type { Answer, CompileMessage, DoneMessage, FailedMessage, FromThread, Question, ToThread } from './messages.js';
import { ParcelWriter } from './parcel.js';
import { FILES, ReceivedParts } from './parts.js';

if (parentPort === null) throw new Error('this program is for a thread of a daemon');
const port = parentPort;
const parcels = new ParcelWriter();
const known = new ReceivedParts<SourceFile>(FILES);
let answered: ((answer: Answer) => void) | undefined;

port.on('message', async (message: ToThread) => {
  if (message.kind !== 'compile') answered?.(message);
  // Not where errors are caught: what cannot be posted ends the thread, and with it what it takes for sent.
  else post(await endOf(message));
});

function post(message: FromThread): void {
  port.postMessage(message);
}

async function endOf(message: CompileMessage): Promise<DoneMessage | FailedMessage> {
  try {
    return await compile(message);
  } catch (thrown) {
    const error = asLeewardError(thrown);
    return {
      kind: 'failed',
      error: error.toJSON(),
      stack: error.cause instanceof Error ? error.cause.stack : undefined,
    };
  }
}

async function compile(message: CompileMessage): Promise<DoneMessage> {
  const { source } = message;
  const given = new GivenFiles(source, known);
  given.add(message);
  const resolved = resolvedPolicy(await resolve(source, given), source);
  const place = await ask('target', { kind: 'target', runtime: resolved.runtime });
  const policy = compileResolved(resolved, place);
  return {
    kind: 'done',
    parcel: parcels.write(policy, given.sources),
    extended: given.sources.map((file) => parsePolicy(file).value?.document.extends ?? []),
  };
}

/** Resolves with what there is until nothing is missing. Each file is parsed once. */
async function resolve(source: SourceFile, given: GivenFiles): Promise<Outcome<EffectivePolicy>> {
  for (;;) {
    const outcome = resolvePolicy(source, given.loader);
    const references = given.missing();
    if (references.length === 0) return outcome;
    const answer = await ask('files', { kind: 'files', references });
    given.add(answer);
    given.names = answer.names ?? given.names;
  }
}

/** Waits for ever where the policy is given up instead. */
async function ask<Kind extends Question['kind']>(
  kind: Kind,
  question: Question & { readonly kind: Kind },
): Promise<Answer & { readonly kind: Kind }> {
  const answer = await new Promise<Answer>((resolved) => {
    answered = resolved;
    post(question);
  });
  if (isOf(kind, answer)) return answer;
  throw new LeewardError('LW_INTERNAL', `a question about ${kind} was answered with ${answer.kind}`);
}

function isOf<Kind extends Answer['kind']>(kind: Kind, answer: Answer): answer is Answer & { readonly kind: Kind } {
  return answer.kind === kind;
}
