#define LW_SHARED CLONE_NEWIPC
#include "shared_worker.h"
