/* SPDX-License-Identifier: MIT */
/* from.h - a chain becomes a config.json: one reader a link, from its spec. */
#ifndef COMMON_OCI_FROM_H
#define COMMON_OCI_FROM_H

#include "chain/chain.h"
#include "ns/idmap.h"
#include "oci/put.h"

/* What config.json has no words for: `what` as the chain says it ("ns-run --init"). */
typedef void from_report(void *arg, const char *what, const char *why);

/* The line (a link and what follows it) as the config of the bundle in the directory dir,
 * which need not exist. What the chain would find here and now is written as it is: the
 * caller's environment, ids, groups, umask and capabilities, ranges of /etc/subuid, paths,
 * and namespaces that are entered. Defaults of links are written out. What cannot be said is
 * reported and left out; *lost counts it. *inherits: the environment, or a part of it, is the
 * caller's. *ret is the caller's. Returns 0 or a fault. */
struct from_wish {
	const char *dir;
	char *const *line;
	from_report *report;
	void *arg;
};

int from_chain(const struct from_wish *w, struct json_object **ret, unsigned *lost, bool *inherits, struct fault *f);

/* -- what the readers share --------------------------------------------------------------- */

struct from {
	const struct from_wish *wish;
	struct chain *ch;            /* parsed, in order, planned                        */
	struct json_object *config, *process, *user, *lin; /* user: of process           */
	const char *link;            /* whose reader runs                                */
	unsigned lost;

	/* Facts that links leave to those behind them. */
	unsigned kinds;              /* CLONE_NEW* in linux.namespaces already           */
	const struct idmap *groups;  /* of the new user namespace, or NULL               */
	bool no_groups;              /* the supplementary groups were laid down          */
	bool has_tty;                /* the group of terminals has a number inside       */
	bool nobody;                 /* the caller's ids have no number inside           */
	bool has_caps;               /* a cap-set was read                               */
};

/* Report "LINK WHAT" (WHAT printf-like). */
void from_lose(struct from *r, const char *why, const char *what, ...) __attribute__((format(printf, 3, 4)));

/* The readers: spec is the node's, planned. 0 or a fault. */
int from_cgroup(struct from *r, void *spec, struct fault *f);
int from_ns_run(struct from *r, void *spec, struct fault *f);
int from_ns_enter(struct from *r, void *spec, struct fault *f);
int from_root(struct from *r, void *spec, struct fault *f);
int from_proc(struct from *r, void *spec, struct fault *f);
int from_cap(struct from *r, void *spec, struct fault *f);
int from_filter(struct from *r, void *spec, struct fault *f);

/* A part of from_cgroup: rules of cg/devices.h, as words. */
int from_devices(struct from *r, const struct words *words, struct fault *f);

/* The ids and capabilities of a chain without cap-set. */
int from_no_cap(struct from *r, struct fault *f);

#endif
