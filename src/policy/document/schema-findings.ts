/** What a schema forbids, in the words of a policy's author: rule, place and what to write instead. */
import type { ErrorObject } from 'ajv/dist/2020.js';
import { nearestNames } from '../../errors/nearest.js';
import { didYouMean, type FindingDetails, type Findings } from '../findings.js';
import type { LintCode } from '../lint-catalog.gen.js';
import { deleteEntry } from './edits.js';
import { lastStep, type Places, step } from './places.js';
import { DURATION_UNIT_NAMES, durationText, LARGEST_QUANTITY, SIZE_UNIT_NAMES, sizeText } from './units.js';
import { follow, type Kind, partViolations, type SchemaNode, violations } from './validate.js';

interface Context {
  readonly kind: Kind;
  readonly places: Places;
  readonly findings: Findings;
}

/** Checks a whole file. */
export function checkSchema(kind: Kind, value: unknown, places: Places, findings: Findings): void {
  report(violations(kind, value), '', { kind, places, findings });
}

/** Reports errors whose paths begin at `base`. */
function report(errors: readonly ErrorObject[], base: string, context: Context): void {
  // Every branch of a union complains in its own way. Only the branch that was meant is worth reading.
  const unions = errors.filter(({ keyword }) => keyword === 'oneOf');
  const outermost = unions.filter(
    ({ instancePath }) => !unions.some((other) => isAbove(other.instancePath, instancePath)),
  );
  for (const union of outermost) reportUnion(union, base, context);
  for (const error of errors) {
    const inUnion = outermost.some(
      ({ instancePath }) => instancePath === error.instancePath || isAbove(instancePath, error.instancePath),
    );
    // The pattern that a key does not match is reported with the key, as `propertyNames`.
    if (!inUnion && error.propertyName === undefined) reportError(error, base, context);
  }
}

function isAbove(path: string, other: string): boolean {
  return other.startsWith(`${path}/`);
}

function reportUnion(error: ErrorObject, base: string, context: Context): void {
  const branches = error.schema as readonly SchemaNode[];
  const pointer = base + error.instancePath;
  const meant = meantBranch(branches, error.data, context.kind);
  if (meant === undefined) {
    noBranch(
      pointer,
      branches.map((branch) => follow(context.kind, branch)),
      error,
      context,
    );
    return;
  }
  report(partViolations(context.kind, meant, error.data), pointer, context);
}

function noBranch(pointer: string, nodes: readonly SchemaNode[], error: ErrorObject, context: Context): void {
  // A bare number lacks its unit rather than its quotes.
  const duration = typeof error.data === 'number' ? nodes.find(({ format }) => format === 'duration') : undefined;
  if (duration !== undefined) badForm(pointer, { ...error, parentSchema: duration }, context);
  else wrongType(pointer, [...new Set(nodes.flatMap(({ type }) => type ?? []))], error.data, context);
}

/** The branch whose type fits and that shares the most keys with the value. */
function meantBranch(branches: readonly SchemaNode[], data: unknown, kind: Kind): SchemaNode | undefined {
  let best: { branch: SchemaNode; score: number } | undefined;
  for (const branch of branches) {
    const node = follow(kind, branch);
    if (![node.type ?? []].flat().includes(typeOf(data))) continue;
    const score = typeOf(data) === 'object' ? sharedKeys(node, Object.keys(data as object)) : 0;
    if (best === undefined || score > best.score) best = { branch, score };
  }
  return best?.branch;
}

function sharedKeys(node: SchemaNode, keys: readonly string[]): number {
  const own = keys.filter((key) => Object.hasOwn(node.properties ?? {}, key)).length;
  // A required key names the form: `tmpfs` in a mount, `python` in a test.
  const naming = (node.required ?? []).filter((key) => keys.includes(key)).length;
  return own + 2 * naming;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  object: 'a map',
  array: 'a list',
  string: 'text',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  null: 'nothing',
};

function typeWord(type: string): string {
  return TYPE_WORDS[type] ?? type;
}

/** What was written. The tree has integers beyond 2^53 as their digits. */
function seenWord(data: unknown): string {
  if (typeof data === 'number' && !Number.isFinite(data)) return String(data);
  if (typeof data === 'string' && /^-?[0-9]{16,}$/.test(data)) return 'one beyond 2^53';
  return typeWord(typeOf(data));
}

function wrongType(pointer: string, types: readonly string[], data: unknown, { places, findings }: Context): void {
  const expected = types.map(typeWord).join(' or ');
  const { range } = places.value(pointer);
  const isScalar = ['integer', 'number', 'boolean'].includes(typeOf(data));
  const written = places.text.slice(range.start.offset, range.end.offset);
  // Of 0077 the value has lost the zeros, and an alias is not what it stands for.
  const quoted = /^[\w.+-]+$/.test(written) ? `"${written}"` : `"${textOf(data)}"`;
  const hint = types.includes('string') && isScalar ? `put it in quotes: ${quoted}` : undefined;
  const isAsWritten = written === textOf(data);
  const fix = hint !== undefined && isAsWritten && { title: 'put it in quotes', edits: [{ range, text: quoted }] };
  findings.add('LW-P012', places.value(pointer), `${nameOf(pointer)} must be ${expected}, not ${seenWord(data)}`, {
    hint,
    ...(fix && { fix }),
  });
}

/** `limits.memory` for `/limits/memory`, `mounts[2]` for `/mounts/2`. */
function nameOf(pointer: string): string {
  if (pointer === '') return 'the file';
  const steps = pointer
    .slice(1)
    .split('/')
    .map((part) => lastStep(`/${part}`));
  const text = steps.map((part) => (/^[0-9]+$/.test(part) ? `[${part}]` : `.${part}`)).join('');
  return `\`${text.replace(/^\./, '')}\``;
}

const REPORTS: Readonly<Record<string, (pointer: string, error: ErrorObject, context: Context) => void>> = {
  additionalProperties: unknownKey,
  propertyNames: badKey,
  required: missingKey,
  type: badType,
  const: notInList,
  enum: notInList,
  pattern: badForm,
  format: badForm,
};

function reportError(error: ErrorObject, base: string, context: Context): void {
  const reportKeyword = REPORTS[error.keyword] ?? outOfRange;
  reportKeyword(base + error.instancePath, error, context);
}

function badType(pointer: string, error: ErrorObject, context: Context): void {
  if ((error.parentSchema as SchemaNode).format === 'duration' && typeof error.data === 'number') {
    badForm(pointer, error, context);
    return;
  }
  wrongType(pointer, [error.params['type'] as string | string[]].flat(), error.data, context);
}

function unknownKey(parent: string, error: ErrorObject, { places, findings }: Context): void {
  const pointer = step(parent, error.params['additionalProperty'] as string);
  const keys = Object.keys((error.parentSchema as SchemaNode).properties ?? {});
  const near = didYouMean(nearestNames(lastStep(pointer), keys));
  const hint = near ?? `keys here: ${keys.join(', ')}`;
  findings.add('LW-P010', places.key(pointer), `unknown key \`${lastStep(pointer)}\``, { hint });
}

function badKey(parent: string, error: ErrorObject, { places, findings }: Context): void {
  const pointer = step(parent, error.params['propertyName'] as string);
  const expects = (error.schema as SchemaNode)['x-expects'] ?? 'another form';
  findings.add('LW-P014', places.key(pointer), `the key \`${lastStep(pointer)}\` is not ${expects}`);
}

function missingKey(pointer: string, error: ErrorObject, { places, findings }: Context): void {
  const key = error.params['missingProperty'] as string;
  findings.add('LW-P011', places.key(pointer), `${nameOf(pointer)} lacks the key \`${key}\``);
}

function notInList(pointer: string, error: ErrorObject, { places, findings }: Context): void {
  const allowed =
    error.keyword === 'const' ? [error.params['allowedValue']] : (error.params['allowedValues'] as unknown[]);
  const words = allowed.map((value) => `\`${String(value)}\``).join(', ');
  const rule: LintCode = pointer === '/version' || pointer === '/kind' ? 'LW-P026' : 'LW-P013';
  const hint = didYouMean(nearestNames(textOf(error.data), allowed.map(String)));
  const one = allowed.length === 1 ? '' : 'one of ';
  findings.add(
    rule,
    places.value(pointer),
    `${nameOf(pointer)} must be ${one}${words}, not \`${shorten(error.data)}\``,
    { hint },
  );
}

function badForm(pointer: string, error: ErrorObject, { places, findings }: Context): void {
  const node = error.parentSchema as SchemaNode;
  const message = `\`${shorten(error.data)}\` is not ${node['x-expects'] ?? 'of the form that is needed here'}`;
  const isQuantity = node.format === 'size' || node.format === 'duration';
  const details: FindingDetails = isQuantity ? { hint: unitHint(String(error.data), node.format === 'size') } : {};
  findings.add(isQuantity ? 'LW-P016' : 'LW-P014', places.value(pointer), message, details);
}

function unitHint(text: string, isSize: boolean): string | undefined {
  const units = isSize ? SIZE_UNIT_NAMES : DURATION_UNIT_NAMES;
  const match = /^([0-9]+) *([A-Za-z]*)$/.exec(text);
  if (match?.[1] === undefined) return `units: ${units.join(', ')}`;
  const written = (match[2] ?? '').toLowerCase();
  // `minutes` begins with m, `msec` with ms, and of a size `GB` has the letter of GiB.
  if (match[2] !== '' && units.includes(match[2] ?? '')) {
    return `at most ${isSize ? sizeText(LARGEST_QUANTITY) : durationText(LARGEST_QUANTITY)}`;
  }
  const begun = units.filter((name) => written.startsWith(name.toLowerCase())).sort((a, b) => b.length - a.length)[0];
  const unit = begun ?? units.find((name) => written !== '' && name.toLowerCase().startsWith(written.charAt(0)));
  return unit === undefined ? `units: ${units.join(', ')}` : `write \`${match[1]}${unit}\` if that is meant`;
}

function outOfRange(pointer: string, error: ErrorObject, context: Context): void {
  // A bare number other than 0 lacks its unit.
  if ((error.parentSchema as SchemaNode).format === 'size' && typeof error.data === 'number') {
    badForm(pointer, error, context);
    return;
  }
  const { places, findings } = context;
  const name = nameOf(pointer);
  if (error.keyword === 'uniqueItems') {
    sameEntries(pointer, error.data as readonly unknown[], context);
    return;
  }
  findings.add('LW-P015', places.value(pointer), `${name} ${error.message ?? 'is out of range'}`);
}

/** The validator names two entries that are the same; there can be more. */
function sameEntries(pointer: string, entries: readonly unknown[], { places, findings }: Context): void {
  const first = new Map<string, number>();
  for (const [index, entry] of entries.entries()) {
    const text = JSON.stringify(entry, withSortedKeys);
    const earlier = first.get(text);
    first.set(text, earlier ?? index);
    if (earlier === undefined) continue;
    const origin = places.value(step(pointer, index));
    findings.add('LW-P015', origin, `${nameOf(pointer)} has the same entry twice`, () => {
      const related = [{ origin: places.value(step(pointer, earlier)), message: 'first written here' }];
      const edit = deleteEntry(places.text, origin.range);
      return { related, fix: edit && { title: 'delete the entry', edits: [edit] } };
    });
  }
}

function withSortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function shorten(value: unknown): string {
  const text = textOf(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Maps have no prototype here, and so no text of their own. */
function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
