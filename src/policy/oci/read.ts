/** OCI profiles as people write them: JSON, with what Docker and Podman add to `linux.seccomp`. */

import { type Places, step } from '../document/places.js';
import type { ProfileDocument, ProfileEntry } from '../document/profile.gen.js';
import { checkSchema } from '../document/schema-findings.js';
import { TextPlaces } from '../document/yaml-syntax.js';
import { readYaml, type YamlTree } from '../document/yaml-tree.js';
import { Findings } from '../findings.js';
import type { Outcome, SourceFile } from '../types.js';
import { type ConfigPart, isRuntimeConfig, otherParts, PROFILE, profileOf } from './runtime-config.js';

/** A profile that has the form of `schemas/profile.schema.json`, and the place of each of its values. */
export interface ProfileFile {
  readonly document: ProfileDocument;
  readonly places: Places;
  /** What the file says around its profile; nothing when it is the profile. */
  readonly others: readonly ConfigPart[];
}

/**
 * Reads a profile, or the one in a runtime's configuration. JSON is read as the YAML that it is: with places, with integers of 64 bits, and without a key written twice.
 *
 * @returns the profile, or all that is wrong with it. Never throws.
 */
export function readProfile(source: SourceFile): Outcome<ProfileFile> {
  const findings = new Findings();
  const tree = readYaml(source, findings);
  if (tree !== undefined && !findings.hasErrors) checkJson(source, findings);
  if (tree === undefined || findings.hasErrors) return { value: undefined, diagnostics: findings.sorted() };
  const { value, places, others } = profileIn(tree, findings);
  if (findings.hasErrors) return { value: undefined, diagnostics: findings.sorted() };
  checkSchema('Profile', value, places, findings);
  if (findings.hasErrors) return { value: undefined, diagnostics: findings.sorted() };
  const document = value as ProfileDocument;
  checkArches(document, places, findings);
  for (const [index, entry] of (document.syscalls ?? []).entries()) {
    const pointer = `/syscalls/${index}`;
    checkNames(entry, pointer, places, findings);
    checkNumbers(entry, pointer, places, findings);
  }
  return { value: findings.hasErrors ? undefined : { document, places, others }, diagnostics: findings.sorted() };
}

/** The profile of a file: all of it, or a part. */
function profileIn({ value, places }: YamlTree, findings: Findings) {
  if (!isRuntimeConfig(value)) return { value, places, others: [] };
  const profile = profileOf(value);
  if (profile === undefined) {
    const message = 'the configuration has no `linux.seccomp`: a runtime filters nothing for it';
    findings.add('LW-P011', places.value(PROFILE), message);
  }
  return { value: profile, places: places.within(PROFILE), others: otherParts(value, places) };
}

/** YAML that is no JSON is a profile for no runtime. */
function checkJson({ file, text }: SourceFile, findings: Findings): void {
  try {
    JSON.parse(text);
  } catch (error) {
    const at = Number(/at position ([0-9]+)/.exec(String(error))?.[1] ?? 0);
    const places = new TextPlaces(file);
    places.lines.addNewLine(0);
    for (let line = text.indexOf('\n'); line !== -1; line = text.indexOf('\n', line + 1))
      places.lines.addNewLine(line + 1);
    findings.add('LW-P001', places.origin(at, at), 'the file is not JSON');
  }
}

function checkArches({ architectures, archMap }: ProfileDocument, places: Places, findings: Findings): void {
  if ((architectures ?? []).length === 0 || (archMap ?? []).length === 0) return;
  findings.add('LW-P015', places.key('/archMap'), '`architectures` and `archMap` exclude each other');
}

function checkNames({ name, names }: ProfileEntry, pointer: string, places: Places, findings: Findings): void {
  const hasNames = (names ?? []).length > 0;
  if (name !== undefined && hasNames)
    findings.add('LW-P015', places.key(step(pointer, 'name')), '`name` and `names` exclude each other');
  if (name === undefined && !hasNames) findings.add('LW-P011', places.value(pointer), 'the entry names no system call');
}

/** The reader gives large integers as text, which is how the schema has them; text in quotes is none. */
function checkNumbers({ args }: ProfileEntry, pointer: string, places: Places, findings: Findings): void {
  for (const [index] of (args ?? []).entries()) {
    for (const key of ['value', 'valueTwo']) {
      const { range } = places.value(`${pointer}/args/${index}/${key}`);
      if (!places.text.startsWith('"', range.start.offset)) continue;
      findings.add('LW-P012', places.value(`${pointer}/args/${index}/${key}`), `\`${key}\` must be a number, not text`);
    }
  }
}
