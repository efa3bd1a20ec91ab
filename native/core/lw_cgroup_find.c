#include "lw_cgroup_find.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *lw_cgroup_controller_name(enum lw_cgroup_controller controller)
{
    static const char *const names[LW_CGROUP_CONTROLLER_COUNT] = {"memory", "pids", "cpu", "cpuacct"};
    return names[controller];
}

static int word_is(const char *word, size_t length, const char *name)
{
    return strlen(name) == length && memcmp(word, name, length) == 0;
}

uint32_t lw_cgroup_controllers_of(const char *text, char separator)
{
    const char stop[] = {separator, '\n', '\0'};
    uint32_t bits = 0;
    while (*text) {
        size_t length = strcspn(text, stop);
        for (uint32_t i = 0; i < LW_CGROUP_CONTROLLER_COUNT; i++) {
            if (word_is(text, length, lw_cgroup_controller_name(i))) bits |= 1u << i;
        }
        text += length;
        if (*text) text++;
    }
    return bits;
}

/* The kernel writes space, tab, newline and backslash of a path as three octal digits. */
static int copy_unescaped(const char *text, size_t length, char out[PATH_MAX])
{
    size_t size = 0;
    for (size_t i = 0; i < length; i++) {
        if (size + 1 >= PATH_MAX) return -ENAMETOOLONG;
        char byte = text[i];
        if (byte == '\\' && i + 3 < length) {
            int value = (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
            byte = (char)value;
            i += 3;
        }
        out[size++] = byte;
    }
    out[size] = '\0';
    return 0;
}

/* Start of the field with this number (0 = first) in a line of single-spaced fields; NULL when there are fewer. */
static const char *field(const char *line, unsigned number, size_t *length)
{
    *length = 0;
    while (number > 0) {
        line = strchr(line, ' ');
        if (!line) return NULL;
        line++;
        number--;
    }
    *length = strcspn(line, " \n");
    return line;
}

int lw_cgroup_parse_mount(const char *line, struct lw_cgroup_mount *mount)
{
    const char *separator = strstr(line, " - ");
    if (!separator) return 0;
    size_t root_length, point_length, type_length, options_length;
    const char *root = field(line, 3, &root_length);
    const char *point = field(line, 4, &point_length);
    const char *type = field(separator + 3, 0, &type_length);
    const char *options = field(separator + 3, 2, &options_length);
    if (!root || !point || !type || !options || point > separator) return 0;
    memset(mount, 0, sizeof(*mount));
    if (word_is(type, type_length, "cgroup2")) {
        mount->version = 2;
    } else if (word_is(type, type_length, "cgroup")) {
        mount->version = 1;
        mount->controllers = lw_cgroup_controllers_of(options, ',');
    } else {
        return 0;
    }
    if (copy_unescaped(root, root_length, mount->root)) return 0;
    return copy_unescaped(point, point_length, mount->point) == 0;
}

/* One line "ID:CONTROLLERS:PATH". */
static int line_matches(const char *line, const char *controller)
{
    const char *names = strchr(line, ':');
    if (!names) return 0;
    names++;
    size_t length = strcspn(names, ":\n");
    if (!controller) return strncmp(line, "0::", 3) == 0;
    while (length > 0) {
        size_t word = strcspn(names, ",:\n");
        if (word_is(names, word, controller)) return 1;
        if (names[word] != ',') return 0;
        names += word + 1;
        length -= word + 1;
    }
    return 0;
}

int lw_cgroup_parse_membership(const char *text, const char *controller, char path[PATH_MAX])
{
    for (const char *line = text; line && *line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
        if (!line_matches(line, controller)) continue;
        const char *start = strchr(strchr(line, ':') + 1, ':');
        if (!start) continue;
        start++;
        size_t length = strcspn(start, "\n");
        if (length >= PATH_MAX) return -ENAMETOOLONG;
        memcpy(path, start, length);
        path[length] = '\0';
        return 0;
    }
    return -ENOENT;
}

int lw_cgroup_directory(const struct lw_cgroup_mount *mount, const char *path, char directory[PATH_MAX])
{
    size_t root = strcmp(mount->root, "/") == 0 ? 0 : strlen(mount->root);
    if (strncmp(path, mount->root, root) != 0 || (path[root] != '/' && path[root] != '\0')) return -ENOENT;
    const char *rest = path + root;
    if (strncmp(rest, "/..", 3) == 0) return -ENOENT;
    if (strcmp(rest, "/") == 0) rest = "";
    int size = snprintf(directory, PATH_MAX, "%s%s", mount->point, rest);
    return size >= PATH_MAX ? -ENAMETOOLONG : 0;
}

int lw_cgroup_check_name(const char *name)
{
    if (strlen(name) >= NAME_MAX) return -EINVAL;
    for (const char *part = name;; part++) {
        size_t length = strcspn(part, "/");
        if (length == 0 || word_is(part, length, ".") || word_is(part, length, "..")) return -EINVAL;
        part += length;
        if (*part == '\0') return 0;
    }
}
