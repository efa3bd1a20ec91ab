import type { ErrorBody } from '../../../errors/leeward-error.js';
import type { CheckedTenant } from '../../../policy/types.js';

/** A policy file as a list shows it, without what it compiles to. */
export interface SurveyedPolicy {
  readonly name: string;
  readonly file: string;
  readonly description: string;
  /** Name of its runtime; empty where none is named. */
  readonly runtime: string;
  /** False for a file that is only there to be extended. */
  readonly isPolicy: boolean;
  /** Why it cannot be used, or null. */
  readonly error: ErrorBody | null;
  /** sha256, hex, over all that it is made of: its text, those that it extends, and its runtime. The same exactly when they are. */
  readonly content: string;
}

/** What is in the policy folders: plain data, which a thread can make. */
export interface Survey {
  /** Every policy file by name, also those with errors. */
  readonly policies: readonly SurveyedPolicy[];
  readonly tenants: readonly CheckedTenant[];
  /** Why the tenants cannot be served; there are none then. */
  readonly tenantsError: ErrorBody | null;
}
