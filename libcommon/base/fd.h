/* SPDX-License-Identifier: MIT */
/* fd.h - descriptors, files and memory that close themselves at the end of a scope. */
#ifndef COMMON_BASE_FD_H
#define COMMON_BASE_FD_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static inline void file_close(FILE **f)
{
	if (*f)
		fclose(*f);
	*f = NULL;
}

static inline void mem_free(void *p)
{
	free(*(void **)p);
}

#define _cleanup_fd_ __attribute__((cleanup(fd_close)))
#define _cleanup_file_ __attribute__((cleanup(file_close)))
#define _cleanup_free_ __attribute__((cleanup(mem_free)))

/* Hand a descriptor to a new owner: *fd becomes -1. */
static inline int fd_steal(int *fd)
{
	int r = *fd;

	*fd = -1;
	return r;
}

#endif
