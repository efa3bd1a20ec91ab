/** What is shipped to watch daemons with: alert rules, their tests, and a dashboard. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Panel {
  readonly title: string;
  readonly id: number;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly allValue?: string }[] };
}

const fileOf = (name: string) => fileURLToPath(new URL(`../../deploy/${name}`, import.meta.url));

export const RULES = fileOf('prometheus/alerts.yaml');
export const RULE_TESTS = fileOf('prometheus/alerts.test.yaml');

export const rules: readonly AlertRule[] = parse(readFileSync(RULES, 'utf8')).groups.flatMap(
  ({ rules: own }: { rules: readonly AlertRule[] }) => own,
);

export const dashboard: Dashboard = JSON.parse(readFileSync(fileOf('grafana/leeward.json'), 'utf8'));

/** The dashboard's queries. */
export const expressions = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr, legendFormat }) => ({ name: title, text: expr, legend: legendFormat })),
);

/**
 * A query of the dashboard as Prometheus gets it when everything is chosen.
 * @throws {Error} for a variable that neither Grafana nor the dashboard has
 */
export function withoutVariables(text: string): string {
  return text.replace(/\$\{?(\w+)\}?/g, (variable, name: string) => {
    const value =
      name === '__rate_interval' ? '5m' : dashboard.templating.list.find((one) => one.name === name)?.allValue;
    if (value === undefined) throw new Error(`${variable} is no variable of a query: ${text}`);
    return value;
  });
}
