/* SPDX-License-Identifier: MIT */
/* remake.h - from the facts of a process to the specs of links: a chain that would make the
 * same isolation. It joins what the rooms know; nothing is changed. */
#ifndef COMMON_CHAIN_REMAKE_H
#define COMMON_CHAIN_REMAKE_H

#include <stdbool.h>

#include "base/fault.h"
#include "cap/set.h"
#include "cg/exec.h"
#include "cg/limits.h"
#include "chain/chain.h"
#include "fs/root.h"
#include "ns/run.h"
#include "proc/set.h"
#include "target/facts.h"

/* What the specs are made from, and what they lean on. Strings of a spec are borrowed from
 * the facts or from `keep`. */
struct remake {
	struct target target;
	struct facts p;          /* of the process                                           */
	struct facts own;        /* of the caller: only what differs from it is said          */
	struct words keep;       /* owned strings                                             */
	struct words notes;      /* owned: what no link can say, or could not be read         */

	/* Found on the way. */
	unsigned kinds;          /* CLONE_NEW* that are not the caller's                      */
	struct idmap users, groups; /* of its user namespace, when that is not the caller's   */
	bool new_root;           /* an fs-root is in the chain                                */
};

/* Read the process, and the caller. *m is freed by remake_close, also after a failure. 0 or a
 * fault. */
int remake_open(struct remake *m, const char *word, struct fault *f);
void remake_close(struct remake *m);

/* Note what cannot be said (printf-like). */
void remake_note(struct remake *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A string that lives as long as m. */
const char *remake_keep(struct remake *m, char *text);

/* Read words of options of the link into its spec; they become m's. False for none. */
bool remake_take(struct remake *m, const struct link *link, void *spec, struct words *w);

/* Each fills a zeroed spec; true when there is something to do. In this order: what one finds
 * out another uses. Any may be left out. */
bool remake_cgroup(struct remake *m, struct cg_exec *e);
bool remake_namespaces(struct remake *m, struct ns_run *s);
bool remake_root(struct remake *m, struct fs_root *r);
bool remake_process(struct remake *m, struct proc_spec *s);
bool remake_rights(struct remake *m, struct cap_spec *s);

/* The whole of ns-list --as-command: print the chain, and before it as comments what it does
 * not say. 0 or a fault. */
int remake_print(const char *tool, const char *word, FILE *out, struct fault *f);

/* -- between remake-root.c and remake-mounts.c -------------------------------------------------- */

bool remake_same_fs(const struct facts_mount *a, const struct facts_mount *b);

/* Is path at or below dir? Returns what is left of it ("" or "/..."), or NULL. */
const char *remake_below(const char *path, const char *dir);

/* What lies at a path: of the mounts above it the deepest, of several there the last. */
const struct facts_mount *remake_top(const struct facts *p, const char *path);

/* Where we see what is mounted there, or NULL. The caller frees it. *by: the mount of ours. */
char *remake_path(const struct facts *own, const struct facts_mount *m, const struct facts_mount **by);

/* Is the word in a list with commas? */
bool remake_has(const char *list, const char *word);

/* Say one mount; say the device nodes of a /dev that is no --dev. */
void remake_mount(struct remake *m, struct fs_root *r, const struct facts_mount *one);
void remake_nodes(const struct remake *m, struct fs_root *r);

#endif
