/* SPDX-License-Identifier: MIT */
/* nsfs.h - files of namespaces: whether one is such a file, its numbers, one by its number. */
#ifndef COMMON_NS_NSFS_H
#define COMMON_NS_NSFS_H

#include <stdint.h>

/* The file behind a descriptor of O_PATH, opened to be read, when it is the namespace `ino`; else
 * -errno, and whatever it is instead was neither opened nor asked. */
int nsfs_open(int path_fd, uint64_t ino);

/* The inode of what is open, or 0. */
unsigned long nsfs_inode(int fd);

/* The number of an open namespace that is not given again, or 0 (before Linux 6.18). */
uint64_t nsfs_id(int fd);

/* The namespace with that number, opened: of whatever kind, so the kind is to be looked at. Or
 * -errno (before Linux 6.19). */
int nsfs_open_id(uint64_t id);

#endif
