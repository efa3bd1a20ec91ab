/*
 * Classic BPF as seccomp(2) runs it: the subset that a plan may use, checked; and an exact simulator.
 * Opcodes are those of linux/bpf_common.h, numbered in linux/filter.h; actions those of linux/seccomp.h.
 */
#ifndef LW_BPF_H
#define LW_BPF_H

#include <stdint.h>

#include "lw_plan_gen.h"

/* The only instructions that a filter may have. */
enum lw_bpf_opcode {
    LW_BPF_JA = 0x05,
    LW_BPF_RET_K = 0x06,
    LW_BPF_JEQ_K = 0x15,
    LW_BPF_LD_W_ABS = 0x20,
    LW_BPF_JGT_K = 0x25,
    LW_BPF_JGE_K = 0x35,
    LW_BPF_JSET_K = 0x45,
    LW_BPF_AND_K = 0x54,
};

/* struct seccomp_data of linux/seccomp.h. */
struct lw_bpf_input {
    uint32_t nr;
    uint32_t arch;
    uint64_t instruction_pointer;
    uint64_t args[6];
};
_Static_assert(sizeof(struct lw_bpf_input) == 64, "size of seccomp_data");

struct lw_bpf_result {
    uint32_t action;   /* what RET returned: action and data */
    uint32_t executed; /* instructions, RET included */
    /* 1 when only nr and arch were loaded: the kernel caches such an allow (SECCOMP_ARCH_NATIVE bitmap, since 5.11). */
    uint32_t cacheable;
};

/*
 * Checks a filter: known instructions, unused fields zero, aligned loads inside seccomp_data, every jump inside, every
 * instruction reachable, every path ends with RET, known actions (log only when `audit`).
 *
 * Returns an enum lw_plan_reason; when it is not LW_PLAN_REASON_NONE, *index is the instruction.
 */
uint32_t lw_bpf_check(const struct lw_plan_instruction *filter, uint32_t count, int audit, uint32_t *index);

/* Runs a filter that lw_bpf_check has accepted. `trace`, if not NULL, has room for `count` bytes: 1 = executed. */
struct lw_bpf_result lw_bpf_run(const struct lw_plan_instruction *filter, uint32_t count, const struct lw_bpf_input *input,
                                uint8_t *trace);

#endif
