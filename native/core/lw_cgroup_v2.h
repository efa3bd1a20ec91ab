/* The driver for cgroup v2: one hierarchy. */
#ifndef LW_CGROUP_V2_H
#define LW_CGROUP_V2_H

#include "lw_cgroup_driver.h"

extern const struct lw_cgroup_driver lw_cgroup_v2;

#endif
