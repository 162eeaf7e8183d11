/* SPDX-License-Identifier: MIT */
/* scan-holds.c - what holds a namespace beside the processes in it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/words.h"
#include "ns/nsfs.h"
#include "ns/scan.h"

/* A mountinfo with 100,000 mounts is below it. */
enum { MOUNTINFO_MAX = 32 << 20 };

void scan_hold(struct scan *s, uint32_t ns, struct scan_hold hold)
{
	uint32_t at = (uint32_t)s->nholds;

	if (s->nholds == s->holds_cap) {
		s->holds_cap = s->holds_cap ? 2 * s->holds_cap : 64;
		s->holds = xgrow(s->holds, s->holds_cap, sizeof(*s->holds));
	}
	hold.next = SCAN_NONE;
	s->holds[s->nholds++] = hold;
	if (s->ns[ns].last == SCAN_NONE)
		s->ns[ns].holds = at;
	else
		s->holds[s->ns[ns].last].next = at;
	s->ns[ns].last = at;
}

static bool is_wanted(const struct scan *s, unsigned kind)
{
	return s->kinds & ns_kinds[kind].flag;
}

/* -- descriptors ------------------------------------------------------------------------------ */

static void read_fd(struct scan *s, int dir, const char *name, pid_t pid)
{
	char text[64];
	ssize_t n = readlinkat(dir, name, text, sizeof(text));
	unsigned kind;
	uint64_t ino;

	/* those of files begin with a slash, and are most */
	if (n <= 0 || *text == '/' || !(ino = scan_parse(text, (size_t)n, &kind)) || !is_wanted(s, kind))
		return;
	scan_hold(s, scan_find(s, ino, kind, true), (struct scan_hold){.type = HOLD_FD, .pid = pid, .fd = atoi(name)});
}

/* A process's children will be elsewhere than it is itself, after unshare(2) or setns(2). */
static void read_for_children(struct scan *s, int nsdir, pid_t pid)
{
	static const struct {
		unsigned flag;
		const char *own, *children;
	} links[] = {{CLONE_NEWPID, "pid", "pid_for_children"}, {0x80 /* CLONE_NEWTIME */, "time", "time_for_children"}};
	const struct scan_proc *p = &s->procs[s->nprocs];

	for (size_t i = 0; i < 2; i++) {
		char text[64];
		unsigned kind = 0;
		uint64_t ino;
		ssize_t n;

		if (!(s->kinds & links[i].flag))
			continue;
		n = readlinkat(nsdir, links[i].children, text, sizeof(text));
		ino = n > 0 ? scan_parse(text, (size_t)n, &kind) : 0;
		if (!ino || (p->ns[kind] != SCAN_NONE && s->ns[p->ns[kind]].ino == ino))
			continue;
		scan_hold(s, scan_find(s, ino, kind, true), (struct scan_hold){.type = HOLD_CHILDREN, .pid = pid});
	}
}

void scan_fds(struct scan *s, int nsdir, pid_t pid)
{
	_cleanup_fd_ int dir = openat(nsdir, "../fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ssize_t n = 0;

	read_for_children(s, nsdir, pid);
	/* our own are those we read with, and end with us */
	if (pid == getpid())
		return;
	if (dir < 0) {
		s->denied_fds += errno == EACCES || errno == EPERM;
		return;
	}
	while ((n = getdents64(dir, s->buf, SCAN_BUF)) > 0)
		for (char *p = s->buf; p < s->buf + n;) {
			const struct dirent64 *d = (const struct dirent64 *)p;

			if (d->d_name[0] != '.')
				read_fd(s, dir, d->d_name, pid);
			p += d->d_reclen;
		}
	s->denied_fds += n < 0 && (errno == EACCES || errno == EPERM);
}

/* -- bind mounts ------------------------------------------------------------------------------ */

/* ID PARENT MAJOR:MINOR ROOT MOUNTPOINT ...: the root of one of nsfs is "net:[4026532000]". */
static void read_mount(struct scan *s, char *line, pid_t pid)
{
	char *field[5], *save = NULL;
	char dir[SCAN_DIR];
	unsigned kind;
	uint64_t ino;

	for (int i = 0; i < 5; i++)
		if (!(field[i] = strtok_r(i ? NULL : line, " ", &save)))
			return;
	ino = scan_parse(field[3], strlen(field[3]), &kind);
	if (!ino || !is_wanted(s, kind))
		return;
	path_unescape(field[4]);
	scan_dir(s, pid, dir);
	scan_hold(s, scan_find(s, ino, kind, true),
		  (struct scan_hold){.type = HOLD_MOUNT, .pid = pid,
				     .path = pid ? xprintf("/proc/%s/root%s", dir, field[4]) : xprintf("%s", field[4])});
}

int scan_mounts(struct scan *s, int dirfd, const char *path, pid_t pid)
{
	_cleanup_free_ char *text = NULL;
	ssize_t n = path_read(dirfd, path, MOUNTINFO_MAX, &text);

	if (n < 0)
		return (int)n;
	for (char *line = text, *end; *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		/* most lines are those of other filesystems */
		if (strstr(line, " - nsfs "))
			read_mount(s, line, pid);
	}
	return 0;
}

/* -- the kernel's own list ----------------------------------------------------------------------- */

/* listns(2) of Linux 6.19, which the headers of older systems do not know. */
struct list_request {
	uint32_t size, spare;
	uint64_t last;
	uint32_t kinds, spare2;
	uint64_t owner;
};

enum { SYS_LISTNS = 470 };

/* Its ids are not inodes: each is opened by its id. */
static void take_listed(struct scan *s, uint64_t id)
{
	_cleanup_fd_ int fd = nsfs_open_id(id);
	struct stat st;
	int flag, kind = 0;
	uint32_t at;

	if (fd < 0 || fstat(fd, &st) < 0 || (flag = ioctl(fd, NS_GET_NSTYPE)) < 0)
		return;
	while (ns_kinds[kind].name && ns_kinds[kind].flag != (unsigned)flag)
		kind++;
	if (!ns_kinds[kind].name || !is_wanted(s, (unsigned)kind) || scan_find(s, st.st_ino, (unsigned)kind, false) != SCAN_NONE)
		return;
	at = scan_find(s, st.st_ino, (unsigned)kind, true);
	s->ns[at].listed = true;
	scan_relate(s, at, fd);
}

void scan_kernel_list(struct scan *s)
{
	struct list_request request = {.size = sizeof(request), .kinds = s->kinds};
	uint64_t ids[256];
	long n;

	/* ENOSYS before 6.19; EPERM of a filter: what is known from /proc is all there is */
	while ((n = syscall(SYS_LISTNS, &request, ids, 256UL, 0UL)) > 0) {
		for (long i = 0; i < n; i++)
			take_listed(s, ids[i]);
		if (n > 256 || ids[n - 1] == request.last)
			return;
		request.last = ids[n - 1];
	}
}
