/* SPDX-License-Identifier: MIT */
/* facts.h - what the kernel tells about one process, read once through its /proc directory.
 *
 * Everything goes by the descriptor of /proc/PID, so nothing is ever read of another process
 * that got the pid meanwhile. Each fact (facts.def) was read, or `why` has the error; what
 * the kernel does not tell of others is an error (ENODATA) and never a guess. */
#ifndef COMMON_TARGET_FACTS_H
#define COMMON_TARGET_FACTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fault.h"
#include "base/words.h"
#include "target/target.h"

enum fact {
#define FACT(id, what, file) FACT_##id,
#include "target/facts.def"
#undef FACT
	FACT_COUNT
};

#define FACT_BIT(id) (1U << FACT_##id)
#define FACTS_ALL ((1U << FACT_COUNT) - 1)

enum { FACTS_KINDS = 8, FACTS_LIMITS = 16 };

/* A file, whatever its name. ino 0: it could not be looked at. */
struct facts_id {
	dev_t dev;
	uint64_t ino;
};

struct facts_ns {
	struct facts_id id;
	struct facts_id owner;     /* the user namespace that owns it                      */
	struct facts_id parent;    /* of user and pid namespaces                            */
	struct facts_id children;  /* pid, time: of its children; else as id                */
	int why, owner_why, parent_why; /* EPERM: it lies outside of our own                */
};

struct facts_place {
	char *path;                /* as the kernel names it for us: below a root of another
				    * mount namespace it begins with "/" as well             */
	struct facts_id id;
	uint64_t mount;            /* the mount's id in its mountinfo, or 0                  */
};

struct facts_mount { /* a line of mountinfo, proc_pid_mountinfo(5) */
	int id, parent;
	unsigned major, minor;
	const char *root, *dir, *options, *type, *source, *super;
	int shared, master;        /* peer groups, or 0                                      */
	bool unbindable;
};

struct facts_extent {
	uint32_t in, out, count;
};

struct facts_map {
	struct facts_extent *v;
	size_t n;
};

struct facts_cgroup {
	const char *controllers;   /* "cpu,cpuacct", "name=x"; "" for cgroup2                 */
	const char *path;
};

struct facts_ids { /* real, effective, saved, of the filesystem */
	uint32_t real, effective, saved, fs;
};

struct facts_offset {
	int64_t sec;
	long nsec;
};

struct facts {
	pid_t pid;
	int why[FACT_COUNT];       /* 0: it was read; else the errno, EINPROGRESS: not asked  */

	/* STATUS */
	char comm[64];
	pid_t parent, inside;      /* inside: its pid in its own pid namespace                */
	struct facts_ids uid, gid;
	uint32_t *groups;
	size_t n_groups;
	uint64_t inheritable, permitted, effective, bounding, ambient;
	int no_new_privs, seccomp, filters; /* -1: this kernel does not tell                   */
	int umask;                 /* -1: no line                                              */
	char *cpus;                /* Cpus_allowed_list                                        */

	/* STAT */
	char state;
	int nice, policy, rt_priority;
	uint64_t start;            /* clock ticks after boot                                   */

	struct facts_ns ns[FACTS_KINDS]; /* NS, in the order of kinds.def                      */
	struct facts_place root, cwd, exe;
	struct facts_mount *mounts;
	size_t n_mounts;
	struct facts_map users, groups_map;
	bool setgroups;
	struct facts_cgroup *cgroups;
	size_t n_cgroups;
	char *label;               /* "" where no module labels processes                      */
	struct {
		uint64_t soft, hard; /* UINT64_MAX: unlimited                                  */
	} limits[FACTS_LIMITS];    /* by RLIMIT_ number                                        */
	unsigned n_limits;
	int oom;
	struct facts_offset monotonic, boottime; /* OFFSETS                                                  */
	unsigned long persona;
	unsigned securebits;
	struct words env, args;    /* borrow from what facts own                               */

	char *text[FACT_COUNT];    /* what the strings point into                               */
};

/* Read the facts in `want` (FACT_BIT(x) | ..., or FACTS_ALL) of a process that target_open
 * found. The caller frees *p with facts_free, also after a failure. Returns 0, or a fault
 * when the process is gone. */
int facts_read(struct facts *p, const struct target *t, unsigned want, struct fault *f);

void facts_free(struct facts *p);

/* Was it read? */
static inline bool facts_has(const struct facts *p, enum fact id)
{
	return p->why[id] == 0;
}

/* What a fact is in words ("its mounts"), and its file below /proc/PID. */
const char *facts_word(enum fact id);
const char *facts_file(enum fact id);

/* The name of kind i of a namespace ("net"), in the order of kinds.def; i < FACTS_KINDS. */
const char *facts_kind(unsigned i);

/* Its CLONE_NEW* bit. */
unsigned facts_kind_flag(unsigned i);

static inline bool facts_same(const struct facts_id *a, const struct facts_id *b)
{
	return a->ino && a->ino == b->ino && a->dev == b->dev;
}

#endif
