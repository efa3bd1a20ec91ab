/* No slot goes from one tenant to another while there are slots that nobody has had. */
#include "lw_test.h"
#include "supervisor/slots.h"

static struct lw_slots slots;
static uint32_t here = 1;

static int is_here(const void *owner, uint32_t tenant)
{
    return tenant == *(const uint32_t *)owner;
}

static const struct lw_slots_tenants tenants = {is_here, &here};

static uint32_t take(uint32_t tenant)
{
    return lw_slots_take(&slots, tenant, &tenants);
}

static void test_lowest_free_one(void)
{
    slots = (struct lw_slots){.count = 4};
    LW_CHECK(take(1) == 0 && take(1) == 1 && take(2) == 2);
    lw_slots_give(&slots, 0);
    lw_slots_give(&slots, 1);
    LW_CHECK(take(1) == 0 && take(1) == 1 && take(1) == 3 && take(1) == LW_SLOT_NONE);
}

static void test_stays_with_its_tenant(void)
{
    slots = (struct lw_slots){.count = 3};
    LW_CHECK(take(1) == 0);
    lw_slots_give(&slots, 0);
    LW_CHECK(take(2) == 1 && take(2) == 2);
    /* The only free one is of a tenant who is here. */
    LW_CHECK(take(2) == LW_SLOT_NONE && take(3) == LW_SLOT_NONE);
    LW_CHECK(take(1) == 0);
}

static void test_of_a_tenant_who_is_gone(void)
{
    slots = (struct lw_slots){.count = 2};
    LW_CHECK(take(2) == 0 && take(1) == 1);
    lw_slots_give(&slots, 0);
    lw_slots_give(&slots, 1);
    LW_CHECK(take(3) == 0 && take(3) == LW_SLOT_NONE);
    /* It is the newcomer's now. */
    lw_slots_give(&slots, 0);
    LW_CHECK(take(3) == 0);
}

int main(void)
{
    LW_RUN(test_lowest_free_one);
    LW_RUN(test_stays_with_its_tenant);
    LW_RUN(test_of_a_tenant_who_is_gone);
    return lw_test_status();
}
