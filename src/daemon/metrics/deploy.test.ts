/** What is shipped to watch daemons with speaks of the metrics that they have. */
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { dashboard, expressions, rules, withoutVariables } from '../../../test/metrics/deploy.js';
import { ERROR_CATALOG } from '../../errors/catalog.gen.js';
import { METRICS } from './catalog.gen.js';

const all = [...rules.map(({ alert, expr }) => ({ name: alert, text: expr })), ...expressions];

/** Names that Prometheus itself adds, and those of the text format. */
const TARGET_LABELS = ['job', 'instance'];
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/** The labels of each series that a daemon serves, by the name of the series; of a label with a closed list its values. */
const SERIES = new Map(
  Object.entries(METRICS).flatMap(([name, { type, labels }]) =>
    (SUFFIXES[type] ?? ['']).map((suffix) => {
      const own: Record<string, readonly string[]> = { ...labels };
      if (suffix === '_bucket') own['le'] = [];
      if (type === 'summary' && suffix === '') own['quantile'] = ['0.5', '0.9', '0.99'];
      if (name === 'leeward_requests_refused_total') own['code'] = Object.keys(ERROR_CATALOG);
      return [`${name}${suffix}`, own] as const;
    }),
  ),
);

interface Selector {
  readonly series: string;
  readonly matchers: readonly (readonly [label: string, operator: string, value: string])[];
}

interface Query {
  readonly errors: number;
  readonly selectors: readonly Selector[];
  readonly grouping: readonly string[];
}

/** Reads PromQL with Prometheus' own grammar. */
function query(text: string): Query {
  const source = withoutVariables(text);
  const found = { errors: 0, selectors: [] as Selector[], grouping: [] as string[] };
  parser.parse(source).iterate({
    enter(node) {
      if (node.type.isError) found.errors++;
      const textOf = (part: { from: number; to: number } | null | undefined) =>
        part ? source.slice(part.from, part.to) : '';
      if (node.name === 'GroupingLabels')
        found.grouping.push(
          ...textOf(node)
            .replace(/[()\s]/g, '')
            .split(','),
        );
      if (node.name !== 'VectorSelector') return;
      const matchers = node.node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
      found.selectors.push({
        series: textOf(node.node.getChild('Identifier')),
        matchers: matchers.map((matcher) => [
          textOf(matcher.getChild('LabelName')),
          textOf(matcher.getChild('MatchOp')),
          textOf(matcher.getChild('StringLiteral')).slice(1, -1),
        ]),
      });
    },
  });
  return found;
}

describe.each(all)('$name: $text', ({ text }) => {
  const { errors, selectors, grouping } = query(text);

  it('is PromQL about series that there are, with labels and values that they have', () => {
    expect(errors).toBe(0);
    expect(selectors.length).toBeGreaterThan(0);
    for (const { series, matchers } of selectors.filter((one) => one.series !== 'up')) {
      const labels = SERIES.get(series);
      expect(labels, series).toBeDefined();
      for (const [label, operator, value] of matchers) {
        if (TARGET_LABELS.includes(label)) continue;
        const values = labels?.[label];
        expect(values, `${label} of ${series}`).toBeDefined();
        const named = operator.endsWith('~') ? value.split('|') : [value];
        if (values?.length) expect(values).toEqual(expect.arrayContaining([...named]));
      }
      expect([...TARGET_LABELS, ...Object.keys(labels ?? {})]).toEqual(expect.arrayContaining([...grouping]));
    }
  });
});

describe('the dashboard', () => {
  it('shows every metric', () => {
    const shown = new Set(expressions.flatMap(({ text }) => query(text).selectors.map(({ series }) => series)));
    const hidden = Object.entries(METRICS).filter(
      ([name, { type }]) => !(SUFFIXES[type] ?? ['']).some((suffix) => shown.has(`${name}${suffix}`)),
    );
    expect(hidden.map(([name]) => name)).toEqual([]);
  });

  it('names labels in its legends that the series have', () => {
    for (const { text, legend } of expressions) {
      const { grouping, selectors } = query(text);
      const labels =
        grouping.length > 0 ? grouping : selectors.flatMap(({ series }) => Object.keys(SERIES.get(series) ?? {}));
      for (const [, label] of legend.matchAll(/\{\{(\w+)\}\}/g)) expect([...TARGET_LABELS, ...labels]).toContain(label);
    }
  });

  it('has panels with ids of their own that do not lie over each other', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });
});

describe('the alert rules', () => {
  it('name in their texts labels that the alert has', () => {
    for (const { alert, expr, annotations } of rules) {
      const { grouping, selectors } = query(expr);
      const own = selectors.flatMap(({ series }) => Object.keys(SERIES.get(series) ?? {}));
      const labels = grouping.length > 0 ? grouping : [...TARGET_LABELS, ...own];
      const named = [
        ...Object.values(annotations)
          .join(' ')
          .matchAll(/\$labels\.(\w+)/g),
      ].map(([, label]) => label);
      expect(labels, alert).toEqual(expect.arrayContaining([...named]));
    }
  });

  it('name metrics in their texts that there are', () => {
    const named = rules.flatMap(
      ({ annotations }) =>
        Object.values(annotations)
          .join(' ')
          .match(/leeward_\w+/g) ?? [],
    );
    expect(Object.keys(METRICS)).toEqual(expect.arrayContaining([...named]));
  });
});
