import { LeewardError } from '../../errors/leeward-error.js';
import type { ExecuteResponse } from '../../protocol/messages.gen.js';
import { buildRuntime } from '../runtime-build.js';
import { chooseEngine, type Engine, type EngineChoice } from './engine.js';
import type { Outcome } from './outcome.js';
import type { ExecRequest } from './request.js';

export interface RunJobOptions extends EngineChoice {
  /** Output is written as it comes; false: it is only in the answer. */
  readonly stream: boolean;
  /** A line for people. */
  readonly note: (line: string) => void;
}

/**
 * Runs one job on the engine that the options choose. Ctrl-C and SIGTERM kill the job; a second one kills this process. So does the end of
 * whoever reads its output, as `| head`.
 *
 * @throws LeewardError when there is no engine
 */
export async function runJob(request: ExecRequest, options: RunJobOptions): Promise<Outcome> {
  const started = performance.now();
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort(new LeewardError('LW_JOB_CANCELLED', 'the job was cancelled'));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  let unread = false;
  const onStreamError = ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') return;
    unread = true;
    interrupt.abort(new LeewardError('LW_JOB_CANCELLED', 'nobody reads the output'));
  };
  for (const stream of [process.stdout, process.stderr]) stream.on('error', onStreamError);
  const engine = await chooseEngine(options);
  try {
    const response = await execute(engine, request, options, interrupt.signal);
    const wallMs = performance.now() - started;
    return { via: engine.via, socket: engine.socket, wallMs, response, streamed: options.stream, unread };
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await engine.close();
  }
}

async function execute(
  engine: Engine,
  request: ExecRequest,
  { stream, note }: RunJobOptions,
  signal: AbortSignal,
): Promise<ExecuteResponse> {
  const write = stream ? (name: 'stdout' | 'stderr', data: Uint8Array) => void process[name].write(data) : undefined;
  const first = await engine.execute(request, signal, write);
  if (first.error?.code !== 'LW_RUNTIME_NOT_BUILT' || process.stderr.isTTY !== true) return first;
  const library = await engine.library();
  const runtime = library?.policies().find(({ name }) => name === request.policy)?.runtime;
  if (library === undefined || runtime === undefined) return first;
  note(`leeward: ${first.error.message}: building it now`);
  await buildRuntime(library, runtime, process.stderr);
  return await engine.execute(request, signal, write);
}
