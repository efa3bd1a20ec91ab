/* What can be seen from outside: of the whole host, of one job. Both are text, so that two can be compared and read. */
#ifndef LW_FAULT_STATE_H
#define LW_FAULT_STATE_H

#include <stddef.h>
#include <sys/types.h>

enum { STATE_MAX = 1 << 17 };

/*
 * Everything that a case could leave over: processes of the PID namespace, their descriptors by kind, the mounts of the host and of
 * the supervisor, control groups, directories. Pids and mount ids are left out.
 */
void state_of_host(char text[STATE_MAX]);

/* How many processes there are besides the test's own, and how many a state of the host has. */
unsigned state_count_processes(void);
unsigned state_processes_in(const char *state);

/* The posture of a process: ids, capabilities, filters, maps, limits, mounts, descriptors, groups, namespaces. */
void state_of_job(pid_t pid, char text[STATE_MAX]);

/* The only job there is, 0 when there is none. */
pid_t state_find_job(void);

/* Lines of `now` that `before` has not ("+ line"), and the other way round ("- line"); empty when they are equal. */
void state_difference(const char *before, const char *now, char *text, size_t size);

#endif
