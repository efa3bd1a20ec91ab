import fc from 'fast-check';
import { NAMESPACE } from '../../src/plan/layout.gen.js';
import type { JobMountPoint, MountOperation, Plan } from '../../src/plan/plan.js';
import { arbitraryFilter } from './arbitrary-filter.js';

const component = fc
  .string({ unit: fc.constantFrom(...'ab./"\\ =-é日🙂'), minLength: 1, maxLength: 8 })
  .map((text) => text.replaceAll('/', '_'))
  .filter((text) => text !== '.' && text !== '..');

/** Absolute, normalized, not the root. */
const arbitraryPath = fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);

const pathOrRoot = fc.oneof({ weight: 9, arbitrary: arbitraryPath }, { weight: 1, arbitrary: fc.constant('/') });
const u64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
const positive = fc.oneof(
  fc.constant(0xffff_ffff_ffff_ffffn),
  u64.map((value) => value || 1n),
);

const mountSource = { source: fc.constant(''), size: fc.constant(0n), inodes: fc.constant(0n), mode: fc.constant(0) };

function mountFlags(always: MountOperation['flags'], sometimes: MountOperation['flags']) {
  return fc.subarray([...sometimes]).map((some) => [...always, ...some]);
}

const mount: fc.Arbitrary<MountOperation> = fc.oneof(
  fc.record({
    ...mountSource,
    kind: fc.constant('bind' as const),
    source: pathOrRoot,
    target: arbitraryPath,
    flags: mountFlags(['nosuid', 'nodev'], ['read_only', 'noexec', 'recursive', 'file']),
  }),
  fc.record({
    kind: fc.constant('tmpfs' as const),
    source: fc.constant(''),
    target: arbitraryPath,
    flags: mountFlags(['nosuid', 'nodev'], ['read_only', 'noexec']),
    size: positive,
    inodes: positive,
    mode: fc.nat(0o1777),
  }),
  fc.record({
    ...mountSource,
    kind: fc.constant('proc' as const),
    target: arbitraryPath,
    flags: mountFlags(['nosuid', 'nodev'], ['read_only', 'noexec']),
  }),
  fc.record({
    ...mountSource,
    kind: fc.constant('device' as const),
    source: arbitraryPath,
    target: arbitraryPath,
    flags: mountFlags(['nosuid'], ['read_only', 'noexec', 'file']),
  }),
  fc.record({
    ...mountSource,
    kind: fc.constant('symlink' as const),
    source: component,
    target: arbitraryPath,
    flags: fc.constant([]),
  }),
  fc.record({
    ...mountSource,
    kind: fc.constant('directory' as const),
    target: arbitraryPath,
    flags: fc.constant([]),
    mode: fc.nat(0o1777),
  }),
);

const jobMount: fc.Arbitrary<JobMountPoint> = fc.record({
  target: arbitraryPath,
  name: component,
  writable: fc.boolean(),
  noexec: fc.boolean(),
  optional: fc.boolean(),
  createMode: fc.option(fc.nat(0o777)),
});

const notifyAnswer = fc.oneof(
  fc.record({ nr: fc.nat(500), action: fc.constantFrom('continue' as const, 'kill' as const), errno: fc.constant(0) }),
  fc.record({ nr: fc.nat(500), action: fc.constant('errno' as const), errno: fc.integer({ min: 1, max: 4095 }) }),
);

const landlock: fc.Arbitrary<Plan['landlock']> = fc
  .record({
    abi: fc.integer({ min: 1, max: 9 }),
    minimumAbi: fc.nat(1),
    handledFs: positive,
    handledNet: u64,
    scoped: u64,
    rules: fc.uniqueArray(fc.record({ path: pathOrRoot, access: positive }), {
      selector: ({ path }) => path,
      maxLength: 6,
    }),
  })
  .map((value) => ({
    ...value,
    rules: value.rules
      .map((rule) => ({ ...rule, access: rule.access & value.handledFs }))
      .filter(({ access }) => access !== 0n),
  }));

const noLandlock = fc.constant({ abi: 0, minimumAbi: 0, handledFs: 0n, handledNet: 0n, scoped: 0n, rules: [] });

const unavailable = fc.constantFrom('refuse' as const, 'report' as const);

const limits: fc.Arbitrary<Plan['limits']> = fc.record({
  memoryMax: positive,
  swapMax: u64,
  pidsMax: positive,
  userNamespacesMax: fc.nat(0x7fff_ffff),
  cpuQuotaUs: fc.bigInt({ min: 1000n, max: 0xffff_ffff_ffff_ffffn }),
  cpuPeriodUs: fc.bigInt({ min: 1000n, max: 1_000_000n }),
  cpuTimeUs: positive,
  timeoutMs: positive,
  stdoutMax: u64,
  stderrMax: u64,
  claimsMax: u64,
  unavailableService: unavailable,
  unavailableRootless: unavailable,
});

const variable = fc
  .tuple(
    fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,4}$/),
    fc.string({ maxLength: 8, unit: fc.constantFrom(...'a=1\n\t\x7f~"é🙂') }),
  )
  .map(([name, value]) => `${name}=${value}`);

function nameOf(entry: string): string {
  return entry.slice(0, entry.indexOf('='));
}

const rlimit = fc
  .record({ resource: fc.nat(15), soft: u64, hard: u64 })
  .map((limit) => (limit.soft <= limit.hard ? limit : { ...limit, soft: limit.hard, hard: limit.soft }));

/** Plans that `encodePlan` accepts. */
export const arbitraryPlan: fc.Arbitrary<Plan> = fc.constantFrom('enforce' as const, 'audit' as const).chain((mode) =>
  fc.record({
    digest: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    arch: fc.constantFrom('x86_64' as const, 'arm64' as const),
    mode: fc.constant(mode),
    policyName: component,
    hostname: fc.stringMatching(/^[a-z][a-z0-9.-]{0,20}$/),
    namespaces: fc.constant(Object.values(NAMESPACE).reduce((bits, bit) => bits | bit, 0)),
    insideUid: fc.nat(0xffff_fffe),
    insideGid: fc.nat(0xffff_fffe),
    securebits: fc.nat(255),
    capabilities: fc.constant(0n),
    umask: fc.nat(0o777),
    filter: arbitraryFilter(mode === 'audit'),
    notify: fc.uniqueArray(notifyAnswer, { selector: ({ nr }) => nr, maxLength: 6 }),
    notifyDefaultErrno: fc.integer({ min: 1, max: 4095 }),
    denialBurst: fc.integer({ min: 1, max: 0xffff_ffff }),
    denialPerSecond: fc.integer({ min: 1, max: 0xffff_ffff }),
    landlock: fc.oneof({ weight: 5, arbitrary: landlock }, { weight: 1, arbitrary: noLandlock }),
    root: fc.record({ size: positive, inodes: positive }),
    mounts: fc.uniqueArray(mount, { selector: ({ target }) => target, maxLength: 8 }),
    jobParents: fc.constantFrom({ readOnly: '/mnt/ro', writable: '/mnt/rw' }, { readOnly: '/ro', writable: '/ro2' }),
    jobParentTmpfs: fc.record({ size: positive, inodes: positive, mode: fc.integer({ min: 0, max: 0o777 }) }),
    mountDeadlineMs: fc.bigInt({ min: 1n, max: 3_600_000n }),
    reuseMax: fc.integer({ min: 1, max: 0xffff_ffff }),
    jobMounts: fc.uniqueArray(jobMount, {
      maxLength: 4,
      comparator: (a, b) => a.target === b.target || a.name === b.name,
    }),
    noIdmap: fc.constantFrom('refuse' as const, 'run_as_peer' as const),
    fileSystems: fc.uniqueArray(positive, { maxLength: 4 }),
    rlimits: fc.uniqueArray(rlimit, { selector: ({ resource }) => resource, maxLength: 5 }),
    limits,
    workDir: pathOrRoot,
    environment: fc.uniqueArray(variable, { selector: nameOf, maxLength: 6 }),
    argv: fc.tuple(arbitraryPath, fc.array(component, { maxLength: 3 })).map(([program, rest]) => [program, ...rest]),
  }),
);
