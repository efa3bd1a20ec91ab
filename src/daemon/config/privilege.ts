import { readFileSync } from 'node:fs';
import type { Identity } from '../runtime/run-tool.js';
import { BUILDER_ID } from './host-ids.js';

// linux/capability.h
const CAP_SETGID = 6n;
const CAP_SETUID = 7n;

/** With which ids jobs and tools run. */
export interface HostIdentities {
  /** Ids like those of jobs; undefined when jobs run as this process's own user. */
  readonly jobs: Identity | undefined;
  /** Ids that tools of this process are started with; undefined: its own. */
  readonly tools: Identity | undefined;
}

/**
 * Ids for jobs and tools. A daemon that a keeper has started has no capability: its tools keep its ids.
 *
 * @param service whether the supervisor is a root service, whose jobs have ids of their own
 */
export function hostIdentities(service: boolean): HostIdentities {
  if (!service) return { jobs: undefined, tools: undefined };
  const ids = { uid: BUILDER_ID, gid: BUILDER_ID };
  return { jobs: ids, tools: maySetIds() ? ids : undefined };
}

function maySetIds(): boolean {
  const status = readFileSync('/proc/self/status', 'utf8');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return [CAP_SETUID, CAP_SETGID].every((bit) => ((effective >> bit) & 1n) === 1n);
}
