/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/memory.h"
#include "chain/early.h"
#include "chain/seal.h"

static const char exe[] = "/proc/self/exe";

/* A detached mount of the file alone, read-only: it is in no tree, so that nobody can
 * remount it, and gone with the process. Cheaper than a copy, but needs CAP_SYS_ADMIN. */
static int mount_copy(struct sys *s)
{
	_cleanup_fd_ int fd = sys_open_tree(s, AT_FDCWD, exe, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	int r;

	if (fd < 0)
		return fd;
	r = sys_mount_setattr(s, fd, AT_EMPTY_PATH, MOUNT_ATTR_RDONLY, 0, 0);
	return r < 0 ? r : fd_steal(&fd);
}

static int copy_in_memory(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');
	_cleanup_fd_ int from = open(exe, O_RDONLY | O_CLOEXEC);

	return from < 0 ? -errno : memory_copy(from, slash ? slash + 1 : argv0);
}

int seal_self(struct sys *s, char **argv, struct fault *f)
{
	_cleanup_fd_ int fd = -1;
	int r = early_seal_needed();

	if (r < 0) {
		fault_set(f, OP_SEAL, -r, "%s", exe);
		fault_fix(f, "mount -t proc proc /proc");
		return r;
	}
	if (r == 0) {
		/* run by descriptor, we would be called "5" in ps */
		prctl(PR_SET_NAME, strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0], 0, 0, 0);
		return 0;
	}
	fd = mount_copy(s);
	if (fd == -EPERM || fd == -EINVAL || fd == -ENOSYS)
		fd = copy_in_memory(argv[0]);
	r = fd < 0 ? fd : sys_execveat(s, fd, argv, environ);
	return r < 0 ? fault_set(f, OP_SEAL, -r, "%s", argv[0]) : 0;
}
