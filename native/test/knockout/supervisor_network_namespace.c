#define LW_SHARED CLONE_NEWNET
#include "shared_supervisor.h"
