/** What Prometheus' own tool says of what is shipped to watch daemons with. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { expressions, RULE_TESTS, RULES, rules, withoutVariables } from '../../../test/metrics/deploy.js';
import { findPromtool, NEEDS_PROMTOOL, promtool } from '../../../test/metrics/promtool.js';

/** What it says of expressions, given to it as recording rules. */
function checkExpressions(texts: readonly string[]): readonly string[] {
  const recording = texts.map((expr, index) => ({ record: `query:${index}`, expr }));
  const folder = mkdtempSync(join(tmpdir(), 'leeward-promtool-'));
  const file = join(folder, 'rules.yaml');
  try {
    writeFileSync(file, stringify({ groups: [{ name: 'queries', rules: recording }] }));
    return promtool(['check', 'rules', file]).lines;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe.skipIf(findPromtool() === undefined)(`promtool (${NEEDS_PROMTOOL})`, () => {
  it('takes the alert rules', () => {
    const { status, lines } = promtool(['check', 'rules', RULES]);
    expect(lines).toContainEqual(expect.stringContaining(`SUCCESS: ${rules.length} rules found`));
    expect(status).toBe(0);
  });

  // Over two seconds, since one of the rules waits for a day: it is evaluated for each minute of it.
  it('sees each alert fire when it should, and then alone', () => {
    const { status, lines } = promtool(['test', 'rules', RULE_TESTS]);
    expect(lines.map((line) => line.trim())).toEqual([expect.stringContaining(RULE_TESTS), 'SUCCESS']);
    expect(status).toBe(0);
  });

  it('takes every query of the dashboard', () => {
    const lines = checkExpressions(expressions.map(({ text }) => withoutVariables(text)));
    expect(lines).toContainEqual(expect.stringContaining(`SUCCESS: ${expressions.length} rules found`));
  });

  it('would say so of a query that is none', () => {
    const lines = checkExpressions(['rate(sum(leeward_executions_total))']);
    expect(lines).toContainEqual(expect.stringContaining('expected type range vector in call to function "rate"'));
  });
});

it('there is a test of each alert, in which it fires', () => {
  interface RuleTest {
    readonly name: string;
    readonly promql_expr_test: readonly { readonly exp_samples: readonly { readonly labels: string }[] }[];
  }
  const { tests }: { readonly tests: readonly RuleTest[] } = parse(readFileSync(RULE_TESTS, 'utf8'));
  expect(tests.map(({ name }) => name)).toEqual(rules.map(({ alert }) => alert));
  for (const { name, promql_expr_test: [before, after] = [] } of tests) {
    expect(before?.exp_samples, name).toEqual([]);
    const fired = after?.exp_samples.map(({ labels }) => /alertname="(\w+)"/.exec(labels)?.[1]) ?? [];
    expect(new Set(fired)).toEqual(new Set([name]));
  }
});
