/* SPDX-License-Identifier: MIT */
/* boxes-state.h - what the files of boxes.h share; nobody else includes it. */
#ifndef COMMON_TARGET_BOXES_STATE_H
#define COMMON_TARGET_BOXES_STATE_H

#include <stdbool.h>

#include "base/json.h"
#include "base/words.h"
#include "target/boxes.h"

enum {
	STATE_BYTES = 4 << 20,   /* of one file: the list of a store with some thousand containers */
	STATE_VALUES = 1 << 16,  /* of a user's file: objects and arrays of JSON                   */
	DIR_ENTRIES = 1 << 14,   /* of one directory                                               */
	ID_WHOLE = 32,           /* so many hexadecimal digits are an id that is nobody else's     */
	NAME_BYTES = 256,        /* of a name or an id: what is longer is none                     */
	HIERARCHIES = 32,        /* of cgroups                                                     */
	STORES = 4096,           /* lists of stores: each is read once                            */
};

/* What one user's engines may cost us: what is more was made to cost. Root's may have as many as they
 * like, but for the last two, which a walk over all cgroups has to end by. */
enum box_cost {
	COST_BOXES,
	COST_FILES,   /* and directories that are opened, or are not there                 */
	COST_BYTES,   /* of files                                                          */
	COST_VALUES,  /* objects and arrays of JSON: each takes much more memory than text */
	COST_GROUPS,  /* cgroups that are looked through for the first process of a box */
	COST_PROCS,   /* processes in them                                             */
	COSTS,
};

struct box_budget {
	uid_t uid;
	size_t spent[COSTS];
	bool said[COSTS];  /* that it is spent was counted */
};

struct box_node { /* a box under one of its keys */
	struct box_node *next;
	struct box *box;
	char kind;        /* 'i' its id, 'c' its cgroup, 'b' its bundle */
};

struct boxes_index {
	int root;                /* "/", or the directory that stands for it                */
	int own;                 /* a user's directory while what is below it is read, or -1 */
	const char *own_path;    /* its path; borrowed                                       */
	size_t cap;              /* of boxes.v                                              */
	struct box_node **slots;
	size_t n_slots, used;
	struct words stores;     /* lists of containers/storage that were read; owned       */
	bool walked;             /* the cgroups were looked through                         */
	int hier[HIERARCHIES];   /* the top of each, cgroup2 first; found when asked for     */
	size_t n_hiers;
	struct box_budget *budgets; /* of each user that had to do with it                   */
	size_t n_budgets;
};

/* -- boxes.c ---------------------------------------------------------------------------- */

/* A new box; strings are copied. NULL when the id cannot be one. */
struct box *box_add(struct boxes *b, const char *engine, const char *id, uid_t uid, const char *source);

/* Each fills in what is not known yet. A name comes with its source. Control characters
 * become '?', so that a file cannot talk to a terminal. */
void box_set_name(struct box *box, const char *name, const char *source);
void box_set_engine(struct box *box, const char *engine); /* anew */
void box_set_bundle(struct boxes *b, struct box *box, const char *bundle);
void box_set_cgroup(struct boxes *b, struct box *box, const char *cgroup);

/* A box whose key of that kind is key[0..n), or NULL; the next from `node` on. */
struct box_node *box_seek(const struct boxes *b, char kind, const char *key, size_t n);
struct box_node *box_seek_on(struct box_node *node, char kind, const char *key, size_t n);

/* That of this user. */
struct box *box_with(const struct boxes *b, char kind, const char *key, size_t n, uid_t uid);

/* May nobody else have this id? */
bool box_id_whole(const char *id, size_t n);

/* Count a file that could not be read; what is not there does not count, nor EDQUOT, which
 * boxes_may has counted. */
void boxes_unreadable(struct boxes *b, const char *path, int err);

/* May this user's engines cost n more? False: no; the first time, `path` counts as unreadable. */
bool boxes_may(struct boxes *b, uid_t uid, enum box_cost cost, size_t n, const char *path);

/* -- boxes-read.c ----------------------------------------------------------------------- */

/* A file of some engine, which the reader is called with. */
struct state_file {
	const char *path;     /* absolute, as in our root */
	uid_t uid;            /* whose engine             */
	const char *engine;   /* who writes such files    */
};

typedef void state_reader(struct boxes *b, const struct state_file *s);

/* Call the reader with each file of the pattern: absolute, where a component may be "*", or
 * "*-REST". Directories are opened as state_text opens files. */
void state_each(struct boxes *b, const char *pattern, uid_t uid, const char *engine, state_reader *reader);

/* The whole of a regular file; owned by the caller. Of another user's engine only a file that is
 * that user's own, by a path without links. NULL: it is not there, or was counted. */
char *state_text(struct boxes *b, const struct state_file *s);

/* The same as a document of *text. False: it is not there, or was counted. */
bool state_json(struct boxes *b, const struct state_file *s, char **text, struct json_doc **doc);

/* The document by the shape, in *out, which borrows from it. False: it was counted. */
bool state_decode(struct boxes *b, const struct state_file *s, struct json_doc *doc, const struct json_shape *shape, void *out);

/* Both. What is decoded lives as long as *text and *doc, which the caller frees in any case. */
bool state_read(struct boxes *b, const struct state_file *s, const struct json_shape *shape, void *out, char **text, struct json_doc **doc);

/* The pid that the text begins with, or 0. */
pid_t state_pid(const char *text);

/* The component of a path that is the n-th from its end (0: the last), in buf; "" when there is none. */
const char *path_part(const char *path, unsigned n, char buf[NAME_BYTES]);

/* -- boxes-engine.c, boxes-runtime.c -------------------------------------------------------- */

state_reader read_docker, read_store, read_pidfile, read_containerd, read_lxc, read_machine, read_runtime;

/* Name the box by what its bundle says of it: the engine's directory that it is in, and the
 * annotations of its config.json. */
void box_ask_bundle(struct boxes *b, struct box *box);

/* -- boxes-cgroup.c, boxes-process.c ------------------------------------------------------------ */

/* As boxes_of_cgroup, without asking who watches over it. */
struct box *box_of_cgroup(struct boxes *b, const char *cgroup);

/* Whose containers are in the cgroup path[0..n)? Who may make cgroups in one names them as he likes: that is
 * the owner of the first on the way that was given to somebody. 0: root. */
uid_t cgroup_maker(struct boxes *b, const char *path, size_t n);

/* Look through all cgroups once: boxes that only they tell are added, those of a known box noted. */
void boxes_walk(struct boxes *b);

/* Of one that only its cgroup tells: the engine's process that watches over it names it. */
void box_ask_monitor(struct boxes *b, struct box *box);

#endif
