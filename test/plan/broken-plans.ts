import type { Plan } from '../../src/plan/plan.js';
import { samplePlan } from './sample-plan.js';

type Patch = Partial<Plan>;

const mountAt = (index: number, patch: Partial<Plan['mounts'][number]>): Patch => ({
  mounts: samplePlan.mounts.map((mount, i) => (i === index ? { ...mount, ...patch } : mount)),
});
const jobMountAt = (index: number, patch: Partial<Plan['jobMounts'][number]>): Patch => ({
  jobMounts: samplePlan.jobMounts.map((mount, i) => (i === index ? { ...mount, ...patch } : mount)),
});
const landlock = (patch: Partial<Plan['landlock']>): Patch => ({ landlock: { ...samplePlan.landlock, ...patch } });

/** For each rule of meaning: what breaks it, and what both languages say then. */
export const BROKEN_PLANS: readonly (readonly [expected: string, patch: Patch])[] = [
  ['plan header policy_name: string_empty', { policyName: '' }],
  ['plan header policy_name: control_character', { policyName: 'a\u001bb' }],
  ['plan header hostname: name_invalid', { hostname: 'a b' }],
  ['plan header hostname: name_invalid', { hostname: 'a'.repeat(65) }],
  ['plan header namespaces: namespace_missing', { namespaces: 0x3e02_0000 }],
  ['plan header capabilities: capability_kept', { capabilities: 1n << 21n }],
  ['plan header landlock_minimum_abi: out_of_range', landlock({ minimumAbi: 7 })],
  ['plan header landlock_handled_fs: field_not_used', landlock({ abi: 0, minimumAbi: 0 })],
  ['plan header landlock_handled_net: field_not_used', landlock({ abi: 0, minimumAbi: 0, handledFs: 0n })],
  ['plan header landlock_scoped: field_not_used', landlock({ abi: 0, minimumAbi: 0, handledFs: 0n, handledNet: 0n })],
  ['plan header job_parent_read_only: path_is_root', { jobParents: { readOnly: '/', writable: '/mnt/rw' } }],
  ['plan header job_parent_writable: path_not_absolute', { jobParents: { readOnly: '/mnt/ro', writable: 'mnt' } }],
  ['plan header job_parent_writable: parent_overlap', { jobParents: { readOnly: '/mnt', writable: '/mnt/rw' } }],
  ['plan header job_parent_writable: parent_overlap', { jobParents: { readOnly: '/mnt/rw', writable: '/mnt/rw' } }],
  ['plan header work_dir: string_empty', { workDir: '' }],
  ['plan header work_dir: path_not_normalized', { workDir: '/tmp/..' }],
  ['plan filter[0]: empty_section', { filter: [] }],
  [
    'plan filter[14]: bpf_action',
    { filter: [...samplePlan.filter.slice(0, -1), { code: 6, jt: 0, jf: 0, k: 0x7ffc_0000 }] },
  ],
  ['plan notify[1]: duplicate', { notify: [...samplePlan.notify.slice(0, 1), ...samplePlan.notify.slice(0, 1)] }],
  ['plan notify[0]: field_not_used', { notify: [{ nr: 1, action: 'continue', errno: 1 }] }],
  ['plan notify[0]: out_of_range', { notify: [{ nr: 1, action: 'errno', errno: 0 }] }],
  ['plan landlock_rules[0]: path_not_normalized', landlock({ rules: [{ path: '/usr/', access: 1n }] })],
  ['plan landlock_rules[0]: out_of_range', landlock({ rules: [{ path: '/usr', access: 0n }] })],
  ['plan landlock_rules[0]: access_not_handled', landlock({ rules: [{ path: '/usr', access: 0x1_0000n }] })],
  [
    'plan landlock_rules[1]: duplicate',
    landlock({
      rules: [
        { path: '/usr', access: 1n },
        { path: '/usr', access: 2n },
      ],
    }),
  ],
  ['plan mounts[0]: missing_flag', mountAt(0, { flags: ['nodev', 'read_only'] })],
  ['plan mounts[3]: unknown_flag', mountAt(3, { flags: ['nosuid', 'nodev'] })],
  ['plan mounts[1]: unknown_flag', mountAt(1, { flags: ['nosuid'] })],
  ['plan mounts[0]: path_not_absolute', mountAt(0, { source: 'usr' })],
  ['plan mounts[0]: path_not_normalized', mountAt(0, { source: '/usr//lib' })],
  ['plan mounts[0]: path_is_root', mountAt(0, { target: '/' })],
  ['plan mounts[1]: string_empty', mountAt(1, { source: '' })],
  ['plan mounts[2]: field_not_used', mountAt(2, { source: '/proc' })],
  ['plan mounts[2]: field_not_used', mountAt(2, { size: 1n })],
  ['plan mounts[2]: field_not_used', mountAt(2, { mode: 0o755 })],
  ['plan mounts[4]: out_of_range', mountAt(4, { size: 0n })],
  ['plan mounts[4]: out_of_range', mountAt(4, { inodes: 0n })],
  ['plan mounts[6]: duplicate', mountAt(6, { target: '/mnt/ro' })],
  ['plan job_mounts[0]: path_not_normalized', jobMountAt(0, { target: '/./input' })],
  ['plan job_mounts[0]: name_invalid', jobMountAt(0, { name: '..' })],
  ['plan job_mounts[0]: name_invalid', jobMountAt(0, { name: 'a/b' })],
  ['plan job_mounts[0]: string_too_long', jobMountAt(0, { name: 'a'.repeat(248) })],
  ['plan job_mounts[0]: string_too_long', jobMountAt(0, { target: `/${'é'.repeat(128)}` })],
  ['plan job_mounts[1]: duplicate', jobMountAt(1, { target: '/input' })],
  ['plan job_mounts[1]: duplicate', jobMountAt(1, { name: 'input', writable: false })],
  ['plan job_mounts[1]: parent_missing', { jobParents: { readOnly: '/mnt/ro', writable: '' } }],
  ['plan rlimits[0]: out_of_range', { rlimits: [{ resource: 1, soft: 2n, hard: 1n }] }],
  [
    'plan rlimits[1]: duplicate',
    {
      rlimits: [
        { resource: 1, soft: 1n, hard: 1n },
        { resource: 1, soft: 2n, hard: 2n },
      ],
    },
  ],
  ['plan file_systems[1]: duplicate', { fileSystems: [1n, 1n] }],
  ['plan environment[0]: environment_invalid', { environment: ['PATH'] }],
  ['plan environment[0]: environment_invalid', { environment: ['1A=b'] }],
  ['plan environment[0]: environment_invalid', { environment: ['A-B=b'] }],
  ['plan environment[1]: duplicate', { environment: ['A=1', 'A=2'] }],
  ['plan argv[0]: empty_section', { argv: [] }],
  ['plan argv[0]: path_not_absolute', { argv: ['python3'] }],
  ['plan argv[1]: string_empty', { argv: ['/usr/bin/python3', ''] }],
];

/** The sample with one patch. */
export function brokenPlan(patch: Patch): Plan {
  return { ...samplePlan, ...patch };
}
