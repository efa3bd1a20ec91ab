/** The program of a compiler thread: one policy after the other, as `messages.ts` has it. */
import { parentPort } from 'node:worker_threads';
import { asLeewardError, LeewardError } from '../../../errors/leeward-error.js';
import { resolvePolicy } from '../../../policy/index.js';
import type { EffectivePolicy, Outcome, PolicyLoader, SourceFile } from '../../../policy/types.js';
import type { LoadedRuntime } from '../../runtime/store.js';
import { FrozenFolders } from '../frozen-folders.js';
import { lintFiles } from '../lint-files.js';
import { PolicyFiles } from '../policy-files.js';
import { RecentFacts } from '../recent-facts.js';
import { RecentFiles } from '../recent-files.js';
import { loadRuntime } from '../runtime-files.js';
import type { Survey } from '../survey/survey.js';
import { Surveyor } from '../survey/surveyor.js';
import { compileResolved, type ResolvedPolicy, resolvedPolicy } from './compile-policy.js';
import type { CompileMessage, FailedMessage, FoldersMessage, FromThread, LintMessage, ToThread } from './messages.js';
import { ParcelWriter } from './parcel.js';

/** Files that stay parsed: those that most policies extend, and between a survey and the compiling those that have changed. */
const FILES = 1024;
/** So long what was resolved waits to be compiled. */
const FORGET_MS = 10_000;

if (parentPort === null) throw new Error('this program is for a thread of a daemon');
const port = parentPort;
const parcels = new ParcelWriter();
const recent = new RecentFiles(FILES);
const facts = new RecentFacts();
const surveyor = new Surveyor();
let files: PolicyFiles | undefined;
let forget: NodeJS.Timeout | undefined;
/** Of the folders that are open: what files are called where they are extended, and what was resolved and not yet compiled. */
let references = new Map<SourceFile, string>();
let resolutions = new Map<SourceFile, Outcome<EffectivePolicy>>();

const loader: PolicyLoader = Object.assign(
  (reference: string) => {
    const file = opened().extended(reference);
    if (file !== undefined) references.set(file, reference);
    return file;
  },
  { names: () => opened().policyNames(), runtimes: () => opened().runtimeNames() },
);

port.on('message', (message: ToThread) => {
  if (message.kind === 'folders') open(message);
  else if (message.kind === 'survey') port.postMessage({ kind: 'survey', survey: survey() });
  else if (message.kind === 'lint') port.postMessage(lint(message));
  // Not where errors are caught: what cannot be posted ends the thread, and with it what it takes for sent.
  else port.postMessage(answer(message));
});

function open({ data }: FoldersMessage): void {
  files = new PolicyFiles(data.directories, new FrozenFolders(data), recent);
  references = new Map();
  resolutions = new Map();
}

/** What it resolves is most likely to be compiled next; if not, it is not kept. */
function survey(): Survey {
  clearTimeout(forget);
  forget = setTimeout(() => resolutions.clear(), FORGET_MS).unref();
  return surveyor.survey(opened(), loader, (source, resolution) => resolutions.set(source, resolution));
}

function lint(message: LintMessage): FromThread {
  try {
    return { kind: 'lint', findings: lintFiles(opened(), message.files, loader) };
  } catch (error) {
    return failure(error, undefined);
  }
}

function answer(message: CompileMessage): FromThread {
  let resolved: ResolvedPolicy | undefined;
  try {
    const source = opened().shown(message.file);
    if (source === undefined) throw new LeewardError('LW_INTERNAL', `${message.file} is not among the files`);
    const named = resolvedPolicy(resolve(source), source);
    // Without it there is nothing that the policy could be compiled for.
    const runtime = loadRuntime(opened(), named.runtime, named.runtimePlace);
    resolved = named;
    return compile(resolved, runtime, message);
  } catch (error) {
    return failure(error, resolved?.runtime);
  }
}

function resolve(source: SourceFile): Outcome<EffectivePolicy> {
  const known = resolutions.get(source);
  resolutions.delete(source);
  return known ?? resolvePolicy(source, loader);
}

function compile(resolved: ResolvedPolicy, { spec, lock }: LoadedRuntime, message: CompileMessage): FromThread {
  const { host, places } = message;
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
