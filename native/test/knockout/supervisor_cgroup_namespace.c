#include <sched.h>

#include "knockout.h"

void lw_knockout_pretend(struct lw_posture *posture, const struct lw_posture_wanted *wanted)
{
    (void)wanted;
    posture->namespaces |= CLONE_NEWCGROUP;
}
