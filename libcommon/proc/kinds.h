/* SPDX-License-Identifier: MIT */
/* kinds.h - option kinds of proc-set: nice values, permission masks, terminal sizes. */
#ifndef COMMON_PROC_KINDS_H
#define COMMON_PROC_KINDS_H

#include <stdbool.h>

#include "base/opt.h"

struct proc_size {
	bool given;
	unsigned short rows, columns;
};

extern const struct opt_kind opt_nice;  /* struct opt_num: -20..19                */
extern const struct opt_kind opt_octal; /* struct opt_num: 0..0777, octal digits  */
extern const struct opt_kind opt_size;  /* struct proc_size: ROWSxCOLUMNS         */

#endif
