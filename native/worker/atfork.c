#include "atfork.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>

#include "worker.h"

enum { HANDLERS_MAX = 128 };

typedef void (*fork_handler)(void);
typedef int (*register_function)(fork_handler, fork_handler, fork_handler, void *);

static struct {
    fork_handler prepare;
    fork_handler parent;
    fork_handler child;
} handlers[HANDLERS_MAX];
static unsigned registered; /* counts on when the table is full, which lw_atfork_check then reports */

/* What pthread_atfork(3) of every object calls (it is linked statically into each). */
LEEWARD_API int __register_atfork(fork_handler prepare, fork_handler parent, fork_handler child, void *object);

int __register_atfork(fork_handler prepare, fork_handler parent, fork_handler child, void *object)
{
    /* The conversion that POSIX asks for; ISO C has none from an object to a function pointer. */
    union {
        void *object;
        register_function function;
    } real = {.object = dlsym(RTLD_NEXT, "__register_atfork")};
    if (!real.object)
        return ENOSYS;
    unsigned at = __atomic_fetch_add(&registered, 1, __ATOMIC_RELAXED);
    if (at < HANDLERS_MAX) {
        handlers[at].prepare = prepare;
        handlers[at].parent = parent;
        handlers[at].child = child;
    }
    return real.function(prepare, parent, child, object);
}

static int is_loaded(fork_handler handler)
{
    union {
        fork_handler function;
        void *object;
    } address = {.function = handler};
    Dl_info info;
    return !handler || dladdr(address.object, &info) != 0;
}

int lw_atfork_check(void)
{
    union {
        void *object;
        register_function function;
    } first = {.object = dlsym(RTLD_DEFAULT, "__register_atfork")};
    if (first.function != __register_atfork)
        return -ENOSYS;
    if (registered > HANDLERS_MAX)
        return -E2BIG;
    unsigned kept = 0;
    for (unsigned i = 0; i < registered; i++) {
        if (is_loaded(handlers[i].prepare) && is_loaded(handlers[i].parent) && is_loaded(handlers[i].child))
            handlers[kept++] = handlers[i];
    }
    registered = kept;
    return 0;
}

void lw_atfork_prepare(void)
{
    for (unsigned i = registered; i-- > 0;) {
        if (handlers[i].prepare)
            handlers[i].prepare();
    }
}

void lw_atfork_parent(void)
{
    for (unsigned i = 0; i < registered; i++) {
        if (handlers[i].parent)
            handlers[i].parent();
    }
}

void lw_atfork_child(void)
{
    for (unsigned i = 0; i < registered; i++) {
        if (handlers[i].child)
            handlers[i].child();
    }
}
