import type { CheckedTenant } from '../../../policy/types.js';
import type { FrozenFolders } from '../frozen-folders.js';
import type { Library } from '../library.js';
import type { PolicyStore } from '../policy-store.js';
import type { Survey } from '../survey/survey.js';

/** One set of policies, runtimes and tenants, as the folders had it at one time. Never changed, only followed by the next one. */
export interface Generation {
  /** From 1 on; it goes on after a restart of the daemon, and with it when nothing has changed. */
  readonly number: number;
  readonly loadedAt: Date;
  readonly folders: FrozenFolders;
  readonly library: Library;
  readonly policies: PolicyStore;
  readonly tenants: readonly CheckedTenant[];
  /** What is in the folders, found out when it is asked for first. */
  readonly survey: () => Promise<Survey>;
}
