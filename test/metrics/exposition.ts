import { createRequire } from 'node:module';

/** A sample, or of a summary what belongs together. */
interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value?: string;
  readonly quantiles?: Readonly<Record<string, string>>;
  readonly count?: string;
  readonly sum?: string;
}

interface ParsedMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'COUNTER' | 'GAUGE' | 'HISTOGRAM' | 'SUMMARY' | 'UNTYPED';
  readonly metrics: readonly Sample[];
}

// It has no types.
const require = createRequire(import.meta.url);
const parse = require('parse-prometheus-text-format') as (text: string) => ParsedMetric[];

/** What a scrape says, read by a parser that is not ours. */
export class Exposition {
  readonly metrics: ReadonlyMap<string, ParsedMetric>;
  readonly #samples: ReadonlyMap<string, ParsedMetric>;

  constructor(text: string) {
    const byName = (metrics: readonly ParsedMetric[]) => new Map(metrics.map((metric) => [metric.name, metric]));
    this.metrics = byName(parse(text));
    // The parser throws the series of one histogram together: without its type they stay apart, as `NAME_bucket` and so on.
    this.#samples = byName(parse(text.replaceAll(/^# TYPE \S+ histogram\n/gm, '')));
  }

  samples(name: string): readonly Sample[] {
    return this.#samples.get(name)?.metrics ?? [];
  }

  /** The one sample with exactly these labels; undefined when there is none. */
  sample(name: string, labels: Readonly<Record<string, string>> = {}): Sample | undefined {
    const wanted = canonical(labels);
    return this.samples(name).find((sample) => canonical(sample.labels ?? {}) === wanted);
  }

  /** Its value; undefined when there is none. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const { value } = this.sample(name, labels) ?? {};
    return value === undefined ? undefined : Number(value);
  }
}

function canonical(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
