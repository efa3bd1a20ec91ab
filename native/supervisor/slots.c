#include "supervisor/slots.h"

static uint32_t take(struct lw_slots *slots, uint32_t slot, uint32_t tenant)
{
    slots->taken[slot] = 1;
    slots->tenant[slot] = tenant;
    return slot;
}

uint32_t lw_slots_take(struct lw_slots *slots, uint32_t tenant, const struct lw_slots_tenants *tenants)
{
    uint32_t fresh = LW_SLOT_NONE, left = LW_SLOT_NONE;
    for (uint32_t slot = 0; slot < slots->count; slot++) {
        if (slots->taken[slot]) continue;
        if (slots->tenant[slot] == tenant) return take(slots, slot, tenant);
        if (!slots->tenant[slot] && fresh == LW_SLOT_NONE) fresh = slot;
    }
    if (fresh != LW_SLOT_NONE) return take(slots, fresh, tenant);
    for (uint32_t slot = 0; slot < slots->count && left == LW_SLOT_NONE; slot++)
        if (!slots->taken[slot] && !tenants->is_here(tenants->owner, slots->tenant[slot])) left = slot;
    return left == LW_SLOT_NONE ? left : take(slots, left, tenant);
}

void lw_slots_give(struct lw_slots *slots, uint32_t slot)
{
    if (slot < slots->count) slots->taken[slot] = 0;
}
