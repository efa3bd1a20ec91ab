// The daemon's metrics: schemas/metrics.json -> TypeScript and the reference page.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const SOURCE = 'schemas/metrics.json';
const NOTICE = `Generated from ${SOURCE} by scripts/gen/metrics.mjs. Do not edit: run \`npm run gen\`.`;
const TYPES = ['counter', 'gauge', 'histogram', 'summary'];

/**
 * @param {string} root repository root
 * @returns {Promise<{path: string, text: string}[]>} every generated file, relative to the root
 */
export async function generate(root) {
  const catalog = JSON.parse(await readFile(join(root, SOURCE), 'utf8'));
  checkCatalog(catalog);
  return [
    { path: 'src/daemon/metrics/catalog.gen.ts', text: typescript(catalog) },
    { path: 'docs/reference/metrics.md', text: reference(catalog) },
  ];
}

/** Refuses what Prometheus or its users would stumble over. */
export function checkCatalog({ groups, metrics }) {
  const names = new Set();
  for (const { group, name, type, labels = {}, quantiles, buckets } of metrics) {
    const refuse = (reason) => {
      throw new Error(`${SOURCE}: ${name} ${reason}`);
    };
    if (!/^(leeward|process)_[a-z_]+$/.test(name)) refuse('is no name for a metric');
    if (names.has(name)) refuse('stands twice');
    if (!groups.some((known) => known.name === group)) refuse(`has the unknown group ${group}`);
    if (!TYPES.includes(type)) refuse(`has the unknown type ${type}`);
    if (type === 'counter' && !name.endsWith('_total')) refuse('is a counter and does not end in _total');
    if ((type === 'summary') !== Array.isArray(quantiles)) refuse('has quantiles, or is a summary, but not both');
    if ((type === 'histogram') !== Array.isArray(buckets)) refuse('has buckets, or is a histogram, but not both');
    const wrong = Object.keys(labels).find(
      (label) => !/^[a-z]+$/.test(label) || label === 'le' || label === 'quantile',
    );
    if (wrong !== undefined) refuse(`cannot have the label ${wrong}`);
    names.add(name);
  }
}

function typescript({ metrics }) {
  const quote = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const list = (values) => `[${values.map((value) => (typeof value === 'number' ? value : quote(value))).join(', ')}]`;
  const entry = ({ name, type, help, labels = {}, quantiles, windowSeconds, buckets }) =>
    [
      `  ${name}: {`,
      `    type: ${quote(type)},`,
      `    help: ${quote(help)},`,
      `    labels: {${Object.entries(labels)
        .map(([label, { values = [] }]) => ` ${label}: ${list(values)}`)
        .join(',')} },`,
      ...(quantiles === undefined
        ? []
        : [`    quantiles: ${list(quantiles)},`, `    windowSeconds: ${windowSeconds},`]),
      ...(buckets === undefined ? [] : [`    buckets: ${list(buckets)},`]),
      '  },',
    ].join('\n');
  return `// ${NOTICE}

/** Every metric of the daemon. A label that has a closed list of values has it here; the list of the others is empty. */
export const METRICS = {
${metrics.map(entry).join('\n')}
} as const;
`;
}

function reference({ groups, metrics }) {
  const section = ({ name, title }) => {
    const own = metrics.filter(({ group }) => group === name);
    return `## ${title}\n\n${own.map(referenceEntry).join('\n')}`;
  };
  return `<!-- ${NOTICE} -->
# Metrics

What \`GET /metrics\` of a daemon answers, in the text format of Prometheus. How to scrape it, and what to watch: [metrics](../guide/metrics.md).
Counters are those since the start of the daemon. A label without a list of values has as many as the text behind it allows.

${groups.map(section).join('\n')}`;
}

function referenceEntry({ name, type, help, meaning, labels = {}, quantiles, buckets }) {
  const rows = Object.entries(labels).map(([label, { text, values }]) => labelRow(label, text, values));
  if (quantiles !== undefined) rows.push(labelRow('quantile', 'which quantile', quantiles));
  if (buckets !== undefined) rows.push(labelRow('le', 'seconds, at most', buckets));
  return `### ${name}

*${type}*

${help}${meaning === undefined ? '' : ` ${meaning}`}
${rows.length === 0 ? '' : `\n${rows.join('\n')}\n`}`;
}

function labelRow(label, text, values) {
  return `- \`${label}\`: ${text}${values === undefined ? '' : `: ${values.map((value) => `\`${value}\``).join(', ')}`}`;
}
