/* What the daemon is told of workers when it asks: who there is, in which state, for which pool. */
#ifndef LW_ROSTER_H
#define LW_ROSTER_H

#include "supervisor/supervisor.h"

/* workers_ask: answered by `workers`, but not while the daemon does not read what it was told before. */
void lw_roster_tell(struct lw_supervisor *supervisor, uint64_t id);

#endif
