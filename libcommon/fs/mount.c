/* SPDX-License-Identifier: MIT */
/* mount.c - one mount: made detached, its place found, the two joined. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/path.h"
#include "fs/forms.h"
#include "fs/place.h"

/* The mount point of the first mount below dir, from the caller's mountinfo, in point. */
static bool mount_under(const char *dir, char point[static 128])
{
	_cleanup_free_ char *info = NULL;
	size_t n = strlen(dir);

	if (path_read(AT_FDCWD, "/proc/self/mountinfo", 1 << 22, &info) < 0)
		return false;
	for (char *line = info; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (sscanf(line, "%*s %*s %*s %*s %127s", point) == 1 && strncmp(point, dir, n) == 0 &&
		    point[n] == '/')
			return true;
	}
	return false;
}

/* EPERM has two causes that can be seen: the kernel shows a new user namespace no more
 * of proc and sysfs than the mounts around it show, or the type is not for it at all. */
static void why_not_permitted(const char *type, struct fault *f)
{
	const char *dir = strcmp(type, "proc") == 0 ? "/proc" : strcmp(type, "sysfs") == 0 ? "/sys" : NULL;
	char point[128];

	if (dir && mount_under(dir, point)) {
		fault_why(f, "parts of this system's %s are covered (%s), so the kernel gives no whole one", dir, point);
		fault_fix(f, "umount %s outside first, or --ro-bind %s; see findmnt -R %s", point, dir, dir);
	} else if (!dir) {
		fault_why(f, "a filesystem of type %.40s may be mounted by real root only, or needs its namespace", type);
	}
}

/* What the kernel wrote into the log of the filesystem context: "e tmpfs: Bad value for
 * 'size'". Old filesystems write nothing. */
static void why_from_log(int fs, struct fault *f)
{
	char text[200];
	ssize_t n = read(fs, text, sizeof(text) - 1);

	while (n > 0 && text[n - 1] == '\n')
		n--;
	if (n > 2) {
		text[n] = '\0';
		fault_why(f, "%s", text + 2);
		fault_fix(f, "options that this filesystem knows: read the manual page of mount(8)");
	}
}

static int config(struct sys *s, int fs, const char *word)
{
	char key[64];
	const char *eq = strchr(word, '=');

	if (!eq)
		return sys_fsconfig_string(s, fs, word, NULL);
	if ((size_t)(eq - word) >= sizeof(key))
		return -EINVAL;
	memcpy(key, word, (size_t)(eq - word));
	key[eq - word] = '\0';
	return sys_fsconfig_string(s, fs, key, eq + 1);
}

int mount_new(struct sys *s, const char *type, const char *source, char *const *data, uint64_t attrs,
	      const char *object, struct fault *f)
{
	_cleanup_fd_ int fs = sys_fsopen(s, type);
	int r = fs;

	if (r == -ENODEV) {
		fault_set(f, OP_MOUNT, ENODEV, "%s", object);
		fault_why(f, "this kernel has no filesystem type '%.60s'", type);
		fault_fix(f, "modprobe %.60s, or a type of cat /proc/filesystems", type);
		return -ENODEV;
	}
	if (r >= 0 && source && *source)
		r = sys_fsconfig_string(s, fs, "source", source);
	for (; r >= 0 && data && *data; data++)
		r = config(s, fs, *data);
	if (r >= 0)
		r = sys_fsconfig_create(s, fs);
	if (r >= 0)
		r = sys_fsmount(s, fs, attrs);
	if (r < 0) {
		fault_set(f, OP_MOUNT, -r, "%s", object);
		if (r == -EPERM)
			why_not_permitted(type, f);
		else if (fs >= 0)
			why_from_log(fs, f);
	}
	return r;
}

static bool is_dir(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

int mount_attach(struct sys *s, int mount, int tofd, const char *object, struct fault *f)
{
	int r = sys_move_mount(s, mount, tofd, object, MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);

	if (r < 0) {
		fault_set(f, OP_MOUNT, -r, "%s", object);
		if (is_dir(mount) != is_dir(tofd)) {
			fault_why(f, "one of source and destination is a directory, the other a file");
			fault_fix(f, "a destination of the same kind; what is missing is made by itself");
		}
	}
	return r;
}

int mount_below(struct sys *s, int fd, const char *name, const char *object, struct fault *f)
{
	int r = s->dry ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : openat(fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	return r < 0 ? fault_set(f, OP_MOUNT_DEST, errno, "%s/%s", object, name) : r;
}

int mount_propagate(struct sys *s, const struct mount_row *row, int mount, struct fault *f)
{
	unsigned flags = AT_EMPTY_PATH | (row->flags.rpropagation ? AT_RECURSIVE : 0);
	int r = row->flags.propagation ? sys_mount_setattr(s, mount, flags, 0, 0, row->flags.propagation) : 0;

	return r < 0 ? fault_set(f, OP_MOUNT, -r, "%s", row->dir) : 0;
}

static int place(struct mount_walk *w, struct mount_row *row, int mount, struct fault *f)
{
	_cleanup_fd_ int there = tmpfs_takes_over(row) ? path_open_in(w->root, row->dir, O_PATH, 0) : -1;
	_cleanup_fd_ int target = mount_target(w, row, f);
	int r = target;

	if (r >= 0 && tmpfs_takes_over(row))
		r = tmpfs_take_over(w, row, mount, there, f);
	if (r >= 0)
		r = mount_attach(w->c->sys, mount, target, row->dir, f);

	return r < 0 ? r : mount_propagate(w->c->sys, row, mount, f);
}

int mount_fs(struct mount_walk *w, struct mount_row *row, struct fault *f)
{
	const struct mount_form *form = &mount_forms[row->kind];
	long magic = mount_form_of(row)->magic;
	uint64_t late = tmpfs_takes_over(row) ? MOUNT_ATTR_RDONLY : 0;
	_cleanup_fd_ int mount = mount_new(w->c->sys, form->type ? form->type : row->type,
					   form->source ? form->source : row->src, row->data.v,
					   mount_flags_new(&row->flags) & ~late, row->dir, f);

	if (mount < 0)
		return mount;
	if (magic && !w->c->sys->dry && !mount_is(mount, magic))
		return fault_rule(f, OP_MOUNT, row->dir, "what was mounted is something else");
	return place(w, row, mount, f);
}

/* The flags of a mount that came from another user namespace are locked. */
static int set_flags(struct sys *s, const struct mount_row *row, int mount, struct fault *f)
{
	const struct mount_flags *fl = &row->flags;
	int r = 0;

	if (fl->rset | fl->rclear)
		r = sys_mount_setattr(s, mount, AT_EMPTY_PATH | AT_RECURSIVE, fl->rset, fl->rclear, 0);
	if (r >= 0 && (fl->set | fl->clear))
		r = sys_mount_setattr(s, mount, AT_EMPTY_PATH, fl->set, fl->clear, 0);
	if (r >= 0)
		return 0;
	fault_set(f, OP_MOUNT, -r, "%s", row->dir);
	if (r == -EPERM && (fl->clear | fl->rclear)) {
		fault_why(f, "a user namespace may not take flags off a mount of its parent");
		fault_fix(f, "without rw, suid, dev, exec and atime words; findmnt -T %.200s shows what it has", row->src);
	}
	return r;
}

static int bind_fault(const struct mount_row *row, int err, struct fault *f)
{
	fault_set(f, OP_BIND_SOURCE, err, "%s", row->src);
	if (err == EINVAL && !row->flags.recursive) {
		fault_why(f, "mounts below it cannot be left out in a user namespace");
		fault_fix(f, "the option rbind in place of bind");
	}
	if (err == EACCES)
		fault_fix(f, "a directory that the mapped root may search (namei -l %.200s), or another id map", row->src);
	return -err;
}

int mount_copy(struct mount_walk *w, const struct mount_row *row, struct fault *f)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (row->flags.recursive ? AT_RECURSIVE : 0) |
			 (row->flags.how & HOW_SOURCE_LINK ? AT_SYMLINK_NOFOLLOW : 0);
	/* The path again, as descriptors of the old mount namespace cannot be copied
	 * from: it has to lead to what the check saw. */
	_cleanup_fd_ int mount = sys_open_tree(w->c->sys, w->cwd, row->src, flags);
	struct stat st;

	if (mount < 0)
		return bind_fault(row, -mount, f);
	if (!w->c->sys->dry &&
	    (fstat(mount, &st) < 0 || st.st_dev != row->dev || st.st_ino != row->ino)) {
		fault_rule(f, OP_BIND_SOURCE, row->src, "it was replaced by another file since it was checked");
		fault_fix(f, "once more, when nobody renames it");
		return -EINVAL;
	}
	return fd_steal(&mount);
}

int mount_bind(struct mount_walk *w, struct mount_row *row, struct fault *f)
{
	_cleanup_fd_ int mount = row->held > 0 ? fd_steal(&row->held) : mount_copy(w, row, f);
	int r = mount < 0 ? mount : set_flags(w->c->sys, row, mount, f);

	return r < 0 ? r : place(w, row, mount, f);
}

/* The link itself is made, in a directory that is looked for as a mount point is. One that is
 * there and says the same is right. */
static int copy_link(struct mount_walk *w, struct mount_row *row, struct fault *f)
{
	_cleanup_free_ char *dir = xprintf("%.*s", (int)(strrchr(row->dir, '/') - row->dir), row->dir);
	struct mount_row above = {.kind = MOUNT_TMPFS, .dir = *dir ? dir : (char *)"/"};
	const char *name = strrchr(row->dir, '/') + 1;
	char target[4096], there[4096];
	ssize_t n = readlinkat(w->cwd, row->src, target, sizeof(target) - 1);
	_cleanup_fd_ int fd = -1;
	struct path_made *made;
	int r;

	if (n < 0)
		return fault_set(f, OP_BIND_SOURCE, errno, "%s", row->src);
	target[n] = '\0';
	fd = *dir ? mount_target(w, &above, f) : fcntl(w->root, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	made = place_made(w, fd);
	r = sys_symlinkat(w->c->sys, target, fd, name);
	if (r == 0)
		path_made_note(made, dir, name);
	else if (r == -EEXIST && readlinkat(fd, name, there, sizeof(there)) == n && memcmp(there, target, (size_t)n) == 0)
		r = 0;
	return r < 0 ? fault_set(f, OP_MOUNT_DEST, -r, "%s", row->dir) : 0;
}

/* What is mounted there already gets the flags, as far as the words name them. */
static int mount_again(struct mount_walk *w, struct mount_row *row, struct fault *f)
{
	_cleanup_fd_ int target = mount_target(w, row, f);
	int r = target < 0 ? target : set_flags(w->c->sys, row, target, f);

	if (r == -EINVAL && target >= 0) {
		fault_set(f, OP_MOUNT, EINVAL, "%s", row->dir);
		fault_why(f, "nothing is mounted there that could be remounted");
		fault_fix(f, "without remount, or behind the mount");
	}
	return r < 0 ? r : mount_propagate(w->c->sys, row, target, f);
}

int mount_do(struct mount_walk *w, struct mount_row *row, struct fault *f)
{
	if (row->flags.how & HOW_REMOUNT)
		return mount_again(w, row, f);
	if (row->link)
		return copy_link(w, row, f);
	return row->flags.bind ? mount_bind(w, row, f) : mount_forms[row->kind].act(w, row, f);
}
