/* Slots: the numbers of workers, each with a host uid of its own (service) and a control group `worker-N`. */
#ifndef LW_SLOTS_H
#define LW_SLOTS_H

#include <stdint.h>

#include "supervisor/config.h"

#define LW_SLOT_NONE UINT32_MAX

struct lw_slots {
    uint32_t count;
    uint8_t taken[LW_SLOTS_MAX];
};

/* The lowest free slot, now taken, or LW_SLOT_NONE. */
uint32_t lw_slots_take(struct lw_slots *slots);

void lw_slots_give(struct lw_slots *slots, uint32_t slot);

#endif
