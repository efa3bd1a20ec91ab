import { afterAll, beforeAll } from 'vitest';
import type { Account } from '../../harness/account.js';
import type { Connection } from '../../harness/connection.js';
import { type DaemonOptions, TestDaemon } from '../../harness/daemon.js';

/** A daemon and a connection to it, for all tests of a group. The members are there once the tests run. */
export interface Fixture {
  readonly daemon: TestDaemon;
  readonly client: Connection;
}

/** Starts a daemon before the tests of the group and ends it after them. */
export function withDaemon(account: Account, options: DaemonOptions = {}): Fixture {
  let started: { daemon: TestDaemon; client: Connection } | undefined;
  const current = (): { daemon: TestDaemon; client: Connection } => {
    if (started === undefined) throw new Error('the daemon has not started');
    return started;
  };
  beforeAll(async () => {
    const daemon = await TestDaemon.start(account, options);
    started = { daemon, client: await daemon.connect() };
  });
  afterAll(async () => {
    started?.client.close();
    await started?.daemon.stop();
  });
  return {
    get daemon() {
      return current().daemon;
    },
    get client() {
      return current().client;
    },
  };
}
