import { asLeewardError } from '../../errors/leeward-error.js';
import type { AdministrativeRequest } from '../../protocol/request.js';
import type { KeptLines } from '../log/kept-lines.js';
import type { RefusalLog } from '../log/refusal-log.js';
import type { Generations } from '../policies/generations/generations.js';
import type { AdministrativeAnswer } from '../server/answer.js';
import type { Peer } from '../server/handler.js';
import type { Tenant } from '../tenants/tenant.js';
import { type Asker, requireOperator } from './asker.js';
import { JobAdministration, type JobAdministrationOptions } from './jobs.js';
import { readLog } from './log.js';
import { PolicyChanges, type PolicyChangesOptions } from './policy-changes.js';
import { policyHistory } from './policy-history.js';
import { WorkerAdministration, type WorkerListOptions } from './workers.js';

export interface AdministrationOptions
  extends JobAdministrationOptions,
    WorkerListOptions,
    Pick<PolicyChangesOptions, 'changer' | 'auditLog'> {
  readonly generations: Generations;
  /** Of the daemon's log. */
  readonly lines: KeptLines;
  readonly refusals: RefusalLog;
  /** @throws LeewardError LW_REQUEST_NO_TENANT */
  readonly tenantOf: (peer: Peer) => Tenant;
}

/** Carries out what is asked of the daemon as a whole. */
export class Administration {
  readonly #options: AdministrationOptions;
  readonly #jobs: JobAdministration;
  readonly #workers: WorkerAdministration;
  readonly #policies: PolicyChanges;

  constructor(options: AdministrationOptions) {
    this.#options = options;
    this.#jobs = new JobAdministration(options);
    this.#workers = new WorkerAdministration(options);
    const { changer, auditLog, generations } = options;
    this.#policies = new PolicyChanges({ changer, auditLog, serving: () => generations.current.number });
  }

  /** @throws LeewardError why it is refused */
  async answer(request: AdministrativeRequest, peer: Peer): Promise<AdministrativeAnswer> {
    const { type, id = null } = request;
    try {
      const asker = { peer, tenant: this.#options.tenantOf(peer) };
      return { type, id, success: true, result: await this.#result(request, asker) };
    } catch (thrown) {
      const { log, refusals } = this.#options;
      const error = asLeewardError(thrown);
      if (error.code === 'LW_INTERNAL') log.error({ err: error.cause ?? error, uid: peer.uid, type }, error.message);
      else refusals.tell('request refused', { peer, type, error: error.code });
      throw error;
    }
  }

  #result(request: AdministrativeRequest, asker: Asker): object | Promise<object> {
    switch (request.type) {
      case 'JobList':
        return this.#jobs.list(asker);
      case 'JobKill':
        return this.#jobs.kill(request, asker);
      case 'WorkerList':
        return this.#workers.list(asker);
      case 'LogRead':
        requireOperator(asker);
        return readLog(this.#options.lines, request);
      case 'PolicyHistory':
        requireOperator(asker);
        return policyHistory(this.#options.generations, request);
      case 'PolicyApply':
        return this.#policies.apply(request, asker);
      case 'PolicyRollback':
        return this.#policies.rollBack(request, asker);
      case 'PolicyPin':
        return this.#policies.pin(request, asker);
      case 'PolicyUnpin':
        return this.#policies.unpin(asker);
    }
  }
}
