/* SPDX-License-Identifier: MIT */
/* tmpfs.c - a new tmpfs takes over what it covers: the mode of the directory, and with
 * tmpcopyup all that is in it. Names, links and owners there are a stranger's: each is used
 * below the descriptor of its directory, and no link is followed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "fs/forms.h"

enum { DEPTH = 64 };

static int copy_dir(struct sys *s, int from, int to, unsigned depth);

static int copy_data(struct sys *s, int from, int dir, const char *name)
{
	_cleanup_fd_ int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	_cleanup_fd_ int out = -1;
	_cleanup_free_ char *buf = xcalloc(1, 1 << 16);
	ssize_t n = 1;
	int r = in < 0 ? -errno : 0;

	if (r == 0)
		r = out = sys_create(s, dir, name, 0600);
	while (r >= 0 && !s->dry && (n = read(in, buf, 1 << 16)) > 0)
		r = sys_write_bytes(s, out, name, buf, (size_t)n);
	return n < 0 ? -errno : r;
}

static int copy_link(struct sys *s, int from, int dir, const char *name)
{
	char target[4096];
	ssize_t n = readlinkat(from, name, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	return sys_symlinkat(s, target, dir, name);
}

static int copy_below(struct sys *s, int from, int dir, const char *name, unsigned depth)
{
	_cleanup_fd_ int in = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_fd_ int out = -1;
	int r = in < 0 ? -errno : sys_mkdirat(s, dir, name, 0700);

	if (r < 0 || s->dry)
		return r;
	out = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return out < 0 ? -errno : copy_dir(s, in, out, depth + 1);
}

/* The owner first, as chown(2) takes set-ID bits off. An owner that no id map has cannot be
 * given to the copy: it stays ours. */
static int copy_rights(struct sys *s, int dir, const char *name, const struct stat *st)
{
	int r = sys_fchownat(s, dir, name, st->st_uid, st->st_gid);

	if (r == -EINVAL || r == -EPERM)
		r = 0;
	return r < 0 || S_ISLNK(st->st_mode) ? r : sys_fchmodat(s, dir, name, st->st_mode & 07777);
}

static int copy_one(struct sys *s, int from, int dir, const char *name, unsigned depth)
{
	struct stat st;
	int r;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		r = depth == DEPTH ? -ELOOP : copy_below(s, from, dir, name, depth);
	else if (S_ISREG(st.st_mode))
		r = copy_data(s, from, dir, name);
	else if (S_ISLNK(st.st_mode))
		r = copy_link(s, from, dir, name);
	else
		r = sys_mknodat(s, dir, name, st.st_mode & S_IFMT, st.st_rdev);
	return r < 0 || s->dry ? r : copy_rights(s, dir, name, &st);
}

static int copy_dir(struct sys *s, int from, int to, unsigned depth)
{
	int fd = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!d) {
		r = -errno;
		fd_close(&fd);
		return r;
	}
	while (r >= 0 && (errno = 0, e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			r = copy_one(s, fd, to, e->d_name, depth);
	if (r >= 0 && errno)
		r = -errno;
	closedir(d);
	return r;
}

static bool has_mode(const struct mount_row *row)
{
	for (size_t i = 0; i < row->data.n; i++)
		if (strncmp(row->data.v[i], "mode=", 5) == 0)
			return true;
	return false;
}

bool tmpfs_takes_over(const struct mount_row *row)
{
	if (row->kind != MOUNT_ANY && row->kind != MOUNT_TMPFS)
		return false;
	if (row->flags.bind || (row->kind == MOUNT_ANY && strcmp(row->type, "tmpfs") != 0))
		return false;
	return (row->flags.how & HOW_COPY_UP) || (row->kind == MOUNT_ANY && !has_mode(row));
}

int tmpfs_take_over(struct mount_walk *w, const struct mount_row *row, int mount, int there, struct fault *f)
{
	struct sys *s = w->c->sys;
	struct stat st;
	int r = there >= 0 && fstat(there, &st) < 0 ? -errno : 0;

	if (r == 0 && there >= 0 && (row->flags.how & HOW_COPY_UP))
		r = copy_dir(s, there, mount, 0);
	if (r >= 0 && there >= 0 && !has_mode(row))
		r = sys_fchmodat(s, mount, ".", st.st_mode & 07777);
	if (r >= 0 && (mount_flags_new(&row->flags) & MOUNT_ATTR_RDONLY))
		r = sys_mount_setattr(s, mount, AT_EMPTY_PATH, MOUNT_ATTR_RDONLY, 0, 0);
	return r < 0 ? fault_set(f, OP_COPY_UP, -r, "%s", row->dir) : 0;
}
