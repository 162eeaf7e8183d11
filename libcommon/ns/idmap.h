/* SPDX-License-Identifier: MIT */
/* idmap.h - maps of user and group ids of a user namespace; user_namespaces(7). */
#ifndef COMMON_NS_IDMAP_H
#define COMMON_NS_IDMAP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fault.h"
#include "base/opt.h"
#include "base/sys.h"

enum { IDMAP_MAX = 64 }; /* the kernel takes 340 lines; nobody writes so many by hand */

struct idmap {
	unsigned n;
	struct extent {
		uint32_t in, out, count;
	} e[IDMAP_MAX];
};

/* Option kind for a field of type struct idmap: IN:OUT:COUNT[,IN:OUT:COUNT...],
 * repeatable. */
extern const struct opt_kind opt_idmap;

/* What a name in a range stands for: text of len characters. Returns 0 or a fault. */
typedef int idmap_name(const void *arg, const char *text, size_t len, uint32_t *id, struct fault *f);

/* Read IN:OUT:COUNT, of len characters, and append it; `name` (NULL: numbers only) gets the
 * words that stand for the first two. Returns 0 or a fault. */
int idmap_read(struct idmap *m, const char *range, size_t len, idmap_name *name, const void *arg, struct fault *f);

/* Append one range. Returns 0, or a fault when it overlaps another (both are named) or
 * there is no room. */
int idmap_add(struct idmap *m, uint32_t in, uint32_t out, uint32_t count, struct fault *f);

/* Is the outside id mapped? And the inside id? */
bool idmap_has_out(const struct idmap *m, uint32_t out);
bool idmap_has_in(const struct idmap *m, uint32_t in);

/* The inside id of the outside id `out`, or `none` when it is not mapped. */
uint32_t idmap_inside(const struct idmap *m, uint32_t out, uint32_t none);

/* The caller's ranges of subordinate ids in `file` (/etc/subuid, /etc/subgid; both are looked up
 * by the user's name or number), appended to *m: to the inside ids that are still free, from
 * the lowest up, or each id as itself. Returns 0, or a fault when the file has no line for
 * them, which it spells out. */
int idmap_add_subids(struct idmap *m, const char *file, bool as_they_are, struct fault *f);

/* Does `file` give the caller every range of the map, other than the own id alone? Checked
 * beforehand, as newuidmap(1) will. Returns 0, or a fault that names the range. */
int idmap_check_subids(const struct idmap *m, const char *file, uint32_t own, struct fault *f);

/* Has every range of the map numbers in the user namespace that we are in, whose map `file` is
 * ("uid_map", "gid_map")? Returns 0 (also when that cannot be read), or a fault that names the range. */
int idmap_check_around(const struct idmap *m, const char *file, struct fault *f);

/* Write the map of a process whose /proc/PID is open as procfd: `file` is "uid_map" or
 * "gid_map", object its path in words. */
int idmap_write(struct sys *s, int procfd, const char *file, const char *object, const struct idmap *m,
		struct fault *f);

/* Have newuidmap(1) or newgidmap(1), found as `helper`, write it for process pid. */
int idmap_helper(struct sys *s, const char *helper, pid_t pid, const struct idmap *m, struct fault *f);

#endif
