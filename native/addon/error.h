/*
 * How the addon fails: a JavaScript Error with `code` (LW_NATIVE_...), and for a failed system call `syscall`, `errno` (positive)
 * and `errnoName`. The JavaScript side turns these into a LeewardError where a caller should see one.
 */
#ifndef LEEWARD_ADDON_ERROR_H
#define LEEWARD_ADDON_ERROR_H

#include <napi.h>

namespace leeward {

/* `errno_value` is positive. Sets a pending exception; returns undefined, so that callers can `return ThrowErrno(...)`. */
Napi::Value ThrowErrno(Napi::Env env, const char *syscall, int errno_value);

/* An error that is not a system call's: `code` is LW_NATIVE_ARGUMENT, LW_NATIVE_CLOSED or LW_NATIVE_QUEUE_FULL. */
Napi::Value ThrowCode(Napi::Env env, const char *code, const std::string &message);

/* The name of an errno, or its number where libc has none. */
std::string ErrnoName(int errno_value);

}  // namespace leeward

#endif
