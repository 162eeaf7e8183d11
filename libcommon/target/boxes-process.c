/* SPDX-License-Identifier: MIT */
/* boxes-process.c - from a box to its processes: through the cgroups, and the process above them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "target/boxes-state.h"
#include "target/stat.h"

enum { DEPTH = 16, GROUPS = 200000, SMALL = 1 << 16, CHUNK = 4096 };
enum { ANYBODY = 65534 }; /* the user whose things are nobody's */

/* -- hierarchies ------------------------------------------------------------------------------------ */

static void hier_add(struct boxes_index *ix, int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return;
	if (ix->n_hiers < HIERARCHIES && faccessat(fd, "cgroup.procs", F_OK, 0) == 0)
		ix->hier[ix->n_hiers++] = fd;
	else
		close(fd);
}

/* /sys/fs/cgroup is the one of cgroup2, or has a directory for each. */
static void hiers_find(struct boxes_index *ix)
{
	int fd = openat(ix->root, "sys/fs/cgroup", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!d) {
		fd_close(&fd);
		return;
	}
	hier_add(ix, fd, ".");
	if (!ix->n_hiers)
		hier_add(ix, fd, "unified");
	while (faccessat(fd, "cgroup.procs", F_OK, 0) < 0 && (e = readdir(d)))
		if (e->d_name[0] != '.' && strcmp(e->d_name, "unified") != 0 && e->d_type == DT_DIR)
			hier_add(ix, fd, e->d_name);
	closedir(d);
}

/* Who made what is below this cgroup of this hierarchy: the first on the way whom the top does not belong to. */
static uid_t maker_in(int hier, char *path)
{
	struct stat top, st;

	if (fstat(hier, &top) < 0)
		return 0;
	for (char *p = path + 1, *end; *p; p = end + (*end != '\0')) {
		char was;
		int r;

		end = p + strcspn(p, "/");
		was = *end;
		*end = '\0';
		r = fstatat(hier, path + 1, &st, AT_SYMLINK_NOFOLLOW);
		*end = was;
		if (r < 0)
			break;
		if (st.st_uid != top.st_uid)
			return st.st_uid;
		if (st.st_mode & (S_IWGRP | S_IWOTH))
			return ANYBODY;
	}
	return 0;
}

uid_t cgroup_maker(struct boxes *b, const char *path, size_t n)
{
	_cleanup_free_ char *own = xprintf("%.*s", (int)n, path);
	uid_t uid = 0;

	if (!n || b->index->root < 0 || path_has_dotdot(own))
		return 0;
	if (!b->index->n_hiers)
		hiers_find(b->index);
	for (size_t i = 0; i < b->index->n_hiers && !uid; i++)
		uid = maker_in(b->index->hier[i], own);
	return uid;
}

/* -- all cgroups -------------------------------------------------------------------------------------- */

struct walk {
	struct boxes *b;
	char path[PATH_MAX];   /* of the cgroup that is looked at, below where it began; "": there */
	bool (*may)(struct walk *w);         /* false: one cgroup more would be too many      */
	bool (*on)(struct walk *w, int dir); /* true: go into it                              */
	unsigned left;
	struct oldest *oldest;
};

/* fd is closed by this. */
static void walk(struct walk *w, int fd, unsigned depth)
{
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	size_t len = strlen(w->path);
	struct dirent *e;

	if (!d) {
		fd_close(&fd);
		return;
	}
	if (w->on(w, fd) && depth < DEPTH)
		while ((e = readdir(d))) {
			size_t n = strlen(e->d_name);

			if (e->d_type != DT_DIR || e->d_name[0] == '.' || len + n + 2 > sizeof(w->path))
				continue;
			if (!w->may(w))
				break;
			sprintf(w->path + len, "/%s", e->d_name);
			walk(w, openat(fd, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), depth + 1);
			w->path[len] = '\0';
		}
	closedir(d);
}

/* Nobody's cgroups can hold us up. */
static bool may_any(struct walk *w)
{
	if (w->left == 1)
		boxes_unreadable(w->b, "/sys/fs/cgroup", EFBIG);
	w->left -= w->left > 0;
	return w->left > 0;
}

static bool on_any(struct walk *w, int dir)
{
	(void)dir;
	return !box_of_cgroup(w->b, w->path);
}

void boxes_walk(struct boxes *b)
{
	struct walk w = {.b = b, .left = GROUPS, .may = may_any, .on = on_any};

	if (b->index->walked || b->index->root < 0)
		return;
	b->index->walked = true;
	if (!b->index->n_hiers)
		hiers_find(b->index);
	for (size_t i = 0; i < b->index->n_hiers; i++)
		walk(&w, openat(b->index->hier[i], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), 0);
}

/* -- the oldest process ---------------------------------------------------------------------------------- */

struct oldest {
	int proc;
	uid_t uid;  /* whose box it is */
	pid_t pid, parent;
	uint64_t started;
};

static bool may_own(struct walk *w)
{
	return boxes_may(w->b, w->oldest->uid, COST_GROUPS, 1, "/sys/fs/cgroup");
}

static void on_process(struct oldest *o, pid_t pid)
{
	pid_t parent;
	uint64_t t = pid > 0 ? process_started(o->proc, pid, &parent) : 0;

	if (t && (!o->pid || t < o->started || (t == o->started && pid < o->pid))) {
		o->pid = pid;
		o->parent = parent;
		o->started = t;
	}
}

/* One number a line: however many there are, they are read piece by piece. */
static bool on_own(struct walk *w, int dir)
{
	_cleanup_fd_ int fd = openat(dir, "cgroup.procs", O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
	struct oldest *o = w->oldest;
	char buf[CHUNK];
	unsigned pid = 0;
	ssize_t n;

	while (fd >= 0 && (n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++) {
			if (buf[i] >= '0' && buf[i] <= '9') {
				pid = 10 * pid + (unsigned)(buf[i] - '0');
				continue;
			}
			if (!boxes_may(w->b, o->uid, COST_PROCS, 1, "/sys/fs/cgroup"))
				return false;
			on_process(o, (pid_t)pid);
			pid = 0;
		}
	return true;
}

/* The first process of the box is the one that began first: in the first hierarchy that has any.
 * The path may be a user's word: it stays below the top of the hierarchy, and in that filesystem. */
static struct oldest oldest_of(struct boxes *b, const struct box *box)
{
	_cleanup_fd_ int proc = b->index->root < 0 ? -1 : openat(b->index->root, "proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct oldest o = {.proc = proc, .uid = box->uid};
	struct walk w = {.b = b, .may = may_own, .on = on_own, .oldest = &o};

	if (!b->index->n_hiers && proc >= 0)
		hiers_find(b->index);
	for (size_t i = 0; i < b->index->n_hiers && !o.pid && box->cgroup; i++)
		walk(&w, path_open_in(b->index->hier[i], box->cgroup + 1, O_RDONLY | O_DIRECTORY | O_NONBLOCK,
				      RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV), 0);
	o.proc = -1;
	return o;
}

/* -- who watches over it ------------------------------------------------------------------------------------ */

/* The word behind `option` in a command line of n bytes, or "". */
static const char *word_behind(const char *cmdline, size_t n, const char *option)
{
	for (const char *p = cmdline; p < cmdline + n; p += strlen(p) + 1)
		if (strcmp(p, option) == 0 && p + strlen(p) + 1 < cmdline + n)
			return p + strlen(p) + 1;
	return "";
}

/* conmon -n NAME -u ID -b BUNDLE */
static void ask_conmon(struct boxes *b, struct box *box, pid_t pid, const char *cmdline, size_t n)
{
	_cleanup_free_ char *source = xprintf("the command line of conmon, process %d", pid);

	if (strcmp(word_behind(cmdline, n, "-u"), box->id) != 0 && strcmp(word_behind(cmdline, n, "-c"), box->id) != 0)
		return;
	box_set_bundle(b, box, word_behind(cmdline, n, "-b"));
	box_ask_bundle(b, box); /* with the user's rights it may have failed */
	box_set_name(box, word_behind(cmdline, n, "-n"), source);
}

/* containerd-shim-runc-v2 -namespace NAMESPACE -id ID, in the directory of the bundle; of a pod one
 * shim has them all. */
static void ask_shim(struct boxes *b, struct box *box, int dir)
{
	_cleanup_free_ char *bundle = NULL;
	char cwd[PATH_MAX];
	ssize_t n = readlinkat(dir, "cwd", cwd, sizeof(cwd) - 1);

	if (n <= 0 || *cwd != '/')
		return;
	cwd[n] = '\0';
	bundle = xprintf("%.*s/%s", (int)(strrchr(cwd, '/') - cwd), cwd, box->id);
	box_set_bundle(b, box, bundle);
	box_ask_bundle(b, box);
}

/* Is it this user's alone? The owner of a file of PID says nothing: it is root's for any process that cannot
 * be dumped. Nor does one id: who runs a program that is set-user-id names it and its arguments. */
static bool is_only(int dir, uid_t uid)
{
	_cleanup_free_ char *status = NULL;
	unsigned id[4] = {0};
	const char *line = path_read(dir, "status", SMALL, &status) > 0 ? strstr(status, "\nUid:") : NULL;

	return line && sscanf(line, "\nUid: %u %u %u %u", &id[0], &id[1], &id[2], &id[3]) == 4 && id[0] == uid && id[1] == uid &&
	       id[2] == uid && id[3] == uid;
}

void box_ask_monitor(struct boxes *b, struct box *box)
{
	_cleanup_fd_ int dir = -1;
	_cleanup_free_ char *cmdline = NULL;
	char path[32], name[NAME_BYTES];
	struct oldest o;
	ssize_t n;

	if (box->asked)
		return;
	box->asked = true;
	o = oldest_of(b, box);
	if (!o.pid || o.parent < 2)
		return;
	snprintf(path, sizeof(path), "proc/%d", o.parent);
	dir = openat(b->index->root, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* a user's process can have any command line: it speaks for that user's boxes */
	if (dir < 0 || !is_only(dir, box->uid))
		return;
	n = path_read(dir, "cmdline", SMALL, &cmdline);
	if (n <= 0)
		return;
	path_part(cmdline, 0, name);
	if (strcmp(name, "conmon") == 0)
		ask_conmon(b, box, o.parent, cmdline, (size_t)n);
	else if (strncmp(name, "containerd-shim", 15) == 0)
		ask_shim(b, box, dir);
}

/* -- the first process --------------------------------------------------------------------------------------- */

/* Does the process belong to the user? It is in a user namespace that this user made. */
static bool is_users(int proc, pid_t pid, uid_t uid)
{
	_cleanup_fd_ int ns = -1;
	uid_t owner = 0;
	char path[32];

	if (uid == 0 || uid == geteuid())
		return true;
	snprintf(path, sizeof(path), "%d/ns/user", pid);
	ns = openat(proc, path, O_RDONLY | O_CLOEXEC);
	return ns >= 0 && ioctl(ns, NS_GET_OWNER_UID, &owner) == 0 && owner == uid;
}

bool box_holds(struct boxes *b, const struct box *box, pid_t pid)
{
	_cleanup_fd_ int proc = openat(b->index->root, "proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *cgroup = NULL;
	uint64_t started;
	char path[32];

	started = proc < 0 ? 0 : process_started(proc, pid, NULL);
	if (!started || !is_users(proc, pid, box->uid))
		return false;
	if (box->started)
		return started == box->started;
	snprintf(path, sizeof(path), "%d/cgroup", pid);
	return path_read(proc, path, SMALL, &cgroup) > 0 && box_of_cgroup(b, cgroup) == box;
}

pid_t box_first(struct boxes *b, const struct box *box, struct fault *f)
{
	pid_t pid = box->pid;

	if (pid > 0 && box_holds(b, box, pid))
		return pid;
	boxes_walk(b);
	pid = oldest_of(b, box).pid;
	if (pid && box_holds(b, box, pid))
		return pid;
	fault_set(f, OP_BOX, ESRCH, "@%s", box_shown(box));
	fault_why(f, "%s has a container of that name, but no process of it is seen (%.150s)", box->engine, box->source);
	return -ESRCH;
}
