/* SPDX-License-Identifier: MIT */
/* path.h - paths inside a root filesystem, resolved once, by descriptor.
 *
 * A root filesystem was written by a stranger: its symbolic links may point at the
 * host, and a process inside may swap them while we look. So every path inside goes
 * through openat2(2) with RESOLVE_IN_ROOT, and what was found is used by descriptor. */
#ifndef COMMON_BASE_PATH_H
#define COMMON_BASE_PATH_H

#include <stddef.h>
#include <stdbool.h>
#include <sys/types.h>

#include "fault.h"
#include "sys.h"

/* Open `path` inside the directory `rootfd` as that root would see it (absolute links
 * and .. stay inside; no magic links). flags as open(2), O_CLOEXEC added; resolve: more
 * RESOLVE_* bits such as RESOLVE_NO_SYMLINKS. Returns a descriptor or -errno. */
int path_open_in(int rootfd, const char *path, int flags, unsigned resolve);

/* What was made on the host's files for a chain, so that a failed one can be undone by
 * whoever survives. Lives in memory shared with the child, which is not trusted: it may be
 * taken over later. */
struct path_made {
	unsigned n;
	bool overflow;    /* more was made than the list holds                          */
	struct {
		char path[244];  /* inside the root                                     */
		int flags;       /* for unlinkat: AT_REMOVEDIR or 0                     */
	} rows[64];
};

/* A list in shared memory (mmap), or NULL; freed by path_made_free. */
struct path_made *path_made_new(void);
void path_made_free(struct path_made *m);

/* Note that `name`, no directory, was made in the directory `dir` of the root. m may be
 * NULL. */
void path_made_note(struct path_made *m, const char *dir, const char *name);

/* Remove what is on the list, last first, inside the directory rootfd: empty directories,
 * empty files, device nodes and links; what cannot be removed is left. Whatever the list says, nothing outside
 * of rootfd and nothing that holds data is removed. */
void path_made_undo(struct sys *s, struct path_made *m, int rootfd);

/* Open `path` inside rootfd (O_PATH), making it when missing: a directory, or an empty
 * file when `file`; missing parents are directories. Each new component is made under
 * the held descriptor of its parent (mkdirat, O_EXCL, O_NOFOLLOW) and noted in *made
 * (may be NULL). With no_symlinks, a symbolic link anywhere in the path is an error.
 * In a dry run what is missing is not made and a descriptor of the nearest existing
 * parent stands in. Returns a descriptor, or a fault with op OP_MOUNT_DEST. */
int path_make_in(struct sys *s, int rootfd, const char *path, bool file, bool no_symlinks,
		 struct path_made *made, struct fault *f);

/* Read a whole small file (at most `max` bytes; more is -EFBIG) below dirfd (AT_FDCWD)
 * into memory that the caller frees, with a NUL behind it. Pipes can be read.
 * Returns the length or -errno. */
ssize_t path_read(int dirfd, const char *path, size_t max, char **ret);

/* The same from an open descriptor, which stays the caller's. */
ssize_t path_read_fd(int fd, size_t max, char **ret);

/* True when the path has a ".." component. */
bool path_has_dotdot(const char *path);

/* The path as a table of mounts writes it, \040 for a blank and the like, becomes what it is, in
 * place. Returns it; NULL stays NULL. */
char *path_unescape(char *path);

#endif
