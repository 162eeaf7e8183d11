/* SPDX-License-Identifier: MIT */
/* boxes-read.c - which files there are, and how they are opened: some of them were written by
 * users who may not be friends. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/num.h"
#include "base/path.h"
#include "target/boxes-state.h"

/* -- one file ----------------------------------------------------------------------------------- */

/* The path as openat takes it below our root. */
static const char *below(const char *path)
{
	return path[1] ? path + 1 : ".";
}

/* A user's own programs see what that user sees; root has to be careful. */
static bool is_guarded(uid_t uid)
{
	return uid && uid != geteuid();
}

/* What another user's engine left is opened only where no link leads elsewhere, neither at the end nor
 * on the way, and only if it is that user's: with our rights that user could not have read it else. */
static int open_guarded(struct boxes *b, const char *path, uid_t uid, int flags)
{
	const struct boxes_index *ix = b->index;
	size_t n = ix->own >= 0 ? strlen(ix->own_path) : 0;
	bool own = n && strncmp(path, ix->own_path, n) == 0 && (path[n] == '/' || !path[n]);
	_cleanup_fd_ int fd = path_open_in(own ? ix->own : ix->root, own ? path + n : path, flags, RESOLVE_NO_SYMLINKS);
	struct stat st;

	if (fd < 0)
		return fd;
	return fstat(fd, &st) == 0 && st.st_uid == uid ? fd_steal(&fd) : -EPERM;
}

static int open_at(struct boxes *b, const char *path, uid_t uid, int flags)
{
	int fd;

	flags |= O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	if (!boxes_may(b, uid, COST_FILES, 1, path))
		return -EDQUOT;
	if (is_guarded(uid))
		return open_guarded(b, path, uid, flags);
	fd = openat(b->index->root, below(path), flags);
	return fd < 0 ? -errno : fd;
}

/* A pipe would make us wait, a device would do what devices do, a link leads to somebody else's
 * file: none of them is read. */
static int open_state(struct boxes *b, const struct state_file *s)
{
	_cleanup_fd_ int fd = open_at(b, s->path, s->uid, O_NOFOLLOW);
	struct stat st;

	if (fd < 0)
		return fd;
	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= STATE_BYTES ? fd_steal(&fd) : -EFBIG;
}

char *state_text(struct boxes *b, const struct state_file *s)
{
	_cleanup_fd_ int fd = open_state(b, s);
	char *text = NULL;
	ssize_t n = fd;

	if (fd >= 0)
		n = path_read_fd(fd, STATE_BYTES, &text);
	if (n >= 0 && boxes_may(b, s->uid, COST_BYTES, (size_t)n, s->path))
		return text;
	boxes_unreadable(b, s->path, n < 0 ? (int)-n : EDQUOT);
	free(text);
	return NULL;
}

/* Megabytes of "{}," would become gigabytes of objects. */
static int count_values(struct boxes *b, const struct state_file *s, const char *text)
{
	size_t n = 0;

	for (const char *p = text; (p = strpbrk(p, "{[")); p++)
		n++;
	if (s->uid && n > STATE_VALUES)
		return -EFBIG;
	return boxes_may(b, s->uid, COST_VALUES, n, s->path) ? 0 : -EDQUOT;
}

bool state_json(struct boxes *b, const struct state_file *s, char **text, struct json_doc **doc)
{
	struct fault ignored;
	int r;

	*text = state_text(b, s);
	if (!*text)
		return false;
	r = count_values(b, s, *text);
	if (r == 0)
		r = json_parse(*text, strlen(*text), s->path, OP_BOX, doc, &ignored);
	if (r < 0)
		boxes_unreadable(b, s->path, -r);
	return r == 0;
}

bool state_decode(struct boxes *b, const struct state_file *s, struct json_doc *doc, const struct json_shape *shape, void *out)
{
	struct fault ignored;

	if (json_decode(doc, NULL, shape, out, &ignored) == 0)
		return true;
	boxes_unreadable(b, s->path, EINVAL);
	return false;
}

bool state_read(struct boxes *b, const struct state_file *s, const struct json_shape *shape, void *out, char **text, struct json_doc **doc)
{
	return state_json(b, s, text, doc) && state_decode(b, s, *doc, shape, out);
}

const char *path_part(const char *path, unsigned n, char buf[NAME_BYTES])
{
	const char *end = path + strlen(path), *start = end;

	for (;; n--) {
		while (start > path && start[-1] != '/')
			start--;
		if (n == 0 || start == path)
			break;
		end = --start;
	}
	if (n || end - start >= NAME_BYTES)
		end = start;
	snprintf(buf, NAME_BYTES, "%.*s", (int)(end - start), start);
	return buf;
}

pid_t state_pid(const char *text)
{
	unsigned long n = strtoul(text, NULL, 10);

	return n <= INT_MAX ? (pid_t)n : 0;
}

/* -- all files of a pattern ------------------------------------------------------------------------ */

static void expand(struct boxes *b, char *path, const char *rest, const struct state_file *s, state_reader *reader);

/* Each entry of the directory `path` that ends in `end` (n characters); then the rest. */
static void expand_star(struct boxes *b, char *path, const char *end, size_t n, const char *rest,
			const struct state_file *s, state_reader *reader)
{
	int fd = open_at(b, path, s->uid, O_DIRECTORY);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	size_t len = strlen(path), left = DIR_ENTRIES;
	struct dirent *e;

	if (!d) {
		boxes_unreadable(b, path, fd < 0 ? -fd : errno);
		fd_close(&fd);
		return;
	}
	while ((e = readdir(d))) {
		size_t m = strlen(e->d_name);

		if (left-- == 0) {
			boxes_unreadable(b, path, EFBIG);
			break;
		}
		if (e->d_name[0] == '.' || m < n || strncmp(e->d_name + m - n, end, n) != 0 || len + m + 2 > PATH_MAX)
			continue;
		sprintf(path + len, "/%s", e->d_name);
		expand(b, path, rest, s, reader);
		path[len] = '\0';
	}
	closedir(d);
}

static void expand(struct boxes *b, char *path, const char *rest, const struct state_file *s, state_reader *reader)
{
	size_t len = strlen(path), n = strcspn(rest, "*");

	if (len + strlen(rest) + 1 > PATH_MAX)
		return;
	if (!rest[n]) {
		strcpy(path + len, rest);
		reader(b, &(struct state_file){path, s->uid, s->engine});
	} else {
		size_t m = strcspn(rest + n, "/");

		sprintf(path + len, "%.*s", (int)(n - 1), rest);
		expand_star(b, path, rest + n + 1, m - 1, rest + n + m, s, reader);
	}
	path[len] = '\0';
}

void state_each(struct boxes *b, const char *pattern, uid_t uid, const char *engine, state_reader *reader)
{
	char path[PATH_MAX] = "";

	expand(b, path, pattern, &(struct state_file){.uid = uid, .engine = engine}, reader);
}

/* -- which there are --------------------------------------------------------------------------------- */

struct place {
	const char *pattern, *engine;
	state_reader *reader;
};

/* The engines first: what they say of a container spares reading the runtime's file of it. */
static const struct place system_places[] = {
	{"/var/lib/docker/containers/*/config.v2.json", "docker", read_docker},
	{"/var/snap/docker/common/var-lib-docker/containers/*/config.v2.json", "docker", read_docker},
	{"/var/lib/containers/storage/*-containers/containers.json", "podman", read_store},
	{"/var/lib/containers/storage/*-containers/volatile-containers.json", "podman", read_store},
	{"/run/containers/storage/*-containers/volatile-containers.json", "podman", read_store},
	{"/run/containers/storage/*-containers/*/userdata/pidfile", "podman", read_pidfile},
	{"/run/containerd/io.containerd.runtime.v2.task/*/*/config.json", "containerd", read_containerd},
	{"/run/k3s/containerd/io.containerd.runtime.v2.task/*/*/config.json", "containerd", read_containerd},
	{"/var/lib/lxc/*/config", "lxc", read_lxc},
	{"/run/systemd/machines/*", "systemd-nspawn", read_machine},
	{"/run/opencontainer/containers/*/state.json", "oci-run", read_runtime},
	{"/run/crun/*/status", "crun", read_runtime},
	{"/run/runc/*/state.json", "runc", read_runtime},
	{"/run/containerd/runc/*/*/state.json", "containerd", read_runtime},
	{"/run/docker/runtime-runc/moby/*/state.json", "docker", read_runtime},
};

/* Below the directory of a user at run time. */
static const struct place run_places[] = {
	{"/containers/*-containers/*/userdata/pidfile", "podman", read_pidfile},
	{"/opencontainer/containers/*/state.json", "oci-run", read_runtime},
	{"/crun/*/status", "crun", read_runtime},
	{"/runc/*/state.json", "runc", read_runtime},
	{"/docker/runtime-runc/moby/*/state.json", "docker", read_runtime},
};

/* Below the user's home. */
static const struct place home_places[] = {
	{"/.local/share/containers/storage/*-containers/containers.json", "podman", read_store},
	{"/.local/share/containers/storage/*-containers/volatile-containers.json", "podman", read_store},
	{"/.local/share/docker/containers/*/config.v2.json", "docker", read_docker},
	{"/.local/share/lxc/*/config", "lxc", read_lxc},
};

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void read_places(struct boxes *b, const struct place *p, size_t n, const char *above, uid_t uid)
{
	for (; n--; p++) {
		_cleanup_free_ char *pattern = xprintf("%s%s", above, p->pattern);

		state_each(b, pattern, uid, p->engine, p->reader);
	}
}

/* -- those of users ------------------------------------------------------------------------------- */

/* The user's directory, held while what is below it is read. The way to a home may lead over links, which
 * root made; in /tmp anybody may make a directory, or a link, that looks like somebody's. */
static bool own_open(struct boxes *b, const char *path, uid_t uid, int flags)
{
	_cleanup_fd_ int fd = openat(b->index->root, below(path), O_PATH | O_DIRECTORY | O_CLOEXEC | flags);
	struct stat st;

	fd_close(&b->index->own);
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != uid)
		return false;
	b->index->own = fd_steal(&fd);
	b->index->own_path = path;
	return true;
}

/* A user is looked at who has a directory for running things: rootless engines need one, and so the
 * homes of all others, which may be far away, are not waited for. */
static void read_user(struct boxes *b, uid_t uid, const char *home)
{
	static const char *const run[] = {"/run/user/%u", "/tmp/podman-run-%u", "/tmp/storage-run-%u", "/tmp/containers-user-%u"};
	bool runs = false;

	for (size_t i = 0; i < COUNT(run); i++) {
		char path[64];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(path, sizeof(path), run[i], uid);
#pragma GCC diagnostic pop
		if (!own_open(b, path, uid, O_NOFOLLOW))
			continue;
		if (!runs && *home == '/' && home[1] && own_open(b, home, uid, 0))
			read_places(b, home_places, COUNT(home_places), home, uid);
		runs = true;
		if (own_open(b, path, uid, O_NOFOLLOW))
			read_places(b, run_places, COUNT(run_places), path, uid);
	}
	fd_close(&b->index->own);
}

static void read_users(struct boxes *b)
{
	_cleanup_free_ char *passwd = state_text(b, &(struct state_file){"/etc/passwd", 0, NULL});

	for (char *line = passwd, *next; line && *line; line = next) {
		char *field[6] = {0};
		uint64_t uid;

		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		for (size_t i = 0; i < COUNT(field); i++)
			field[i] = strsep(&line, ":");
		if (field[5] && num_u64(field[2], UINT_MAX - 1, &uid) == 0 && uid)
			read_user(b, (uid_t)uid, field[5]);
	}
}

void boxes_read_below(struct boxes *b, const char *root)
{
	*b = (struct boxes){.index = xcalloc(1, sizeof(*b->index))};
	b->index->own = -1;
	b->index->root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (b->index->root < 0) {
		boxes_unreadable(b, root, EIO);
		return;
	}
	read_places(b, system_places, COUNT(system_places), "", 0);
	read_users(b);
}

void boxes_read(struct boxes *b)
{
	boxes_read_below(b, "/");
}
