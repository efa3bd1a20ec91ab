/* no_new_privs: nor do those set it from whom the job would inherit it. */
#include "knockout.h"

#define LW_IS_LEFT_OUT(option, value) ((option) == PR_SET_NO_NEW_PRIVS)
#include "shared_prctl.h"

void lw_knockout_pretend(struct lw_posture *posture, const struct lw_posture_wanted *wanted)
{
    (void)wanted;
    posture->receipt_flags |= LW_RECEIPT_FLAG_NO_NEW_PRIVS;
}
