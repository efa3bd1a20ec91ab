#include "supervisor/config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lw_cgroup_find.h"
#include "lw_uapi.h"

/* Inode of the initial user namespace: PROC_USER_INIT_INO of the kernel's proc_ns.h. */
#define INITIAL_USER_NAMESPACE 0xEFFFFFFDu

/* Returns 0 or -errno: a service that took itself for an ordinary user's would run jobs as its own uid, which is root's. */
int lw_config_find_privilege(uint32_t *privileged)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    struct stat namespace;
    if (syscall(SYS_capget, &header, data) < 0 || stat("/proc/self/ns/user", &namespace) < 0) return -errno;
    *privileged = geteuid() == 0 && (data[0].permitted >> CAP_SYS_ADMIN & 1) && namespace.st_ino == INITIAL_USER_NAMESPACE;
    return 0;
}

static int refuse(char *reason, size_t size, const char *text)
{
    snprintf(reason, size, "%s", text);
    return -EINVAL;
}

/* 1 when [base, base + count) holds only ordinary ids. */
static int is_id_range(uint32_t base, uint32_t count)
{
    uint64_t end = (uint64_t)base + count;
    return base > 0 && end < UINT32_MAX && (base > LW_OVERFLOW_ID || end <= LW_OVERFLOW_ID);
}

static int contains(uint32_t base, uint32_t count, uint32_t id)
{
    return id >= base && id - base < count;
}

int lw_config_has_slot_ids(const struct lw_config *config)
{
    return config->privileged || config->subordinate;
}

int lw_config_is_sandbox_id(const struct lw_config *config, uint32_t id)
{
    return config->privileged && (contains(config->slot_uid_base, config->slot_count, id) ||
                                  contains(config->pool_uid_base, config->pool_count, id));
}

int lw_config_is_peer_id(const struct lw_config *config, uint32_t id)
{
    return id != LW_OVERFLOW_ID && id != UINT32_MAX && !lw_config_is_sandbox_id(config, id);
}

/* No sandbox runs as root, as nobody, as the daemon, or as a zygote. */
int lw_config_check_ids(const struct lw_config *config, char *reason, size_t size)
{
    if (!config->privileged) return 0;
    if (!is_id_range(config->slot_uid_base, config->slot_count) || !is_id_range(config->pool_uid_base, config->pool_count))
        return refuse(reason, size, "the ids of slots and pools must be above 0 and without 65534");
    uint64_t slot_end = (uint64_t)config->slot_uid_base + config->slot_count;
    uint64_t pool_end = (uint64_t)config->pool_uid_base + config->pool_count;
    if (config->slot_uid_base < pool_end && config->pool_uid_base < slot_end)
        return refuse(reason, size, "the ids of slots and pools overlap");
    struct stat daemon;
    char path[32];
    snprintf(path, sizeof(path), "/proc/%d", (int)config->daemon_pid);
    if (config->daemon_pid > 0 && stat(path, &daemon) == 0 && lw_config_is_sandbox_id(config, daemon.st_uid))
        return refuse(reason, size, "the daemon's own uid is among the ids of slots and pools");
    return 0;
}

int lw_config_read(struct lw_config *config, const void *message, size_t message_size, char *reason, size_t size)
{
    struct lw_error error = {0};
    const struct lw_message_config *in = message;
    if (lw_message_validate(message, message_size, &error) || in->header.type != LW_MESSAGE_CONFIG)
        return refuse(reason, size, "config: the first message must be a valid config");
    const char *cgroup_name = lw_message_string(message, in->cgroup_name);
    const char *workspace = lw_message_string(message, in->workspace);
    if (strlen(cgroup_name) >= sizeof(config->cgroup_name) || lw_cgroup_check_name(cgroup_name))
        return refuse(reason, size, "config: cgroup_name is no relative path of ordinary components");
    if (workspace[0] != '/' || strlen(workspace) >= sizeof(config->workspace))
        return refuse(reason, size, "config: workspace is no absolute path");
    if (in->slot_count == 0 || in->slot_count > LW_SLOTS_MAX || in->pool_count == 0 || in->pool_count > LW_POOLS_MAX)
        return refuse(reason, size, "config: slot_count must be 1 to 16384, pool_count 1 to 256");
    *config = (struct lw_config){.slot_uid_base = in->slot_uid_base,
                                 .slot_gid_base = in->slot_gid_base,
                                 .slot_count = in->slot_count,
                                 .pool_uid_base = in->pool_uid_base,
                                 .pool_count = in->pool_count,
                                 .landlock_abi_cap = in->landlock_abi_cap,
                                 .daemon_pid = in->daemon_pid ? (pid_t)in->daemon_pid : getppid(),
                                 .open_deadline_ms = in->open_deadline_ms,
                                 .open_hanging_max = in->open_hanging_max,
                                 .worker_deadline_ms = in->worker_deadline_ms,
                                 .pool_deadline_ms = in->pool_deadline_ms,
                                 .own_uid = geteuid(),
                                 .own_gid = getegid()};
    int unknown = lw_config_find_privilege(&config->privileged);
    if (unknown) {
        snprintf(reason, size, "the own privileges cannot be told: %s", strerror(-unknown));
        return unknown;
    }
    if (config->privileged) config->slot_gid_base = config->slot_uid_base;
    snprintf(config->cgroup_name, sizeof(config->cgroup_name), "%s", cgroup_name);
    snprintf(config->workspace, sizeof(config->workspace), "%s", workspace);
    return lw_config_check_ids(config, reason, size);
}
