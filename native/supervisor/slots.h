/*
 * Slots: the numbers of workers, each with a host uid of its own (service) and a control group `worker-N`. A slot stays with the
 * tenant who had it first, so that no id is ever two tenants', as long as there are slots that nobody has had.
 */
#ifndef LW_SLOTS_H
#define LW_SLOTS_H

#include <stdint.h>

#include "supervisor/config.h"

#define LW_SLOT_NONE UINT32_MAX

struct lw_slots {
    uint32_t count;
    uint8_t taken[LW_SLOTS_MAX];
    uint32_t tenant[LW_SLOTS_MAX]; /* who has it or had it last; 0: nobody yet */
};

/* Tells whether anything of a tenant is here. */
struct lw_slots_tenants {
    int (*is_here)(const void *owner, uint32_t tenant);
    const void *owner;
};

/*
 * A free slot, now taken, or LW_SLOT_NONE: the lowest one of this tenant (not 0), else one that nobody has had, else one of a tenant
 * of whom nothing is here any more.
 */
uint32_t lw_slots_take(struct lw_slots *slots, uint32_t tenant, const struct lw_slots_tenants *tenants);

void lw_slots_give(struct lw_slots *slots, uint32_t slot);

#endif
