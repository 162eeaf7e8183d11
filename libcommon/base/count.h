/* SPDX-License-Identifier: MIT */
/* count.h - how many elements an array has. */
#ifndef COMMON_BASE_COUNT_H
#define COMMON_BASE_COUNT_H

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#endif
