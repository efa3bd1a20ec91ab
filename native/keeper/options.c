#include "keeper/options.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char usage[] =
    "usage: leeward-keeper [--socket PATH] [--mode 0600] [--group GROUP] [--user USER] [--supervisor PATH]"
    " [--parent PID] --slot-uids BASE:COUNT --pool-uids BASE:COUNT --cgroup NAME --workspace PATH"
    " [--peer uid:N|gid:N ...] [--request-root [uid:N=|gid:N=]PATH:ro|rw ...] [--source PATH:ro|rw ...] [--device PATH ...]"
    " -- DAEMON [ARGUMENT ...]\n";

static const struct option known[] = {
    {"socket", required_argument, NULL, 's'},     {"mode", required_argument, NULL, 'm'},
    {"group", required_argument, NULL, 'g'},      {"user", required_argument, NULL, 'u'},
    {"supervisor", required_argument, NULL, 'p'}, {"parent", required_argument, NULL, 'P'},
    {"slot-uids", required_argument, NULL, LW_KEEPER_SLOT_UIDS},
    {"pool-uids", required_argument, NULL, LW_KEEPER_POOL_UIDS},
    {"cgroup", required_argument, NULL, LW_KEEPER_CGROUP},
    {"workspace", required_argument, NULL, LW_KEEPER_WORKSPACE},
    {"peer", required_argument, NULL, LW_KEEPER_PEER},
    {"request-root", required_argument, NULL, LW_KEEPER_REQUEST_ROOT},
    {"source", required_argument, NULL, LW_KEEPER_SOURCE},
    {"device", required_argument, NULL, LW_KEEPER_DEVICE},
    {NULL, 0, NULL, 0},
};

static int read_mode(const char *text, mode_t *mode)
{
    char *end;
    unsigned long value = strtoul(text, &end, 8);
    if (*text == '\0' || *end != '\0' || value > 0777) {
        dprintf(STDERR_FILENO, "leeward-keeper: --mode %s: it takes an octal number up to 0777\n", text);
        return -1;
    }
    *mode = (mode_t)value;
    return 0;
}

static int read_pid(const char *text, pid_t *pid)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || value <= 0 || value > INT_MAX) {
        dprintf(STDERR_FILENO, "leeward-keeper: --parent %s: it takes a process id\n", text);
        return -1;
    }
    *pid = (pid_t)value;
    return 0;
}

int lw_keeper_options_read(struct lw_keeper_options *options, int count, char **arguments)
{
    *options = (struct lw_keeper_options){.socket = "/var/run/leeward.sock", .mode = 0600, .user = "leeward"};
    for (int option = getopt_long(count, arguments, "+", known, NULL); option != -1;
         option = getopt_long(count, arguments, "+", known, NULL)) {
        switch (option) {
        case 's': options->socket = optarg; break;
        case 'm':
            if (read_mode(optarg, &options->mode)) return -1;
            break;
        case 'g': options->group = optarg; break;
        case 'u': options->user = optarg; break;
        case 'p': options->supervisor = optarg; break;
        case 'P':
            if (read_pid(optarg, &options->parent)) return -1;
            break;
        case '?': dprintf(STDERR_FILENO, "%s", usage); return -1;
        default:
            if (lw_keeper_envelope_take(&options->envelope, (enum lw_keeper_envelope_option)option, optarg)) return -1;
        }
    }
    options->daemon = arguments + optind;
    if (*options->daemon) return lw_keeper_envelope_check(&options->envelope);
    dprintf(STDERR_FILENO, "leeward-keeper: no daemon given\n%s", usage);
    return -1;
}
