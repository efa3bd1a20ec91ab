import { nearestNames } from '../../errors/nearest.js';
import { didYouMean, Findings } from '../findings.js';
import type { Outcome, RuntimeSpec, SourceFile } from '../types.js';
import type { PolicyDocument } from './document.gen.js';
import type { Places } from './places.js';
import type { RuntimeDocument } from './runtime.gen.js';
import { runtimeSpec } from './runtime.js';
import { checkSchema, shorten } from './schema-findings.js';
import { readSuppressions, type Suppression } from './suppressions.js';
import type { TenantDocument } from './tenant.gen.js';
import type { Kind } from './validate.js';
import { readYaml } from './yaml-tree.js';

/** A policy file that has the form of the schema, and the place of each of its values. */
export interface PolicyFile {
  readonly source: SourceFile;
  readonly document: PolicyDocument;
  readonly places: Places;
  readonly suppressions: readonly Suppression[];
}

/** A tenant file that has the form of the schema. */
export type TenantFile = ParsedFile<TenantDocument>;

interface ParsedFile<T> {
  readonly document: T;
  readonly places: Places;
  readonly suppressions: readonly Suppression[];
}

/** Of files that are still held by somebody: most policies extend the same few, and the parser is the slowest of the passes. */
const parsed = new WeakMap<SourceFile, Outcome<PolicyFile>>();

/**
 * Reads the text of a policy: YAML 1.2 core, then `schemas/policy.schema.json`. The same object is read once.
 *
 * @returns the file when text and form are right; else all that is wrong with them, each with its place. Never throws.
 */
export function parsePolicy(source: SourceFile): Outcome<PolicyFile> {
  const known = parsed.get(source);
  if (known !== undefined) return known;
  const outcome = readPolicy(source);
  parsed.set(source, outcome);
  return outcome;
}

function readPolicy(source: SourceFile): Outcome<PolicyFile> {
  const findings = new Findings();
  const file = parseFile<PolicyDocument>(source, 'Policy', findings);
  return { value: file === undefined ? undefined : { source, ...file }, diagnostics: findings.sorted() };
}

/** As `parsed`: many policies name the same runtime. */
const parsedRuntimes = new WeakMap<SourceFile, Outcome<RuntimeSpec>>();

/**
 * Reads the text of a runtime: YAML 1.2 core, then `schemas/runtime.schema.json`. Values that are missing get their
 * defaults: /usr/bin/python3, no requirements, one waiting job of at most sixteen. The same object is read once.
 */
export function parseRuntime(source: SourceFile): Outcome<RuntimeSpec> {
  const known = parsedRuntimes.get(source);
  if (known !== undefined) return known;
  const outcome = readRuntime(source);
  parsedRuntimes.set(source, outcome);
  return outcome;
}

function readRuntime(source: SourceFile): Outcome<RuntimeSpec> {
  const findings = new Findings();
  const file = parseFile<RuntimeDocument>(source, 'Runtime', findings);
  const value = file === undefined ? undefined : runtimeSpec(file.document, file.places, findings);
  return { value: findings.hasErrors ? undefined : value, diagnostics: findings.sorted() };
}

/** Reads the text of a tenant: YAML 1.2 core, then `schemas/tenant.schema.json`. */
export function parseTenant(source: SourceFile): Outcome<TenantFile> {
  const findings = new Findings();
  const value = parseFile<TenantDocument>(source, 'Tenant', findings);
  return { value: findings.hasErrors ? undefined : value, diagnostics: findings.sorted() };
}

const KINDS: readonly string[] = ['Policy', 'Runtime', 'Tenant'] satisfies Kind[];

function parseFile<T>(source: SourceFile, kind: Kind, findings: Findings): ParsedFile<T> | undefined {
  const tree = readYaml(source, findings);
  if (tree === undefined) return undefined;
  const { value, places, comments } = tree;
  if (isOtherKind(value, kind)) {
    const written = shorten(value.kind);
    const hint = KINDS.includes(written) ? undefined : didYouMean(nearestNames(written, KINDS));
    findings.add('LW-P026', places.value('/kind'), `\`kind\` must be \`${kind}\` here, not \`${written}\``, { hint });
    return undefined;
  }
  checkSchema(kind, value, places, findings);
  if (findings.hasErrors) return undefined;
  return { document: value as T, places, suppressions: readSuppressions(comments, findings) };
}

// Checked before the schema, which would find fault with every key of a file that is only in the wrong place.
function isOtherKind(value: unknown, kind: Kind): value is { kind: unknown } {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind !== kind;
}
