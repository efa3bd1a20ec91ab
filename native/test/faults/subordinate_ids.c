#include "subordinate_ids.h"

#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../supervisor_fixture.h"

enum { IDS = 65536 };

int subordinate_ids_tools(void)
{
    return access("/usr/bin/newuidmap", X_OK) == 0 && access("/usr/bin/newgidmap", X_OK) == 0;
}

static FILE *create(const char *directory, const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    return fopen(path, "we");
}

static int put_ranges(const char *directory, const char *name)
{
    FILE *file = create(directory, name);
    if (!file) return -1;
    fprintf(file, "sandboxer:%d:%d\n", SLOT_BASE, IDS);
    return fclose(file);
}

/* The tools look for a user's name there before they look for his ids. */
static int put_user(const char *directory)
{
    char text[4096];
    FILE *host = fopen("/etc/passwd", "re"), *file = create(directory, "passwd");
    if (!host || !file) return -1;
    for (size_t size; (size = fread(text, 1, sizeof(text), host)) > 0;) fwrite(text, 1, size, file);
    fprintf(file, "sandboxer:x:%d:%d::/:/bin/sh\n", ORDINARY, ORDINARY);
    fclose(host);
    return fclose(file);
}

int subordinate_ids_give(const char *directory)
{
    char layers[256];
    snprintf(layers, sizeof(layers), "lowerdir=%s:/etc", directory);
    umask(022);
    if (mkdir(directory, 0755) < 0 || put_ranges(directory, "subuid") || put_ranges(directory, "subgid") || put_user(directory))
        return -1;
    return mount("overlay", "/etc", "overlay", 0, layers);
}
