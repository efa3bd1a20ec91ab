/* dumpable: the job stays what map_ids() needs it to be, so that the files of its own directory in proc are its own. */
#define LW_IS_LEFT_OUT(option, value) ((option) == PR_SET_DUMPABLE && (value) == 0)
#include "shared_prctl.h"
