/*
 * Reading a plan. Before anything is forked the whole blob is validated once; afterwards the accessors of lw_plan_gen.h
 * and the ones below only follow offsets: no parsing, no allocation, no failure.
 */
#ifndef LW_PLAN_H
#define LW_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "lw_error.h"
#include "lw_plan_gen.h"

/* LW_ARCH_* that this code was compiled for. */
static inline uint32_t lw_plan_host_arch(void)
{
#if defined(__x86_64__)
    return LW_ARCH_X86_64;
#elif defined(__aarch64__)
    return LW_ARCH_ARM64;
#else
#error "no syscall tables for this architecture"
#endif
}

/*
 * Checks a plan completely: canonical form (docs/reference/plan.md), meaning of every record, the filter's instructions,
 * and the floor: all seven namespaces, no capability, some filter.
 *
 * blob: 8-byte aligned; must not change while it is in use (a sealed memfd). size: its bytes.
 * host_arch: the only LW_ARCH_* accepted; 0 accepts every known one, for tools that only read.
 *
 * Returns 0, or -EINVAL with error->stage LW_STAGE_PLAN. error->index is the record, in the header the field's offset, in the
 * strings the byte; error->detail packs the place and the reason: see lw_plan_refusal_place and lw_plan_reason_name.
 */
int lw_plan_validate(const void *blob, size_t size, uint32_t host_arch, struct lw_error *error);

enum { LW_PLAN_PLACE_HEADER = 0xffff }; /* else: an enum lw_plan_section_index */

/* The place of a refusal: an enum lw_plan_section_index or LW_PLAN_PLACE_HEADER. */
static inline uint32_t lw_plan_refusal_place(uint32_t detail)
{
    return detail >> 16;
}

/* The reason of a refusal: an enum lw_plan_reason. */
static inline uint32_t lw_plan_refusal_reason(uint32_t detail)
{
    return detail & 0xffff;
}

/* "plan mounts[3]: path_not_absolute", for logs. Truncated when `size` is too small; returns `text`. */
const char *lw_plan_refusal_text(const struct lw_error *error, char *text, size_t size);

/* The string at an offset of a validated plan. */
static inline const char *lw_plan_string(const void *plan, uint32_t offset)
{
    uint32_t size;
    return lw_plan_strings(plan, &size) + offset;
}

#endif
