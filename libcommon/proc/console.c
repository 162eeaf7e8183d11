/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "proc/console.h"

static int fail(const char *path, int err, struct fault *f)
{
	fault_set(f, OP_CONSOLE, err, "%s", path);
	if (err == ECONNREFUSED) {
		fault_why(f, "nobody listens there");
		fault_fix(f, "whoever is to get the terminal, started first: it listens on the socket");
	} else if (err == EPROTOTYPE) {
		fault_why(f, "not a stream socket");
	}
	return -err;
}

/* By way of an O_PATH descriptor: sun_path has 108 bytes, and paths are longer. */
int console_connect(const char *path, bool dry, struct fault *f)
{
	_cleanup_fd_ int file = open(path, O_PATH | O_CLOEXEC);
	_cleanup_fd_ int fd = -1;
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	struct stat st;

	if (file < 0 || fstat(file, &st) < 0)
		return fail(path, errno, f);
	if (!S_ISSOCK(st.st_mode)) {
		fail(path, 0, f);
		fault_why(f, "not a socket");
		return -EINVAL;
	}
	if (dry)
		return fd_steal(&file);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail(path, errno, f);
	snprintf(name.sun_path, sizeof(name.sun_path), "/proc/self/fd/%d", file);
	if (connect(fd, (struct sockaddr *)&name, sizeof(name)) < 0)
		return fail(path, errno, f);
	return fd_steal(&fd);
}

static bool is_ptmx(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(5, 2);
}

/* The root belongs to a stranger: what stands there as ptmx is looked at before it is
 * opened (opening a device can do something) and once more when it is open. */
static int open_ptmx(struct sys *s, struct fault *f)
{
	static const char path[] = "/dev/ptmx";
	_cleanup_fd_ int fd = -1;
	struct stat st;

	if (!s->dry && stat(path, &st) < 0) {
		fault_set(f, OP_CONSOLE, errno, "%s", path);
		fault_fix(f, "fs-root --dev, which makes it");
		return -f->err;
	}
	if (s->dry || is_ptmx(&st)) {
		fd = sys_open_ptmx(s, path);
		if (fd < 0)
			return fault_set(f, OP_CONSOLE, -fd, "%s", path);
	}
	if (fd < 0 || (!s->dry && (fstat(fd, &st) < 0 || !is_ptmx(&st)))) {
		fault_rule(f, OP_CONSOLE, path, "not the device that makes terminals");
		fault_fix(f, "fs-root --dev, which makes it");
		return -EINVAL;
	}
	return fd_steal(&fd);
}

/* The program's user must be able to open its terminal by name, as after a login. */
static int give_away(struct ctx *c, int peer, struct fault *f)
{
	int r = 0;

	if (c->uid >= 0 && c->uid != (int64_t)geteuid())
		r = sys_fchown(c->sys, peer, (uid_t)c->uid, (gid_t)-1);
	return r < 0 ? fault_set(f, OP_IDS, -r, "user %lld", (long long)c->uid) : 0;
}

static uint64_t mount_of(int fd)
{
	struct statx st;

	return statx(fd, "", AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_MNT_ID, &st) == 0 ? st.stx_mnt_id : 0;
}

/* The place of /dev/console, made as an empty file when it is missing; noted when it is on
 * the root's own files. Nothing is opened through a link of the root, and of what is there
 * already only the place is used (CVE-2026-88264). */
static int console_place(struct ctx *c, struct fault *f)
{
	static const char path[] = "/dev/console", name[] = "console";
	_cleanup_fd_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_fd_ int dev = root < 0 ? -errno : path_open_in(root, "dev", O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
	_cleanup_fd_ int made = -1;
	struct stat st;
	int fd;

	if (dev < 0)
		return fault_set(f, OP_CONSOLE, -dev, "%s", path);
	if (fstatat(dev, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (mount_of(dev) == mount_of(root))
			path_made_note(c->made, "/dev", name);
		made = sys_create(c->sys, dev, name, 0666);
		if (made < 0)
			return fault_set(f, OP_CONSOLE, -made, "%s", path);
	}
	fd = openat(dev, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISCHR(st.st_mode)))
		return fd;
	if (fd < 0)
		return fault_set(f, OP_CONSOLE, errno, "%s", path);
	close(fd);
	fault_rule(f, OP_CONSOLE, path, "neither a file nor a device");
	fault_fix(f, "fs-root --dev, or rm it in the root");
	return -EINVAL;
}

/* In a root of its own the terminal is also the console. */
static int bind_console(struct ctx *c, int peer, struct fault *f)
{
	_cleanup_fd_ int place = -1, tree = -1;
	int r;

	if (!c->builds_root || c->sys->dry)
		return 0;
	place = console_place(c, f);
	if (place < 0)
		return place;
	tree = r = sys_open_tree(c->sys, peer, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (r >= 0)
		r = sys_move_mount(c->sys, tree, place, "/dev/console", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	return r < 0 ? fault_set(f, OP_CONSOLE, -r, "/dev/console") : 0;
}

static int take_over(struct sys *s, int peer, struct fault *f)
{
	int r = sys_setsid(s);

	if (r < 0)
		return fault_set(f, OP_SESSION, -r, "the terminal");
	r = sys_set_terminal(s, peer);
	if (r < 0)
		return fault_set(f, OP_SESSION, -r, "the terminal");
	for (int to = 0; to < 3 && r >= 0; to++)
		r = sys_dup2(s, peer, to);
	return r < 0 ? fault_set(f, OP_FDS, -r, "the terminal") : 0;
}

/* A descriptor above 2, so that dup2 onto 0, 1 and 2 cannot hit it. */
static int above_two(int fd)
{
	int up;

	if (fd > 2)
		return fd;
	up = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	close(fd);
	return up;
}

int console_set(struct ctx *c, int socket, const char *path, const struct proc_size *size, struct fault *f)
{
	_cleanup_fd_ int master = open_ptmx(c->sys, f);
	_cleanup_fd_ int peer = -1;
	int r;

	if (master < 0)
		return master;
	r = sys_unlock_pty(c->sys, master);
	if (r == 0)
		/* TIOCGPTPEER and not /dev/pts/N: a path could be swapped (CVE-2025-52565) */
		r = peer = sys_open_pty_peer(c->sys, master);
	if (r >= 0 && peer <= 2)
		r = peer = above_two(peer);
	if (r >= 0 && size->given)
		r = sys_set_winsize(c->sys, peer, size->rows, size->columns);
	if (r < 0)
		return fault_set(f, OP_CONSOLE, -r, "%s", path);
	r = give_away(c, peer, f);
	if (r == 0)
		r = bind_console(c, peer, f);
	if (r < 0)
		return r;
	r = sys_send_fd(c->sys, socket, path, master, "/dev/ptmx");
	if (r < 0)
		return fault_set(f, OP_CONSOLE, -r, "%s", path);
	return take_over(c->sys, peer, f);
}
