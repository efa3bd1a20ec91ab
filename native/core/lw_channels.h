/*
 * The channels inside the native side: supervisor <-> pool init, zygote, job, mounter, opener.
 * All are SOCK_SEQPACKET socketpairs, but for the report pipe and the payload pipe of a job.
 * Both ends are the same build, so structs travel as they are; every field is set, padding is zero.
 */
#ifndef LW_CHANNELS_H
#define LW_CHANNELS_H

#include <stdint.h>

#include "lw_error.h"
#include "lw_sha256.h"

/* Descriptor numbers of a job while it sets itself up; see docs/internals/native.md. */
enum lw_job_fd {
    LW_JOB_FD_PAYLOAD = 3,
    LW_JOB_FD_CLAIMS = 4,
    LW_JOB_FD_REPORT = 5,
    LW_JOB_FD_PROC = 6, /* until its user namespace is as it shall be */
    LW_JOB_FD_LISTENER = 6,
};

/* supervisor -> pool init: make the init of one job. Descriptor in the answer: its pidfd. */
struct lw_init_request {
    uint32_t slot;
    uint32_t pad;
};

/* pool init -> supervisor. The answer to every request, in order; error.stage 0 means success and one pidfd attached. */
struct lw_init_reply {
    uint32_t slot;
    uint32_t pad;
    struct lw_error error;
};

enum lw_zygote_message {
    LW_ZYGOTE_READY = 1,  /* zygote -> supervisor: preload done */
    LW_ZYGOTE_FAILED = 2, /* zygote -> supervisor: struct lw_zygote_failed, then it exits */
    LW_ZYGOTE_FORK = 3,   /* supervisor -> zygote: struct lw_zygote_fork with LW_FORK_FD_COUNT descriptors */
    LW_ZYGOTE_FORKED = 4, /* zygote -> supervisor: struct lw_zygote_forked; the job's pidfd attached when error.stage is 0 */
    LW_ZYGOTE_NOT_STARTED = 5, /* launching process -> supervisor: struct lw_zygote_not_started: the interpreter never ran */
};

/* Descriptor numbers of a zygote; 0 is /dev/null, 1 and 2 its log. */
enum lw_zygote_fd {
    LW_ZYGOTE_FD_CONTROL = 3,
    LW_ZYGOTE_FD_PLAN = 4, /* closed once it is mapped */
};

/* Order of the descriptors attached to LW_ZYGOTE_FORK. */
enum lw_fork_fd {
    LW_FORK_FD_INIT = 0, /* pidfd of the job init */
    LW_FORK_FD_PROC = 1, /* the supervisor's /proc: the job's own is read-only, and has no sys */
    LW_FORK_FD_STDIN = 2,
    LW_FORK_FD_STDOUT = 3,
    LW_FORK_FD_STDERR = 4,
    LW_FORK_FD_PAYLOAD = 5,
    LW_FORK_FD_CLAIMS = 6,
    LW_FORK_FD_REPORT = 7,
    LW_FORK_FD_COUNT = 8,
};

struct lw_zygote_fork {
    uint32_t type; /* LW_ZYGOTE_FORK */
    uint32_t slot;
    uint32_t slot_uid;        /* id in U that the job becomes before its last user namespace; 0 when unprivileged */
    uint32_t landlock_abi_cap; /* 0xffffffff = none */
};

struct lw_zygote_forked {
    uint32_t type; /* LW_ZYGOTE_FORKED */
    uint32_t slot;
    struct lw_error error;
};

struct lw_zygote_ready {
    uint32_t type; /* LW_ZYGOTE_READY */
    uint32_t threads;
};

struct lw_zygote_failed {
    uint32_t type; /* LW_ZYGOTE_FAILED */
    uint32_t pad;
    char text[2040]; /* NUL-terminated: the Python exception, for the operator */
};

struct lw_zygote_not_started {
    uint32_t type; /* LW_ZYGOTE_NOT_STARTED */
    uint32_t pad;
    struct lw_error error;
};

enum lw_report_kind {
    LW_REPORT_WAIT_CGROUP = 1, /* namespaces entered; waits for one byte on the payload pipe */
    LW_REPORT_READY = 2,       /* confined; listener is LW_JOB_FD_LISTENER (when the plan has one); waits for one byte */
    LW_REPORT_FAILED = 3,      /* error says where; the process exits 125 */
};

/* job -> supervisor, over the report pipe; fixed size, below PIPE_BUF, hence atomic. */
struct lw_job_report {
    uint32_t kind;
    uint32_t namespaces; /* CLONE_NEW* bits entered so far */
    uint32_t landlock_abi;
    uint32_t receipt_flags; /* receipt_flag bits that the job's own steps have done */
    uint64_t landlock_handled_fs;
    uint64_t landlock_handled_net;
    uint64_t landlock_scoped;
    uint8_t seccomp_digest[LW_SHA256_SIZE]; /* of the program that was given to seccomp(2) */
    uint32_t seccomp_instructions;
    uint32_t pad;
    struct lw_error error;
};

enum lw_mounter_operation {
    LW_MOUNTER_ATTACH = 1, /* descriptors: pidfd of the job init, then `count` detached mounts */
    LW_MOUNTER_RENEW = 2,  /* LW_RENEW_FD_COUNT descriptors: the mounts go, and the job in its call gets pipes for the next one */
};

/* Order of the descriptors attached to LW_MOUNTER_RENEW; from stdin on the job's ends of pipes, in the order of enum lw_fork_fd. */
enum lw_renew_fd {
    LW_RENEW_FD_INIT = 0,
    LW_RENEW_FD_LISTENER = 1,
    LW_RENEW_FD_STDIN = 2,
    LW_RENEW_FD_STDOUT = 3,
    LW_RENEW_FD_STDERR = 4,
    LW_RENEW_FD_PAYLOAD = 5,
    LW_RENEW_FD_CLAIMS = 6,
    LW_RENEW_FD_COUNT = 7,
};

/*
 * Second argument of an exit_group(2) by which a job of a reused process says that it has ended and asks for the next one. The call is
 * notified, and its first argument is the status. Answered by the number of the next payload's descriptor, or by ECANCELED: the
 * process is to end.
 */
#define LW_NEXT_JOB 0x6c656577617264ull

/* supervisor -> mounter */
#define LW_ATTACH_MAX 16
#define LW_PATH_MAX 256
struct lw_attach_request {
    uint64_t job_id;
    uint32_t operation; /* enum lw_mounter_operation */
    uint32_t count;
    uint64_t call; /* LW_MOUNTER_RENEW: id of the notification that is answered */
    struct {
        char mount_point[LW_PATH_MAX]; /* absolute, beneath one of the plan's two parents: created here */
        char link[LW_PATH_MAX];        /* public path that shall lead there, "" when the plan's own link exists */
        uint32_t is_file;              /* the source is a regular file: the mount point is one, too */
        uint32_t pad;
    } mounts[LW_ATTACH_MAX];
};

static inline uint32_t lw_attach_fd_count(const struct lw_attach_request *request)
{
    return request->operation == LW_MOUNTER_RENEW ? LW_RENEW_FD_COUNT : request->count + 1;
}

struct lw_attach_reply {
    uint64_t job_id;
    struct lw_error error; /* index = which mount */
};

enum lw_opener_operation {
    LW_OPENER_OPEN = 0,    /* struct lw_open_request */
    LW_OPENER_COLLECT = 1, /* struct lw_collect_request */
};

/*
 * supervisor -> opener. Three NUL-terminated strings after the struct: the envelope's root, the way from there to the daemon's
 * root, and the way from there to the source. Descriptor: the envelope's root, when it was there at start.
 */
struct lw_open_request {
    uint64_t job_id;
    uint32_t operation;
    uint32_t index;
    uint32_t create; /* 1: make the last component (a directory) when it is missing */
    uint32_t create_mode;
    uint32_t writable; /* 1: the peer must be allowed to write there, else to read */
    uint32_t pad;
};

/* Patterns of one request. */
#define LW_COLLECT_MAX 16
#define LW_COLLECT_NO_MOUNT 0xffffffffu

/*
 * supervisor -> opener: copy what a job has left in its mounts. Two NUL-terminated strings for each pattern after the struct: the
 * folder beneath the mount, and the pattern of the name. Descriptors: the mounts.
 */
struct lw_collect_request {
    uint64_t job_id;
    uint32_t operation;
    uint32_t count;
    uint64_t bytes_max;
    uint32_t files_max;
    uint32_t pad;
    uint32_t mounts[LW_COLLECT_MAX]; /* of each pattern: which of the descriptors; LW_COLLECT_NO_MOUNT: the job did not have it */
};

/*
 * opener -> daemon: the head of one record in the memfd of what was collected, little-endian. `name_length` bytes of the name follow
 * (none: the pattern itself is meant), then `data_length` bytes of the file. Records follow each other without padding.
 */
struct lw_collected_record {
    uint32_t pattern;
    uint32_t what; /* enum lw_collected */
    uint32_t name_length;
    uint32_t data_length;
};

/* opener -> supervisor: an O_PATH descriptor, or the memfd of what was collected, attached when error.stage is 0. */
struct lw_open_reply {
    uint64_t job_id;
    uint32_t index;
    uint32_t pad;
    uint64_t file_system; /* f_type of statfs(2): asking for it may wait for a file server, which the supervisor must not */
    struct lw_error error;
};

#endif
