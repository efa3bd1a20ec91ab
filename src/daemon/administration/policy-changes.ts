import type { PoliciesChangedEvent } from '../../audit-log/records.gen.js';
import { asLeewardError, LeewardError } from '../../errors/leeward-error.js';
import type {
  PolicyApplyRequest,
  PolicyChangeResult,
  PolicyPinRequest,
  PolicyPinResult,
  PolicyRollbackRequest,
} from '../../protocol/messages.gen.js';
import type { AuditLog } from '../audit-log/audit-log.js';
import { userName } from '../config/user-name.js';
import type { Author } from '../policies/history/record.js';
import type { ChangeOptions, ChangeOutcome, PolicyChanger } from '../policies/store/changer.js';
import type { Peer } from '../server/handler.js';
import { changeResult } from './change-result.js';

export interface PolicyChangesOptions {
  /** Undefined where nobody keeps what was served before. */
  readonly changer: PolicyChanger | undefined;
  readonly auditLog: AuditLog | undefined;
  /** Number of the generation that serves. */
  readonly serving: () => number;
}

type ChangeRequest = PolicyApplyRequest | PolicyRollbackRequest;
type Act = PoliciesChangedEvent['act'];
/** What the account of an act needs of a request. */
type Asked = Partial<Pick<ChangeRequest, 'dry_run' | 'running' | 'message'>>;

/** What operators ask of policies, with an account of each act. */
export class PolicyChanges {
  readonly #options: PolicyChangesOptions;

  constructor(options: PolicyChangesOptions) {
    this.#options = options;
  }

  /** @throws LeewardError as `PolicyChanger.apply` */
  async apply(request: PolicyApplyRequest, peer: Peer): Promise<PolicyChangeResult> {
    const { files, prune = false } = request;
    const set = { files: new Map(Object.entries(files)), prune };
    return await this.#change('apply', request, peer, (changer, options) => changer.apply(set, options));
  }

  /** @throws LeewardError as `PolicyChanger.rollBack` */
  async rollBack(request: PolicyRollbackRequest, peer: Peer): Promise<PolicyChangeResult> {
    const { generation } = request;
    return await this.#change('rollback', request, peer, (changer, options) => changer.rollBack(generation, options));
  }

  /** @throws LeewardError LW_POLICY_HISTORY, and what is wrong with the generation now */
  async pin({ generation, message }: PolicyPinRequest, peer: Peer): Promise<PolicyPinResult> {
    const asked = message === undefined ? {} : { message };
    const origin = { author: authorOf(peer), message: message ?? null };
    return await this.#recorded('pin', asked, peer, (changer) => changer.pin(generation, origin));
  }

  /** @throws LeewardError LW_POLICY_HISTORY */
  async unpin(peer: Peer): Promise<PolicyPinResult> {
    return await this.#recorded('unpin', {}, peer, (changer) => changer.unpin());
  }

  async #change(
    act: 'apply' | 'rollback',
    request: ChangeRequest,
    peer: Peer,
    make: (changer: PolicyChanger, options: ChangeOptions) => Promise<ChangeOutcome>,
  ): Promise<PolicyChangeResult> {
    return changeResult(
      await this.#recorded(act, request, peer, (changer) => make(changer, optionsOf(act, request, peer))),
    );
  }

  /** Does it, and keeps account of it. */
  async #recorded<Outcome extends { readonly base: number; readonly generation: number | undefined }>(
    act: Act,
    request: Asked,
    peer: Peer,
    make: (changer: PolicyChanger) => Promise<Outcome>,
  ): Promise<Outcome> {
    const { changer, serving } = this.#options;
    if (changer === undefined) throw new LeewardError('LW_POLICY_HISTORY', 'this daemon keeps no history of policies');
    const base = serving();
    try {
      const outcome = await make(changer);
      this.#record(act, request, peer, outcome.base, outcome.generation);
      return outcome;
    } catch (thrown) {
      const error = asLeewardError(thrown);
      this.#record(act, request, peer, base, undefined, error);
      throw error;
    }
  }

  #record(
    act: Act,
    { dry_run, running, message }: Asked,
    { uid, gid }: Peer,
    base: number,
    generation: number | undefined,
    error?: LeewardError,
  ): void {
    if (dry_run === true) return;
    this.#options.auditLog?.policiesChanged({
      ...{ peer: { uid, gid }, act, base },
      running: running ?? null,
      message: message ?? null,
      generation: generation ?? null,
      error: error?.code ?? null,
    });
  }
}

function optionsOf(act: 'apply' | 'rollback', request: ChangeRequest, peer: Peer): ChangeOptions {
  const { dry_run: dryRun = false, expect_generation: expect, running, message = null } = request;
  return { dryRun, expect, running, origin: { act, author: authorOf(peer), message } };
}

function authorOf({ uid }: Peer): Author {
  const name = userName(uid);
  return { uid, ...(name === undefined ? {} : { name }) };
}
