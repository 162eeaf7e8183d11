/* SPDX-License-Identifier: MIT */
/* lint-model.h - what an analyzer that sees one file at a time cannot know: errno is
 * positive when it is looked at, and a fault is a negative number. Included by tests/lint
 * before each file, and never compiled into anything. */
#include <errno.h>

#include "base/fault.h"

#undef errno
#define errno                                                                                    \
	(*__extension__({                                                                        \
		int *model_ = __errno_location();                                                \
		if (*model_ <= 0)                                                                \
			__builtin_unreachable();                                                 \
		model_;                                                                          \
	}))

#define MODEL_NEGATIVE(call)                                                                     \
	__extension__({                                                                          \
		int model_ = (call);                                                             \
		if (model_ >= 0)                                                                 \
			__builtin_unreachable();                                                 \
		model_;                                                                          \
	})
#define fault_set(...) MODEL_NEGATIVE((fault_set)(__VA_ARGS__))
#define fault_rule(...) MODEL_NEGATIVE((fault_rule)(__VA_ARGS__))
