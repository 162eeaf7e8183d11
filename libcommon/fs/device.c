/* SPDX-License-Identifier: MIT */
/* device.c - device nodes: made where the kernel allows it, and else the host's own bound. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/fd.h"
#include "base/num.h"
#include "base/path.h"
#include "fs/forms.h"
#include "fs/place.h"

static int letter(mode_t type)
{
	if (type == S_IFBLK)
		return 'b';
	return type == S_IFIFO ? 'p' : 'c';
}

int dev_open(int cwd, const char *path, mode_t type, unsigned major, unsigned minor)
{
	_cleanup_fd_ int fd = openat(cwd, path, O_PATH | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if ((st.st_mode & S_IFMT) != type || st.st_rdev != makedev(major, minor))
		return -ENODEV;
	return fd_steal(&fd);
}

static int device_fault(const struct device *d, int err, struct fault *f)
{
	fault_set(f, OP_DEVICE, err, "%s", d->host);
	if (err == ENODEV) {
		fault_why(f, "it is not the %s device %u:%u", d->type == S_IFBLK ? "block" : "character", d->major,
			  d->minor);
		fault_fix(f, "rm %.150s && mknod -m 666 %.150s %c %u %u, as root of the host", d->host, d->host,
			  letter(d->type), d->major, d->minor);
	} else if (err == ENOENT) {
		fault_fix(f, "mknod -m 666 %.200s %c %u %u, as root of the host", d->host, letter(d->type), d->major,
			  d->minor);
	}
	return -err;
}

int device_check(const struct device *d, struct fault *f)
{
	_cleanup_fd_ int fd = dev_open(AT_FDCWD, d->host, d->type, d->major, d->minor);

	return fd < 0 ? device_fault(d, -fd, f) : 0;
}

/* A user namespace can make no device nodes: the host's own is put over an empty file.
 * It is bound by the descriptor whose type and number were seen, never by its name. */
static int bind_device(struct sys *s, int dirfd, const struct device *d, struct fault *f)
{
	_cleanup_fd_ int host = dev_open(AT_FDCWD, d->host, d->type, d->major, d->minor);
	_cleanup_fd_ int tree = -1, file = -1;

	if (host < 0)
		return device_fault(d, -host, f);
	tree = sys_open_tree(s, host, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (tree < 0)
		return device_fault(d, -tree, f);
	file = sys_create(s, dirfd, d->name, 0666);
	return file < 0 ? device_fault(d, -file, f) : mount_attach(s, tree, file, d->host, f);
}

/* 1: it is there already. */
static int is_there(int dirfd, const struct device *d, struct fault *f)
{
	struct stat st;

	if (fstatat(dirfd, d->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : device_fault(d, errno, f);
	if ((st.st_mode & S_IFMT) == d->type && (d->type == S_IFIFO || st.st_rdev == makedev(d->major, d->minor)))
		return 1;
	fault_set(f, OP_DEVICE, EEXIST, "%s", d->host);
	fault_why(f, "the root has something else of that name");
	fault_fix(f, "a tmpfs on its directory: --tmpfs /dev; or rm it in the root");
	return -EEXIST;
}

int device_make(struct mount_walk *w, int dirfd, const char *dir, struct path_made *made, const struct device *d,
		struct fault *f)
{
	bool bound = (w->c->ns_new & CLONE_NEWUSER) && d->type != S_IFIFO;
	struct sys *s = w->c->sys;
	int r = s->dry ? 0 : is_there(dirfd, d, f);

	if (r != 0)
		return r < 0 ? r : 0;
	/* noted before it is made: what is not there needs no removing */
	path_made_note(made, dir, d->name);
	r = bound ? -EPERM : sys_mknodat(s, dirfd, d->name, d->type | d->mode, makedev(d->major, d->minor));
	if (r == -EPERM)
		return bind_device(s, dirfd, d, f);
	if (r >= 0 && (d->uid != (uid_t)-1 || d->gid != (gid_t)-1))
		r = sys_fchownat(s, dirfd, d->name, d->uid, d->gid);
	return r < 0 ? device_fault(d, -r, f) : 0;
}

/* -- rows of --device --------------------------------------------------------------- */

static int parse_type(const char *word, mode_t *type)
{
	static const struct {
		const char *word;
		mode_t type;
	} rows[] = {{"c", S_IFCHR}, {"u", S_IFCHR}, {"b", S_IFBLK}, {"p", S_IFIFO}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i].word, word) == 0) {
			*type = rows[i].type;
			return 0;
		}
	return -EINVAL;
}

/* "10,229" */
static int parse_numbers(const char *word, struct device *d)
{
	uint64_t major = 0, minor = 0;
	const char *comma = strchr(word, ',');
	_cleanup_free_ char *first = comma ? strndup(word, (size_t)(comma - word)) : NULL;

	if (d->type == S_IFIFO && !*word)
		return 0;
	if (!first || num_u64(first, 4095, &major) < 0 || num_u64(comma + 1, 1048575, &minor) < 0)
		return -EINVAL;
	d->major = (unsigned)major;
	d->minor = (unsigned)minor;
	return 0;
}

static int parse_option(const char *word, struct device *d)
{
	uint64_t id;
	char *end;

	if (strncmp(word, "mode=", 5) == 0) {
		unsigned long mode = strtoul(word + 5, &end, 8);

		d->mode = (mode_t)mode;
		return word[5] < '0' || word[5] > '7' || *end || mode > 07777 ? -EINVAL : 0;
	}
	if ((strncmp(word, "uid=", 4) != 0 && strncmp(word, "gid=", 4) != 0) ||
	    num_u64(word + 4, UINT32_MAX - 1, &id) < 0)
		return -EINVAL;
	*(word[0] == 'u' ? &d->uid : &d->gid) = (uint32_t)id;
	return 0;
}

static int row_device(const struct mount_row *row, struct device *d, struct fault *f)
{
	*d = (struct device){strrchr(row->dir, '/') + 1, row->dir, S_IFCHR, 0666, 0, 0, (uid_t)-1, (gid_t)-1};
	if (parse_type(row->type, &d->type) < 0)
		return fault_rule(f, OP_DEVICE, row->dir, "its type is c, b, u or p, and not '%.60s'", row->type);
	if (parse_numbers(row->src ? row->src : "", d) < 0)
		return fault_rule(f, OP_DEVICE, row->dir, "expected MAJOR,MINOR, got '%.60s'", row->src ? row->src : "");
	for (size_t i = 0; i < row->data.n; i++)
		if (parse_option(row->data.v[i], d) < 0)
			return fault_rule(f, OP_DEVICE, row->dir, "expected mode=OCTAL, uid=N or gid=N, got '%.60s'",
					  row->data.v[i]);
	return 0;
}

int device_row_plan(struct mount_row *row, struct fault *f)
{
	const struct mount_flags *fl = &row->flags;
	struct device d;

	if (fl->bind || fl->propagation || (fl->set | fl->clear | fl->rset | fl->rclear))
		return fault_rule(f, OP_DEVICE, row->dir, "a device node has no options of a mount: '%.60s'", row->options);
	return row_device(row, &d, f);
}

int device_row_check(struct mount_row *row, struct fault *f)
{
	struct device d;
	int r = row_device(row, &d, f);

	return r < 0 || d.type == S_IFIFO ? r : device_check(&d, f);
}

int mount_device(struct mount_walk *w, struct mount_row *row, struct fault *f)
{
	_cleanup_free_ char *parent = xprintf("%.*s", (int)(strrchr(row->dir, '/') - row->dir), row->dir);
	struct mount_row dir = {.kind = MOUNT_DEVICE, .dir = *parent ? parent : row->dir};
	_cleanup_fd_ int fd = -1;
	struct device d;
	int mask, r = row_device(row, &d, f);

	if (r < 0)
		return r;
	fd = *parent ? mount_target(w, &dir, f) : fcntl(w->root, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return *parent ? fd : fault_set(f, OP_DEVICE, errno, "%s", row->dir);
	mask = sys_umask(w->c->sys, 0);
	r = device_make(w, fd, parent, place_made(w, fd), &d, f);
	sys_umask(w->c->sys, w->c->sys->dry ? 022 : (mode_t)mask);
	return r;
}
