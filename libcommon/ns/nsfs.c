/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "ns/nsfs.h"

/* Which the headers of older systems do not know; see linux/nsfs.h. */
#ifndef NS_GET_ID
#define NS_GET_ID _IOR(NSIO, 13, uint64_t)
#endif

enum { NSFS_ROOT = -10003, NSFS_HANDLE = 0xf1 };

/* All files of namespaces are on one filesystem that nobody can mount: its device number says what
 * a file is, and no driver and no filesystem of a user's is asked for it, who could let us wait. */
int nsfs_open(int path_fd, uint64_t ino)
{
	struct statx own, it;
	char path[40];
	int fd;

	if (statx(AT_FDCWD, "/proc/self/ns/user", AT_STATX_DONT_SYNC, STATX_INO, &own) < 0 ||
	    statx(path_fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO, &it) < 0)
		return -errno;
	if (it.stx_dev_major != own.stx_dev_major || it.stx_dev_minor != own.stx_dev_minor || it.stx_ino != ino)
		return -ESTALE;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", path_fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

unsigned long nsfs_inode(int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 ? st.st_ino : 0;
}

uint64_t nsfs_id(int fd)
{
	uint64_t id;

	return ioctl(fd, NS_GET_ID, &id) == 0 ? id : 0;
}

/* The kernel takes kind and inode both or none; the inode is what nobody knows. */
int nsfs_open_id(uint64_t id)
{
	struct {
		struct file_handle head;
		struct {
			uint64_t id;
			uint32_t kind, ino;
		} ns;
	} handle = {.head = {.handle_bytes = sizeof(handle.ns), .handle_type = NSFS_HANDLE}, .ns = {.id = id}};
	int fd = open_by_handle_at(NSFS_ROOT, &handle.head, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}
