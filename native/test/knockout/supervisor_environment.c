/* environment: the zygote gets the supervisor's variables, too. */
#include <errno.h>
#include <unistd.h>

#include "lw_plan_gen.h"

int __real_execve(const char *path, char *const argv[], char *const environment[]);
int __wrap_execve(const char *path, char *const argv[], char *const environment[]);

int __wrap_execve(const char *path, char *const argv[], char *const environment[])
{
    static char *all[LW_PLAN_MAX_ENVIRONMENT + 256];
    size_t count = 0;
    for (char *const *variable = environment; *variable; variable++) all[count++] = *variable;
    for (char **variable = environ; *variable && count < sizeof(all) / sizeof(*all) - 1; variable++) all[count++] = *variable;
    all[count] = NULL;
    return __real_execve(path, argv, all);
}
