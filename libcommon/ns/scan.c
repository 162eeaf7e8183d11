/* SPDX-License-Identifier: MIT */
/* scan.c - the pass over the processes, and namespaces by their inode. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/words.h"
#include "ns/scan.h"

/* -- namespaces by their inode ------------------------------------------------------------- */

static bool is_it(const struct scan_ns *ns, uint64_t ino, unsigned kind)
{
	return ns->ino == ino && (kind == SCAN_ANY ? scan_is_there(ns) : ns->kind == kind);
}

static size_t slot_of(const struct scan *s, uint64_t ino, unsigned kind)
{
	/* numbers are given out one after the other: they spread by themselves */
	size_t at = ino & (s->hash_size - 1);

	while (s->hash[at] && !is_it(&s->ns[s->hash[at] - 1], ino, kind))
		at = (at + 1) & (s->hash_size - 1);
	return at;
}

static void grow(struct scan *s)
{
	s->cap = s->cap ? 2 * s->cap : 256;
	s->ns = xgrow(s->ns, s->cap, sizeof(*s->ns));
	free(s->hash);
	s->hash_size = 4 * s->cap;
	s->hash = xcalloc(s->hash_size, sizeof(*s->hash));
	for (size_t i = 0; i < s->n; i++)
		s->hash[slot_of(s, s->ns[i].ino, s->ns[i].kind)] = (uint32_t)i + 1;
}

uint32_t scan_find(struct scan *s, uint64_t ino, unsigned kind, bool add)
{
	size_t at;

	if (s->n == s->cap)
		grow(s);
	at = slot_of(s, ino, kind);
	if (s->hash[at])
		return s->hash[at] - 1;
	if (!add)
		return SCAN_NONE;
	s->ns[s->n] = (struct scan_ns){.ino = ino, .kind = (uint8_t)kind, .first = SCAN_NONE, .owner = SCAN_NONE,
				       .parent = SCAN_NONE, .holds = SCAN_NONE, .last = SCAN_NONE, .owner_uid = -1,
				       .netnsid = NETNSID_UNKNOWN};
	s->hash[at] = (uint32_t)s->n + 1;
	return (uint32_t)s->n++;
}

uint64_t scan_parse(const char *text, size_t n, unsigned *kind)
{
	uint64_t ino = 0;
	size_t i, at;

	for (unsigned k = 0; ns_kinds[k].name; k++) {
		at = strlen(ns_kinds[k].file);
		if (n < at + 4 || text[at] != ':' || memcmp(text, ns_kinds[k].file, at) != 0)
			continue;
		for (i = at + 2; i < n && text[i] >= '0' && text[i] <= '9'; i++)
			ino = 10 * ino + (uint64_t)(text[i] - '0');
		*kind = k;
		return text[at + 1] == '[' && i + 1 == n && text[i] == ']' ? ino : 0;
	}
	return 0;
}

/* -- processes -------------------------------------------------------------------------------- */

static struct scan_proc *new_proc(struct scan *s, pid_t pid)
{
	struct scan_proc *p;

	if (s->nprocs == s->procs_cap) {
		s->procs_cap = s->procs_cap ? 2 * s->procs_cap : 512;
		s->procs = xgrow(s->procs, s->procs_cap, sizeof(*s->procs));
		s->who = xgrow(s->who, s->procs_cap, sizeof(*s->who));
	}
	s->who[s->nprocs] = (struct scan_who){.uid = -1};
	p = &s->procs[s->nprocs];
	p->pid = pid;
	p->thread = 0;
	for (unsigned k = 0; k < SCAN_KINDS; k++)
		p->ns[k] = SCAN_NONE;
	return p;
}

pid_t scan_thread(int dirfd)
{
	_cleanup_fd_ int tasks = openat(dirfd, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char buf[4096], path[300], text[64];
	pid_t found = 0;
	ssize_t n = 0;

	while (found <= 0 && tasks >= 0 && (n = getdents64(tasks, buf, sizeof(buf))) > 0)
		for (char *p = buf; p < buf + n && found <= 0; p += ((const struct dirent64 *)p)->d_reclen) {
			const struct dirent64 *d = (const struct dirent64 *)p;

			stpcpy(stpcpy(path, d->d_name), "/ns/mnt");
			if (d->d_name[0] == '.')
				continue;
			if (readlinkat(tasks, path, text, sizeof(text)) > 0)
				found = (pid_t)atoi(d->d_name);
			else if (errno == EACCES || errno == EPERM)
				found = -EACCES;
		}
	return found;
}

char *scan_dir(const struct scan *s, pid_t pid, char dir[static SCAN_DIR])
{
	uint32_t at = scan_process(s, pid);
	pid_t thread = at == SCAN_NONE ? 0 : s->procs[at].thread;

	return dir + (thread ? snprintf(dir, SCAN_DIR, "%d/task/%d", pid, thread) : snprintf(dir, SCAN_DIR, "%d", pid));
}

/* The links in a process's ns. What is not there is of a thread that has ended, which has those left
 * that it dies in, or of a process that is gone. Returns how many were read, or -EACCES. */
static int read_links(struct scan *s, int nsdir, struct scan_proc *p, bool *ended)
{
	char text[64];
	unsigned kind;
	int found = 0;

	for (unsigned k = 0; k < SCAN_KINDS; k++) {
		uint64_t ino;
		ssize_t n;

		if (!(s->kinds & ns_kinds[k].flag))
			continue;
		n = readlinkat(nsdir, ns_kinds[k].file, text, sizeof(text));
		if (n < 0 && (errno == EACCES || errno == EPERM))
			return -EACCES;
		*ended |= n < 0;
		if (n < 0 || !(ino = scan_parse(text, (size_t)n, &kind)))
			continue;
		p->ns[k] = scan_find(s, ino, k, true);
		found++;
	}
	return found;
}

/* The first thread has ended: from one that lives, if there is one. Whoever lets them end faster
 * than we look is not read, and that is said. */
static int read_thread(struct scan *s, int *nsdir, struct scan_proc *p, int found)
{
	_cleanup_fd_ int dir = openat(*nsdir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char path[40];

	for (int tries = 0; tries < SCAN_TRIES; tries++) {
		pid_t thread = dir < 0 ? 0 : scan_thread(dir);
		bool ended = false;

		if (thread <= 0)
			return thread < 0 ? thread : found;
		snprintf(path, sizeof(path), "task/%d/ns", thread);
		fd_close(nsdir);
		*nsdir = openat(dir, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		p->thread = thread;
		found = *nsdir < 0 ? 0 : read_links(s, *nsdir, p, &ended);
		if (*nsdir >= 0 && !ended)
			return found;
	}
	return -EACCES;
}

static void read_process(struct scan *s, const char *name)
{
	char path[64];
	struct scan_proc *p = new_proc(s, (pid_t)atoi(name));
	_cleanup_fd_ int nsdir = -1;
	bool ended = false;
	int found;

	stpcpy(stpcpy(path, name), "/ns");
	nsdir = openat(s->proc, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	found = nsdir < 0 ? -errno : read_links(s, nsdir, p, &ended);
	if (found >= 0 && ended)
		found = read_thread(s, &nsdir, p, found);
	s->denied += found == -EACCES || found == -EPERM;
	if (found <= 0)
		return;
	if (s->want & SCAN_EVERY && !scan_who(s, nsdir, "../", &s->who[s->nprocs])) {
		free(s->who[s->nprocs].command);
		free(s->who[s->nprocs].cgroup);
		return;
	}
	if (s->want & SCAN_FDS)
		scan_fds(s, nsdir, p->pid);
	s->nprocs++;
}

/* Count when all is read: none that was refused halfway is in it. The order of /proc is that
 * of the pids, so the first is the lowest. */
static void count(struct scan *s)
{
	for (size_t i = 0; i < s->nprocs; i++)
		for (unsigned k = 0; k < SCAN_KINDS; k++) {
			uint32_t at = s->procs[i].ns[k];

			if (at == SCAN_NONE)
				continue;
			s->ns[at].nprocs++;
			if (s->ns[at].first == SCAN_NONE)
				s->ns[at].first = (uint32_t)i;
		}
}

static int read_all(struct scan *s, struct fault *f)
{
	_cleanup_free_ char *buf = xcalloc(1, SCAN_BUF);

	for (;;) {
		ssize_t n = getdents64(s->proc, buf, SCAN_BUF);

		if (n < 0)
			return fault_set(f, OP_NS_LIST, errno, "/proc");
		if (n == 0)
			return 0;
		for (char *p = buf; p < buf + n;) {
			const struct dirent64 *d = (const struct dirent64 *)p;

			if (d->d_name[0] >= '1' && d->d_name[0] <= '9')
				read_process(s, d->d_name);
			p += d->d_reclen;
		}
	}
}

uint32_t scan_process(const struct scan *s, pid_t pid)
{
	size_t low = 0, high = s->nprocs;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->procs[mid].pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->nprocs && s->procs[low].pid == pid ? (uint32_t)low : SCAN_NONE;
}

int scan_open(struct scan *s, unsigned kinds, unsigned want, struct fault *f)
{
	int r;

	*s = (struct scan){.kinds = ns_supported(), .want = want, .netlink = -1};
	s->kinds &= kinds ? kinds : ~0U;
	s->proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->proc < 0)
		return fault_set(f, OP_NS_LIST, errno, "/proc");
	s->buf = xcalloc(1, SCAN_BUF);
	s->hidden = faccessat(s->proc, "1", F_OK, AT_SYMLINK_NOFOLLOW) < 0;
	r = read_all(s, f);
	if (r < 0)
		return r;
	count(s);
	if (want & SCAN_MOUNTS)
		scan_mounts(s, s->proc, "self/mountinfo", 0);
	scan_details(s);
	if (want & SCAN_FDS)
		scan_kernel_list(s);
	return 0;
}

void scan_close(struct scan *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->ns[i].maps[0]);
		free(s->ns[i].maps[1]);
		free(s->ns[i].ifaces);
	}
	for (size_t i = 0; i < s->nprocs; i++) {
		free(s->who[i].command);
		free(s->who[i].cgroup);
	}
	for (size_t i = 0; i < s->nholds; i++)
		free(s->holds[i].path);
	fd_close(&s->proc);
	fd_close(&s->netlink);
	free(s->buf);
	free(s->holds);
	free(s->ns);
	free(s->procs);
	free(s->who);
	free(s->hash);
}
