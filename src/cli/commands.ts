import AuditQuery from './commands/audit/query.js';
import AuditTail from './commands/audit/tail.js';
import AuditVerify from './commands/audit/verify.js';
import DaemonCommand from './commands/daemon.js';
import Doctor from './commands/doctor.js';
import Exec from './commands/exec.js';
import Kill from './commands/kill.js';
import Logs from './commands/logs.js';
import PolicyApply from './commands/policy/apply.js';
import PolicyCompile from './commands/policy/compile.js';
import PolicyDiff from './commands/policy/diff.js';
import PolicyHistory from './commands/policy/history.js';
import PolicyImport from './commands/policy/import.js';
import PolicyLint from './commands/policy/lint.js';
import PolicyList from './commands/policy/list.js';
import PolicyNew from './commands/policy/new.js';
import PolicyPin from './commands/policy/pin.js';
import PolicyProbe from './commands/policy/probe.js';
import PolicyProve from './commands/policy/prove.js';
import PolicyRollback from './commands/policy/rollback.js';
import PolicySchema from './commands/policy/schema.js';
import PolicyShow from './commands/policy/show.js';
import PolicyTest from './commands/policy/test.js';
import PolicyUnpin from './commands/policy/unpin.js';
import Ps from './commands/ps.js';
import RuntimeBuild from './commands/runtime/build.js';
import RuntimeList from './commands/runtime/list.js';
import Status from './commands/status.js';
import Top from './commands/top.js';

/** Every command by its id, words joined with `:`. What a command needs beside its flags, it loads when it runs. */
export const COMMANDS = {
  'audit:query': AuditQuery,
  'audit:tail': AuditTail,
  'audit:verify': AuditVerify,
  daemon: DaemonCommand,
  doctor: Doctor,
  exec: Exec,
  kill: Kill,
  'policy:apply': PolicyApply,
  logs: Logs,
  'policy:compile': PolicyCompile,
  'policy:diff': PolicyDiff,
  'policy:history': PolicyHistory,
  'policy:import': PolicyImport,
  'policy:lint': PolicyLint,
  'policy:list': PolicyList,
  'policy:new': PolicyNew,
  'policy:pin': PolicyPin,
  'policy:probe': PolicyProbe,
  'policy:prove': PolicyProve,
  'policy:rollback': PolicyRollback,
  'policy:schema': PolicySchema,
  'policy:show': PolicyShow,
  'policy:test': PolicyTest,
  ps: Ps,
  'policy:unpin': PolicyUnpin,
  'runtime:build': RuntimeBuild,
  'runtime:list': RuntimeList,
  status: Status,
  top: Top,
};
