/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "cg/where.h"
#include "oci/container.h"
#include "target/stat.h"

enum { STATE_MAX = 8 << 20 };

static const char *const names[] = {"creating", "created", "running", "paused", "stopped"};

const char *status_name(enum status status)
{
	return names[status];
}

char *container_default_root(void)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");

	if (geteuid() != 0 && dir && *dir == '/')
		return xprintf("%s/opencontainer/containers", dir);
	return xprintf("%s", "/run/opencontainer/containers");
}

int container_check_id(const char *id, struct fault *f)
{
	bool bad = !*id || strlen(id) > 255 || strcmp(id, ".") == 0 || strcmp(id, "..") == 0;

	for (const char *p = id; *p; p++)
		bad |= !isalnum((unsigned char)*p) && !strchr("_+.-", *p);
	if (!bad)
		return 0;
	fault_rule(f, OP_CONTAINER, id, "invalid container ID format");
	fault_fix(f, "1 to 255 letters, digits and the signs _ + . -");
	return -EINVAL;
}

/* -- the directory ---------------------------------------------------------------------- */

static int begin(struct container *c, const char *root, const char *id, struct fault *f)
{
	*c = (struct container){.id = id, .root = xprintf("%s", root), .dir = -1, .pidfd = -1};
	return container_check_id(id, f);
}

static int make_root(struct sys *s, const char *root, struct fault *f)
{
	char *path = xprintf("%s", root);
	int r = 0;

	for (char *p = path + 1; *p && r == 0; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (access(path, F_OK) < 0)
			r = sys_mkdirat(s, AT_FDCWD, path, 0711);
		*p = '/';
		r = r == -EEXIST ? 0 : r;
	}
	if (r == 0)
		r = sys_mkdirat(s, AT_FDCWD, path, 0700);
	free(path);
	return r < 0 && r != -EEXIST ? fault_set(f, OP_STATE, -r, "%s", root) : 0;
}

static int taken(const char *id, struct fault *f)
{
	fault_set(f, OP_CONTAINER, EEXIST, "%s", id);
	fault_why(f, "container with given ID already exists");
	fault_fix(f, "oci-run delete %s, or another id", id);
	return -EEXIST;
}

static bool exists(const char *root, const char *id)
{
	_cleanup_free_ char *dir = xprintf("%s/%s", root, id);

	return faccessat(AT_FDCWD, dir, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int container_check_free(const char *root, const char *id, struct fault *f)
{
	int r = container_check_id(id, f);

	return r == 0 && exists(root, id) ? taken(id, f) : r;
}

int container_make(struct sys *s, struct container *c, const char *root, const char *id, struct fault *f)
{
	_cleanup_free_ char *dir = NULL;
	int r = begin(c, root, id, f);

	if (r < 0)
		return r;
	dir = xprintf("%s/%s", root, id);
	r = sys_mkdirat(s, AT_FDCWD, dir, 0700);
	if (r == -ENOENT) {
		r = make_root(s, root, f);
		if (r < 0)
			return r;
		r = sys_mkdirat(s, AT_FDCWD, dir, 0700);
	}
	if (r == -EEXIST)
		return taken(id, f);
	if (r < 0)
		return fault_set(f, OP_STATE, -r, "%s", dir);
	c->dir = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	c->state = json_object_new_object();
	if (c->dir < 0 || !c->state || flock(c->dir, LOCK_EX | LOCK_NB) < 0) {
		fault_set(f, OP_STATE, errno, "%s", dir);
		(void)sys_unlinkat(s, AT_FDCWD, dir, AT_REMOVEDIR);
		return -f->err;
	}
	c->locked = true;
	return 0;
}

/* -- the process -------------------------------------------------------------------------- */

/* Held first, looked at second: the number may have gone to another in between. */
static void find_process(struct container *c)
{
	c->pidfd = c->pid > 0 ? (int)syscall(SYS_pidfd_open, c->pid, 0) : -1;
	if (c->pidfd >= 0 && (c->started == 0 || process_started(AT_FDCWD, c->pid, NULL) != c->started))
		fd_close(&c->pidfd);
}

int container_set_pid(struct container *c, pid_t pid, struct fault *f)
{
	c->pid = pid;
	c->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	c->started = process_started(AT_FDCWD, pid, NULL);
	if (c->pidfd < 0 || !c->started)
		return fault_set(f, OP_CONTAINER, ESRCH, "%s", c->id);
	json_object_object_add(c->state, "pid", json_object_new_int(pid));
	json_object_object_add(c->state, "startTime", json_object_new_uint64(c->started));
	return 0;
}

/* -- state.json ----------------------------------------------------------------------------- */

const char *container_string(const struct container *c, const char *key)
{
	struct json_object *v;

	return c->state && json_object_object_get_ex(c->state, key, &v) && json_object_is_type(v, json_type_string)
		       ? json_object_get_string(v)
		       : NULL;
}

/* -EINVAL: there is none, or it is damaged, and only deleting helps. Another error says nothing of
 * the container. */
static int read_state(struct container *c, struct fault *f)
{
	_cleanup_free_ char *text = NULL;
	/* the directory may be a user's: no pipe to wait at, no link out of it */
	_cleanup_fd_ int fd = openat(c->dir, "state.json", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct json_object *v;
	struct stat st;
	ssize_t r = fd < 0 || fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? path_read_fd(fd, STATE_MAX, &text) : 0;

	if (r == -ELOOP)
		r = 0; /* not what we wrote */
	c->state = r > 0 ? json_tokener_parse(text) : NULL;
	if (!json_object_is_type(c->state, json_type_object) || !container_string(c, "bundle")) {
		json_object_put(c->state);
		c->state = NULL;
		fault_set(f, OP_STATE, r < 0 ? (int)-r : 0, "%s/%s/state.json", c->root, c->id);
		if (r < 0 && r != -ENOENT)
			return (int)r;
		if (r >= 0)
			fault_why(f, "it is damaged");
		fault_fix(f, "oci-run delete --force %s, which clears it", c->id);
		return -EINVAL;
	}
	if (json_object_object_get_ex(c->state, "pid", &v))
		c->pid = (pid_t)json_object_get_int(v);
	if (json_object_object_get_ex(c->state, "startTime", &v))
		c->started = json_object_get_uint64(v);
	find_process(c);
	return 0;
}

static int absent(const struct container *c, struct fault *f)
{
	fault_set(f, OP_CONTAINER, ENOENT, "%s", c->id);
	fault_why(f, "container does not exist");
	fault_fix(f, "oci-run list, which names those that do; with the --root they were made with");
	return -ENOENT;
}

int container_open(struct container *c, const char *root, const char *id, bool broken, struct fault *f)
{
	_cleanup_free_ char *dir = NULL;
	int r = begin(c, root, id, f);

	if (r < 0)
		return r;
	dir = xprintf("%s/%s", root, id);
	c->dir = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (c->dir < 0 && (errno == ENOENT || errno == ENOTDIR))
		return absent(c, f);
	if (c->dir < 0)
		return fault_set(f, OP_STATE, errno, "%s", dir);
	r = read_state(c, f);
	return broken && r == -EINVAL ? 0 : r;
}

/* Advisory, and gone with its holder. Another verb is at work for milliseconds, or for as long
 * as a hook takes. What was read before may be old by then, so it is read again. */
int container_lock(struct container *c, struct fault *f)
{
	while (flock(c->dir, LOCK_EX) < 0)
		if (errno != EINTR)
			return fault_set(f, OP_STATE, errno, "%s/%s", c->root, c->id);
	c->locked = true;
	if (faccessat(c->dir, ".", F_OK, 0) < 0 || !exists(c->root, c->id))
		return absent(c, f);
	if (!c->state)
		return 0;
	json_object_put(c->state);
	c->state = NULL;
	fd_close(&c->pidfd);
	return read_state(c, f);
}

void container_unlock(struct container *c)
{
	/* for all who share it: our children have it from before they were */
	flock(c->dir, LOCK_UN);
	c->locked = false;
}

int container_save(struct sys *s, struct container *c, enum status status, struct fault *f)
{
	_cleanup_free_ char *object = xprintf("%s/%s/state.json", c->root, c->id);
	_cleanup_fd_ int fd = -1;
	const char *text;
	int r;

	json_object_object_add(c->state, "status", json_object_new_string(names[status]));
	text = json_object_to_json_string_ext(c->state, JSON_C_TO_STRING_NOSLASHESCAPE);
	sys_unlinkat(s, c->dir, ".state.json", 0); /* of one that was killed here */
	r = fd = sys_create(s, c->dir, ".state.json", 0644);
	if (r >= 0)
		r = sys_write_bytes(s, fd, object, text, strlen(text));
	if (r >= 0)
		r = sys_renameat(s, c->dir, ".state.json", "state.json");
	return r < 0 ? fault_set(f, OP_STATE, -r, "%s", object) : 0;
}

enum status container_status(const struct container *c)
{
	const char *said = container_string(c, "status");
	struct cg_held h = {0};
	struct fault ignored;
	bool frozen;

	if (said && strcmp(said, names[ST_CREATING]) == 0 && c->pid == 0) {
		/* its maker holds the lock as long as it is at work */
		if (c->locked || flock(c->dir, LOCK_SH | LOCK_NB) == 0)
			return ST_STOPPED;
		return ST_CREATING;
	}
	if (!said || c->pidfd < 0)
		return ST_STOPPED;
	if (strcmp(said, names[ST_CREATING]) == 0)
		return ST_CREATING;
	if (strcmp(said, names[ST_CREATED]) == 0 && faccessat(c->dir, "gate", F_OK, 0) == 0)
		return ST_CREATED;
	frozen = container_cgroups(c, &h, &ignored) == 0 && cg_held_frozen(&h);
	cg_held_close(&h);
	return frozen ? ST_PAUSED : ST_RUNNING;
}

struct json_object *container_json(const struct container *c, enum status status, pid_t pid)
{
	static const char *const copied[] = {"bundle", "rootfs", "created", "annotations", "owner"};
	struct json_object *o = json_object_new_object(), *v;
	const char *version = container_string(c, "ociVersion");

	json_object_object_add(o, "ociVersion", json_object_new_string(version ? version : "1.3.0"));
	json_object_object_add(o, "id", json_object_new_string(c->id));
	json_object_object_add(o, "pid", json_object_new_int(pid));
	json_object_object_add(o, "status", json_object_new_string(names[status]));
	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
		if (json_object_object_get_ex(c->state, copied[i], &v))
			json_object_object_add(o, copied[i], json_object_get(v));
	return o;
}

char *container_text(const struct container *c, enum status status, pid_t pid, bool pretty)
{
	struct json_object *o = container_json(c, status, pid);
	char *text = xprintf("%s", json_object_to_json_string_ext(
					   o, JSON_C_TO_STRING_NOSLASHESCAPE |
						      (pretty ? JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED : 0)));

	json_object_put(o);
	return text;
}

/* -- its cgroups ---------------------------------------------------------------------------- */

/* One whose maker was killed before it said which cgroups it made: those of its path. */
static void guess_dirs(const struct container *c, struct words *dirs)
{
	const char *path = container_string(c, "cgroup");
	struct cg_world w = {0};
	struct fault ignored;

	if (path && *path == '/' && cg_path_check(path, true, path, &ignored) == 0 && cg_world_read(&w, &ignored) == 0)
		for (size_t i = 0; i < w.n; i++)
			words_take(dirs, xprintf("%s%s", w.h[i].mount, path));
	cg_world_free(&w);
}

int container_cgroups(const struct container *c, struct cg_held *ret, struct fault *f)
{
	struct json_object *list;
	struct words dirs = {0};
	int r;

	*ret = (struct cg_held){0};
	if (json_object_object_get_ex(c->state, "cgroups", &list) && json_object_is_type(list, json_type_array))
		for (size_t i = 0; i < json_object_array_length(list); i++) {
			const char *dir = json_object_get_string(json_object_array_get_idx(list, i));

			if (dir && *dir == '/') /* another is not from us */
				words_take(&dirs, xprintf("%s", dir));
		}
	else
		guess_dirs(c, &dirs);
	r = cg_held_open(ret, dirs.n, dirs.v, f);
	words_free_all(&dirs);
	return r;
}

/* -- the end ---------------------------------------------------------------------------------- */

int container_remove(struct sys *s, struct container *c, struct fault *f)
{
	_cleanup_free_ char *path = xprintf("%s/%s", c->root, c->id);
	int fd = c->dir < 0 ? -1 : openat(c->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	int r;

	for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
		    sys_unlinkat(s, c->dir, e->d_name, 0) == -EISDIR)
			sys_unlinkat(s, c->dir, e->d_name, AT_REMOVEDIR);
	if (d)
		closedir(d);
	r = sys_unlinkat(s, AT_FDCWD, path, AT_REMOVEDIR);
	return r < 0 && r != -ENOENT ? fault_set(f, OP_STATE, -r, "%s", path) : 0;
}

void container_close(struct container *c)
{
	fd_close(&c->dir);
	fd_close(&c->pidfd);
	json_object_put(c->state);
	c->state = NULL;
	free(c->root);
	c->root = NULL;
}
