import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LeewardError } from '../../errors/leeward-error.js';
import { type LaneState, type Release, Scheduler, type Share } from './scheduler.js';

const UNLIMITED = {
  concurrent: Number.POSITIVE_INFINITY,
  queue: Number.POSITIVE_INFINITY,
  weight: 1,
  full: (running: number, waiting: number) => new LeewardError('LW_REQUEST_QUOTA', `${running} and ${waiting}`),
};
const WIDE = { max: 1000, queue: 10_000, full: () => new LeewardError('LW_DAEMON_BUSY', 'lane') };

/** A host with a clock of its own, on which jobs take as long as they say. */
class Host {
  time = 0;
  /** Of jobs that nobody gives up. */
  readonly never = new AbortController().signal;
  readonly places: number;
  /** Whose jobs have begun, one after the other. */
  readonly order: Tenant[] = [];
  readonly scheduler: Scheduler;
  readonly #ends: { readonly at: number; readonly release: Release }[] = [];

  constructor(places: number) {
    setMaxListeners(0, this.never);
    this.places = places;
    this.scheduler = new Scheduler(places, () => this.time);
  }

  tenant(limits: Partial<typeof UNLIMITED> = {}, lane: Partial<typeof WIDE> = {}): Tenant {
    const share = this.scheduler.share({ ...UNLIMITED, ...limits });
    return new Tenant(this, share, share.lane({ ...WIDE, ...lane }));
  }

  begin(release: Release, length: number): void {
    this.#ends.push({ at: this.time + length, release });
    this.#ends.sort((a, b) => a.at - b.at);
  }

  /** Lets jobs begin and end until a time. */
  async runUntil(end: number): Promise<void> {
    await settled();
    for (let next = this.#ends[0]; next !== undefined && next.at <= end; next = this.#ends[0]) {
      this.#ends.shift();
      this.time = next.at;
      next.release();
      await settled();
    }
    this.time = end;
  }
}

/** Promises that are due. */
async function settled(): Promise<void> {
  for (let i = 0; i < 4; i++) await Promise.resolve();
}

class Tenant {
  begun = 0;
  /** Place-milliseconds that its jobs that began will have had. */
  given = 0;
  readonly share: Share;
  readonly #host: Host;
  readonly #lane: LaneState;

  constructor(host: Host, share: Share, lane: LaneState) {
    this.#host = host;
    this.share = share;
    this.#lane = lane;
  }

  ask(jobs: number, length = 10, signal = this.#host.never): Promise<unknown>[] {
    return Array.from({ length: jobs }, () =>
      this.#lane.take(signal).then((release) => {
        this.begun++;
        this.#host.order.push(this);
        this.given += length;
        this.#host.begin(release, length);
      }),
    );
  }
}

describe('whose job runs next', () => {
  it('is nobody’s question while there are places', async () => {
    const host = new Host(4);
    const [a, b] = [host.tenant(), host.tenant()];
    a.ask(3);
    b.ask(1);
    await settled();
    expect([a.begun, b.begun, host.scheduler.running]).toEqual([3, 1, 4]);
  });

  it('is in halves between two who both flood', async () => {
    const host = new Host(8);
    const [a, b] = [host.tenant(), host.tenant()];
    a.ask(1000);
    b.ask(500);
    await host.runUntil(300);
    expect(Math.abs(a.begun - b.begun)).toBeLessThanOrEqual(8);
  });

  it('soon is the one’s who asks for little, beside one who floods', async () => {
    const host = new Host(8);
    const [flood, quiet] = [host.tenant(), host.tenant()];
    flood.ask(1000);
    await host.runUntil(100);
    for (let i = 0; i < 20; i++) {
      quiet.ask(1);
      await host.runUntil(host.time + 10);
      expect(quiet.begun).toBe(i + 1);
    }
  });

  it('goes by weight', async () => {
    const host = new Host(4);
    const [heavy, light] = [host.tenant({ weight: 3 }), host.tenant()];
    heavy.ask(1000);
    light.ask(1000);
    await host.runUntil(1000);
    expect(heavy.begun / light.begun).toBeCloseTo(3, 0);
  });

  it('goes by the time that jobs take, not by their number', async () => {
    const host = new Host(4);
    const [long, short] = [host.tenant(), host.tenant()];
    long.ask(100, 100);
    short.ask(4000, 5);
    await host.runUntil(2000);
    expect(Math.abs(long.given - short.given)).toBeLessThanOrEqual(400);
  });

  it('is not to be had by waiting: what was not used is gone', async () => {
    const host = new Host(4);
    const [busy, idle] = [host.tenant(), host.tenant()];
    busy.ask(2000);
    await host.runUntil(1000);
    idle.ask(2000);
    const before = busy.begun;
    await host.runUntil(2000);
    expect(Math.abs(busy.begun - before - idle.begun)).toBeLessThanOrEqual(8);
  });

  it('is the first come’s, within a tenant', async () => {
    const host = new Host(1);
    const order: number[] = [];
    const share = host.scheduler.share(UNLIMITED);
    const lanes = [share.lane(WIDE), share.lane(WIDE)];
    for (let i = 0; i < 6; i++) {
      void lanes[i % 2]?.take(host.never).then((release) => {
        order.push(i);
        host.begin(release, 1);
      });
    }
    await host.runUntil(10);
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe('what was not used', () => {
  /** Jobs of both from now on, until `end`. */
  async function halves(host: Host, a: Tenant, b: Tenant, end: number): Promise<void> {
    const before = [a.given, b.given];
    a.ask(500);
    b.ask(500);
    await host.runUntil(end);
    const [ofA, ofB] = [a.given - (before[0] ?? 0), b.given - (before[1] ?? 0)];
    expect(Math.abs(ofA - ofB)).toBeLessThanOrEqual(10 * 2 * host.places);
  }

  it('is not saved up by one who always has a job', async () => {
    const host = new Host(8);
    const [trickle, busy] = [host.tenant(), host.tenant()];
    trickle.ask(1, 100);
    busy.ask(8 * 250);
    for (let time = 50; time < 2000; time += 50) {
      await host.runUntil(time);
      trickle.ask(1, 100);
    }
    await host.runUntil(2000);
    await halves(host, trickle, busy, 2500);
  });

  it('is not saved up either while nobody waits', async () => {
    const host = new Host(8);
    const [little, much] = [host.tenant(), host.tenant()];
    little.ask(1, 2000);
    much.ask(7, 2000);
    await host.runUntil(2000);
    await halves(host, little, much, 2500);
  });

  it('for a quota of one’s own is not there when the quota is raised', async () => {
    const host = new Host(8);
    const [bounded, other] = [host.tenant({ concurrent: 1 }), host.tenant()];
    bounded.ask(300);
    other.ask(1800);
    await host.runUntil(2000);
    host.scheduler.allow(bounded.share, UNLIMITED);
    await halves(host, bounded, other, 2500);
  });

  it('for the bound of a pool is not there in another pool', async () => {
    const host = new Host(8);
    const [share, other] = [host.scheduler.share(UNLIMITED), host.tenant()];
    const narrow = new Tenant(host, share, share.lane({ ...WIDE, max: 1 }));
    const wide = new Tenant(host, share, share.lane(WIDE));
    narrow.ask(210);
    other.ask(1800);
    await host.runUntil(2000);
    await halves(host, wide, other, 2500);
  });

  it('by others is nobody’s debt after a minute, whatever somebody took of it while they waited', async () => {
    const host = new Host(8);
    const [hog, other] = [host.tenant(), host.tenant()];
    hog.ask(7, 3_600_000);
    other.ask(1000, 4000);
    await host.runUntil(3_600_000);
    const [given] = hog.ask(1);
    await host.runUntil(3_670_000);
    await expect(given).resolves.toBeUndefined();
  });
});

describe('bounds', () => {
  it('of a tenant leave the places to the others', async () => {
    const host = new Host(8);
    const [bounded, other] = [host.tenant({ concurrent: 2 }), host.tenant()];
    bounded.ask(100);
    await settled();
    expect(bounded.begun).toBe(2);
    other.ask(100);
    await settled();
    expect([bounded.share.running, other.begun]).toEqual([2, 6]);
    await host.runUntil(100);
    expect(bounded.share.running).toBe(2);
  });

  it('of a pool leave the places to the tenant’s other pools', async () => {
    const host = new Host(8);
    const share = host.scheduler.share(UNLIMITED);
    const narrow = new Tenant(host, share, share.lane({ ...WIDE, max: 1 }));
    const wide = new Tenant(host, share, share.lane(WIDE));
    narrow.ask(10);
    wide.ask(3);
    await settled();
    expect([narrow.begun, wide.begun]).toEqual([1, 3]);
  });

  it('of queues are told at once', async () => {
    const host = new Host(1);
    const tenant = host.tenant({ queue: 2 });
    tenant.ask(3);
    await expect(tenant.ask(1)[0]).rejects.toMatchObject({ code: 'LW_REQUEST_QUOTA', message: '1 and 2' });
    const pool = new Host(1).tenant({}, { queue: 0 });
    pool.ask(1);
    await expect(pool.ask(1)[0]).rejects.toMatchObject({ code: 'LW_DAEMON_BUSY' });
  });

  it('that are raised let those run who wait', async () => {
    const host = new Host(8);
    const tenant = host.tenant({ concurrent: 1 });
    tenant.ask(5, 1000);
    await settled();
    host.scheduler.allow(tenant.share, { ...UNLIMITED, concurrent: 3 });
    await settled();
    expect([tenant.begun, tenant.share.waiting]).toEqual([3, 2]);
  });
});

describe('who gives up', () => {
  it('leaves the queue, and nobody waits for him', async () => {
    const host = new Host(1);
    const tenant = host.tenant();
    tenant.ask(1);
    const gone = new AbortController();
    const [given] = tenant.ask(1, 10, gone.signal);
    tenant.ask(1);
    gone.abort(new LeewardError('LW_JOB_CANCELLED', 'gone'));
    await expect(given).rejects.toMatchObject({ code: 'LW_JOB_CANCELLED' });
    expect(tenant.share.waiting).toBe(1);
    await host.runUntil(10);
    expect(tenant.begun).toBe(2);
    await expect(tenant.ask(1, 10, gone.signal)[0]).rejects.toMatchObject({ code: 'LW_JOB_CANCELLED' });
  });

  it('gives a place back once', async () => {
    const host = new Host(1);
    const share = host.scheduler.share(UNLIMITED);
    const release = await share.lane(WIDE).take(host.never);
    release();
    release();
    expect([host.scheduler.running, share.running]).toEqual([0, 0]);
  });
});

/** Of a job, milliseconds. */
const LONGEST = 400;

describe('whatever is asked', () => {
  it('before by others, one who asks for little has one of the next places', async () => {
    const other = fc.record({
      weight: fc.integer({ min: 1, max: 5 }),
      concurrent: fc.integer({ min: 1, max: 12 }),
      raised: fc.boolean(),
    });
    const asking = fc.record({
      tenant: fc.nat(2),
      jobs: fc.integer({ min: 1, max: 60 }),
      length: fc.integer({ min: 1, max: LONGEST }),
      pause: fc.integer({ min: 0, max: 300 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.array(other, { minLength: 3, maxLength: 3 }),
        fc.array(asking, { maxLength: 25 }),
        fc.boolean(),
        async (places, limits, askings, trickles) => {
          const host = new Host(places);
          const others = limits.map(({ concurrent, weight }) => host.tenant({ concurrent, weight }));
          const quiet = host.tenant();
          for (const { tenant, jobs, length, pause } of askings) {
            others[tenant]?.ask(jobs, length);
            // A job now and then, of no length to speak of, that is done before the next one.
            if (trickles && quiet.share.waiting + quiet.share.running === 0) quiet.ask(1, 1);
            await host.runUntil(host.time + pause);
          }
          limits.forEach(({ raised, weight }, index) => {
            if (raised) host.scheduler.allow((others[index] as Tenant).share, { ...UNLIMITED, weight });
          });
          // All who compete have waited for a while, and the quiet one has nothing: what it had waited behind long jobs.
          for (const tenant of others) tenant.ask(60, 20);
          await host.runUntil(host.time + LONGEST * (others.length + 1));
          expect(quiet.share.waiting + quiet.share.running).toBe(0);
          for (const tenant of others) tenant.ask(60, 20);
          await host.runUntil(host.time + 50);
          const before = host.order.length;
          quiet.ask(1);
          await host.runUntil(host.time + 1000);
          const passedBy = host.order.slice(before).indexOf(quiet);
          expect(passedBy).toBeGreaterThanOrEqual(0);
          expect(passedBy).toBeLessThanOrEqual(others.length);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('no bound is passed, nobody is forgotten, and no place stays free while somebody could have it', async () => {
    const asking = fc.record({
      tenant: fc.nat(2),
      jobs: fc.integer({ min: 1, max: 8 }),
      length: fc.integer({ min: 1, max: 30 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.tuple(
          ...[0, 1, 2].map(() =>
            fc.record({
              concurrent: fc.integer({ min: 1, max: 4 }),
              weight: fc.integer({ min: 1, max: 5 }),
              max: fc.integer({ min: 1, max: 4 }),
            }),
          ),
        ),
        fc.array(asking, { maxLength: 12 }),
        async (places, limits, askings) => {
          const host = new Host(places);
          const tenants = limits.map(({ concurrent, weight, max }) => host.tenant({ concurrent, weight }, { max }));
          const asked = [0, 0, 0];
          for (const { tenant, jobs, length } of askings) {
            tenants[tenant]?.ask(jobs, length);
            asked[tenant] = (asked[tenant] ?? 0) + jobs;
            await host.runUntil(host.time + 7);
            expect(host.scheduler.running).toBeLessThanOrEqual(places);
            tenants.forEach(({ share }, index) => {
              const most = Math.min(limits[index]?.concurrent ?? 0, limits[index]?.max ?? 0);
              expect(share.running).toBeLessThanOrEqual(most);
              if (host.scheduler.running < places && share.waiting > 0) expect(share.running).toBe(most);
            });
          }
          await host.runUntil(host.time + 10_000);
          expect(tenants.map(({ begun }) => begun)).toEqual(asked);
        },
      ),
      { numRuns: 100 },
    );
  });
});
