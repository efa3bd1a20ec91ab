import { daemonPaths, processFacts } from '../../daemon/index.js';
import { pathOptions } from '../flags.js';

/** Where this host's audit log is, or that of the state directory that is named. */
export function auditLogFolder(flags: { readonly 'state-dir'?: string | undefined }): string {
  return daemonPaths(pathOptions(flags), processFacts()).auditLog;
}
