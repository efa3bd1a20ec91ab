/* Allocation for the loop. A supervisor without memory ends, and with it, by the kernel, everything that it has started. */
#ifndef LW_MEMORY_H
#define LW_MEMORY_H

#include <errno.h>
#include <stdlib.h>

#include "supervisor/give_up.h"

/* Zeroed memory; never NULL. */
static inline void *lw_new(size_t size)
{
    void *memory = calloc(1, size);
    if (!memory) lw_give_up("allocating memory", -ENOMEM);
    return memory;
}

#endif
