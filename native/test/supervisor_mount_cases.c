/* Request mounts: whose rights open them, where they go, what is refused. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lw_plan.h"
#include "lw_test.h"
#include "supervisor_fixture.h"

static void path_in_data(char *path, const char *name)
{
    snprintf(path, 512, "%s/%s", data, name);
}

static void put(const char *name, const char *text, uid_t owner, mode_t mode)
{
    char path[512];
    path_in_data(path, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, text, strlen(text)) < 0 || fchown(fd, owner, owner) < 0 || fchmod(fd, mode) < 0) abort();
    close(fd);
}

static void put_directory(const char *name, uid_t owner, mode_t mode)
{
    char path[512];
    path_in_data(path, name);
    if (mkdir(path, 0700) < 0 || chown(path, owner, owner) < 0 || chmod(path, mode) < 0) abort();
}

/* A mount whose own mounts reach other namespaces, as most of a host's do. */
static void make_shared(const char *name)
{
    char path[512];
    path_in_data(path, name);
    put_directory(name, peer_uid(), 0755);
    if (mount(path, path, NULL, MS_BIND, NULL) < 0 || mount(NULL, path, NULL, MS_SHARED, NULL) < 0) abort();
}

void make_test_data(void)
{
    put_directory("in", peer_uid(), 0755);
    put_directory("in/sub", peer_uid(), 0755);
    put("in/secret.txt", "only for the peer\n", peer_uid(), 0600);
    put_directory("out", peer_uid(), 0700);
    put_directory("closed", OTHER_PEER, 0700);
    put_directory("drop", OTHER_PEER, 0755);
    put("single.txt", "one file\n", peer_uid(), 0600);
    put_directory("parent", peer_uid(), 0755);
    make_shared("shared");
    put_directory("covered", peer_uid(), 0755);
    put_directory("covered/mount", peer_uid(), 0755);
    char path[512];
    path_in_data(path, "link");
    if (symlink("in", path) < 0) abort();
    path_in_data(path, "covered/mount");
    if (mount("cover", path, "tmpfs", 0, "size=4k") < 0) abort();
}

static void test_mounts(void)
{
    const struct test_mount mounts[] = {{data, "in", "/input", 0, 0}, {data, "out", "/output", LW_JOB_MOUNT_FLAG_WRITABLE, 0}};
    struct test_request asked = peer_request("import os\n"
                                             "print(open('/input/secret.txt').read(), end='')\n"
                                             "print(os.stat('/input/secret.txt').st_uid, os.stat('/input/secret.txt').st_ino)\n"
                                             "open('/output/result', 'w').write('made inside')\n"
                                             "for path in ('/input/new', '/input/secret.txt'):\n"
                                             "    try: open(path, 'w')\n"
                                             "    except OSError as error: print(error.errno in (13, 30))\n",
                                             mounts, 2);
    CHECK(run_request(&asked) && status_is(LW_STATUS_OK));
    char expected[256], path[512];
    struct stat status;
    path_in_data(path, "in/secret.txt");
    CHECK(stat(path, &status) == 0);
    snprintf(expected, sizeof(expected), "only for the peer\n0 %lu\nTrue\nTrue\n", (unsigned long)status.st_ino);
    CHECK(strcmp(job->out, expected) == 0);
    path_in_data(path, "out/result");
    CHECK(stat(path, &status) == 0 && status.st_uid == peer_uid() && status.st_gid == peer_uid() && status.st_size == 11);
    CHECK(((job->end.receipt_flags & LW_RECEIPT_FLAG_ID_MAPPED_MOUNTS) != 0) == privileged);
}


/* In the supervisor's mount namespace. */
static int supervisor_sees(const char *point)
{
    char path[64], line[4096];
    int found = 0;
    snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)find_process("leeward-super"));
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof(line), file)) found |= strstr(line, point) != NULL;
    if (file) fclose(file);
    return found;
}

/* A volume that the host mounts while the supervisor runs, and takes away again. */
static void test_later_volume(void)
{
    char path[512];
    struct stat status;
    const struct test_mount mount_of_it = {data, "shared/volume", "/input", 0, 0};
    struct test_request asked = peer_request("import os\nprint(os.listdir('/input'))", &mount_of_it, 1);
    put_directory("shared/volume", peer_uid(), 0755);
    path_in_data(path, "shared/volume");
    CHECK(mount("volume", path, "tmpfs", 0, "size=64k") == 0);
    put("shared/volume/file", "later\n", peer_uid(), 0644);
    CHECK(supervisor_sees("shared/volume"));
    CHECK(run_request(&asked) && status_is(LW_STATUS_OK) && strcmp(job->out, "['file']\n") == 0);
    const struct test_mount above = {data, "shared", "/input", 0, 0};
    asked.mounts = &above;
    CHECK(run_request(&asked) && job->end.errno_ == EOPNOTSUPP && strstr(job->detail, "shared/volume"));
    CHECK(umount2(path, 0) == 0 && !supervisor_sees("shared/volume"));
    asked.code = "import os\nprint(os.listdir('/input/volume'))";
    CHECK(run_request(&asked) && status_is(LW_STATUS_OK) && strcmp(job->out, "[]\n") == 0);
    CHECK(stat(path, &status) == 0);
}

/* What a job has is what was there when it got it. */
static void test_volume_beneath_a_job(void)
{
    char path[512];
    const struct test_mount mount_of_it = {data, "shared/job", "/input", 0, 0};
    struct test_request asked = peer_request("import os, time\n"
                                             "while not os.path.exists('/input/go'): time.sleep(0.01)\n"
                                             "print(os.listdir('/input/sub'), os.path.ismount('/input/sub'))\n",
                                             &mount_of_it, 1);
    put_directory("shared/job", peer_uid(), 0755);
    put_directory("shared/job/sub", peer_uid(), 0755);
    test_daemon_forget(&supervisor);
    job = test_daemon_send(&supervisor, &asked);
    CHECK(test_daemon_pump(&supervisor, has_started, job, 10000) == 0);
    path_in_data(path, "shared/job/sub");
    CHECK(mount("beneath", path, "tmpfs", 0, "size=64k") == 0);
    put("shared/job/sub/file", "not for the job\n", peer_uid(), 0644);
    put("shared/job/go", "", peer_uid(), 0644);
    CHECK(test_daemon_await(&supervisor, job, 10000) == 0 && status_is(LW_STATUS_OK));
    CHECK(strcmp(job->out, "[] False\n") == 0);
    CHECK(umount2(path, 0) == 0);
}

static void test_unknown_targets(void)
{
    const struct test_mount mounts[] = {{data, "in", "/data/given", 0, 0},
                                        {data, "single.txt", "/one", 0, 0},
                                        {data, "in/sub", "/data_given", 0, 0}};
    struct test_request asked =
        peer_request("import os\nprint(os.listdir('/data/given'), open('/one').read(), os.listdir('/data_given'),"
                     " os.readlink('/data/given') != os.readlink('/data_given'))",
                     mounts, 3);
    CHECK(run_request(&asked) && status_is(LW_STATUS_OK));
    CHECK(strstr(job->out, "secret.txt") && strstr(job->out, "one file\n [] True\n"));
}

static int fails_with(const struct test_mount *mount, uint32_t stage, int error)
{
    struct test_request asked = peer_request("print('never')", mount, 1);
    if (!run_request(&asked)) return 0;
    int right = status_is(LW_STATUS_SANDBOX_ERROR) && job->end.stage == stage && (int)job->end.errno_ == error &&
                job->end.started == 0 && job->out_size == 0 && *job->detail;
    return right;
}

static void test_refused_sources(void)
{
    const uint32_t writable = LW_JOB_MOUNT_FLAG_WRITABLE;
    CHECK(fails_with(&(struct test_mount){data, "missing", "/input", 0, 0}, LW_STAGE_OPEN_SOURCE, ENOENT));
    CHECK(strstr(job->detail, "/missing"));
    CHECK(fails_with(&(struct test_mount){data, "link", "/input", 0, 0}, LW_STAGE_OPEN_SOURCE, ELOOP));
    CHECK(fails_with(&(struct test_mount){data, "../", "/input", 0, 0}, LW_STAGE_OPEN_SOURCE, EXDEV));
    CHECK(fails_with(&(struct test_mount){data, "/etc", "/input", 0, 0}, LW_STAGE_OPEN_SOURCE, EXDEV));
    CHECK(fails_with(&(struct test_mount){data, "closed", "/input", 0, 0}, LW_STAGE_OPEN_SOURCE, EACCES));
    CHECK(fails_with(&(struct test_mount){data, "drop", "/output", writable, 0}, LW_STAGE_OPEN_SOURCE, EACCES));
    CHECK(fails_with(&(struct test_mount){data, "covered", "/input", 0, 0}, LW_STAGE_OPEN_SOURCE, EOPNOTSUPP));
    CHECK(strstr(job->detail, "covered/mount"));
    CHECK(fails_with(&(struct test_mount){"/proc", "self", "/input", 0, 0}, LW_STAGE_OPEN_SOURCE, ELOOP));
    CHECK(fails_with(&(struct test_mount){"/proc/sys", "", "/input", 0, 0}, LW_STAGE_OPEN_SOURCE, EOPNOTSUPP));
    CHECK(fails_with(&(struct test_mount){"/dev", "null", "/input", 0, 0}, LW_STAGE_OPEN_SOURCE, ENOTSUP));
}

static void test_refused_targets(void)
{
    CHECK(fails_with(&(struct test_mount){data, "out", "/input", LW_JOB_MOUNT_FLAG_WRITABLE, 0}, LW_STAGE_ATTACH, EROFS));
    CHECK(fails_with(&(struct test_mount){data, "in", "/a/../b", 0, 0}, LW_STAGE_ATTACH, EINVAL));
    CHECK(fails_with(&(struct test_mount){data, "in", "relative", 0, 0}, LW_STAGE_ATTACH, EINVAL));
    CHECK(fails_with(&(struct test_mount){data, "in", "/", 0, 0}, LW_STAGE_ATTACH, EINVAL));
    CHECK(fails_with(&(struct test_mount){data, "in", "/usr/inside", 0, 0}, LW_STAGE_ATTACH, EXDEV));
    CHECK(fails_with(&(struct test_mount){data, "in", "/tmp/inside", 0, 0}, LW_STAGE_ATTACH, EXDEV));
    CHECK(fails_with(&(struct test_mount){data, "in", "/tmp", 0, 0}, LW_STAGE_ATTACH, EEXIST));
    CHECK(fails_with(&(struct test_mount){data, "in", "/lib/inside", 0, 0}, LW_STAGE_ATTACH, ELOOP));
}

static void test_same_target_twice(void)
{
    const struct test_mount known[] = {{data, "in", "/input", 0, 0}, {data, "in/sub", "/input", 0, 0}};
    const struct test_mount unknown[] = {{data, "in", "/x", 0, 0}, {data, "in/sub", "/x", 0, 0}};
    struct test_request asked = peer_request("pass", known, 2);
    CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR) && job->end.errno_ == EEXIST && job->end.stage_index == 1);
    asked.mounts = unknown;
    CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR) && job->end.errno_ == EEXIST && job->end.stage_index == 1);
}

static void test_created_source(void)
{
    const uint32_t flags = LW_JOB_MOUNT_FLAG_WRITABLE | LW_JOB_MOUNT_FLAG_CREATE;
    struct test_mount mount = {data, "parent/new", "/output", flags, 0750};
    struct test_request asked = peer_request("open('/output/x', 'w').close()", &mount, 1);
    CHECK(run_request(&asked) && status_is(LW_STATUS_OK));
    char path[512];
    struct stat status;
    path_in_data(path, "parent/new");
    CHECK(stat(path, &status) == 0 && status.st_uid == peer_uid() && (status.st_mode & 07777) == 0750);
    mount.path = "parent/a/b";
    CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR) && job->end.errno_ == ENOENT);
    mount.path = "drop/new";
    CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR) && job->end.errno_ == EACCES);
}

static void test_optional_source(void)
{
    const struct test_mount mounts[] = {{data, "missing", "/input", LW_JOB_MOUNT_FLAG_OPTIONAL, 0},
                                        {data, "out", "/output", LW_JOB_MOUNT_FLAG_WRITABLE, 0}};
    struct test_request asked = peer_request("import os\nprint(os.listdir('/output'))", mounts, 2);
    CHECK(run_request(&asked) && status_is(LW_STATUS_OK));
    CHECK(strcmp(job->out, "['result']\n") == 0);
}

static void test_peers_are_apart(void)
{
    const struct test_mount mount = {data, "out", "/output", LW_JOB_MOUNT_FLAG_WRITABLE, 0};
    struct test_request asked = peer_request("print('never')", &mount, 1);
    asked.peer_uid = asked.peer_gid = OTHER_PEER;
    CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR));
    CHECK((int)job->end.errno_ == (privileged ? EACCES : EPERM));
    asked.peer_uid = asked.peer_gid = 65534;
    CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR) && job->end.errno_ == EPERM);
}

/* ramfs takes no id map (FS_ALLOW_IDMAP of the kernel); here the plan has it in the place of another file system. */
static int mount_unmappable(const char *path)
{
    uint32_t count;
    const struct lw_plan_file_system *types = lw_plan_file_systems(sample, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (types[i].magic == OVERLAYFS_SUPER_MAGIC) ((struct lw_plan_file_system *)(uintptr_t)&types[i])->magic = RAMFS_MAGIC;
    }
    if (access(path, F_OK) == 0) return 0;
    put_directory("shared/unmapped", PEER, 0700);
    return mount("shared/unmapped", path, "ramfs", 0, "mode=0700") < 0 ? -errno : chown(path, PEER, PEER);
}

/* Opens a pool whose jobs run as this peer, and closes it for the slots' own again afterwards by the next case. */
static int open_pool_as(uint32_t uid, uint32_t gid)
{
    supervisor.run_as_uid = uid;
    supervisor.run_as_gid = gid;
    int result = open_pool(1, 2);
    supervisor.run_as_uid = supervisor.run_as_gid = 0;
    return result;
}

static void test_without_id_map(void)
{
    char path[512];
    struct stat status;
    const struct test_mount mount_of_it = {data, "shared/unmapped", "/output", LW_JOB_MOUNT_FLAG_WRITABLE, 0};
    struct test_request asked = peer_request("open('/output/new', 'w').close()\nprint('written')", &mount_of_it, 1);
    if (!privileged) {
        skip_reason = "an ordinary user's mounts are not id-mapped";
        return;
    }
    path_in_data(path, "shared/unmapped");
    new_plan();
    CHECK(mount_unmappable(path) == 0 && open_pool(1, 2) == 0);
    CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR) && job->end.stage == LW_STAGE_ID_MAPPED_MOUNT);
    CHECK(job->end.errno_ == EINVAL && strstr(job->detail, "mapped ids"));
    new_plan()->no_idmap = LW_NO_IDMAP_RUN_AS_PEER;
    CHECK(mount_unmappable(path) == 0);
    CHECK(open_pool_as(PEER, PEER) == 0);
    CHECK(run_request(&asked) && status_is(LW_STATUS_OK) && strcmp(job->out, "written\n") == 0);
    CHECK(job->end.outside_uid == PEER && job->end.outside_gid == PEER);
    CHECK(!(job->end.receipt_flags & LW_RECEIPT_FLAG_ID_MAPPED_MOUNTS));
    path_in_data(path, "shared/unmapped/new");
    CHECK(stat(path, &status) == 0 && status.st_uid == PEER && status.st_gid == PEER);
    path_in_data(path, "shared/unmapped");
    CHECK(umount2(path, MNT_DETACH) == 0);
    /* Whose pool it is, his jobs alone run in it. */
    asked = request("pass");
    CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR) && job->end.stage == LW_STAGE_ENVELOPE);
}

static int run_as_is_refused(uint32_t uid, uint32_t gid, const char *named)
{
    int refused = open_pool_as(uid, gid) != 0 && supervisor.pool.failure.stage == LW_STAGE_ENVELOPE;
    return refused && strstr(supervisor.pool.detail, named);
}

static void test_run_as_whom(void)
{
    new_plan();
    CHECK(run_as_is_refused(PEER, PEER, privileged ? "the policy does not let" : "without privilege"));
    new_plan()->no_idmap = LW_NO_IDMAP_RUN_AS_PEER;
    if (privileged) {
        CHECK(run_as_is_refused(0, PEER, "host uid 0") && run_as_is_refused(PEER, 0, "host uid 0"));
        CHECK(run_as_is_refused(SLOT_BASE, PEER, "sandbox") && run_as_is_refused(65534, PEER, "overflow"));
        CHECK(run_as_is_refused(54321, 54321, "no jobs for this peer"));
    }
    new_plan();
    CHECK(open_pool(1, 4) == 0);
}

/* The administrator's own files: on-disk 0 becomes the slot's id like any other. */
static void test_root_as_a_peer(void)
{
    if (!privileged) {
        skip_reason = "an ordinary user's supervisor opens nothing of root's";
        return;
    }
    put_directory("admin", 0, 0700);
    put("admin/file", "of root\n", 0, 0600);
    const struct test_mount mount = {data, "admin", "/output", LW_JOB_MOUNT_FLAG_WRITABLE, 0};
    struct test_request asked = peer_request("print(open('/output/file').read(), end='')\nopen('/output/new', 'w')", &mount, 1);
    asked.peer_uid = asked.peer_gid = 0;
    CHECK(run_request(&asked) && status_is(LW_STATUS_OK) && strcmp(job->out, "of root\n") == 0);
    char path[512];
    struct stat status;
    path_in_data(path, "admin/new");
    CHECK(stat(path, &status) == 0 && status.st_uid == 0 && status.st_gid == 0);
}

static void test_groups_of_the_peer(void)
{
    if (!privileged) {
        skip_reason = "an ordinary user keeps his own groups";
        return;
    }
    char path[512];
    path_in_data(path, "group");
    CHECK(mkdir(path, 0700) == 0 && chown(path, OTHER_PEER, 777) == 0 && chmod(path, 0750) == 0);
    const struct test_mount mount = {data, "group", "/input", 0, 0};
    const uint32_t groups[] = {900, 777};
    struct test_request asked = peer_request("pass", &mount, 1);
    CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR) && job->end.errno_ == EACCES);
    asked.groups = groups;
    asked.group_count = 2;
    CHECK(run_request(&asked) && status_is(LW_STATUS_OK));
}

const struct supervisor_case supervisor_mount_cases[] = {
    {"mounts", test_mounts},
    {"later volume", test_later_volume},
    {"volume beneath a job", test_volume_beneath_a_job},
    {"unknown targets", test_unknown_targets},
    {"refused sources", test_refused_sources},
    {"refused targets", test_refused_targets},
    {"same target twice", test_same_target_twice},
    {"created source", test_created_source},
    {"optional source", test_optional_source},
    {"peers are apart", test_peers_are_apart},
    {"root as a peer", test_root_as_a_peer},
    {"without id map", test_without_id_map},
    {"run as whom", test_run_as_whom},
    {"groups of the peer", test_groups_of_the_peer},
    {NULL, NULL},
};
