/* SPDX-License-Identifier: MIT */
/* states.h - which verb may be done to a container in which state (runtime specification,
 * runtime.md, Operations), as one table. */
#ifndef COMMON_OCI_STATES_H
#define COMMON_OCI_STATES_H

#include "oci/container.h"

enum on { ON_START, ON_KILL, ON_DELETE, ON_EXEC, ON_PAUSE, ON_RESUME, ON_UPDATE, ON_COUNT };

/* May it be done now? Returns 0, or a fault in the words that engines look for. */
int state_allows(enum on verb, const struct container *c, enum status status, struct fault *f);

#endif
