/* SPDX-License-Identifier: MIT */
/* memory.h - a file that is in no directory. */
#ifndef COMMON_BASE_MEMORY_H
#define COMMON_BASE_MEMORY_H

/* Copy an open file into memory and seal it: nobody can change what runs from it, and what is copied
 * cannot be reached through it. It can be executed. Returns a descriptor (close-on-exec), or -errno. */
int memory_copy(int from, const char *name);

#endif
