#include "supervisor/give_up.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "leeward_errors_gen.h"
#include "supervisor/supervisor.h"

static int daemon_socket = -1;

void lw_give_up_tell(int socket)
{
    daemon_socket = socket;
}

void lw_give_up(const char *what, int error)
{
    char text[256];
    snprintf(text, sizeof(text), "%s: %s: the supervisor ends, and all jobs with it", what, strerror(-error));
    lw_supervisor_complain(daemon_socket, LW_NO_ERROR, text);
    _exit(1);
}
