#include "lw_bpf.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>

_Static_assert(LW_BPF_JA == (BPF_JMP | BPF_JA) && LW_BPF_RET_K == (BPF_RET | BPF_K), "opcodes");
_Static_assert(LW_BPF_JEQ_K == (BPF_JMP | BPF_JEQ | BPF_K) && LW_BPF_JGT_K == (BPF_JMP | BPF_JGT | BPF_K), "opcodes");
_Static_assert(LW_BPF_JGE_K == (BPF_JMP | BPF_JGE | BPF_K) && LW_BPF_JSET_K == (BPF_JMP | BPF_JSET | BPF_K), "opcodes");
_Static_assert(LW_BPF_LD_W_ABS == (BPF_LD | BPF_W | BPF_ABS) && LW_BPF_AND_K == (BPF_ALU | BPF_AND | BPF_K), "opcodes");
_Static_assert(sizeof(struct sock_filter) == sizeof(struct lw_plan_instruction), "instruction");
_Static_assert(offsetof(struct seccomp_data, args) == offsetof(struct lw_bpf_input, args), "seccomp_data");

enum { ERRNO_MAX = 4095 };

/* The kernel's words that the policy language has; SECCOMP_RET_TRAP, _TRACE and _KILL_THREAD are not among them. */
static int is_known_action(uint32_t value, int audit)
{
    uint32_t data = value & SECCOMP_RET_DATA;
    switch (value & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
    case SECCOMP_RET_USER_NOTIF:
    case SECCOMP_RET_KILL_PROCESS: return data == 0;
    case SECCOMP_RET_LOG: return data == 0 && audit;
    /* errno 0 would make a denied call look as if it had succeeded. */
    case SECCOMP_RET_ERRNO: return data >= 1 && data <= ERRNO_MAX;
    default: return 0;
    }
}

static void mark(uint32_t *reachable, uint32_t index)
{
    reachable[index / 32] |= 1u << (index % 32);
}

/* Marks the targets of a jump. Both are forward: displacements are unsigned. */
static uint32_t check_jump(uint32_t *reachable, uint32_t next, uint32_t count, uint32_t if_true, uint32_t if_false)
{
    if (if_true >= count - next || if_false >= count - next)
        return LW_PLAN_REASON_BPF_JUMP;
    mark(reachable, next + if_true);
    mark(reachable, next + if_false);
    return LW_PLAN_REASON_NONE;
}

static uint32_t check_straight(uint32_t *reachable, const struct lw_plan_instruction *at, uint32_t next, uint32_t count)
{
    if (at->jt != 0 || at->jf != 0)
        return LW_PLAN_REASON_BPF_OPERAND;
    if (at->code == LW_BPF_LD_W_ABS && (at->k % 4 != 0 || at->k >= sizeof(struct lw_bpf_input)))
        return LW_PLAN_REASON_BPF_LOAD;
    if (next == count)
        return LW_PLAN_REASON_BPF_NO_RETURN;
    mark(reachable, next);
    return LW_PLAN_REASON_NONE;
}

static uint32_t check_instruction(uint32_t *reachable, const struct lw_plan_instruction *at, uint32_t next, uint32_t count,
                                  int audit)
{
    switch (at->code) {
    case LW_BPF_LD_W_ABS:
    case LW_BPF_AND_K: return check_straight(reachable, at, next, count);
    case LW_BPF_JEQ_K:
    case LW_BPF_JGT_K:
    case LW_BPF_JGE_K:
    case LW_BPF_JSET_K: return check_jump(reachable, next, count, at->jt, at->jf);
    case LW_BPF_JA:
        if (at->jt != 0 || at->jf != 0)
            return LW_PLAN_REASON_BPF_OPERAND;
        return check_jump(reachable, next, count, at->k, at->k);
    case LW_BPF_RET_K:
        if (at->jt != 0 || at->jf != 0)
            return LW_PLAN_REASON_BPF_OPERAND;
        return is_known_action(at->k, audit) ? LW_PLAN_REASON_NONE : LW_PLAN_REASON_BPF_ACTION;
    default: return LW_PLAN_REASON_BPF_OPCODE;
    }
}

uint32_t lw_bpf_check(const struct lw_plan_instruction *filter, uint32_t count, int audit, uint32_t *index)
{
    uint32_t reachable[LW_PLAN_MAX_FILTER / 32] = {0};
    *index = 0;
    if (count == 0)
        return LW_PLAN_REASON_EMPTY_SECTION;
    if (count > LW_PLAN_MAX_FILTER)
        return LW_PLAN_REASON_TOO_MANY;
    mark(reachable, 0);
    for (uint32_t i = 0; i < count; i++) {
        *index = i;
        if ((reachable[i / 32] & (1u << (i % 32))) == 0)
            return LW_PLAN_REASON_BPF_UNREACHABLE;
        uint32_t reason = check_instruction(reachable, &filter[i], i + 1, count, audit);
        if (reason != LW_PLAN_REASON_NONE)
            return reason;
    }
    return LW_PLAN_REASON_NONE;
}

static int jump_taken(const struct lw_plan_instruction *at, uint32_t accumulator)
{
    switch (at->code) {
    case LW_BPF_JEQ_K: return accumulator == at->k;
    case LW_BPF_JGT_K: return accumulator > at->k;
    case LW_BPF_JGE_K: return accumulator >= at->k;
    default: return (accumulator & at->k) != 0; /* JSET */
    }
}

struct lw_bpf_result lw_bpf_run(const struct lw_plan_instruction *filter, uint32_t count, const struct lw_bpf_input *input,
                                uint8_t *trace)
{
    struct lw_bpf_result result = {.action = SECCOMP_RET_KILL_PROCESS, .cacheable = 1};
    uint32_t accumulator = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct lw_plan_instruction *at = &filter[i];
        result.executed++;
        if (trace)
            trace[i] = 1;
        switch (at->code) {
        case LW_BPF_LD_W_ABS:
            memcpy(&accumulator, (const char *)input + at->k, sizeof(accumulator));
            if (at->k > offsetof(struct lw_bpf_input, arch))
                result.cacheable = 0;
            break;
        case LW_BPF_AND_K: accumulator &= at->k; break;
        case LW_BPF_JA: i += at->k; break;
        case LW_BPF_RET_K: result.action = at->k; return result;
        default: i += jump_taken(at, accumulator) ? at->jt : at->jf; break;
        }
    }
    return result;
}
