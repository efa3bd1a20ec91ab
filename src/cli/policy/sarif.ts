/** Findings as SARIF 2.1.0, the form in which forges and editors read what static analysis found. */
import { createHash } from 'node:crypto';
import { isAbsolute, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Diagnostic, Fix, Range } from '../../errors/diagnostic.js';
import type { ErrorBody } from '../../errors/leeward-error.js';
import { LINT_CATALOG, type LintCode } from '../../policy/index.js';
import { type LintReport, lintExitCode } from './lint.js';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** What relative URIs start from: the current directory, where forges expect the checkout, and Leeward's own folder. */
const CURRENT = '%SRCROOT%';
const PACKAGE = 'LEEWARD';

export interface SarifContext {
  /** The current directory. */
  readonly directory: string;
  /** Folder of Leeward's package. */
  readonly packageDirectory: string;
  readonly version: string;
}

const CODES = Object.keys(LINT_CATALOG) as LintCode[];

/** One run with all rules of the catalogue, and every finding: also those that comments suppress. */
export function lintSarif(report: LintReport, context: SarifContext): object {
  const { diagnostics, suppressed } = report;
  const fingerprint = fingerprints(report.sources);
  const uri = (file: string): ArtifactLocation => artifactLocation(file, report.shipped, context);
  const results = diagnostics.map((diagnostic) => resultOf(diagnostic, fingerprint(diagnostic), uri));
  const accepted = suppressed.map(({ diagnostic, suppression: { reason, origin } }) => ({
    ...resultOf(diagnostic, fingerprint(diagnostic), uri),
    suppressions: [{ kind: 'inSource', status: 'accepted', justification: reason, location: locationOf(origin, uri) }],
  }));
  const run = {
    tool: { driver: { name: 'leeward', semanticVersion: context.version, rules: CODES.map(ruleOf) } },
    invocations: [invocationOf(report)],
    originalUriBaseIds: {
      [CURRENT]: { uri: directoryUri(context.directory) },
      [PACKAGE]: { uri: directoryUri(context.packageDirectory) },
    },
    artifacts: [...report.sources.keys()].map((file) => ({ location: uri(file), sourceLanguage: 'yaml' })),
    columnKind: 'utf16CodeUnits',
    results: [...results, ...accepted],
  };
  return { $schema: SCHEMA, version: '2.1.0', runs: [run] };
}

function ruleOf(code: LintCode): object {
  const { severity, title, meaning, action } = LINT_CATALOG[code];
  return {
    id: code,
    name: pascalCase(title),
    shortDescription: { text: title },
    fullDescription: { text: meaning },
    help: { text: `${meaning} ${action}`, markdown: `${meaning}\n\n**What to do.** ${action}` },
    defaultConfiguration: { level: severity },
  };
}

/** `ValueDoesNotFitThePlan` for `value does not fit the plan`. */
function pascalCase(title: string): string {
  const words = title.replaceAll("'", '').split(/[^A-Za-z0-9]+/);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

// What was not looked at is no finding, but whoever reads only this must not take it for clean.
function invocationOf(report: LintReport): object {
  const errors = [...report.unread, ...report.missing];
  return {
    executionSuccessful: errors.length === 0,
    exitCode: lintExitCode(report),
    toolExecutionNotifications: errors.map(({ code, message, hint }: ErrorBody) => {
      return { level: 'error', descriptor: { id: code }, message: messageOf(message, hint) };
    }),
  };
}

function resultOf(diagnostic: Diagnostic, fingerprint: string, uri: UriOf): object {
  const { code, severity, message, hint, related = [], fix } = diagnostic;
  return {
    ruleId: code,
    ruleIndex: CODES.indexOf(code as LintCode),
    level: severity,
    message: messageOf(message, hint),
    locations: [locationOf(diagnostic, uri)],
    ...(related.length > 0 && {
      relatedLocations: related.map((other, index) => {
        return { id: index, ...locationOf(other, uri), message: messageOf(other.message) };
      }),
    }),
    ...(fix && { fixes: [fixOf(fix, uri(diagnostic.file))] }),
    partialFingerprints: { 'leewardFinding/v1': fingerprint },
  };
}

// In SARIF's messages braces are placeholders (3.11.5), and brackets before a parenthesis are a link (3.11.6).
function messageOf(text: string, hint?: string): { text: string } {
  const whole = hint === undefined ? text : `${text}; hint: ${hint}`;
  return { text: whole.replaceAll('{', '{{').replaceAll('}', '}}').replaceAll('](', '\\](') };
}

interface ArtifactLocation {
  readonly uri: string;
  readonly uriBaseId?: string;
}

type UriOf = (file: string) => ArtifactLocation;

function locationOf({ file, range }: { readonly file: string; readonly range: Range }, uri: UriOf): object {
  return { physicalLocation: { artifactLocation: uri(file), region: regionOf(range) } };
}

function regionOf({ start, end }: Range): object {
  return { startLine: start.line, startColumn: start.col, endLine: end.line, endColumn: end.col };
}

function fixOf({ title, edits }: Fix, artifact: ArtifactLocation): object {
  const replacements = edits.map(({ range, text }) => {
    return { deletedRegion: regionOf(range), insertedContent: { text } };
  });
  return { description: { text: title }, artifactChanges: [{ artifactLocation: artifact, replacements }] };
}

/** Relative to the current directory or Leeward's own; absolute for a file outside of both. */
function artifactLocation(file: string, shipped: ReadonlySet<string>, { directory }: SarifContext): ArtifactLocation {
  if (shipped.has(file)) return { uri: relativeUri(file), uriBaseId: PACKAGE };
  const path = resolve(directory, file);
  const below = relative(directory, path);
  const isOutside = below === '..' || below.startsWith('../') || isAbsolute(below);
  return isOutside ? { uri: pathToFileURL(path).href } : { uri: relativeUri(below), uriBaseId: CURRENT };
}

function relativeUri(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function directoryUri(path: string): string {
  return pathToFileURL(path.endsWith('/') ? path : `${path}/`).href;
}

/** Recognises a finding after lines were added above it: its code, its line's text, and which of several such it is. */
function fingerprints(sources: ReadonlyMap<string, string>): (diagnostic: Diagnostic) => string {
  const lines = new Map([...sources].map(([file, text]) => [file, text.split('\n')]));
  const seen = new Map<string, number>();
  return ({ code, file, range, message }) => {
    const line = lines.get(file)?.[range.start.line - 1]?.trim() ?? '';
    const hash = createHash('sha256')
      .update(JSON.stringify([code, line, message]))
      .digest('hex')
      .slice(0, 32);
    const count = (seen.get(`${file} ${hash}`) ?? 0) + 1;
    seen.set(`${file} ${hash}`, count);
    return `${hash}:${count}`;
  };
}
