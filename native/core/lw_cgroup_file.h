/*
 * Reading and writing the files of a control group: a directory descriptor of the subtree, the group's name beneath it ("" =
 * the subtree itself), the file. One value is one write(2), as the kernel demands (cgroups(7)).
 */
#ifndef LW_CGROUP_FILE_H
#define LW_CGROUP_FILE_H

#include <stddef.h>
#include <stdint.h>

/* "max", -1 and values that the kernel cannot represent: no limit. */
#define LW_CGROUP_UNLIMITED UINT64_MAX

/* Opens `group/file` with close-on-exec. Returns the descriptor or -errno. */
int lw_cgroup_file_open(int directory, const char *group, const char *file, int flags);

/* Reads at most size - 1 bytes and terminates them. Returns 0 or -errno. */
int lw_cgroup_file_read(int directory, const char *group, const char *file, char *text, size_t size);

/* Returns 0 or -errno of open(2) or write(2). */
int lw_cgroup_file_write(int directory, const char *group, const char *file, const char *text);

/* Reads a single number; "max" is LW_CGROUP_UNLIMITED. Returns 0, -EBADMSG when it is none, or -errno. */
int lw_cgroup_file_read_u64(int directory, const char *group, const char *file, uint64_t *value);

/* The value of `key` in a flat-keyed file. Returns 0 or -errno, see lw_cgroup_parse_key. */
int lw_cgroup_file_read_key(int directory, const char *group, const char *file, const char *key, uint64_t *value);

/* Writes `value`, or `unlimited` ("max", "-1") for LW_CGROUP_UNLIMITED. Returns 0 or -errno. */
int lw_cgroup_file_write_u64(int directory, const char *group, const char *file, uint64_t value, const char *unlimited);

/* 1 when the file is there. */
int lw_cgroup_file_exists(int directory, const char *group, const char *file);

/* A number or "max" at the start of `text`. Returns 0 or -EBADMSG. */
int lw_cgroup_parse_u64(const char *text, uint64_t *value);

/* The value of `key` in a flat-keyed file ("key value" lines). Returns 0, -ENOENT or -EBADMSG. */
int lw_cgroup_parse_key(const char *text, const char *key, uint64_t *value);

/* v2's cpu.max: "QUOTA PERIOD", QUOTA "max" for none. Returns 0 or -EBADMSG. */
int lw_cgroup_parse_cpu_max(const char *text, uint64_t *quota, uint64_t *period);

#endif
