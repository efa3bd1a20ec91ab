/*
 * The strings section of a plan or a message: checked once, then read by offset.
 *
 * Canonical: it starts with a NUL byte (offset 0 is the empty string), then every string stands once, NUL-terminated,
 * in the order in which the fields refer to it. So the walk below knows at each reference whether the string is new.
 */
#ifndef LW_PLAN_STRINGS_H
#define LW_PLAN_STRINGS_H

#include <stddef.h>
#include <stdint.h>

struct lw_string_walk {
    const char *bytes; /* the section */
    uint32_t size;
    uint32_t next; /* where the next string that was not yet referred to starts */
};

/*
 * Length of the well-formed UTF-8 sequence at `bytes`, which are NUL-terminated; 0 when it is none (RFC 3629: neither an
 * overlong form nor a surrogate). 1 for the NUL itself.
 */
size_t lw_utf8_sequence(const char *bytes);

/* Starts a walk. Returns an enum lw_plan_reason, LW_PLAN_REASON_NONE when the section begins and ends with NUL. */
uint32_t lw_strings_begin(struct lw_string_walk *walk, const char *bytes, uint32_t size);

/* Follows one reference, in the order of the fields. Returns an enum lw_plan_reason. */
uint32_t lw_strings_refer(struct lw_string_walk *walk, uint32_t offset);

/* After the last reference: whether every string was referred to. Returns an enum lw_plan_reason. */
uint32_t lw_strings_end(const struct lw_string_walk *walk);

/*
 * The rules below take a string that lw_strings_refer has accepted and return an enum lw_plan_reason.
 */

/* Not empty, no control character. */
uint32_t lw_check_text(const char *text);

/* Absolute and normalized: no empty, `.` or `..` component, no slash at the end. `/` only when `root_allowed`. */
uint32_t lw_check_path(const char *path, int root_allowed);

/* One path component: not empty, no slash, neither `.` nor `..`, no control character. */
uint32_t lw_check_component(const char *name);

/* Letters, digits, `-` and `.`, at most 64 (sethostname(2)). */
uint32_t lw_check_hostname(const char *name);

/* NAME=value with a NAME of letters, digits and `_` that does not start with a digit. */
uint32_t lw_check_variable(const char *entry);

/* Compares the NAMEs of two entries that lw_check_variable accepts: negative, 0 or positive, by bytes. */
int lw_compare_variables(const char *a, const char *b);

#endif
