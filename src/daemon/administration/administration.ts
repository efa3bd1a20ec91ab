import { LeewardError } from '../../errors/leeward-error.js';
import type { AdministrativeRequest } from '../../protocol/request.js';
import type { Generations } from '../policies/generations/generations.js';
import type { Answer } from '../server/answer.js';
import type { Peer } from '../server/handler.js';
import type { Tenant } from '../tenants/tenant.js';
import { policyHistory } from './policy-history.js';

export interface AdministrationOptions {
  readonly generations: Generations;
  /** @throws LeewardError LW_REQUEST_NO_TENANT */
  readonly tenantOf: (peer: Peer) => Tenant;
}

/** Carries out what is asked of the daemon as a whole. */
export class Administration {
  readonly #options: AdministrationOptions;

  constructor(options: AdministrationOptions) {
    this.#options = options;
  }

  /** @throws LeewardError why it is not done */
  async answer(request: AdministrativeRequest, peer: Peer): Promise<Answer> {
    const { generations, tenantOf } = this.#options;
    requireOperator(tenantOf(peer), peer);
    const result = policyHistory(generations, request);
    return { type: request.type, id: request.id ?? null, success: true, result } as Answer;
  }
}

function requireOperator({ name, isOperator }: Tenant, { uid }: Peer): void {
  if (isOperator) return;
  throw new LeewardError('LW_REQUEST_NOT_OPERATOR', `user ${uid} is of tenant ${name}, and no operator of this daemon`);
}
