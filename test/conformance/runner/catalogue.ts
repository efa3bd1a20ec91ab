/** Reads the case files, and finds everything that is wrong with them, each with its place. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { PACKAGE_ROOT } from '../../harness/checkout.js';
import { BODIES, type Case, type CaseClass } from './case.js';

export interface Catalogue {
  readonly classes: readonly CaseClass[];
  /** `file:line:col: what is wrong`; with any of them nothing is run. */
  readonly findings: readonly string[];
}

/** @param folder the suite: `case.schema.json`, `cases/`, `probes/`, `policies/` */
export function loadCatalogue(folder: string, policyFolders: readonly string[]): Catalogue {
  const schema = JSON.parse(readFileSync(join(folder, 'case.schema.json'), 'utf8')) as object;
  const matches = new Ajv2020({ allErrors: true, strict: false }).compile<CaseClass>(schema);
  const classes: CaseClass[] = [];
  const findings: string[] = [];
  const files = readdirSync(join(folder, 'cases')).filter((name) => name.endsWith('.yaml'));
  for (const name of files.sort()) {
    const source = new CaseFile(`cases/${name}`, readFileSync(join(folder, 'cases', name), 'utf8'));
    const value: unknown = source.document.toJS();
    if (source.document.errors.length > 0) findings.push(...source.syntaxErrors());
    else if (!matches(value)) findings.push(...schemaFindings(source, matches.errors ?? []));
    else {
      const known = new Set(classes.flatMap(({ cases }) => cases.map(({ id }) => id)));
      findings.push(...meaningFindings(source, value, known, folder, policyFolders));
      classes.push(value);
    }
  }
  return { classes, findings };
}

type Path = readonly (string | number)[];

class CaseFile {
  readonly name: string;
  readonly document: Document;
  readonly #lines = new LineCounter();

  constructor(name: string, text: string) {
    this.name = name;
    this.document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
  }

  syntaxErrors(): readonly string[] {
    return this.document.errors.map(({ pos, message }) => `${this.#at(pos[0])}: ${message}`);
  }

  /** A finding at the value of `path`, or at the nearest one above it that is there. */
  finding(path: Path, message: string): string {
    for (let length = path.length; length >= 0; length--) {
      const node = this.document.getIn(path.slice(0, length), true) as { range?: [number] } | undefined;
      if (node?.range != null) return `${this.#at(node.range[0])}: ${message}`;
    }
    return `${this.name}:1:1: ${message}`;
  }

  #at(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.name}:${line}:${col}`;
  }
}

function schemaFindings(source: CaseFile, errors: readonly ErrorObject[]): readonly string[] {
  // Of a choice, the branches that were not meant say nothing useful; the choice itself names the place.
  const choices = errors
    .filter(({ keyword }) => keyword === 'oneOf' || keyword === 'anyOf')
    .map((error) => error.instancePath);
  const telling = errors.filter(
    ({ keyword, instancePath }) =>
      keyword === 'oneOf' || keyword === 'anyOf' || !choices.some((choice) => instancePath.startsWith(choice)),
  );
  return telling.map(({ keyword, instancePath, message, params }) => {
    const path = instancePath
      .split('/')
      .slice(1)
      .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
    if (keyword === 'oneOf')
      return source.finding(path, `${instancePath} has none of the shapes that case.schema.json lists`);
    const extra = params['additionalProperty'] ?? params['allowedValues'];
    return source.finding(path, `${instancePath || '/'} ${message}${extra === undefined ? '' : `: ${extra}`}`);
  });
}

function meaningFindings(
  source: CaseFile,
  { class: letters, cases }: CaseClass,
  known: Set<string>,
  folder: string,
  policyFolders: readonly string[],
): readonly string[] {
  const findings: string[] = [];
  cases.forEach((probe, index) => {
    const say = (field: string, message: string) =>
      findings.push(source.finding(['cases', index, field], `${probe.id}: ${message}`));
    if (!probe.id.startsWith(letters) || !/^\d/.test(probe.id.slice(letters.length)))
      say('id', `is not of class ${letters}`);
    if (known.has(probe.id)) say('id', 'is there twice');
    known.add(probe.id);
    for (const message of bodyFindings(probe)) say('title', message);
    for (const message of testFindings(probe)) say('provenBy', message);
    for (const file of filesOf(probe)) {
      if (!existsSync(join(folder, 'probes', file))) say('title', `there is no probes/${file}`);
    }
    for (const policy of probe.policies ?? []) {
      if (!policyFolders.some((directory) => existsSync(join(directory, `${policy}.yaml`)))) {
        say('policies', `there is no policy ${policy}`);
      }
    }
  });
  return findings;
}

function bodyFindings(probe: Case): readonly string[] {
  const bodies = BODIES.filter((body) => probe[body] !== undefined);
  if (probe.notYet !== undefined) return [];
  if (probe.provenBy !== undefined) return bodies.length === 0 ? [] : [`has ${bodies[0]}, and is provenBy others`];
  if (bodies.length !== 1)
    return [`has ${bodies.length} of ${BODIES.join(', ')}; exactly one is needed, or provenBy, or notYet`];
  const isSnippet = probe.python !== undefined || probe.file?.endsWith('.py') === true;
  if (isSnippet && probe.expect === undefined) return ['a snippet needs `expect`'];
  if (probe.file !== undefined && !probe.file.startsWith(`${probe.id}-`))
    return [`${probe.file} must begin with its id`];
  return [];
}

function testFindings({ provenBy = [] }: Case): readonly string[] {
  return provenBy.flatMap(({ file, test }) => {
    const path = join(PACKAGE_ROOT, file);
    if (!existsSync(path)) return [`there is no ${file}`];
    return readFileSync(path, 'utf8').includes(test) ? [] : [`${file} has no test "${test}"`];
  });
}

function filesOf({ file, files = {}, code = {} }: Case): readonly string[] {
  const programs = Object.values(files).flatMap((content) => ('program' in content ? [content.program] : []));
  return [...(file === undefined ? [] : [file]), ...programs, ...Object.values(code)];
}
