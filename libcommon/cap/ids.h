/* SPDX-License-Identifier: MIT */
/* ids.h - user and group ids as options: numbers, or names of the host. */
#ifndef COMMON_CAP_IDS_H
#define COMMON_CAP_IDS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/opt.h"

/* An id that was given as a number, or as a name that is still to be looked up. */
struct id_word {
	bool given;
	uint32_t id;      /* valid when name is NULL, or after ids_lookup           */
	const char *name; /* borrowed, len characters; NULL: a number               */
	size_t len;
};

struct id_user {
	struct id_word uid, gid;
};

struct id_groups {
	bool given;
	size_t n;
	gid_t *v; /* owned, ids_groups_free */
};

extern const struct opt_kind opt_user;   /* struct id_user: UID[:GID]       */
extern const struct opt_kind opt_group;  /* struct id_word: GID             */
extern const struct opt_kind opt_groups; /* struct id_groups: GID,... none  */

/* Look the name up in a file of passwd(5) or group(5) and fill w->id; *gid (may be NULL)
 * gets the user's group of passwd. A number is left alone. The file is read here and no
 * name service is asked. 0 or a fault. */
int ids_lookup(struct id_word *w, const char *file, uint32_t *gid, struct fault *f);

void ids_groups_free(struct id_groups *g);

#endif
