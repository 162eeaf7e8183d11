/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fd.h"
#include "path.h"

int path_open_in(int rootfd, const char *path, int flags, unsigned resolve)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve,
	};
	long r;
	int tries = 0;

	/* EAGAIN: somebody renamed something while ".." was resolved; the kernel asks again */
	do
		r = syscall(SYS_openat2, rootfd, *path ? path : "/", &how, sizeof(how));
	while (r < 0 && errno == EAGAIN && ++tries < 128);
	return r < 0 ? -errno : (int)r;
}

struct path_made *path_made_new(void)
{
	struct path_made *m =
		mmap(NULL, sizeof(*m), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return m == MAP_FAILED ? NULL : m;
}

void path_made_free(struct path_made *m)
{
	if (m)
		munmap(m, sizeof(*m));
}

static void note_made(struct path_made *m, const char *path, size_t len, bool file)
{
	if (!m)
		return;
	if (m->n == sizeof(m->rows) / sizeof(*m->rows) || len >= sizeof(m->rows->path)) {
		m->overflow = true;
		return;
	}
	memcpy(m->rows[m->n].path, path, len);
	m->rows[m->n].path[len] = '\0';
	m->rows[m->n].flags = file ? 0 : AT_REMOVEDIR;
	m->n++;
}

void path_made_note(struct path_made *m, const char *dir, const char *name)
{
	char path[sizeof(m->rows->path)];
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);

	note_made(m, path, (size_t)n, true);
}

/* One row, copied out of the shared memory. The parent is looked up again, inside the
 * root, so that at worst an empty directory or file inside this root is removed. */
static void undo_one(struct sys *s, char *path, int flags, int rootfd)
{
	char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	_cleanup_fd_ int parent = -1;
	struct stat st;

	if (slash)
		*slash = '\0';
	if (!*name || strcmp(name, "..") == 0 || strcmp(name, ".") == 0)
		return;
	parent = path_open_in(rootfd, slash ? path : "/", O_PATH | O_DIRECTORY, 0);
	if (parent < 0)
		return;
	if (flags == 0 && (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || (S_ISREG(st.st_mode) && st.st_size)))
		return;
	sys_unlinkat(s, parent, name, flags);
}

void path_made_undo(struct sys *s, struct path_made *m, int rootfd)
{
	unsigned n = m ? m->n : 0;

	if (n > sizeof(m->rows) / sizeof(*m->rows))
		n = sizeof(m->rows) / sizeof(*m->rows);
	while (rootfd >= 0 && n-- > 0) {
		char path[sizeof(m->rows->path)];

		memcpy(path, m->rows[n].path, sizeof(path));
		path[sizeof(path) - 1] = '\0';
		undo_one(s, path, m->rows[n].flags ? AT_REMOVEDIR : 0, rootfd);
	}
}

bool path_has_dotdot(const char *path)
{
	for (const char *p = path; *p; p += strcspn(p, "/"), p += strspn(p, "/"))
		if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || p[2] == '\0'))
			return true;
	return false;
}

static int fail(struct fault *f, int err, const char *path)
{
	fault_set(f, OP_MOUNT_DEST, err, "%s", path);
	if (err == ELOOP)
		fault_why(f, "it is or passes through a symbolic link");
	if (err == ENOTDIR)
		fault_why(f, "a part of it is no directory");
	if (err == EROFS)
		fault_fix(f, "mkdir -p it in the root beforehand: the root is read-only");
	return -err;
}

/* Where the path stops existing: *fd is the last directory that exists, the return value
 * the first byte of the first missing component. */
static const char *walk_existing(int rootfd, const char *path, unsigned resolve, int *fd)
{
	char prefix[4096];
	const char *end = path;

	*fd = path_open_in(rootfd, "/", O_PATH | O_DIRECTORY, 0);
	while (*fd >= 0) {
		const char *start = end + strspn(end, "/");
		int next;

		end = start + strcspn(start, "/");
		if (start == end || (size_t)(end - path) >= sizeof(prefix))
			return start;
		memcpy(prefix, path, (size_t)(end - path));
		prefix[end - path] = '\0';
		next = path_open_in(rootfd, prefix, O_PATH, resolve);
		if (next < 0) {
			if (next != -ENOENT) {
				close(*fd);
				*fd = next;
			}
			return start;
		}
		close(*fd);
		*fd = next;
	}
	return path;
}

/* Make one component below dir. Nobody can have put a link there: mkdirat and O_EXCL make a
 * new name. 0 or -errno. */
static int make_one(struct sys *s, int dir, const char *name, bool file)
{
	_cleanup_fd_ int made = -1;

	if (!file)
		return sys_mkdirat(s, dir, name, 0755);
	made = sys_create(s, dir, name, 0644);
	return made < 0 ? made : 0;
}

/* Open it, and no link that was swapped in since. The descriptor or -errno. */
static int open_one(int dir, const char *name, bool file)
{
	int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC | (file ? 0 : O_DIRECTORY));

	return fd < 0 ? -errno : fd;
}

int path_make_in(struct sys *s, int rootfd, const char *path, bool file, bool no_symlinks,
		 struct path_made *made, struct fault *f)
{
	unsigned resolve = no_symlinks ? RESOLVE_NO_SYMLINKS : 0;
	_cleanup_fd_ int dir = path_open_in(rootfd, path, O_PATH, resolve);
	const char *rest;

	if (dir >= 0)
		return fd_steal(&dir);
	if (dir != -ENOENT)
		return fail(f, -dir, path);
	rest = walk_existing(rootfd, path, resolve, &dir);
	if (dir < 0)
		return fail(f, -dir, path);
	while (*rest) {
		const char *end = rest + strcspn(rest, "/");
		const char *more = end + strspn(end, "/");
		_cleanup_free_ char *name = strndup(rest, (size_t)(end - rest));
		int next;

		if (s->dry)
			return fd_steal(&dir);
		if (!name)
			return fail(f, ENOMEM, path);
		next = make_one(s, dir, name, file && !*more);
		if (next < 0)
			/* a name that is there now and was not found is a link to nowhere */
			return fail(f, next == -EEXIST ? ELOOP : -next, path);
		note_made(made, path, (size_t)(end - path), file && !*more);
		next = open_one(dir, name, file && !*more);
		if (next < 0)
			return fail(f, -next, path);
		close(dir);
		dir = next;
		rest = more;
	}
	return fd_steal(&dir);
}

ssize_t path_read(int dirfd, const char *path, size_t max, char **ret)
{
	_cleanup_fd_ int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : path_read_fd(fd, max, ret);
}

ssize_t path_read_fd(int fd, size_t max, char **ret)
{
	_cleanup_free_ char *buf = NULL;
	size_t n = 0, cap = 0;

	for (;;) {
		ssize_t r;

		if (n + 1 >= cap) {
			char *bigger = realloc(buf, cap = cap ? 2 * cap : 8192);

			if (!bigger)
				return -ENOMEM;
			buf = bigger;
		}
		r = read(fd, buf + n, cap - n - 1);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		n += (size_t)r;
		if (n > max)
			return -EFBIG;
	}
	buf[n] = '\0';
	*ret = buf;
	buf = NULL;
	return (ssize_t)n;
}

static bool is_octal(char c, char most)
{
	return c >= '0' && c <= most;
}

char *path_unescape(char *path)
{
	char *to = path;

	if (!path)
		return NULL;
	for (const char *p = path; *p;)
		if (p[0] == '\\' && is_octal(p[1], '3') && is_octal(p[2], '7') && is_octal(p[3], '7')) {
			*to++ = (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
			p += 4;
		} else {
			*to++ = *p++;
		}
	*to = '\0';
	return path;
}
