/* SPDX-License-Identifier: MIT */
/* link.h - what a link of a chain is, and what the links of one chain know of each
 * other. A feature room defines its links as `const struct link`; chain/ has the
 * table of them, checks their order, and drives them. */
#ifndef COMMON_BASE_LINK_H
#define COMMON_BASE_LINK_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "fault.h"
#include "opt.h"
#include "sys.h"

struct path_made;

/* The legal order: ranks never go down along a chain, and may repeat. */
enum rank {
	RANK_CGROUP,
	RANK_NAMESPACE,
	RANK_ROOT,
	RANK_PROCESS,
	RANK_CAPABILITY,
	RANK_FILTER,
};

/* What somebody who stays behind is to do; see chain/watch.h. */
struct watch_wish {
	bool detach;          /* leave once the program runs or waits                    */
	bool init;            /* put our reaper in as pid 1                              */
	const char *pid_file; /* written when the program runs or waits, or NULL         */
	int ready_fd;         /* told "PID\n" when the program runs or waits, or -1      */
	int die;              /* sent to the program when our parent ends, or 0          */
};

/* The capability state of the process at one place of the chain, as the links before it
 * will have left it (bit n: capability n). check() of each cap-set moves it on. */
struct cap_facts {
	bool known;            /* false: no cap-set has been checked, ask the kernel     */
	uint64_t bounding, permitted, effective, inheritable, ambient;
	uint64_t until_exec;   /* of permitted and effective: held for the filter, gone  */
			       /* with execve; who never execs must capset them away     */
	unsigned securebits;   /* SECBIT_*                                               */
	int64_t uid;           /* user id, in its user namespace                         */
};

/* One chain, while it is planned, checked and done. Facts about the whole chain are
 * filled by plan() of every link before check() of any. */
struct ctx {
	struct sys *sys;
	const char *tool;      /* the first link's name: who speaks                      */
	struct watch_wish watch;

	unsigned ns_supported; /* CLONE_NEW* that the kernel has                         */
	unsigned ns_new;       /* CLONE_NEW* that the chain makes                        */
	unsigned ns_joined;    /* CLONE_NEW* that the chain enters                       */
	bool root_changes;     /* a link changes the root, or enters one                 */
	bool builds_root;      /* a link builds a root (it mounts /proc itself)          */
	bool their_root;       /* the program sees the root of another process           */
	bool has_filter;       /* a seccomp filter follows                               */
	bool no_new_privs;     /* the chain sets it before the filter                    */
	uint64_t cap_all;      /* every capability the kernel knows                      */
	uint64_t cap_bounding; /* bounding set the program will have (bit n: cap n)      */
	int64_t uid;           /* user id the program will have inside, -1: unchanged    */
	struct cap_facts caps; /* at the link whose check() runs; zeroed at the start    */
	struct words env;      /* the program's environment; starts as a copy of ours    */
	const struct words *program; /* it and its arguments, or NULL where none is named    */
	struct words keep_fds; /* numbers, as words, that the program keeps              */
	int root_fd;           /* O_PATH of the root as the host sees it, or -1          */

	int cgroup_fd;         /* O_PATH of the cgroup2 group in which the watcher starts the
				* child (CLONE_INTO_CGROUP), set by before(); -1: none.
				* Where that cannot be done act() enters: born_in_cgroup */
	char note[256];        /* what the watcher says on stderr after the program ended,
				* set by undo(); "" for nothing                             */

	bool born_in_cgroup;   /* the fork put the child into the group of cgroup_fd     */
	int watcher_fd;        /* poll() it while waiting in act(): POLLHUP says that the
				* watcher was killed, and the chain has to end; or -1    */
	sigset_t wait_mask;    /* the signal mask to wait with (ppoll): a user's TERM ends
				* a chain that waits                                     */
	uint32_t euid, egid;   /* our ids where the chain has come to, while it is planned */

	bool stays;            /* somebody stays behind in any case, who cleans up          */
	bool watched;          /* a watcher has done outside() for the link at hand      */
	struct path_made *made;/* what was made in the root, or NULL                     */
	bool makes_in_root;    /* something will be: who removes it must be outside the
				* mount namespace, where nothing is mounted on it      */

	struct {
		bool given;
		uint32_t uid, gid;
	} owner;               /* of the first user namespace: who clones it has these ids   */
	bool keeps;            /* a link's made() has something to do                        */
	bool never_ran;        /* for undo(): the program was never executed                 */

	/* Called in act() by a link whose made() has something to do: the watcher does it now.
	 * Returns 0 or a fault. NULL: nobody is there. */
	int (*tell_made)(struct ctx *c, struct fault *f);
	bool ids_change;       /* a link takes on other ids, whatever the namespaces          */
	int program_fd;        /* the program's own file, that no path leads to, or -1        */
	const char *program_file; /* ... and where it was taken from                          */

	/* Called in act() by a link that is about to wait for somebody outside: whoever
	 * promised to tell (pid file, ready fd, detach) does it now, for the program
	 * cannot. Returns 0 or -errno. NULL: nobody wants to know. */
	int (*tell_waiting)(struct ctx *c);
};

struct link {
	struct cmd cmd;        /* name, options, operands                                */
	enum rank rank;
	const char *needs;     /* in words, for refusals: "the host's /sys/fs/cgroup"    */
	const char *takes;     /* what is gone behind it: "the host's files"             */
	bool enters;           /* the program sees another root: no descriptor and no
				* binary of the host's may be reached from there          */
	size_t spec_size;      /* the spec begins zeroed; operands go in by `operand`    */

	/* Take the n-th operand (from 0). May be NULL when there are none. */
	int (*operand)(void *spec, unsigned n, const char *word, struct fault *f);
	/* Pure: check the spec in itself and add its facts to the chain's. */
	int (*plan)(void *spec, struct ctx *c, struct fault *f);
	/* Open, resolve, load, ask the kernel; change nothing. */
	int (*check)(void *spec, struct ctx *c, struct fault *f);
	/* Why this link needs a process that stays behind, appended to *why (each a
	 * sentence for --explain, a static string), and *flags for clone3. NULL: never. */
	void (*fork)(const void *spec, const struct ctx *c, struct words *why, uint64_t *flags);
	/* Done before the fork by the process that stays (make a cgroup). May be NULL.
	 * What it makes it must be able to undo(). */
	int (*before)(void *spec, struct ctx *c, struct fault *f);
	/* Done by the watcher on the waiting child (place, map, raise). May be NULL. */
	int (*outside)(void *spec, struct ctx *c, pid_t child, struct fault *f);
	/* Done by the process that becomes the program. c->watched says whether outside()
	 * was done. */
	int (*act)(void *spec, struct ctx *c, struct fault *f);
	/* After act: must it fork for what it did to take effect (a pid namespace was
	 * entered)? Appends the reason. May be NULL. */
	void (*fork_after)(const void *spec, const struct ctx *c, struct words *why);
	/* Done by who called before(), if it set c->keeps, when act() calls tell_made(): child is
	 * the process that acts. What it makes it must be able to undo(). May be NULL. */
	int (*made)(void *spec, struct ctx *c, pid_t child, struct fault *f);
	/* Done after act() and the fork that fork_after asked for. May be NULL. */
	int (*act_after)(void *spec, struct ctx *c, struct fault *f);
	/* Undo before() and made(): called once by whoever stays, after the program ended or on
	 * failure. status is the program's wait status, or -1. May be NULL. */
	void (*undo)(void *spec, struct ctx *c, int status);
	/* Words of options and operands that parse to an equal spec (opt_print and the
	 * operands), each string owned by *out; NULL: opt_print alone. */
	void (*print)(const void *spec, struct words *out);
	/* Free what the spec owns (not the spec itself). May be NULL. */
	void (*drop)(void *spec);

	/* With this spec the link needs no program: the chain ends with it, and after
	 * check() of every link run_alone() is called in place of everything else (no
	 * before(), no fork, no act() of any link); the tool then exits with what it returned, or
	 * prints the fault. NULL: the link always needs a program. */
	bool (*alone)(const void *spec);
	int (*run_alone)(void *spec, struct ctx *c, struct fault *f);
};

#endif
