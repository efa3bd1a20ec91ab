#include "knockout.h"

void lw_knockout_pretend(struct lw_posture *posture, const struct lw_posture_wanted *wanted)
{
    (void)wanted;
    posture->descriptors = 0x1f;
}
