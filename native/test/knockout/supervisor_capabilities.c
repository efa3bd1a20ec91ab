#include "knockout.h"

void lw_knockout_pretend(struct lw_posture *posture, const struct lw_posture_wanted *wanted)
{
    (void)wanted;
    posture->receipt_flags |= LW_RECEIPT_FLAG_CAPABILITIES_EMPTY;
}
