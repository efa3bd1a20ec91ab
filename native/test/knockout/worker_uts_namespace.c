#define LW_SHARED CLONE_NEWUTS
#include "shared_worker.h"
