/* Which mounts lie beneath a directory, from lines of mountinfo as the kernel writes them. */
#include "lw_test.h"

#include <string.h>

#include "supervisor/submounts.h"

static struct lw_submounts submounts;

static const char *find(uint64_t mount, const char *path)
{
    return lw_submounts_find(&submounts, mount, path);
}

static void finds_what_lies_beneath(void)
{
    lw_submounts_add_line(&submounts, "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n");
    lw_submounts_add_line(&submounts, "30 22 0:26 / /data/in rw shared:4 - tmpfs tmpfs rw\n");
    lw_submounts_add_line(&submounts, "31 22 0:27 / /data/with\\040space/x rw - nfs4 server:/x rw\n");
    LW_CHECK(strcmp(find(22, "/data"), "/data/in") == 0 || strstr(find(22, "/data"), "/data/with space/x"));
    LW_CHECK(strcmp(find(22, "/data/with space"), "/data/with space/x") == 0);
    LW_CHECK(find(22, "/") != NULL);
    LW_CHECK(!find(22, "/data/in") && !find(22, "/data/i") && !find(22, "/dat"));
    LW_CHECK(!find(30, "/data"));
}

/* Escaped, a path can be longer than any path. */
static void reads_a_path_of_escapes(void)
{
    static char line[16384] = "40 22 0:28 / /long/", path[4096] = "/long/";
    size_t at = strlen(line), end = strlen(path);
    for (int i = 0; i < 2000; i++, at += 4, end++) {
        memcpy(line + at, "\\040", 4);
        path[end] = ' ';
    }
    strcpy(line + at, "/below rw - fuse none rw\n");
    lw_submounts_add_line(&submounts, line);
    const char *found = find(22, path);
    LW_CHECK(found && strcmp(found + end, "/below") == 0);
}

static void passes_over_what_is_no_line(void)
{
    const struct lw_submount *before = submounts.first;
    lw_submounts_add_line(&submounts, "");
    lw_submounts_add_line(&submounts, "22\n");
    lw_submounts_add_line(&submounts, "a b c d e\n");
    LW_CHECK(submounts.first == before);
}

int main(void)
{
    LW_RUN(finds_what_lies_beneath);
    LW_RUN(reads_a_path_of_escapes);
    LW_RUN(passes_over_what_is_no_line);
    return lw_test_status();
}
