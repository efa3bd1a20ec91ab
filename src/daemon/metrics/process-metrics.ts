import { readdirSync } from 'node:fs';
import type { MetricRegistry } from './registry.js';

const SECOND_US = 1e6;

/** The daemon's own process, under the names that every exporter has for them. */
export class ProcessMetrics {
  readonly #cpu;
  readonly #memory;
  readonly #descriptors;

  constructor(registry: MetricRegistry) {
    this.#cpu = registry.counter('process_cpu_seconds_total');
    this.#memory = registry.gauge('process_resident_memory_bytes');
    this.#descriptors = registry.gauge('process_open_fds');
    registry.gauge('process_start_time_seconds').set(performance.timeOrigin / 1000);
  }

  look(): void {
    const { user, system } = process.cpuUsage();
    this.#cpu.reset();
    this.#cpu.inc((user + system) / SECOND_US);
    this.#memory.set(process.memoryUsage.rss());
    const descriptors = openDescriptors();
    if (descriptors === undefined) this.#descriptors.remove();
    else this.#descriptors.set(descriptors);
  }
}

/** By proc(5), where it may be read. */
function openDescriptors(): number | undefined {
  try {
    // One of them is the folder that is being read.
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return undefined;
  }
}
