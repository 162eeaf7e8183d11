/* SPDX-License-Identifier: MIT */
/* list-view.h - what the files of list.h share; nobody else includes it. */
#ifndef COMMON_NS_LIST_VIEW_H
#define COMMON_NS_LIST_VIEW_H

#include "ns/list.h"
#include "ns/scan.h"
#include "target/boxes.h"
#include "target/target.h"

enum { BY_NAMESPACE = 1, BY_PROCESS = 2, BY_CONTAINER = 4 };

enum tree { TREE_NONE, TREE_OWNER, TREE_PARENT, TREE_PROCESS };

struct view {
	const struct ns_list *o;
	unsigned by;
	enum tree tree;
	struct scan s;
	struct rows *t;
	struct target *targets;   /* held since before the scan, in the order of the options */
	size_t ntargets;
	/* which rows: by index, or all when NULL */
	bool *only_ns, *only_proc;
	uint32_t own[SCAN_KINDS]; /* the namespaces of the caller */
	uint64_t now;             /* in clock ticks since boot    */
	struct boxes boxes;       /* read when one is asked for   */
	bool boxes_read;
	const char *last_cgroup;  /* of the last that was asked   */
	const struct box *last_box;
};

extern const struct row_col list_columns[];
extern const char *const list_defaults[]; /* by view */

/* What has to be read for the columns of the table. */
unsigned list_wants(const struct rows *t);

/* Is it one of those that the options are about? */
bool list_has(const struct view *v, uint32_t ns);

/* The container that the process is in, or NULL. */
const struct box *list_box(struct view *v, uint32_t proc);

/* Add the rows. */
void list_namespaces(struct view *v);
void list_processes(struct view *v);
void list_containers(struct view *v);

/* Append what could not be read; `sudo` is the command that would see it. */
void list_lacks_scan(struct lack **list, const struct scan *s, const char *sudo);
void list_lacks_boxes(struct lack **list, const struct boxes *b, const char *sudo);

/* Both, of what the view has read, into its table. */
void list_note_lacks(struct view *v);

/* Print all as a graph for dot(1), and what could not be read in it and on stderr. Returns how many
 * namespaces there were, or -errno. */
int list_dot(struct view *v, FILE *out);

#endif
