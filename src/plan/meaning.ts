import { checkFilter } from './bpf/check.js';
import { JOB_PATH_MAX, NAMESPACE, PLAN_HEADER, type PlanReasonName, type SectionName } from './layout.gen.js';
import type { MountOperation } from './plan.js';
import {
  compareBytes,
  compareVariables,
  type HeaderRecord,
  type JobMountRecord,
  type PlanRecords,
  RECORD_SECTIONS,
} from './records.js';
import type { PlanRefusal } from './refusal.js';
import {
  byteLength,
  checkComponent,
  checkHostname,
  checkPath,
  checkText,
  checkVariable,
  liesBeneath,
} from './text-rules.js';

type Reason = PlanReasonName | undefined;

/** What the records of a plan in canonical form must mean: the mirror of `lw_plan_check_meaning`, in the same order. */
export function checkMeaning(records: PlanRecords): PlanRefusal | undefined {
  const refusal = checkHeader(records.header);
  if (refusal !== undefined) return refusal;
  for (const section of RECORD_SECTIONS) {
    const found = SECTION_CHECKS[section](records);
    if (found !== undefined) return { place: section, ...found };
  }
  return undefined;
}

interface Found {
  readonly index: number;
  readonly reason: PlanReasonName;
}

const SECTION_CHECKS: Readonly<Record<Exclude<SectionName, 'strings'>, (records: PlanRecords) => Found | undefined>> = {
  filter: ({ filter, header }) => checkFilter(filter, header.mode === 'audit'),
  notify: ({ notify }) =>
    eachRecord(notify, (answer, before) => {
      if (answer.action !== 'errno' && answer.errno !== 0) return 'field_not_used';
      if (answer.action === 'errno' && answer.errno === 0) return 'out_of_range';
      return before && orderReason(before.nr - answer.nr);
    }),
  landlock_rules: ({ landlock_rules: rules, header }) =>
    eachRecord(rules, (rule, before) => {
      const reason = checkPath(rule.path, true);
      if (reason !== undefined) return reason;
      if (rule.access === 0n) return 'out_of_range';
      // landlock_add_rule(2) answers EINVAL to a right that the ruleset does not handle.
      if ((rule.access & ~header.landlockHandledFs) !== 0n) return 'access_not_handled';
      return before && orderReason(compareBytes(before.path, rule.path));
    }),
  mounts: ({ mounts }) => {
    const targets = new Set<string>();
    return eachRecord(mounts, (mount) => checkMount(mount) ?? addOnce(targets, mount.target));
  },
  job_mounts: (records) => {
    const taken = new Set<string>();
    return eachRecord(records.job_mounts, (mount) => {
      const entry = `${mount.flags.includes('writable')} ${mount.name}`;
      return checkJobMount(mount, records.header) ?? addOnce(taken, mount.target) ?? addOnce(taken, entry);
    });
  },
  rlimits: ({ rlimits }) =>
    eachRecord(rlimits, (limit, before) => {
      if (limit.soft > limit.hard) return 'out_of_range';
      return before && orderReason(before.resource - limit.resource);
    }),
  file_systems: ({ file_systems: types }) =>
    eachRecord(
      types,
      ({ magic }, before) => before && orderReason(before.magic < magic ? -1 : Number(before.magic > magic)),
    ),
  environment: ({ environment }) =>
    eachRecord(environment, ({ entry }, before) => {
      return checkVariable(entry) ?? (before && orderReason(compareVariables(before.entry, entry)));
    }),
  argv: ({ argv }) => {
    const [program] = argv;
    if (program === undefined) return { index: 0, reason: 'empty_section' };
    // An empty argument would look like the padding after the section.
    const empty = eachRecord(argv, ({ entry }) => (entry === '' ? 'string_empty' : undefined));
    const reason = checkPath(program.entry, false);
    return empty ?? (reason && { index: 0, reason });
  },
};

function eachRecord<Item>(
  records: readonly Item[],
  check: (record: Item, before: Item | undefined) => Reason,
): Found | undefined {
  for (const [index, record] of records.entries()) {
    const reason = check(record, records[index - 1]);
    if (reason !== undefined) return { index, reason };
  }
  return undefined;
}

/** For a strictly ascending list: `order` compares the earlier record with the later one. */
function orderReason(order: number): Reason {
  if (order < 0) return undefined;
  return order === 0 ? 'duplicate' : 'not_sorted';
}

function addOnce(taken: Set<string>, text: string): Reason {
  if (taken.has(text)) return 'duplicate';
  taken.add(text);
  return undefined;
}

function checkHeader(header: HeaderRecord): PlanRefusal | undefined {
  for (const [field, check] of HEADER_CHECKS) {
    const reason = check(header);
    const index = PLAN_HEADER.fields.find(({ name }) => name === field)?.offset ?? 0;
    if (reason !== undefined) return { place: 'header', index, reason };
  }
  return undefined;
}

const unusedWithoutLandlock = (header: HeaderRecord, value: bigint): Reason =>
  header.landlockAbi === 0 && value !== 0n ? 'field_not_used' : undefined;

const HEADER_CHECKS: readonly (readonly [keyof HeaderRecord, (header: HeaderRecord) => Reason])[] = [
  ['policyName', ({ policyName }) => checkText(policyName)],
  ['hostname', ({ hostname }) => checkHostname(hostname)],
  [
    'namespaces',
    ({ namespaces }) => (namespaces.length === Object.keys(NAMESPACE).length ? undefined : 'namespace_missing'),
  ],
  ['capabilities', ({ capabilities }) => (capabilities === 0n ? undefined : 'capability_kept')],
  ['landlockMinimumAbi', (header) => (header.landlockMinimumAbi > header.landlockAbi ? 'out_of_range' : undefined)],
  ['landlockHandledFs', (header) => unusedWithoutLandlock(header, header.landlockHandledFs)],
  ['landlockHandledNet', (header) => unusedWithoutLandlock(header, header.landlockHandledNet)],
  ['landlockScoped', (header) => unusedWithoutLandlock(header, header.landlockScoped)],
  ['jobParentReadOnly', ({ jobParentReadOnly: path }) => (path === '' ? undefined : checkPath(path, false))],
  ['jobParentWritable', ({ jobParentWritable: path }) => (path === '' ? undefined : checkPath(path, false))],
  ['jobParentWritable', checkParentsApart],
  ['workDir', ({ workDir }) => checkPath(workDir, true)],
];

// The two parents carry different Landlock rights, so neither may contain the other.
function checkParentsApart({ jobParentReadOnly: a, jobParentWritable: b }: HeaderRecord): Reason {
  return a !== '' && b !== '' && (liesBeneath(a, b) || liesBeneath(b, a)) ? 'parent_overlap' : undefined;
}

interface MountShape {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly source: 'path' | 'text' | 'none';
  readonly size: boolean;
  readonly mode: boolean;
}

// nosuid always; nodev always but for the devices, which it would make useless.
const MOUNT_SHAPES: Readonly<Record<MountOperation['kind'], MountShape>> = {
  bind: {
    required: ['nosuid', 'nodev'],
    optional: ['read_only', 'noexec', 'recursive', 'file'],
    source: 'path',
    size: false,
    mode: false,
  },
  tmpfs: { required: ['nosuid', 'nodev'], optional: ['read_only', 'noexec'], source: 'none', size: true, mode: true },
  proc: { required: ['nosuid', 'nodev'], optional: ['read_only', 'noexec'], source: 'none', size: false, mode: false },
  device: { required: ['nosuid'], optional: ['read_only', 'noexec', 'file'], source: 'path', size: false, mode: false },
  symlink: { required: [], optional: [], source: 'text', size: false, mode: false },
  directory: { required: [], optional: [], source: 'none', size: false, mode: true },
};

function checkMount(mount: MountOperation): Reason {
  const shape = MOUNT_SHAPES[mount.kind];
  if (!shape.required.every((flag) => (mount.flags as readonly string[]).includes(flag))) return 'missing_flag';
  if (!mount.flags.every((flag) => shape.required.includes(flag) || shape.optional.includes(flag)))
    return 'unknown_flag';
  return checkSource(mount.source, shape) ?? checkPath(mount.target, false) ?? checkMountNumbers(mount, shape);
}

function checkSource(source: string, shape: MountShape): Reason {
  if (shape.source === 'path') return checkPath(source, true);
  if (shape.source === 'text') return checkText(source);
  return source === '' ? undefined : 'field_not_used';
}

function checkMountNumbers({ size, inodes, mode }: MountOperation, shape: MountShape): Reason {
  // A tmpfs is always bounded in both: inodes are kernel memory that `size` does not count.
  if (shape.size && (size === 0n || inodes === 0n)) return 'out_of_range';
  if (!shape.size && (size !== 0n || inodes !== 0n)) return 'field_not_used';
  return !shape.mode && mode !== 0 ? 'field_not_used' : undefined;
}

function checkJobMount({ target, name, flags, createMode }: JobMountRecord, header: HeaderRecord): Reason {
  const parent = flags.includes('writable') ? header.jobParentWritable : header.jobParentReadOnly;
  const reason = checkPath(target, false) ?? checkComponent(name);
  if (reason !== undefined) return reason;
  if (parent === '') return 'parent_missing';
  if (byteLength(target) > JOB_PATH_MAX || byteLength(`${parent}/${name}`) > JOB_PATH_MAX) return 'string_too_long';
  return !flags.includes('create') && createMode !== 0 ? 'field_not_used' : undefined;
}
