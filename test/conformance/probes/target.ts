/** What probes of the daemon try: the daemon of the run, or the one of their controls. */
import type { Connection } from '../../harness/connection.js';
import type { TestDaemon } from '../../harness/daemon.js';

export interface Target {
  readonly socket: string;
  /** Host pid of the process that serves. */
  readonly pid: number;
  /** Folder of its policies. */
  readonly policies: string;
  /** User id of that process. */
  readonly uid: number;
  /** The daemon that is tried; undefined in a control. */
  readonly daemon: TestDaemon | undefined;
  /** What it has logged. */
  readonly log: string;
  /** As root, whom every daemon serves. */
  connect(): Promise<Connection>;
}

/** Whether it answers a ping of a new client: whoever comes now is heard after all who came before. */
export async function answers(target: Target): Promise<boolean> {
  const connection = await target.connect();
  try {
    return (await connection.ask({ type: 'Ping' })).success;
  } finally {
    connection.close();
  }
}
