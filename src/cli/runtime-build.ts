import type { Library } from '../daemon/index.js';
import { LeewardError } from '../errors/leeward-error.js';
import { showBuild } from './runtime-progress.js';
import { ProgressLine } from './terminal/progress.js';

/**
 * Builds a runtime and shows how far it is. Ctrl-C ends the build and leaves nothing of it.
 *
 * @returns where its files are; null when it needs none
 * @throws LeewardError as `Library.buildRuntime`; LW_JOB_CANCELLED after Ctrl-C
 */
export async function buildRuntime(library: Library, name: string, stream: NodeJS.WriteStream): Promise<string | null> {
  const line = new ProgressLine(stream);
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort(new LeewardError('LW_JOB_CANCELLED', `the build of ${name} was interrupted`));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const started = performance.now();
  let worked = false;
  try {
    const { directory } = await library.buildRuntime(name, {
      signal: interrupt.signal,
      onProgress: (report) => {
        worked = true;
        showBuild(line, report);
      },
    });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    line.end(worked ? `runtime ${name}: built in ${seconds} s` : undefined);
    return directory;
  } catch (error) {
    line.end();
    throw interrupt.signal.aborted ? interrupt.signal.reason : error;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
