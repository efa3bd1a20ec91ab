/** More of a limit is wider. */
import { durationText, sizeText } from '../document/units.js';
import type { EffectiveLimits, RequestLimit } from '../types.js';
import { fields, named, value, values } from './fields.js';
import { larger, ranked } from './orders.js';

type Unavailable = EffectiveLimits['whenUnavailable']['value'];

const count = value<bigint>(larger);
const size = value<bigint>(larger, sizeText);
const duration = value<bigint>(larger, durationText);
const processorTime = value<bigint>(larger, (microseconds) =>
  microseconds % 1000n === 0n ? durationText(microseconds / 1000n) : `${microseconds}us`,
);
// A job that runs without a limit has more than one that is refused.
const unavailable = value<'refuse' | 'report'>(ranked('refuse', 'report'));

export const compareLimits = fields<EffectiveLimits>({
  memory: values<RequestLimit>({ default: size, max: size }),
  timeout: values<RequestLimit>({ default: duration, max: duration }),
  cpuTime: processorTime,
  swap: size,
  milliCpus: named(
    'limits.cpus',
    value<bigint>(larger, (thousandths) => String(Number(thousandths) / 1000)),
  ),
  pids: count,
  userNamespaces: count,
  stdout: size,
  stderr: size,
  claims: size,
  openFiles: count,
  fileSize: size,
  core: size,
  stack: size,
  lockedMemory: size,
  whenUnavailable: values<Unavailable>({ service: unavailable, rootless: unavailable }),
});
