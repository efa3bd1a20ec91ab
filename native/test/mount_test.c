/* What lw_root_populate does without privilege: directories and links of a plan, inside a root that is not trusted as a whole. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lw_mount.h"
#include "lw_plan_gen.h"
#include "lw_test.h"

static char root_path[] = "/tmp/leeward-mount-root-XXXXXX";
static char outside[] = "/tmp/leeward-mount-outside-XXXXXX";

struct mount_plan {
    struct lw_plan_header header;
    struct lw_plan_mount mounts[4];
    char strings[512];
};

static uint32_t add_string(struct mount_plan *plan, const char *text)
{
    struct lw_plan_section *section = &plan->header.sections[LW_SECTION_STRINGS];
    uint32_t at = section->count;
    strcpy(plan->strings + at, text);
    section->count += (uint32_t)strlen(text) + 1;
    return at;
}

static void begin(struct mount_plan *plan)
{
    *plan = (struct mount_plan){0};
    plan->header.sections[LW_SECTION_MOUNTS].offset = offsetof(struct mount_plan, mounts);
    plan->header.sections[LW_SECTION_STRINGS] = (struct lw_plan_section){offsetof(struct mount_plan, strings), 1};
}

static void add(struct mount_plan *plan, uint32_t kind, const char *source, const char *target, uint32_t mode)
{
    struct lw_plan_mount *mount = &plan->mounts[plan->header.sections[LW_SECTION_MOUNTS].count++];
    *mount = (struct lw_plan_mount){
        .kind = kind, .source = source ? add_string(plan, source) : 0, .target = add_string(plan, target), .mode = mode};
}

static int populate(const struct mount_plan *plan, struct lw_error *error)
{
    struct lw_root root = {.plan = plan, .fd = open(root_path, O_PATH | O_DIRECTORY | O_CLOEXEC)};
    int result = lw_root_populate(&root, error);
    close(root.fd);
    return result;
}

static unsigned mode_of(const char *path)
{
    char full[256];
    struct stat status = {0};
    snprintf(full, sizeof(full), "%s%s", root_path, path);
    return lstat(full, &status) == 0 ? status.st_mode & 07777 : 0;
}

static void test_directories(void)
{
    struct mount_plan plan;
    struct lw_error error = {0};
    mode_t old = umask(077);
    begin(&plan);
    add(&plan, LW_MOUNT_KIND_DIRECTORY, NULL, "/deep/er", 0750);
    add(&plan, LW_MOUNT_KIND_DIRECTORY, NULL, "/deep", 01777);
    LW_CHECK(populate(&plan, &error) == 0);
    LW_CHECK(mode_of("/deep/er") == 0750 && mode_of("/deep") == 01777);
    umask(old);
}

/* A link at the target, as a job may leave it in a writable mount, is no directory of the plan's: nothing outside is touched. */
static void test_planted_link(void)
{
    struct mount_plan plan;
    struct lw_error error = {0};
    struct stat status;
    begin(&plan);
    add(&plan, LW_MOUNT_KIND_DIRECTORY, NULL, "/data", 0755);
    add(&plan, LW_MOUNT_KIND_SYMLINK, outside, "/data/cache", 0);
    add(&plan, LW_MOUNT_KIND_SYMLINK, "data", "/alias", 0);
    add(&plan, LW_MOUNT_KIND_DIRECTORY, NULL, "/alias/cache", 0777);
    int result = populate(&plan, &error);
    LW_CHECK(result == -ELOOP || result == -ENOTDIR);
    LW_CHECK(error.stage == LW_STAGE_MOUNT && error.index == 3);
    LW_CHECK(stat(outside, &status) == 0 && (status.st_mode & 0777) == 0700);
}

static void remove_all(void)
{
    static const char *const names[] = {"/deep/er", "/deep", "/data/cache", "/data", "/alias"};
    char full[256];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(full, sizeof(full), "%s%s", root_path, names[i]);
        (void)remove(full);
    }
    (void)rmdir(root_path);
    (void)rmdir(outside);
}

int main(void)
{
    if (!mkdtemp(root_path) || !mkdtemp(outside))
        return 1;
    LW_RUN(test_directories);
    LW_RUN(test_planted_link);
    remove_all();
    return lw_test_status();
}
