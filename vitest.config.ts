import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Integration tests run in emulated guests, too: test/harness/slowness.ts.
const slowness = Math.max(1, Number(process.env['LEEWARD_TEST_SLOWNESS'] ?? 1));

/** What is tested here keeps nothing that another test could see: caches, whose entries mean the same whoever made them. */
const STATELESS = ['src/{errors,kernel,plan,policy}/**/*.test.ts', 'test/golden/**/*.test.ts'];

export default defineConfig({
  test: {
    // With the interception on, @oclif/test captures an empty stdout.
    disableConsoleIntercept: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit-stateless',
          include: STATELESS,
          // Loading the language's modules takes longer than most of its tests.
          isolate: false,
          testTimeout: 30_000 * slowness,
          maxWorkers: Math.max(2, availableParallelism()),
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'scripts/**/*.test.mjs',
            'bench/**/*.test.mjs',
            'test/golden/**/*.test.ts',
            'test/conformance/posture/compare/*.test.ts',
            'test/conformance/runner/**/*.test.ts',
          ],
          exclude: STATELESS,
          // Some start processes, and compile policies in them: on a busy machine that takes longer than five seconds.
          testTimeout: 30_000 * slowness,
          // The default is one process less than there are processors, and some files only wait for processes.
          maxWorkers: Math.max(2, availableParallelism()),
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/*.test.ts'],
          globalSetup: ['test/integration/harness/global-setup.ts'],
          setupFiles: ['test/integration/harness/provide-host.ts'],
          // Sandboxes share the host's cgroup tree and its two or more cores: files run one after the other.
          fileParallelism: false,
          testTimeout: 60_000 * slowness,
          hookTimeout: 120_000 * slowness,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          // What people and programs that use Leeward meet: the command line, the clients, their streams.
          name: 'clients',
          include: ['test/integration/clients/*.test.ts'],
          globalSetup: ['test/integration/harness/global-setup.ts'],
          setupFiles: ['test/integration/harness/provide-host.ts'],
          fileParallelism: false,
          testTimeout: 60_000 * slowness,
          hookTimeout: 120_000 * slowness,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          // What whoever runs a daemon for others has of it: tenants, policies that change, metrics, its audit log, its end.
          name: 'daemon',
          include: ['test/integration/daemon/*.test.ts'],
          globalSetup: ['test/integration/harness/global-setup.ts'],
          setupFiles: ['test/integration/harness/provide-host.ts'],
          fileParallelism: false,
          testTimeout: 60_000 * slowness,
          hookTimeout: 120_000 * slowness,
          sequence: { groupOrder: 4 },
        },
      },
      {
        extends: true,
        test: {
          name: 'posture',
          include: ['test/conformance/posture/*.test.ts'],
          globalSetup: ['test/integration/harness/global-setup.ts'],
          setupFiles: ['test/integration/harness/provide-host.ts'],
          fileParallelism: false,
          testTimeout: 60_000 * slowness,
          hookTimeout: 120_000 * slowness,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
