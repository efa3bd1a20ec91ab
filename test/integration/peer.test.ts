import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownEnvelope } from '../../src/native/envelope.js';
import type { JobEnd } from '../../src/native/job.js';
import type { PoolHandle } from '../../src/native/pool.js';
import type { Supervisor } from '../../src/native/supervisor.js';
import { isRoot, root } from '../harness/account.js';
import { testHost } from '../harness/host.js';
import { type Owner, Place } from '../harness/place.js';
import { testSupervisorConfig } from '../native/supervisor-config.js';

type SupervisorModule = typeof import('../../src/native/supervisor.js');
type LibraryModule = typeof import('../../src/daemon/policies/open-library.js');
type PayloadModule = typeof import('../../src/daemon/jobs/payload.js');

const PEER: Owner = { uid: 12_345, gid: 12_346 };
const STRANGER: Owner = { uid: 12_399, gid: 12_399 };

/**
 * A root service's supervisor, without the daemon in front of it: which other users a daemon serves is for tenants to say,
 * what a peer may do with its files is for the supervisor to enforce.
 */
describe.skipIf(!isRoot)('jobs on behalf of another user (needs root)', () => {
  let place: Place;
  let supervisor: Supervisor;
  let pool: PoolHandle;
  let encodePayload: PayloadModule['encodePayload'];

  beforeAll(async () => {
    place = new Place(root);
    place.directory('workspace', 0o700);
    place.directory('jobs/one', 0o755);
    place.directory('jobs/one/input', 0o700, PEER);
    place.directory('jobs/one/output', 0o700, PEER);
    const dist = join(testHost().installation.root, 'dist');
    const native = (await import(join(dist, 'native/supervisor.js'))) as SupervisorModule;
    const { openLibrary } = (await import(join(dist, 'daemon/policies/open-library.js'))) as LibraryModule;
    ({ encodePayload } = (await import(join(dist, 'daemon/jobs/payload.js'))) as PayloadModule);
    const { compiled } = await openLibrary({ stateDirectory: place.state }).compile('python');
    const config = testSupervisorConfig({
      cgroupName: `leeward-test-peer-${process.pid}`,
      workspace: join(place.root, 'workspace'),
    });
    const own = ownEnvelope(config);
    if (own === undefined) throw new Error('not root');
    const envelope = { ...own, peers: [{ who: 'uid' as const, hostId: PEER.uid }] };
    supervisor = await native.Supervisor.start({ config, envelope });
    pool = await supervisor.openPool(compiled.plan, { standby: 1, max: 4, tenant: 1 });
  });
  afterAll(() => supervisor?.close());

  /** Runs code for the peer, with `input` beneath the job's directory as /input. */
  async function run(code: string, input = 'input'): Promise<JobEnd & { output: string }> {
    const chunks: Uint8Array[] = [];
    const mount = { root: join(place.jobs, 'one'), createMode: 0 };
    const job = supervisor.run(
      {
        poolId: pool.id,
        memoryMax: 1n << 30n,
        timeoutMs: 20_000n,
        peer: { ...PEER, groups: [] },
        mounts: [
          { ...mount, path: input, target: '/input', flags: ['noexec'] },
          { ...mount, path: 'output', target: '/output', flags: ['writable', 'noexec'] },
        ],
        payload: encodePayload({ code, filename: '<job>', argv: [], env: {} }),
        stdin: null,
      },
      { onOutput: (_, data) => void chunks.push(data) },
    );
    return { ...(await job.ended), output: Buffer.concat(chunks).toString() };
  }

  it('its 0600 input can be read, though the job’s uid is another', async () => {
    place.file('jobs/one/input/own', 'mine', 0o600, PEER);
    const end = await run('import os; print(open("/input/own").read(), os.stat("/input/own").st_uid)');
    expect(end).toMatchObject({ status: 'ok', output: 'mine 0\n' });
    expect(end.receipt?.outsideUid).not.toBe(PEER.uid);
    expect(end.receipt?.receiptFlags).toContain('id_mapped_mounts');
  });

  it('its 0700 output can be written, and what is made there belongs to it', async () => {
    const code = 'import os; os.mkdir("/output/d"); open("/output/d/f", "w").write("x")';
    expect(await run(code)).toMatchObject({ status: 'ok' });
    for (const name of ['d', 'd/f']) {
      expect(statSync(join(place.jobs, 'one/output', name))).toMatchObject(PEER);
    }
  });

  it.each([
    ['another user', 'strange', STRANGER],
    ['root', 'roots', root],
  ])('a 0600 file of %s cannot be read, whatever is tried', async (_, name, owner) => {
    for (const folder of ['input', 'output']) place.file(`jobs/one/${folder}/${name}`, 'secret', 0o600, owner);
    const code = `
import os
def attempt(what):
    try: print("done", what())
    except OSError as error: print(type(error).__name__)
for path in "/input/${name}", "/output/${name}":
    attempt(lambda: open(path).read())
    attempt(lambda: open(path, "a"))
    attempt(lambda: os.chmod(path, 0o666))
`;
    const { output, status } = await run(code);
    expect(status).toBe('ok');
    expect(output.trim().split('\n')).toHaveLength(6);
    expect(output).not.toContain('done');
    const file = join(place.jobs, 'one/output', name);
    expect(readFileSync(file, 'utf8')).toBe('secret');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('a file of its group can be read as its group may', async () => {
    place.file('jobs/one/input/group', 'ours', 0o640, { uid: STRANGER.uid, gid: PEER.gid });
    expect(await run('print(open("/input/group").read())')).toMatchObject({ output: 'ours\n' });
  });

  it('a directory that is closed to it is not opened for it by root', async () => {
    place.directory('jobs/one/closed', 0o700, STRANGER);
    place.directory('jobs/one/closed/input', 0o755, PEER);
    expect(await run('print("must not run")', 'closed/input')).toMatchObject({
      status: 'sandbox_error',
      started: false,
      output: '',
      failure: { stage: 'open_source', errnoName: 'EACCES' },
    });
  });
});
