import * as Args from '@oclif/core/args';
import { UsageError } from '../usage-error.js';

export const generationArg = Args.string({
  description: 'Number of the generation.',
  required: true,
  ignoreStdin: true,
});

/** @throws UsageError */
export function generationOf(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new UsageError(`${text} is no number of a generation`, '`leeward policy history` shows them');
}
