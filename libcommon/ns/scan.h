/* SPDX-License-Identifier: MIT */
/* scan.h - the namespaces of this system: one pass over /proc.
 *
 * Of each process only the links in /proc/PID/ns are read, below one descriptor, so that all
 * are of the same process. What else there is to know is read once for each namespace, and
 * only if it is wanted. A process that ends meanwhile is no error and leaves no row; what may
 * not be read is counted. */
#ifndef COMMON_NS_SCAN_H
#define COMMON_NS_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fault.h"
#include "ns/kinds.h"

enum { SCAN_KINDS = 8, SCAN_ANY = SCAN_KINDS, SCAN_DIR = 40, SCAN_TRIES = 8 };

#define SCAN_NONE UINT32_MAX

/* What is wanted beside the links. */
enum scan_want {
	SCAN_STAT = 1 << 0,      /* of a process: parent, start, name                       */
	SCAN_COMMAND = 1 << 1,   /* its command line, or [name]                             */
	SCAN_UID = 1 << 2,
	SCAN_INSIDE = 1 << 3,    /* its pid in its own pid namespace                        */
	SCAN_CGROUP = 1 << 4,    /* the text of its /proc/PID/cgroup                        */
	SCAN_EVERY = 1 << 5,     /* those of every process, not of the first of a namespace */
	SCAN_RELATED = 1 << 6,   /* of a namespace: owner, parent; ancestors without process */
	SCAN_MOUNTS = 1 << 7,    /* bind mounts, of our own mount namespace                 */
	SCAN_ALL_MOUNTS = 1 << 8,/* and of all others                                       */
	SCAN_FDS = 1 << 9,       /* descriptors of processes; children to be                */
	SCAN_MAPS = 1 << 10,     /* id maps of user namespaces                              */
	SCAN_IFACES = 1 << 11,   /* interfaces of network namespaces                        */
	SCAN_NETNSID = 1 << 12,  /* their ids in ours                                       */
	SCAN_ID = 1 << 13,       /* numbers of namespaces that are never given again        */
};

/* A process, as far as it was wanted. */
struct scan_who {
	pid_t ppid, inside;      /* inside 0: not known                                     */
	int64_t uid;             /* or -1                                                   */
	uint64_t start;          /* clock ticks since boot                                  */
	char *command, *cgroup;  /* or NULL; a long command ends in "..."                   */
	bool read;
};

enum hold_type {
	HOLD_MOUNT,              /* a bind mount at `path`                                  */
	HOLD_FD,                 /* descriptor fd of process pid                            */
	HOLD_CHILDREN,           /* the next children of process pid will be in it          */
	HOLD_CHILD,              /* it is parent or owner of the namespace `child`          */
};

struct scan_hold {
	enum hold_type type;
	uint32_t next;           /* in scan.holds, or SCAN_NONE                             */
	uint32_t child;
	pid_t pid;
	int fd;
	char *path;
};

struct scan_ns {
	uint64_t ino;            /* given again when it has gone                            */
	uint64_t id;             /* not given again; 0: not known (before Linux 6.18)       */
	uint32_t nprocs;
	uint32_t first;          /* index of the process with the lowest pid, or SCAN_NONE  */
	uint32_t owner, parent;  /* index, or SCAN_NONE                                     */
	uint32_t holds, last;    /* list in scan.holds, or SCAN_NONE                        */
	int64_t owner_uid;       /* of a user namespace, or -1                              */
	int32_t netnsid;         /* or NETNSID_NONE, NETNSID_UNKNOWN                         */
	uint8_t kind;            /* index in ns_kinds                                       */
	bool listed;             /* the kernel's own list has it, and nothing else          */
	char *maps[2];           /* of users and groups: IN:OUT:N,...; or NULL              */
	char *ifaces;            /* names, each with a NUL, and an empty one behind; or NULL */
};

enum { NETNSID_NONE = -1, NETNSID_UNKNOWN = -2 };

struct scan_proc {
	pid_t pid;
	pid_t thread;            /* the one that is looked at, when the first one has ended; or 0 */
	uint32_t ns[SCAN_KINDS]; /* index of its namespace of each kind, or SCAN_NONE       */
};

struct scan {
	int proc;                /* /proc                                                   */
	unsigned kinds;          /* CLONE_NEW* of those that are read                       */
	unsigned want;
	struct scan_ns *ns;
	size_t n, cap;
	struct scan_proc *procs; /* in ascending order of pids                              */
	struct scan_who *who;    /* of each                                                 */
	size_t nprocs, procs_cap;
	uint32_t *hash;          /* of ns by inode: index + 1, or 0                         */
	size_t hash_size;
	struct scan_hold *holds;
	size_t nholds, holds_cap;
	char *buf;               /* SCAN_BUF bytes for whatever is read                     */
	int netlink;             /* socket for ids of network namespaces, or -1             */
	bool gone;               /* the process that was read has ended                     */
	/* what could not be read */
	size_t denied;           /* processes whose namespaces may not be read              */
	size_t denied_fds;       /* or their descriptors                                    */
	size_t denied_mounts;    /* mount namespaces whose mounts                           */
	int no_ioctl;            /* errno: the kernel tells no owners; or 0                 */
	bool hidden;             /* /proc hides processes of others                         */
};

enum { SCAN_BUF = 1 << 18, SCAN_COMMAND_MOST = 4096 };

/* Read /proc: the kinds in `kinds` (0: all that the kernel has), and what is wanted. 0 or a
 * fault. */
int scan_open(struct scan *s, unsigned kinds, unsigned want, struct fault *f);

void scan_close(struct scan *s);

/* The namespace of this kind with this inode: its index; with `add`, made when it is not there yet.
 * Or SCAN_NONE. A number may have been of another kind when we began to read: the two are two.
 * Of SCAN_ANY it is the one that is there (see scan_is_there). */
uint32_t scan_find(struct scan *s, uint64_t ino, unsigned kind, bool add);

/* The process with this pid: its index, or SCAN_NONE. */
uint32_t scan_process(const struct scan *s, pid_t pid);

/* "4711", its directory in /proc; "4711/task/4713" when its first thread has ended before others.
 * Returns where the text ends. */
char *scan_dir(const struct scan *s, pid_t pid, char dir[static SCAN_DIR]);

/* Is it there: is somebody in it, or does something hold it? One whose processes all ended
 * while we looked is not. */
static inline bool scan_is_there(const struct scan_ns *ns)
{
	return ns->nprocs || ns->holds != SCAN_NONE || ns->listed;
}

/* -- the parts of scan_open ------------------------------------------------------------- */

/* "net:[4026531840]": the inode, and in *kind its index; 0 when it is none. */
uint64_t scan_parse(const char *text, size_t n, unsigned *kind);

/* Of the process whose directory is open: the first thread that lives, 0 when none does, or -EACCES.
 * A process whose first thread has ended goes on with the others, and has its namespaces there. */
pid_t scan_thread(int dirfd);

/* Note that something holds the namespace. path is owned then. */
void scan_hold(struct scan *s, uint32_t ns, struct scan_hold hold);

/* Descriptors of the process whose ns directory is open; what its children will be in. */
void scan_fds(struct scan *s, int nsdir, pid_t pid);

/* Bind mounts of the mountinfo at `path` below dirfd, as process pid sees them (0: we).
 * Returns 0 or -errno. */
int scan_mounts(struct scan *s, int dirfd, const char *path, pid_t pid);

/* Namespaces that only the kernel's own list has, where there is one. */
void scan_kernel_list(struct scan *s);

/* What is wanted of a process whose directory is `dir` below dirfd: "" or "../". False: it has
 * ended meanwhile. */
bool scan_who(struct scan *s, int dirfd, const char *dir, struct scan_who *who);

/* What is wanted of each namespace; its first process is made one that is still in it. */
void scan_details(struct scan *s);

/* Owner, parent and ancestors of a namespace that is open. */
void scan_relate(struct scan *s, uint32_t ns, int fd);

#endif
