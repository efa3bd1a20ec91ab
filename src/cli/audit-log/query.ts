import { type Filter, fits } from './filter.js';
import { type LogFiles, linesOf } from './log-files.js';
import { type ShownRecord, shownRecord } from './read-records.js';

/**
 * The records of a log that fit, oldest first.
 *
 * @param onBad called with `file:line: problem` for a line that is no record
 * @throws UsageError for a file that cannot be read
 */
export async function* queryLog(
  { files }: LogFiles,
  filter: Filter,
  onBad: (problem: string) => void,
): AsyncGenerator<ShownRecord> {
  for (const file of files) {
    let number = 0;
    for await (const line of linesOf(file)) {
      number++;
      const shown = shownRecord(line, (problem) => onBad(`${file.path}:${number}: ${problem}`));
      if (shown !== undefined && fits(shown.record, filter)) yield shown;
    }
  }
}
