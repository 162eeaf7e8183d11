/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "target/facts-read.h"

enum { FILE_MAX = 64 << 20 }; /* bytes: mountinfo of a machine with 100000 mounts */

static const struct {
	const char *what, *file;
} table[] = {
#define FACT(id, what, file) [FACT_##id] = {what, file},
#include "target/facts.def"
#undef FACT
};

static facts_parser *const parsers[FACT_COUNT] = {
	[FACT_STATUS] = facts_status,   [FACT_STAT] = facts_stat,           [FACT_MOUNTS] = facts_mounts,
	[FACT_UID_MAP] = facts_uid_map, [FACT_GID_MAP] = facts_gid_map,     [FACT_SETGROUPS] = facts_setgroups,
	[FACT_CGROUPS] = facts_cgroups, [FACT_LABEL] = facts_label,         [FACT_LIMITS] = facts_limits,
	[FACT_OOM] = facts_oom,         [FACT_OFFSETS] = facts_offsets,     [FACT_PERSONA] = facts_persona,
	[FACT_ENV] = facts_env,         [FACT_ARGS] = facts_args,
};

static const struct {
	unsigned flag;
	const char *name, *file;
} kinds[] = {
#define KIND(flag, name, letter, file, sysctl, what) {flag, name, file},
#include "base/kinds.def"
#undef KIND
};
_Static_assert(sizeof(kinds) / sizeof(*kinds) == FACTS_KINDS, "every kind has its place");

const char *facts_word(enum fact id)
{
	return table[id].what;
}

const char *facts_file(enum fact id)
{
	return table[id].file;
}

const char *facts_kind(unsigned i)
{
	return kinds[i].name;
}

unsigned facts_kind_flag(unsigned i)
{
	return kinds[i].flag;
}

/* -- namespaces -------------------------------------------------------------------------------- */

static int identify(int fd, struct facts_id *ret)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return errno;
	*ret = (struct facts_id){st.st_dev, st.st_ino};
	return 0;
}

static int related(int fd, unsigned long request, struct facts_id *ret)
{
	_cleanup_fd_ int to = ioctl(fd, request);

	return to < 0 ? errno : identify(to, ret);
}

static int look(int procfd, const char *file, struct facts_id *ret)
{
	struct stat st;
	char path[32];

	snprintf(path, sizeof(path), "ns/%s", file);
	if (fstatat(procfd, path, &st, 0) < 0)
		return errno;
	*ret = (struct facts_id){st.st_dev, st.st_ino};
	return 0;
}

static void read_one_ns(struct facts_ns *ns, int procfd, unsigned i)
{
	char path[32];
	_cleanup_fd_ int fd = -1;

	snprintf(path, sizeof(path), "ns/%s", kinds[i].file);
	fd = openat(procfd, path, O_RDONLY | O_CLOEXEC);
	ns->why = fd < 0 ? errno : identify(fd, &ns->id);
	if (fd < 0)
		return;
	ns->children = ns->id;
	ns->parent_why = ENODATA;
	ns->owner_why = related(fd, NS_GET_USERNS, &ns->owner);
	if (kinds[i].flag == CLONE_NEWUSER || kinds[i].flag == CLONE_NEWPID)
		ns->parent_why = related(fd, NS_GET_PARENT, &ns->parent);
	if (kinds[i].flag == CLONE_NEWPID)
		look(procfd, "pid_for_children", &ns->children);
	if (kinds[i].flag == CLONE_NEWTIME)
		look(procfd, "time_for_children", &ns->children);
}

/* The first that cannot be read says why for all: the permission is the same. A kind that the
 * kernel lacks is none of them. */
static int read_ns(struct facts *p, int procfd)
{
	int why = ENOENT;

	for (unsigned i = 0; i < FACTS_KINDS; i++) {
		read_one_ns(&p->ns[i], procfd, i);
		if (p->ns[i].why != ENOENT)
			why = why == ENOENT || p->ns[i].why ? p->ns[i].why : why;
	}
	return -why;
}

/* -- root, directory, program ------------------------------------------------------------------- */

static int read_place(struct facts_place *place, int procfd, const char *file)
{
	char path[4096];
	struct statx stx;
	ssize_t n = readlinkat(procfd, file, path, sizeof(path) - 1);

	if (n < 0)
		return -errno;
	path[n] = '\0';
	place->path = xprintf("%s", path);
	/* it may be on a filesystem whose server does not answer */
	if (statx(procfd, file, AT_STATX_DONT_SYNC, STATX_INO | STATX_MNT_ID, &stx) < 0)
		return -errno;
	place->id = (struct facts_id){makedev(stx.stx_dev_major, stx.stx_dev_minor), stx.stx_ino};
	place->mount = stx.stx_mask & STATX_MNT_ID ? stx.stx_mnt_id : 0;
	return 0;
}

/* -- all of them -------------------------------------------------------------------------------- */

/* AppArmor has a directory of its own beside the file that the first module gets. */
static ssize_t read_label(int procfd, char **text)
{
	ssize_t n = path_read(procfd, "attr/apparmor/current", 1 << 16, text);

	if (n < 0)
		n = path_read(procfd, "attr/current", 1 << 16, text);
	if (n != -EINVAL && n != -ENOENT)
		return n;
	*text = xprintf("%s", ""); /* no module labels processes */
	return 0;
}

static int read_text(struct facts *p, int procfd, enum fact id)
{
	ssize_t n;

	if (id == FACT_LABEL)
		n = read_label(procfd, &p->text[id]);
	else
		n = path_read(procfd, table[id].file, FILE_MAX, &p->text[id]);
	return n < 0 ? (int)n : parsers[id](p, p->text[id], (size_t)n);
}

/* The kernel tells nobody but the process itself. */
static int read_securebits(struct facts *p)
{
	int bits = p->pid == getpid() ? prctl(PR_GET_SECUREBITS) : -1;

	if (bits < 0)
		return -ENODATA;
	p->securebits = (unsigned)bits;
	return 0;
}

static int read_fact(struct facts *p, int procfd, enum fact id)
{
	switch (id) {
	case FACT_NS:
		return read_ns(p, procfd);
	case FACT_ROOT:
		return read_place(&p->root, procfd, table[id].file);
	case FACT_CWD:
		return read_place(&p->cwd, procfd, table[id].file);
	case FACT_EXE:
		return read_place(&p->exe, procfd, table[id].file);
	case FACT_SECUREBITS:
		return read_securebits(p);
	default:
		return read_text(p, procfd, id);
	}
}

int facts_read(struct facts *p, const struct target *t, unsigned want, struct fault *f)
{
	*p = (struct facts){.pid = t->pid};
	for (unsigned id = 0; id < FACT_COUNT; id++) {
		p->why[id] = want & (1U << id) ? -read_fact(p, t->procfd, id) : EINPROGRESS;
		if (p->why[id] == ESRCH || (id == FACT_STATUS && p->why[id] == ENOENT)) {
			fault_set(f, OP_NS_TARGET, ESRCH, "%d", t->pid);
			fault_why(f, "it has ended");
			return -ESRCH;
		}
	}
	return 0;
}

void facts_free(struct facts *p)
{
	for (unsigned id = 0; id < FACT_COUNT; id++)
		free(p->text[id]);
	free(p->groups);
	free(p->cpus);
	free(p->root.path);
	free(p->cwd.path);
	free(p->exe.path);
	free(p->mounts);
	free(p->users.v);
	free(p->groups_map.v);
	free(p->cgroups);
	words_free(&p->env);
	words_free(&p->args);
	*p = (struct facts){0};
}
