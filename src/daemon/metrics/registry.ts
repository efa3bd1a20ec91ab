import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { METRICS } from './catalog.gen.js';

type Catalog = typeof METRICS;
type NameOf<Type> = { [Name in keyof Catalog]: Catalog[Name]['type'] extends Type ? Name : never }[keyof Catalog];
type LabelOf<Name extends keyof Catalog> = keyof Catalog[Name]['labels'] & string;

/** The window of a summary goes on in so many steps: at each of them the oldest part of it is forgotten. */
const AGE_STEPS = 5;

/** The metrics of the catalogue, for one daemon: each is made once, by whoever fills it. */
export class MetricRegistry {
  readonly #registry = new Registry();

  /** Of the answer to a scrape. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  counter<Name extends NameOf<'counter'>>(name: Name): Counter<LabelOf<Name>> {
    return new Counter(this.#described(name));
  }

  gauge<Name extends NameOf<'gauge'>>(name: Name): Gauge<LabelOf<Name>> {
    return new Gauge(this.#described(name));
  }

  histogram<Name extends NameOf<'histogram'>>(name: Name): Histogram<LabelOf<Name>> {
    return new Histogram({ ...this.#described(name), buckets: [...METRICS[name].buckets] });
  }

  summary<Name extends NameOf<'summary'>>(name: Name): Summary<LabelOf<Name>> {
    const { quantiles, windowSeconds } = METRICS[name];
    return new WindowedSummary({
      ...this.#described(name),
      percentiles: [...quantiles],
      maxAgeSeconds: windowSeconds,
      ageBuckets: AGE_STEPS,
    });
  }

  /** Every metric that was made, in the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #described<Name extends keyof Catalog>(name: Name) {
    const { help, labels } = METRICS[name];
    return { name, help, labelNames: Object.keys(labels) as LabelOf<Name>[], registers: [this.#registry] };
  }
}

/**
 * The library says that a quantile of nothing is 0, which a dashboard would draw as the fastest jobs of all. Nothing that really ran took
 * no time at all, so that 0 is only ever said of nothing.
 */
class WindowedSummary<Label extends string> extends Summary<Label> {
  override async get() {
    const metric = await super.get();
    const isQuantile = ({ labels }: (typeof metric.values)[number]) => 'quantile' in labels;
    if (metric.values.some((one) => isQuantile(one) && one.value !== 0)) return metric;
    return { ...metric, values: metric.values.map((one) => (isQuantile(one) ? { ...one, value: Number.NaN } : one)) };
  }
}
