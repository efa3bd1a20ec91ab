/** The program of a compiler thread: one policy after the other, as `messages.ts` has it. */
import { parentPort } from 'node:worker_threads';
import { asLeewardError, LeewardError } from '../../../errors/leeward-error.js';
import { resolvePolicy } from '../../../policy/index.js';
import type { SourceFile } from '../../../policy/types.js';
import { FrozenFolders } from '../frozen-folders.js';
import { PolicyFiles } from '../policy-files.js';
import { RecentFacts } from '../recent-facts.js';
import { RecentFiles } from '../recent-files.js';
import { loadRuntime } from '../runtime-files.js';
import { Surveyor } from '../survey/surveyor.js';
import { compileResolved, type ResolvedPolicy, resolvedPolicy } from './compile-policy.js';
import type { CompileMessage, FailedMessage, FoldersMessage, FromThread, ToThread } from './messages.js';
import { ParcelWriter } from './parcel.js';

/** Files that most policies extend are parsed once, if there are no more of them. */
const FILES = 64;

if (parentPort === null) throw new Error('this program is for a thread of a daemon');
const port = parentPort;
const parcels = new ParcelWriter();
const recent = new RecentFiles(FILES);
const facts = new RecentFacts();
const surveyor = new Surveyor();
let files: PolicyFiles | undefined;

port.on('message', (message: ToThread) => {
  if (message.kind === 'folders') open(message);
  else if (message.kind === 'survey') port.postMessage({ kind: 'survey', survey: surveyor.survey(opened()) });
  // Not where errors are caught: what cannot be posted ends the thread, and with it what it takes for sent.
  else port.postMessage(answer(message));
});

function open({ data }: FoldersMessage): void {
  files = new PolicyFiles(data.directories, new FrozenFolders(data), recent);
}

function answer(message: CompileMessage): FromThread {
  let resolved: ResolvedPolicy | undefined;
  try {
    const { policy, references } = resolve(message);
    resolved = policy;
    return compile(policy, references, message);
  } catch (error) {
    return failure(error, resolved?.runtime);
  }
}

/** The policy, and what each file that it is made of is called where it is extended. */
function resolve({ file }: CompileMessage) {
  const source = opened().shown(file);
  if (source === undefined) throw new LeewardError('LW_INTERNAL', `${file} is not among the files that are read`);
  const references = new Map<SourceFile, string>();
  const extended = (reference: string) => {
    const found = opened().extended(reference);
    if (found !== undefined) references.set(found, reference);
    return found;
  };
  const loader = Object.assign(extended, { names: () => opened().policyNames() });
  return { policy: resolvedPolicy(resolvePolicy(source, loader), source), references };
}

function compile(
  resolved: ResolvedPolicy,
  references: ReadonlyMap<SourceFile, string>,
  { host, places }: CompileMessage,
): FromThread {
  const { spec, lock } = loadRuntime(opened(), resolved.runtime);
  const directory = lock === null ? null : places.get(spec.name);
  if (directory === undefined) return { kind: 'place', runtime: spec.name };
  const policy = compileResolved(resolved, spec, facts.of(host, directory));
  return { kind: 'done', parcel: parcels.write(policy, references) };
}

function failure(thrown: unknown, runtime: string | undefined): FailedMessage {
  const error = asLeewardError(thrown);
  const stack = error.cause instanceof Error ? error.cause.stack : undefined;
  return { kind: 'failed', error: error.toJSON(), stack, runtime };
}

function opened(): PolicyFiles {
  if (files === undefined) throw new LeewardError('LW_INTERNAL', 'a compiler thread was given no policy folders');
  return files;
}
