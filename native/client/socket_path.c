#include "socket_path.h"

#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client_error.h"

/* In a set-user-ID program the environment is the caller's: he must not choose who gets its code. */
static const char *environment(const char *name)
{
    const char *value = secure_getenv(name);
    return value && value[0] != '\0' ? value : NULL;
}

static const char *absolute_environment(const char *name)
{
    const char *value = environment(name);
    return value && value[0] == '/' ? value : NULL;
}

static int add(struct lw_candidates *candidates, const char *path, leeward_error *error)
{
    size_t room = sizeof(candidates->paths[0]);
    if (strlen(path) >= room) {
        return lw_client_fail(error, LW_PROTO_BAD_FIELD, "socket path %s is longer than the %zu bytes that a socket may have", path,
                              room - 1);
    }
    strcpy(candidates->paths[candidates->count++], path);
    return 0;
}

/* HOME, else what the user database says; "" when neither tells. */
static void home_directory(char home[PATH_MAX])
{
    const char *configured = environment("HOME");
    struct passwd entry, *found = NULL;
    char buffer[4096];
    if (!configured && getpwuid_r(getuid(), &entry, buffer, sizeof(buffer), &found) == 0 && found) configured = found->pw_dir;
    snprintf(home, PATH_MAX, "%s", configured ? configured : "");
}

/* The socket in the user's runtime directory, else in his state directory. */
static void own_socket(char *path, size_t size)
{
    const char *runtime = absolute_environment("XDG_RUNTIME_DIR");
    const char *leeward_state = environment("LEEWARD_STATE_DIR");
    const char *state = absolute_environment("XDG_STATE_HOME");
    if (runtime) {
        snprintf(path, size, "%s/leeward/leeward.sock", runtime);
    } else if (leeward_state) {
        snprintf(path, size, "%s/leeward.sock", leeward_state);
    } else if (state) {
        snprintf(path, size, "%s/leeward/leeward.sock", state);
    } else {
        char home[PATH_MAX];
        home_directory(home);
        snprintf(path, size, "%s/.local/state/leeward/leeward.sock", home);
    }
}

int lw_socket_candidates(const char *path, struct lw_candidates *candidates, leeward_error *error)
{
    candidates->count = 0;
    if (path) return add(candidates, path, error);
    const char *configured = environment("LEEWARD_SOCKET");
    if (configured && configured[0] != '/') {
        return lw_client_fail_field(error, LW_PROTO_BAD_FIELD, "LEEWARD_SOCKET", "LEEWARD_SOCKET is '%s', not an absolute path",
                                    configured);
    }
    if (configured) return add(candidates, configured, error);
    if (getuid() != 0) {
        char own[2 * PATH_MAX];
        own_socket(own, sizeof(own));
        int failed = add(candidates, own, error);
        if (failed) return failed;
    }
    return add(candidates, LW_SYSTEM_SOCKET, error);
}
