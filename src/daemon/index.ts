/** The daemon's one public entry: the class, and what the command line needs without a running one. */
export { type KernelProbe, kernelProbe } from '../native/kernel-probe.js';
export { loadAddon, nativeFile } from '../native/load.js';
export { type AuditLogSettings, DEFAULT_AUDIT_LOG } from './audit-log/settings.js';
export { hostIdsOf } from './config/host-ids.js';
export { type DaemonOptions, DEFAULT_POLICY } from './config/options.js';
export { type DaemonPaths, daemonPaths, processFacts } from './config/paths.js';
export { type SlotIds, slotIdsOf, subordinateIdFacts } from './config/subordinate-ids.js';
export { Daemon, type ExecuteOptions } from './daemon.js';
export type { LibraryPolicy } from './policies/compiling/compiler.js';
export type { PolicyListing, RuntimeListing } from './policies/library.js';
export { Library } from './policies/library.js';
export { openLibrary } from './policies/open-library.js';
export { type RunOptions, runDaemon } from './run.js';
export type { BuildPhase, BuildProgress } from './runtime/build.js';
export type { BuildOptions, RuntimeState } from './runtime/store.js';
export type { OutputListener, Peer } from './server/handler.js';
export type { ListenTarget } from './server/server.js';
