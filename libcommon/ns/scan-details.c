/* SPDX-License-Identifier: MIT */
/* scan-details.c - what there is to know of a namespace and of a process, beside the links. */
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/words.h"
#include "ns/netnsid.h"
#include "ns/nsfs.h"
#include "ns/scan.h"
#include "target/stat.h"

/* -- processes -------------------------------------------------------------------------------- */

/* The beginning of a file of the process into s->buf, with a NUL behind it. The length, or -1;
 * s->gone when that is because the process has ended. */
static ssize_t read_most(struct scan *s, int dirfd, const char *dir, const char *file, ssize_t most)
{
	char path[64];
	_cleanup_fd_ int fd = -1;
	ssize_t n, have = 0;

	stpcpy(stpcpy(path, dir), file);
	fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	n = fd;
	while (n >= 0 && have < most && (n = read(fd, s->buf + have, (size_t)(most - have))) > 0)
		have += n;
	s->gone |= n < 0 && (errno == ESRCH || errno == ENOENT);
	s->buf[have] = '\0';
	return n < 0 ? -1 : have;
}

static ssize_t read_small(struct scan *s, int dirfd, const char *dir, const char *file)
{
	return read_most(s, dirfd, dir, file, SCAN_BUF - 1);
}

static void read_stat(struct scan *s, int dirfd, const char *dir, struct scan_who *who)
{
	struct process_stat st;

	if (read_small(s, dirfd, dir, "stat") <= 0 || !stat_parse(s->buf, &st))
		return;
	who->ppid = st.parent;
	who->start = st.started;
}

/* The command line, as far as SCAN_COMMAND_MOST; a kernel thread and a zombie have none, but a name.
 * A child has that of its parent for nothing, megabytes of it, but we would keep it for each. */
static void read_command(struct scan *s, int dirfd, const char *dir, struct scan_who *who)
{
	ssize_t n = read_most(s, dirfd, dir, "cmdline", SCAN_COMMAND_MOST + 1);
	bool cut = n > SCAN_COMMAND_MOST;

	/* whole characters */
	while (cut && n > 1 && ((unsigned char)s->buf[--n] & 0xc0) == 0x80)
		;
	while (n > 0 && s->buf[n - 1] == '\0')
		n--;
	if (n > 0) {
		for (ssize_t i = 0; i < n; i++)
			if (!s->buf[i])
				s->buf[i] = ' ';
		who->command = xprintf("%.*s%s", (int)n, s->buf, cut ? "..." : "");
		return;
	}
	n = read_small(s, dirfd, dir, "comm");
	if (n > 0)
		who->command = xprintf("[%.*s]", (int)strcspn(s->buf, "\n"), s->buf);
}

/* The last number of "NStgid:\t4711\t7", of the process and not of its thread. */
static void read_inside(struct scan *s, int dirfd, const char *dir, struct scan_who *who)
{
	char *line, *end, *p;

	if (read_small(s, dirfd, dir, "status") <= 0 || !(line = strstr(s->buf, "\nNStgid:")))
		return;
	line += strlen("\nNStgid:");
	end = line + strcspn(line, "\n");
	for (p = line; p < end; p = line) {
		who->inside = (pid_t)strtol(p, &line, 10);
		line += strspn(line, "\t ");
		if (line == p)
			break;
	}
}

bool scan_who(struct scan *s, int dirfd, const char *dir, struct scan_who *who)
{
	struct stat st;

	if (who->read)
		return true;
	s->gone = false;
	if (s->want & SCAN_UID && fstatat(dirfd, *dir ? ".." : "", &st, AT_EMPTY_PATH) == 0)
		who->uid = st.st_uid;
	if (s->want & SCAN_STAT)
		read_stat(s, dirfd, dir, who);
	if (s->want & SCAN_COMMAND)
		read_command(s, dirfd, dir, who);
	if (s->want & SCAN_INSIDE)
		read_inside(s, dirfd, dir, who);
	who->read = !s->gone;
	/* a kernel may have none */
	if (s->want & SCAN_CGROUP && read_small(s, dirfd, dir, "cgroup") > 0)
		who->cgroup = strdup(s->buf);
	return who->read;
}

/* -- owners and parents ------------------------------------------------------------------------ */

/* The namespace that the ioctl opens, with its own relations when it is new. SCAN_NONE: it has
 * none, or it is out of our sight (EPERM). */
static uint32_t related(struct scan *s, int fd, unsigned long request, unsigned kind, uint32_t child)
{
	_cleanup_fd_ int other = ioctl(fd, request);
	struct stat st;
	uint32_t at;
	bool is_new;

	if (other < 0) {
		if (errno != EPERM && errno != EINVAL)
			s->no_ioctl = errno;
		return SCAN_NONE;
	}
	if (fstat(other, &st) < 0)
		return SCAN_NONE;
	is_new = scan_find(s, st.st_ino, kind, false) == SCAN_NONE;
	/* a kind that is not listed is an owner all the same; the lister leaves it out */
	at = scan_find(s, st.st_ino, kind, true);
	scan_hold(s, at, (struct scan_hold){.type = HOLD_CHILD, .child = child});
	if (is_new)
		scan_relate(s, at, other);
	return at;
}

void scan_relate(struct scan *s, uint32_t ns, int fd)
{
	unsigned kind = s->ns[ns].kind;
	unsigned flag = ns_kinds[kind].flag;
	uint32_t at;
	uid_t uid;

	if (!(s->want & SCAN_RELATED) || s->no_ioctl)
		return;
	/* kinds.def has the user namespaces first */
	at = related(s, fd, NS_GET_USERNS, 0, ns);
	s->ns[ns].owner = at;
	if (flag == CLONE_NEWUSER) {
		s->ns[ns].parent = at;
		if (ioctl(fd, NS_GET_OWNER_UID, &uid) == 0)
			s->ns[ns].owner_uid = uid;
	} else if (flag == CLONE_NEWPID) {
		at = related(s, fd, NS_GET_PARENT, kind, ns);
		s->ns[ns].parent = at;
	}
}

/* -- details of one namespace --------------------------------------------------------------------- */

/* "         0       1000          1": 0:1000:1, joined by commas. */
static char *read_map(struct scan *s, int dirfd, const char *file)
{
	char *text = NULL, *line, *save = NULL;
	unsigned in, out, n;

	if (read_small(s, dirfd, "", file) < 0)
		return NULL;
	for (line = strtok_r(s->buf, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, "%u %u %u", &in, &out, &n) == 3) {
			char *more = xprintf("%s%s%u:%u:%u", text ? text : "", text ? "," : "", in, out, n);

			free(text);
			text = more;
		}
	return text;
}

/* The names in /proc/PID/net/dev: two lines of headings, then "  eth0: ...". */
static char *read_ifaces(struct scan *s, int dirfd)
{
	char *line, *to, *names, *save = NULL;
	int number = 0;

	if (read_small(s, dirfd, "", "net/dev") < 0)
		return NULL;
	names = to = xcalloc(1, strlen(s->buf) + 2);
	for (line = strtok_r(s->buf, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *colon = strchr(line, ':');

		if (number++ < 2 || !colon)
			continue;
		*colon = '\0';
		to = stpcpy(to, line + strspn(line, " ")) + 1;
	}
	return names;
}

/* By the directory of a process in it. */
static void read_from_process(struct scan *s, uint32_t ns, int dirfd)
{
	unsigned flag = ns_kinds[s->ns[ns].kind].flag;

	if (s->want & SCAN_MAPS && flag == CLONE_NEWUSER) {
		s->ns[ns].maps[0] = read_map(s, dirfd, "uid_map");
		s->ns[ns].maps[1] = read_map(s, dirfd, "gid_map");
	}
	if (s->want & SCAN_IFACES && flag == CLONE_NEWNET)
		s->ns[ns].ifaces = read_ifaces(s, dirfd);
	if (s->want & SCAN_ALL_MOUNTS && flag == CLONE_NEWNS)
		s->denied_mounts += scan_mounts(s, dirfd, "mountinfo", s->procs[s->ns[ns].first].pid) < 0;
}

static void read_from_file(struct scan *s, uint32_t ns, int fd)
{
	if (s->want & SCAN_ID)
		s->ns[ns].id = nsfs_id(fd);
	scan_relate(s, ns, fd);
	if (s->want & SCAN_NETNSID && ns_kinds[s->ns[ns].kind].flag == CLONE_NEWNET)
		s->ns[ns].netnsid = netnsid_of(&s->netlink, fd);
}

/* -- a process that is still in it -------------------------------------------------------------- */

struct place { /* the directory of a process, kept open from one namespace to the next */
	uint32_t proc;
	int dirfd;
};

static bool go_to(struct scan *s, struct place *p, uint32_t proc)
{
	char name[SCAN_DIR];

	if (p->proc == proc)
		return p->dirfd >= 0;
	fd_close(&p->dirfd);
	p->proc = proc;
	scan_dir(s, s->procs[proc].pid, name);
	p->dirfd = openat(s->proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return p->dirfd >= 0;
}

/* Is the process that is there now in this namespace? With want_file, its file is opened. */
static bool is_in(const struct scan *s, uint32_t ns, int dirfd, bool want_file, int *fd)
{
	char path[32], text[64];
	struct stat st;
	unsigned kind;
	ssize_t n;

	stpcpy(stpcpy(path, "ns/"), ns_kinds[s->ns[ns].kind].file);
	if (want_file) {
		*fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
		if (*fd >= 0 && fstat(*fd, &st) == 0)
			return st.st_ino == s->ns[ns].ino;
	}
	n = readlinkat(dirfd, path, text, sizeof(text));
	return n > 0 && scan_parse(text, (size_t)n, &kind) == s->ns[ns].ino;
}

/* The same of a process, of which the thread that we knew may have ended. */
static bool has_process(struct scan *s, uint32_t ns, struct place *p, uint32_t at, bool want_file, int *fd)
{
	struct scan_proc *proc = &s->procs[at];

	for (int tries = 0; tries < SCAN_TRIES; tries++) {
		_cleanup_fd_ int dir = -1;
		char name[SCAN_DIR];
		pid_t thread;

		fd_close(fd);
		if (go_to(s, p, at) && is_in(s, ns, p->dirfd, want_file, fd))
			return true;
		snprintf(name, sizeof(name), "%d", proc->pid);
		dir = openat(s->proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		thread = dir < 0 ? 0 : scan_thread(dir);
		if (thread <= 0 || thread == (proc->thread ? proc->thread : proc->pid))
			return false;
		proc->thread = thread;
		p->proc = SCAN_NONE;
	}
	return false;
}

/* Its first process, or the next one when that has gone: with its details and those that are
 * read through it. */
static bool settle(struct scan *s, uint32_t ns, struct place *p, bool want_file)
{
	unsigned kind = s->ns[ns].kind;

	while (s->ns[ns].first != SCAN_NONE) {
		uint32_t at = s->ns[ns].first;
		_cleanup_fd_ int fd = -1;

		if (has_process(s, ns, p, at, want_file, &fd) && scan_who(s, p->dirfd, "", &s->who[at])) {
			read_from_process(s, ns, p->dirfd);
			if (fd >= 0)
				read_from_file(s, ns, fd);
			return true;
		}
		s->procs[at].ns[kind] = SCAN_NONE;
		s->ns[ns].nprocs--;
		while (++at < s->nprocs && s->procs[at].ns[kind] != ns)
			;
		s->ns[ns].first = at < s->nprocs ? at : SCAN_NONE;
	}
	return false;
}

/* Where a bind mount was, in the root of who told of it. Another mount may cover it by now, with
 * whatever its owner likes: no link is followed, and no filesystem is asked, which might be his own
 * and answer when he likes. The kernel knows every part of the path to a mount by heart. */
static int open_mount(const struct scan *s, const struct scan_hold *hold)
{
	_cleanup_fd_ int root = -1;
	const char *path = hold->pid ? strstr(hold->path, "/root/") + strlen("/root") : hold->path;
	char dir[SCAN_DIR + 8];

	strcpy(scan_dir(s, hold->pid, dir), "/root");
	root = hold->pid ? openat(s->proc, dir, O_PATH | O_DIRECTORY | O_CLOEXEC) : open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -1;
	return path_open_in(root, path, O_PATH, RESOLVE_NO_SYMLINKS | RESOLVE_CACHED);
}

/* Open what leads to it, once it is known to be it: a process may have put a device or a file of its
 * own in its place. -1: it is closed by now, or the process has gone. */
static int open_hold(const struct scan *s, uint32_t ns, const struct scan_hold *hold)
{
	_cleanup_fd_ int at = -1;
	char path[SCAN_DIR + 40];

	if (hold->type == HOLD_MOUNT) {
		at = open_mount(s, hold);
	} else {
		if (hold->type == HOLD_CHILDREN)
			sprintf(scan_dir(s, hold->pid, path), "/ns/%s_for_children", ns_kinds[s->ns[ns].kind].file);
		else
			sprintf(scan_dir(s, hold->pid, path), "/fd/%d", hold->fd);
		at = openat(s->proc, path, O_PATH | O_CLOEXEC);
	}
	return at < 0 ? -1 : nsfs_open(at, s->ns[ns].ino);
}

/* Through a bind mount or a descriptor, as far as one leads there. Those that no longer do go
 * from the list; mounts stay on it, since another may lie above them. */
static void open_held(struct scan *s, uint32_t ns)
{
	uint32_t *link = &s->ns[ns].holds, last = SCAN_NONE;

	for (uint32_t h = *link; h != SCAN_NONE; h = s->holds[h].next) {
		const struct scan_hold *hold = &s->holds[h];
		_cleanup_fd_ int fd = hold->type == HOLD_CHILD ? -1 : open_hold(s, ns, hold);

		if (fd < 0 && hold->type != HOLD_CHILD && hold->type != HOLD_MOUNT)
			continue;
		*link = h;
		link = &s->holds[h].next;
		last = h;
		if (fd < 0)
			continue;
		/* one open file is enough; the lists may move by what it leads to */
		read_from_file(s, ns, fd);
		return;
	}
	*link = SCAN_NONE;
	s->ns[ns].last = last;
}

void scan_details(struct scan *s)
{
	struct place p = {.proc = SCAN_NONE, .dirfd = -1};
	bool want_file = s->want & (SCAN_RELATED | SCAN_NETNSID | SCAN_ID);

	/* in the order of the first processes, nearly: each directory is opened once */
	for (uint32_t i = 0; i < s->n; i++) {
		/* those that relations have found already have theirs; bind mounts of others come in between */
		if (s->ns[i].first != SCAN_NONE && settle(s, i, &p, want_file))
			continue;
		if (s->ns[i].owner == SCAN_NONE && want_file)
			open_held(s, i);
	}
	fd_close(&p.dirfd);
}
