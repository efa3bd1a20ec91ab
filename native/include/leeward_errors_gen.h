/* Generated from schemas/errors.json by scripts/gen/errors.mjs. Do not edit: run `npm run gen`. */
#ifndef LEEWARD_ERRORS_GEN_H
#define LEEWARD_ERRORS_GEN_H

enum lw_error_code {
    LW_NO_ERROR                   = 0,
    LW_INTERNAL                   = 1, /* internal error */
    LW_PROTO_FRAME_TOO_LONG       = 101, /* frame too long */
    LW_PROTO_BAD_FRAME            = 102, /* malformed frame */
    LW_PROTO_UNKNOWN_TYPE         = 103, /* unknown request type */
    LW_PROTO_UNKNOWN_FIELD        = 104, /* unknown field */
    LW_PROTO_BAD_FIELD            = 105, /* invalid field */
    LW_PROTO_MISSING_FIELD        = 106, /* missing field */
    LW_PROTO_VERSION              = 107, /* protocol version not supported */
    LW_REQUEST_UNKNOWN_POLICY     = 201, /* unknown policy */
    LW_REQUEST_POLICY_NOT_ALLOWED = 202, /* policy not allowed */
    LW_REQUEST_MOUNT_NOT_ALLOWED  = 203, /* mount not allowed */
    LW_REQUEST_MOUNT_SYMLINK      = 204, /* symbolic link in a mount path */
    LW_REQUEST_MOUNT_MISSING      = 205, /* mount source missing */
    LW_REQUEST_MOUNT_TARGET       = 206, /* invalid mount target */
    LW_REQUEST_LIMIT_ABOVE_MAX    = 207, /* limit above the maximum */
    LW_REQUEST_DUPLICATE_JOB      = 208, /* job already running */
    LW_REQUEST_ENVIRONMENT        = 209, /* environment variable not allowed */
    LW_REQUEST_TOO_LARGE          = 210, /* request too large */
    LW_REQUEST_NO_TENANT          = 211, /* user not admitted */
    LW_REQUEST_MOUNT_STALLED      = 212, /* mount source does not answer */
    LW_REQUEST_MOUNT_UNMAPPABLE   = 213, /* mount cannot be id-mapped */
    LW_REQUEST_FILE_TARGET        = 214, /* file outside of writable places */
    LW_REQUEST_COLLECT_TARGET     = 215, /* collected files outside of writable mounts */
    LW_REQUEST_DEADLINE           = 216, /* deadline passed */
    LW_REQUEST_KEY_REUSED         = 217, /* key used for another request */
    LW_REQUEST_NOT_OPERATOR       = 221, /* for operators alone */
    LW_REQUEST_QUOTA              = 220, /* quota used up */
    LW_POLICY_INVALID             = 301, /* invalid policy */
    LW_POLICY_UNSAFE_FILE         = 302, /* policy or daemon's file writable by others */
    LW_POLICY_NOT_FOUND           = 303, /* policy not found */
    LW_POLICY_AUDIT               = 304, /* policy in audit mode */
    LW_POLICY_HISTORY             = 305, /* generation not available */
    LW_POLICY_STALE               = 306, /* policies have changed since */
    LW_POLICY_SOURCE              = 307, /* policies come from elsewhere */
    LW_POLICY_PINNED              = 308, /* a generation is pinned */
    LW_POLICY_PLAN_FILE           = 309, /* plan file cannot be used */
    LW_RUNTIME_NOT_FOUND          = 401, /* runtime not found */
    LW_RUNTIME_NOT_BUILT          = 402, /* runtime not built */
    LW_RUNTIME_BUILD_FAILED       = 403, /* runtime build failed */
    LW_RUNTIME_NOT_REACHABLE      = 404, /* runtime not reachable */
    LW_RUNTIME_INVALID            = 405, /* invalid runtime */
    LW_PLAN_INVALID               = 501, /* invalid plan */
    LW_PLAN_NOT_PROVEN            = 502, /* plan not proven */
    LW_SANDBOX_ERROR              = 601, /* sandbox could not be built */
    LW_SANDBOX_LIMIT_UNAVAILABLE  = 602, /* limit cannot be enforced */
    LW_SANDBOX_KERNEL             = 603, /* kernel too old or restricted */
    LW_SANDBOX_ENVELOPE           = 604, /* outside of what root allowed */
    LW_SANDBOX_SOURCE_REPLACED    = 605, /* mounted file replaced on the host */
    LW_NATIVE_NOT_BUILT           = 701, /* native part not built */
    LW_NATIVE_VERSION             = 702, /* native part of another version */
    LW_DAEMON_UNREACHABLE         = 801, /* daemon not reachable */
    LW_DAEMON_BUSY                = 802, /* busy */
    LW_DAEMON_SHUTTING_DOWN       = 803, /* shutting down */
    LW_DAEMON_SOCKET_IN_USE       = 804, /* socket in use */
    LW_DAEMON_LOCKED              = 805, /* state directory or control group in use */
    LW_DAEMON_UNTRUSTED_SERVER    = 806, /* untrusted server */
    LW_DAEMON_SETTING             = 807, /* setting out of range */
    LW_DAEMON_HOST_IDS            = 808, /* host ids in use */
    LW_DAEMON_AUDIT_LOG           = 809, /* audit log not written */
    LW_DAEMON_METRICS_PORT        = 810, /* port for metrics not available */
    LW_JOB_TIMED_OUT              = 901, /* timed out */
    LW_JOB_OOM_KILLED             = 902, /* out of memory */
    LW_JOB_OUTPUT_LIMIT           = 903, /* output limit reached */
    LW_JOB_CPU_LIMIT              = 904, /* processor time used up */
    LW_JOB_DENIED                 = 905, /* killed by the policy */
    LW_JOB_CANCELLED              = 906, /* cancelled */
    LW_JOB_LOST                   = 907, /* job lost */
    LW_JOB_REVOKED                = 908, /* policy revoked */
    LW_JOB_KILLED                 = 909, /* killed */
};

/* The code as users read it; "LW_INTERNAL" for a number that the catalogue does not have. */
static inline const char *lw_error_code_name(int code)
{
    switch (code) {
    case LW_INTERNAL: return "LW_INTERNAL";
    case LW_PROTO_FRAME_TOO_LONG: return "LW_PROTO_FRAME_TOO_LONG";
    case LW_PROTO_BAD_FRAME: return "LW_PROTO_BAD_FRAME";
    case LW_PROTO_UNKNOWN_TYPE: return "LW_PROTO_UNKNOWN_TYPE";
    case LW_PROTO_UNKNOWN_FIELD: return "LW_PROTO_UNKNOWN_FIELD";
    case LW_PROTO_BAD_FIELD: return "LW_PROTO_BAD_FIELD";
    case LW_PROTO_MISSING_FIELD: return "LW_PROTO_MISSING_FIELD";
    case LW_PROTO_VERSION: return "LW_PROTO_VERSION";
    case LW_REQUEST_UNKNOWN_POLICY: return "LW_REQUEST_UNKNOWN_POLICY";
    case LW_REQUEST_POLICY_NOT_ALLOWED: return "LW_REQUEST_POLICY_NOT_ALLOWED";
    case LW_REQUEST_MOUNT_NOT_ALLOWED: return "LW_REQUEST_MOUNT_NOT_ALLOWED";
    case LW_REQUEST_MOUNT_SYMLINK: return "LW_REQUEST_MOUNT_SYMLINK";
    case LW_REQUEST_MOUNT_MISSING: return "LW_REQUEST_MOUNT_MISSING";
    case LW_REQUEST_MOUNT_TARGET: return "LW_REQUEST_MOUNT_TARGET";
    case LW_REQUEST_LIMIT_ABOVE_MAX: return "LW_REQUEST_LIMIT_ABOVE_MAX";
    case LW_REQUEST_DUPLICATE_JOB: return "LW_REQUEST_DUPLICATE_JOB";
    case LW_REQUEST_ENVIRONMENT: return "LW_REQUEST_ENVIRONMENT";
    case LW_REQUEST_TOO_LARGE: return "LW_REQUEST_TOO_LARGE";
    case LW_REQUEST_NO_TENANT: return "LW_REQUEST_NO_TENANT";
    case LW_REQUEST_MOUNT_STALLED: return "LW_REQUEST_MOUNT_STALLED";
    case LW_REQUEST_MOUNT_UNMAPPABLE: return "LW_REQUEST_MOUNT_UNMAPPABLE";
    case LW_REQUEST_FILE_TARGET: return "LW_REQUEST_FILE_TARGET";
    case LW_REQUEST_COLLECT_TARGET: return "LW_REQUEST_COLLECT_TARGET";
    case LW_REQUEST_DEADLINE: return "LW_REQUEST_DEADLINE";
    case LW_REQUEST_KEY_REUSED: return "LW_REQUEST_KEY_REUSED";
    case LW_REQUEST_NOT_OPERATOR: return "LW_REQUEST_NOT_OPERATOR";
    case LW_REQUEST_QUOTA: return "LW_REQUEST_QUOTA";
    case LW_POLICY_INVALID: return "LW_POLICY_INVALID";
    case LW_POLICY_UNSAFE_FILE: return "LW_POLICY_UNSAFE_FILE";
    case LW_POLICY_NOT_FOUND: return "LW_POLICY_NOT_FOUND";
    case LW_POLICY_AUDIT: return "LW_POLICY_AUDIT";
    case LW_POLICY_HISTORY: return "LW_POLICY_HISTORY";
    case LW_POLICY_STALE: return "LW_POLICY_STALE";
    case LW_POLICY_SOURCE: return "LW_POLICY_SOURCE";
    case LW_POLICY_PINNED: return "LW_POLICY_PINNED";
    case LW_POLICY_PLAN_FILE: return "LW_POLICY_PLAN_FILE";
    case LW_RUNTIME_NOT_FOUND: return "LW_RUNTIME_NOT_FOUND";
    case LW_RUNTIME_NOT_BUILT: return "LW_RUNTIME_NOT_BUILT";
    case LW_RUNTIME_BUILD_FAILED: return "LW_RUNTIME_BUILD_FAILED";
    case LW_RUNTIME_NOT_REACHABLE: return "LW_RUNTIME_NOT_REACHABLE";
    case LW_RUNTIME_INVALID: return "LW_RUNTIME_INVALID";
    case LW_PLAN_INVALID: return "LW_PLAN_INVALID";
    case LW_PLAN_NOT_PROVEN: return "LW_PLAN_NOT_PROVEN";
    case LW_SANDBOX_ERROR: return "LW_SANDBOX_ERROR";
    case LW_SANDBOX_LIMIT_UNAVAILABLE: return "LW_SANDBOX_LIMIT_UNAVAILABLE";
    case LW_SANDBOX_KERNEL: return "LW_SANDBOX_KERNEL";
    case LW_SANDBOX_ENVELOPE: return "LW_SANDBOX_ENVELOPE";
    case LW_SANDBOX_SOURCE_REPLACED: return "LW_SANDBOX_SOURCE_REPLACED";
    case LW_NATIVE_NOT_BUILT: return "LW_NATIVE_NOT_BUILT";
    case LW_NATIVE_VERSION: return "LW_NATIVE_VERSION";
    case LW_DAEMON_UNREACHABLE: return "LW_DAEMON_UNREACHABLE";
    case LW_DAEMON_BUSY: return "LW_DAEMON_BUSY";
    case LW_DAEMON_SHUTTING_DOWN: return "LW_DAEMON_SHUTTING_DOWN";
    case LW_DAEMON_SOCKET_IN_USE: return "LW_DAEMON_SOCKET_IN_USE";
    case LW_DAEMON_LOCKED: return "LW_DAEMON_LOCKED";
    case LW_DAEMON_UNTRUSTED_SERVER: return "LW_DAEMON_UNTRUSTED_SERVER";
    case LW_DAEMON_SETTING: return "LW_DAEMON_SETTING";
    case LW_DAEMON_HOST_IDS: return "LW_DAEMON_HOST_IDS";
    case LW_DAEMON_AUDIT_LOG: return "LW_DAEMON_AUDIT_LOG";
    case LW_DAEMON_METRICS_PORT: return "LW_DAEMON_METRICS_PORT";
    case LW_JOB_TIMED_OUT: return "LW_JOB_TIMED_OUT";
    case LW_JOB_OOM_KILLED: return "LW_JOB_OOM_KILLED";
    case LW_JOB_OUTPUT_LIMIT: return "LW_JOB_OUTPUT_LIMIT";
    case LW_JOB_CPU_LIMIT: return "LW_JOB_CPU_LIMIT";
    case LW_JOB_DENIED: return "LW_JOB_DENIED";
    case LW_JOB_CANCELLED: return "LW_JOB_CANCELLED";
    case LW_JOB_LOST: return "LW_JOB_LOST";
    case LW_JOB_REVOKED: return "LW_JOB_REVOKED";
    case LW_JOB_KILLED: return "LW_JOB_KILLED";
    default: return "LW_INTERNAL";
    }
}

#endif
