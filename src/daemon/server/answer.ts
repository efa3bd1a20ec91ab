import type { LeewardError } from '../../errors/leeward-error.js';
import type { ErrorResponse } from '../../protocol/messages.gen.js';

/** What a request is answered with. */
export interface Answer {
  readonly type: string;
  readonly id: number | null;
}

/** The answer to a request about the daemon itself that was carried out. */
export interface AdministrativeAnswer extends Answer {
  readonly success: true;
  readonly result: object;
}

/** The answer to a request that is not carried out. */
export function refusal<Type extends string>(type: Type, id: number | null, error: LeewardError) {
  const body: Omit<ErrorResponse, 'type'> = { id, success: false, error: error.toJSON() };
  return { type, ...body };
}
