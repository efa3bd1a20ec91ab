#include "supervisor/slots.h"

uint32_t lw_slots_take(struct lw_slots *slots)
{
    for (uint32_t slot = 0; slot < slots->count; slot++) {
        if (slots->taken[slot]) continue;
        slots->taken[slot] = 1;
        return slot;
    }
    return LW_SLOT_NONE;
}

void lw_slots_give(struct lw_slots *slots, uint32_t slot)
{
    if (slot < slots->count) slots->taken[slot] = 0;
}
