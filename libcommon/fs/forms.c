/* SPDX-License-Identifier: MIT */
/* forms.c - the kinds of mounts, and what can be said about a row before it is done. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/path.h"
#include "fs/forms.h"
#include "fs/idmapped.h"
#include "target/lsm.h"

#ifndef MQUEUE_MAGIC
#define MQUEUE_MAGIC 0x19800202
#endif

#define SAFE "nosuid,nodev,noexec"

const struct mount_form mount_forms[] = {
	[MOUNT_PROC] = {.type = "proc", .source = "proc", .dir = "/proc", .options = SAFE, .real = true,
			.magic = PROC_SUPER_MAGIC, .ns = CLONE_NEWPID, .ns_fix = "ns-run --pid before fs-root",
			.act = mount_fs},
	[MOUNT_SYS] = {.type = "sysfs", .source = "sysfs", .dir = "/sys", .options = "ro," SAFE, .real = true,
		       .magic = SYSFS_MAGIC, .ns = CLONE_NEWNET,
		       .ns_fix = "ns-run --net before fs-root, or --ro-bind /sys", .act = mount_fs},
	[MOUNT_DEV] = {.type = "tmpfs", .dir = "/dev", .real = true, .act = mount_dev},
	[MOUNT_CGROUP] = {.type = "cgroup", .dir = "/sys/fs/cgroup", .fields = "do", .options = "ro," SAFE, .real = true,
			  .ns = CLONE_NEWCGROUP, .ns_fix = "ns-run --cgroup before fs-root", .plan = cgroup_plan,
			  .act = mount_cgroup},
	[MOUNT_MQUEUE] = {.type = "mqueue", .source = "mqueue", .dir = "/dev/mqueue", .options = SAFE,
			  .magic = MQUEUE_MAGIC, .ns = CLONE_NEWIPC, .ns_fix = "ns-run --ipc before fs-root",
			  .act = mount_fs},
	[MOUNT_TMPFS] = {.type = "tmpfs", .source = "tmpfs", .fields = "do", .options = "nosuid,nodev",
			 .act = mount_fs},
	[MOUNT_BIND] = {.fields = "sdo", .options = "rbind", .bind = true, .act = mount_bind},
	[MOUNT_RO_BIND] = {.fields = "sdo", .options = "rbind,rro", .bind = true, .act = mount_bind},
	[MOUNT_ANY] = {.fields = "tsdo", .act = mount_fs},
	[MOUNT_NODES] = {.dir = "/dev", .real = true, .act = mount_nodes},
	[MOUNT_DEVICE] = {.fields = "tsdo", .plan = device_row_plan, .act = mount_device},
};

enum { FORMS = sizeof(mount_forms) / sizeof(*mount_forms) };

const struct mount_form *mount_form_of(const struct mount_row *row)
{
	if (row->kind == MOUNT_ANY && !row->flags.bind) {
		const char *type = strcmp(row->type, "cgroup2") == 0 ? "cgroup" : row->type;

		for (size_t i = 0; i < FORMS; i++)
			if (mount_forms[i].ns && strcmp(mount_forms[i].type, type) == 0)
				return &mount_forms[i];
	}
	return &mount_forms[row->kind];
}

bool mount_is(int fd, long magic)
{
	struct statfs st;

	return fstatfs(fd, &st) == 0 && st.f_type == magic;
}

static bool is_bind(const struct mount_row *row)
{
	return mount_forms[row->kind].bind || row->flags.bind;
}

static char tmpfs_mode[] = "mode=755";

/* tmpfs gives its root mode 1777 when it is not told: right for the places where
 * everybody writes, and too much for all others. */
static bool wants_mode(const struct mount_row *row)
{
	static const char *const open_to_all[] = {"/tmp", "/var/tmp", "/dev/shm"};

	for (size_t i = 0; i < sizeof(open_to_all) / sizeof(*open_to_all); i++)
		if (strcmp(row->dir, open_to_all[i]) == 0)
			return false;
	for (size_t i = 0; i < row->data.n; i++)
		if (strncmp(row->data.v[i], "mode=", 5) == 0)
			return false;
	return row->kind == MOUNT_TMPFS;
}

static int read_options(struct mount_row *row, struct fault *f)
{
	const struct mount_form *form = &mount_forms[row->kind];
	int r;

	if (row->text) /* planned before */
		return 0;
	row->text = xprintf("%s,%s", form->options ? form->options : "", row->options ? row->options : "");
	row->flags.bind = form->bind;
	r = mount_options_read(row->text, &row->flags, &row->data);
	if (r == 0 && wants_mode(row))
		r = words_add(&row->data, tmpfs_mode);
	return r < 0 ? fault_set(f, OP_MEMORY, -r, "%s", row->dir) : 0;
}

char *mount_row_said(const struct mount_row *row, const char **type, const char **source)
{
	const struct mount_form *form = &mount_forms[row->kind];
	const char *first = form->options ? form->options : "", *own = row->options ? row->options : "", *last = "";

	*type = row->flags.bind ? "none" : form->type ? form->type : row->type;
	*source = form->source ? form->source : row->src && *row->src ? row->src : *type;
	for (size_t i = 0; i < row->data.n; i++)
		if (row->data.v[i] == tmpfs_mode)
			last = tmpfs_mode;
	return xprintf("%s%s%s%s%s", first, *first && *own ? "," : "", own, *last && (*first || *own) ? "," : "", last);
}

/* /proc and /sys are trusted by whoever reads or writes them: nothing else may stand
 * there. A bind is looked at by mount_list_check, when its source is known. */
static int check_kernel_dir(const struct mount_row *row, struct fault *f)
{
	static const struct {
		const char *dir, *type, *option;
	} rows[] = {{"/proc", "proc", "--proc"}, {"/sys", "sysfs", "--sys"}};
	const char *type = mount_form_of(row)->type;

	for (size_t i = 0; i < 2; i++)
		if (strcmp(row->dir, rows[i].dir) == 0 && !is_bind(row) &&
		    (!type || strcmp(type, rows[i].type) != 0)) {
			fault_rule(f, OP_MOUNT_DEST, row->dir, "only a %s filesystem may be mounted there",
				   rows[i].type);
			fault_fix(f, "%s, or another directory", rows[i].option);
			return -EINVAL;
		}
	return 0;
}

static int plan_row(struct mount_row *row, struct fault *f)
{
	int r = read_options(row, f);

	if (r < 0)
		return r;
	if (path_has_dotdot(row->dir)) {
		fault_rule(f, OP_MOUNT_DEST, row->dir, "a destination with .. is not a place in the root");
		fault_fix(f, "the directory as the program will see it, without ..");
		return -EINVAL;
	}
	if (strcmp(row->dir, "/") == 0) {
		fault_rule(f, OP_MOUNT_DEST, row->dir, "that is the root itself");
		fault_fix(f, "what is to be there as ROOT: fs-root [OPTION...] ROOT");
		return -EINVAL;
	}
	if ((is_bind(row) || (row->flags.how & HOW_REMOUNT)) && row->data.n) {
		fault_set(f, OP_MOUNT_RULE, 0, "%s", row->dir);
		fault_why(f, "a bind, or a remount, has no option '%s'", row->data.v[0]);
		fault_fix(f, "options about the mount alone: ro, nosuid, nodev, noexec ...; read fs-root(1)");
		return -EINVAL;
	}
	if (row->flags.how & HOW_REMOUNT) /* no matter what it was made of */
		return 0;
	if (is_bind(row) && (!row->src || !*row->src)) {
		fault_rule(f, OP_MOUNT_RULE, row->dir, "a bind needs a source");
		return -EINVAL;
	}
	r = check_kernel_dir(row, f);
	if (r == 0)
		r = idmapped_plan(row, f);
	return r == 0 && mount_forms[row->kind].plan ? mount_forms[row->kind].plan(row, f) : r;
}

int mount_list_plan(struct mount_list *l, struct fault *f)
{
	int r = 0;

	for (size_t i = 0; i < l->n && r == 0; i++)
		r = plan_row(&l->v[i], f);
	return r;
}

/* The option of a mount that only SELinux reads, or NULL. */
static const char *label_of(const struct mount_row *row)
{
	for (size_t i = 0; i < row->data.n; i++)
		if (strncmp(row->data.v[i], "context=", 8) == 0)
			return row->data.v[i];
	return NULL;
}

static int check_label(const struct mount_row *row, struct fault *f)
{
	const char *label = label_of(row);

	if (!label || lsm_has_selinux())
		return 0;
	fault_rule(f, OP_MOUNT, row->dir, "this kernel does not run with SELinux, to which %.150s is", label);
	fault_fix(f, "without context=; cat /sys/kernel/security/lsm shows what it runs with");
	return -EINVAL;
}

static int check_bind(struct mount_row *row, struct fault *f)
{
	bool itself = row->flags.how & (HOW_SOURCE_LINK | HOW_COPY_LINK);
	_cleanup_fd_ int fd = open(row->src, O_PATH | O_CLOEXEC | (itself ? O_NOFOLLOW : 0));
	long magic = strcmp(row->dir, "/proc") == 0 ? PROC_SUPER_MAGIC : strcmp(row->dir, "/sys") == 0 ? SYSFS_MAGIC : 0;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		int err = errno;

		fault_set(f, OP_BIND_SOURCE, err, "%s", row->src);
		if (err == EACCES)
			fault_fix(f, "a user who may search the way to it: namei -l %.200s", row->src);
		return -err;
	}
	if (magic && !mount_is(fd, magic)) {
		fault_rule(f, OP_MOUNT_DEST, row->dir, "%.200s is no %s filesystem, and nothing else may be there",
			   row->src, magic == PROC_SUPER_MAGIC ? "proc" : "sysfs");
		fault_fix(f, "%s, or another directory", magic == PROC_SUPER_MAGIC ? "--proc" : "--sys");
		return -EINVAL;
	}
	row->dev = st.st_dev;
	row->ino = st.st_ino;
	row->file = !S_ISDIR(st.st_mode);
	row->link = S_ISLNK(st.st_mode) && (row->flags.how & HOW_COPY_LINK);
	return idmapped_check(row, f);
}

/* proc, sysfs, mqueue and cgroup show a namespace, and may be mounted by whoever rules
 * over the user namespace that owns it: in a new one that is a new one of each. */
static int check_ns(const struct mount_row *row, const struct ctx *c, struct fault *f)
{
	static const struct {
		unsigned flag;
		const char *name;
	} names[] = {{CLONE_NEWPID, "pid"}, {CLONE_NEWNET, "net"}, {CLONE_NEWIPC, "ipc"}, {CLONE_NEWCGROUP, "cgroup"}};
	const struct mount_form *form = mount_form_of(row);
	const char *name = "";

	if (is_bind(row) || !(c->ns_new & CLONE_NEWUSER) || !form->ns || ((c->ns_new | c->ns_joined) & form->ns))
		return 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].flag == form->ns)
			name = names[i].name;
	fault_set(f, OP_MOUNT, EPERM, "%s", row->dir);
	fault_why(f, "in a new user namespace %s may be mounted only with a new %s namespace", form->type, name);
	fault_fix(f, "%s", form->ns_fix);
	return -EPERM;
}

int mount_list_check(struct mount_list *l, struct ctx *c, struct fault *f)
{
	int r = 0;

	for (size_t i = 0; i < l->n && r == 0; i++) {
		struct mount_row *row = &l->v[i];

		if (row->flags.how & HOW_REMOUNT)
			continue;
		if (is_bind(row))
			r = check_bind(row, f);
		else
			r = check_label(row, f);
		if (r == 0 && !is_bind(row))
			r = check_ns(row, c, f);
		if (r == 0 && row->kind == MOUNT_CGROUP)
			r = cgroup_check(row, c, f);
		if (r < 0 || !(c->ns_new & CLONE_NEWUSER))
			continue;
		if (row->kind == MOUNT_DEV || row->kind == MOUNT_NODES)
			r = dev_check(f);
		else if (row->kind == MOUNT_DEVICE)
			r = device_row_check(row, f);
	}
	return r;
}

static bool is_inside(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

bool mount_list_makes(const struct mount_list *l, int rootfd)
{
	for (size_t i = 0; i < l->n; i++) {
		bool covered = false;
		int fd;

		for (size_t j = 0; j < i && !covered; j++)
			covered = is_inside(l->v[i].dir, l->v[j].dir);
		if (covered)
			continue;
		if (l->v[i].kind == MOUNT_NODES)
			return true;
		fd = path_open_in(rootfd, l->v[i].dir, O_PATH, 0);
		if (fd == -ENOENT)
			return true;
		if (fd >= 0)
			close(fd);
	}
	return false;
}
