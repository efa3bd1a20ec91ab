/* The driver for cgroup v1: one hierarchy per controller, the group's name the same in each. */
#ifndef LW_CGROUP_V1_H
#define LW_CGROUP_V1_H

#include "lw_cgroup_driver.h"

extern const struct lw_cgroup_driver lw_cgroup_v1;

#endif
