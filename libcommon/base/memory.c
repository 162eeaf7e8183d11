/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "fd.h"
#include "memory.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x10U
#endif

/* Not one of the calls that --explain counts: it changes nothing that anybody else can see. */
int memory_copy(int from, const char *name)
{
	_cleanup_fd_ int fd = -1;
	char shown[64];
	ssize_t n;

	snprintf(shown, sizeof(shown), "%s", name); /* at most 249 bytes */
	fd = memfd_create(shown, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
	if (fd < 0 && errno == EINVAL) /* before Linux 6.3 */
		fd = memfd_create(shown, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	while ((n = sendfile(fd, from, NULL, 1 << 24)) > 0)
		;
	if (n < 0 || fchmod(fd, 0555) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return -errno;
	return fd_steal(&fd);
}
