/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "chain/early.h"
#include "chain/seal.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x10U
#endif

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

/* A copy in memory, sealed. Not one of the calls that --explain counts: it changes
 * nothing that anybody else can see. */
static int memory_copy(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');
	char name[64];
	_cleanup_fd_ int from = open(exe, O_RDONLY | O_CLOEXEC);
	_cleanup_fd_ int fd = -1;
	ssize_t n;

	if (from < 0)
		return -errno;
	snprintf(name, sizeof(name), "%s", slash ? slash + 1 : argv0); /* at most 249 bytes */
	fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
	if (fd < 0 && errno == EINVAL) /* before Linux 6.3 */
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	while ((n = sendfile(fd, from, NULL, 1 << 24)) > 0)
		;
	if (n < 0 || fchmod(fd, 0555) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return -errno;
	return fd_steal(&fd);
}

int seal_self(struct sys *s, char **argv, struct fault *f)
{
	_cleanup_fd_ int fd = -1;
#ifdef UNSAFE_NO_SEAL /* a build for the tests, which must see the attack succeed */
	int r = 0;
#else
	int r = early_seal_needed();
#endif

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
		fd = memory_copy(argv[0]);
	r = fd < 0 ? fd : sys_execveat(s, fd, argv, environ);
	return r < 0 ? fault_set(f, OP_SEAL, -r, "%s", argv[0]) : 0;
}
