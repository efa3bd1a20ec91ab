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
import { type Asker, requireOperator } from './asker.js';
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

/** What operators ask of policies, with an account of each act and of those that others try. */
export class PolicyChanges {
  readonly #options: PolicyChangesOptions;

  constructor(options: PolicyChangesOptions) {
    this.#options = options;
  }

  /** @throws LeewardError as `PolicyChanger.apply` */
  async apply(request: PolicyApplyRequest, asker: Asker): Promise<PolicyChangeResult> {
    const { files, prune = false } = request;
    const set = { files: new Map(Object.entries(files)), prune };
    return await this.#change('apply', request, asker, (changer, options) => changer.apply(set, options));
  }

  /** @throws LeewardError as `PolicyChanger.rollBack` */
  async rollBack(request: PolicyRollbackRequest, asker: Asker): Promise<PolicyChangeResult> {
    const { generation } = request;
    return await this.#change('rollback', request, asker, (changer, options) => changer.rollBack(generation, options));
  }

  /** @throws LeewardError LW_POLICY_HISTORY, and what is wrong with the generation now */
  async pin({ generation, message }: PolicyPinRequest, asker: Asker): Promise<PolicyPinResult> {
    const asked = message === undefined ? {} : { message };
    const origin = { author: authorOf(asker.peer), message: message ?? null };
    return await this.#recorded('pin', asked, asker, (changer) => changer.pin(generation, origin));
  }

  /** @throws LeewardError LW_POLICY_HISTORY */
  async unpin(asker: Asker): Promise<PolicyPinResult> {
    return await this.#recorded('unpin', {}, asker, (changer) => changer.unpin());
  }

  async #change(
    act: 'apply' | 'rollback',
    request: ChangeRequest,
    asker: Asker,
    make: (changer: PolicyChanger, options: ChangeOptions) => Promise<ChangeOutcome>,
  ): Promise<PolicyChangeResult> {
    return changeResult(
      await this.#recorded(act, request, asker, (changer) => make(changer, optionsOf(act, request, asker.peer))),
    );
  }

  /** Does it, and keeps account of it. */
  async #recorded<Outcome extends { readonly base: number; readonly generation: number | undefined }>(
    act: Act,
    asked: Asked,
    asker: Asker,
    make: (changer: PolicyChanger) => Promise<Outcome>,
  ): Promise<Outcome> {
    const base = this.#options.serving();
    try {
      requireOperator(asker);
      const outcome = await make(this.#changer(asked));
      this.#record(act, asked, asker, outcome.base, outcome.generation);
      return outcome;
    } catch (thrown) {
      this.#record(act, asked, asker, base, undefined, asLeewardError(thrown));
      throw thrown;
    }
  }

  /** @throws LeewardError LW_POLICY_HISTORY; LW_DAEMON_AUDIT_LOG where an act could not be accounted for */
  #changer({ dry_run }: Asked): PolicyChanger {
    const { changer, auditLog } = this.#options;
    if (changer === undefined) throw new LeewardError('LW_POLICY_HISTORY', 'this daemon keeps no history of policies');
    if (dry_run !== true) auditLog?.check();
    return changer;
  }

  #record(
    act: Act,
    { dry_run, running, message }: Asked,
    { peer: { uid, gid }, tenant }: Asker,
    base: number,
    generation: number | undefined,
    error?: LeewardError,
  ): void {
    if (dry_run === true) return;
    const changed = {
      ...{ peer: { uid, gid }, act, base },
      running: running ?? null,
      message: message ?? null,
      generation: generation ?? null,
      error: error?.code ?? null,
    };
    this.#options.auditLog?.policiesChanged(changed, tenant.isOperator);
  }
}

function optionsOf(act: 'apply' | 'rollback', request: ChangeRequest, peer: Peer): ChangeOptions {
  const { dry_run: dryRun = false, expect_generation: expect, running, message = null } = request;
  const expectDigest = 'expect_digest' in request ? request.expect_digest?.slice('sha256:'.length) : undefined;
  return { dryRun, expect, expectDigest, running, origin: { act, author: authorOf(peer), message } };
}

function authorOf({ uid }: Peer): Author {
  const name = userName(uid);
  return { uid, ...(name === undefined ? {} : { name }) };
}
