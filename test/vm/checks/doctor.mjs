#!/usr/bin/env node
// `leeward doctor` on this kernel: all layers are tried, and each answer is what is known of the kernel.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check, finish } from './check.mjs';

const program = fileURLToPath(new URL('../../../bin/leeward', import.meta.url));
const hasLandlock = Number(process.env['LEEWARD_TEST_KERNEL_ABI']) > 0;

/** @returns its findings, by what was looked at */
function doctor() {
  const place = mkdtempSync(join(tmpdir(), 'leeward-check-'));
  // Its own temporary folder, too: mounts can be id-mapped there, unlike on the overlay that a guest has as its root.
  const env = {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: place,
    LEEWARD_STATE_DIR: join(place, 'state'),
    TMPDIR: tmpdir(),
  };
  const { stdout, stderr } = spawnSync(process.execPath, [program, 'doctor', '--json'], { env, encoding: 'utf8' });
  assert(stdout !== '', stderr);
  return new Map(JSON.parse(stdout).findings.map((finding) => [finding.check, finding]));
}

await check('root: doctor tries every layer, and finds what the kernel has', () => {
  const findings = doctor();
  const trials = [...findings.values()].filter(({ check: name }) => name.startsWith('try '));
  assert(trials.length > 10, `${trials.length} layers were tried`);
  const bad = trials.filter(({ status }) => status !== 'ok').map(({ check: name }) => name);
  assert.deepEqual(bad, hasLandlock ? [] : ['try landlock']);
  assert.match(findings.get('try cgroup').message, /^v2 memory \d+ pids \d+ cpu /);
  assert.match(findings.get('job python').message, hasLandlock ? /^ran with .* cgroup v2/ : /LW-F204/);
});

finish();
