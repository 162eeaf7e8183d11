/* SPDX-License-Identifier: MIT */
/* json.h - JSON read strictly, by const tables; json-c does the parsing.
 *
 * An object is described by a shape: a table of fields, each with a name, a kind, the
 * offset of a member of a C struct, and whether it must be there. Fields that are not
 * in the table are ignored; null is the same as absent; of keys that occur twice the
 * last one counts (json-c's rule). Numbers are exact: an integer with a fraction or an
 * exponent, or beyond 64 bits, is an error and never rounded.
 *
 * Faults carry the caller's operation and the file's name as object; the reason says
 * where: "linux.resources.memory.limit: expected integer, got string (line 41)".
 *
 * Whatever decoding allocates, and every string it hands out, belongs to the document
 * and lives until json_free. */
#ifndef COMMON_BASE_JSON_H
#define COMMON_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"

enum {
	JSON_MAX = 4 << 20, /* bytes: more is refused unread                              */
	JSON_DEPTH = 32,    /* objects and arrays in each other; config.json needs 8      */
};

struct json_doc;    /* a parsed text and what was decoded from it */
struct json_at;     /* where in the document a value is           */
struct json_object; /* json-c's value                             */
struct json_field;

struct json_kind {
	/* Turn the value v (never null) into *field. Returns 0, or a fault by json_fail
	 * or by another kind's decode, which may be called for parts of the work. */
	int (*decode)(const struct json_at *at, struct json_object *v, const struct json_field *row,
		      void *field, struct fault *f);
};

struct json_field {
	const char *name;             /* NULL ends the table                               */
	const struct json_kind *kind;
	size_t off;                   /* of the member in the struct                       */
	bool required;
	const void *arg;              /* for the kind: a json_shape, or json_names         */
	uint64_t max;                 /* of json_kind_uint: the largest value; 0: 2^64-1   */
};

struct json_shape {
	const struct json_field *fields;
	size_t size;                  /* of the struct, which begins zeroed                */
	/* Rules that concern several fields; called when all are decoded. May be NULL. */
	int (*check)(const struct json_at *at, void *object, struct fault *f);
	bool tolerant;                /* of json_collect: check() copes with members that    */
				      /* could not be decoded, which are zero then          */
};

/* Words with a meaning, for json_kind_name: rows end with a NULL name. */
struct json_name {
	const char *name;
	uint64_t value;
};

struct json_names {
	const char *what;             /* in messages: "unknown WHAT 'x'"                   */
	const struct json_name *rows;
};

/* What members look like. In all of them "absent" is all zero. */
struct json_int {
	bool given;
	int64_t n;
};

struct json_uint {
	bool given;
	uint64_t n;
};

struct json_strings {
	const char *const *v;         /* NULL: absent; an empty list is not NULL           */
	size_t n;
};

struct json_list {
	void *v;                      /* n structs of the shape; NULL: absent              */
	size_t n;
};

struct json_name_list {
	const struct json_name *const *v;
	size_t n;
};

struct json_uints {
	const struct json_uint *v;    /* NULL: absent                                      */
	size_t n;
};

struct json_pair {
	const char *key, *value;
};

struct json_map {                     /* an object whose members are all strings           */
	struct json_pair *v;          /* in the order of the file; NULL: absent            */
	size_t n;
};

extern const struct json_kind json_kind_string;  /* const char *; never with a NUL inside    */
extern const struct json_kind json_kind_bool;    /* bool                                     */
extern const struct json_kind json_kind_int;     /* struct json_int: -2^63..2^63-1           */
extern const struct json_kind json_kind_uint;    /* struct json_uint: 0..max                 */
extern const struct json_kind json_kind_strings; /* struct json_strings                      */
extern const struct json_kind json_kind_object;  /* pointer to a struct of the shape `arg`   */
extern const struct json_kind json_kind_objects; /* struct json_list of the shape `arg`      */
extern const struct json_kind json_kind_named;   /* the same of an object of objects: each begins */
						 /* with a const char *, the name it has there */
extern const struct json_kind json_kind_name;    /* const struct json_name *, of names `arg` */
extern const struct json_kind json_kind_names;   /* struct json_name_list, of names `arg`    */
extern const struct json_kind json_kind_uints;   /* struct json_uints: each 0..max           */
extern const struct json_kind json_kind_map;     /* struct json_map                          */
extern const struct json_kind json_kind_later;   /* nothing: a value that says something is  */
						 /* refused, for the reason `arg` (a string) */

/* Read all of fd (a file, a pipe, a device) into memory that the caller frees, with a
 * NUL behind it. A regular file above JSON_MAX is refused by its size, anything else
 * once that much was read, so a huge file costs nothing. `name` is for the fault.
 * Returns 0 or a fault. */
int json_slurp(int fd, const char *name, enum op op, char **ret, size_t *len, struct fault *f);

/* Parse text[0..len), behind which a NUL must stand. text and name are borrowed until
 * json_free: the line of an error is looked up only when there is one. Refused: depth
 * above JSON_DEPTH, anything but blanks behind the value, NUL, invalid UTF-8, and all
 * that RFC 8259 does not know. Returns 0 and *ret, or a fault with line and column. */
int json_parse(const char *text, size_t len, const char *name, enum op op, struct json_doc **ret,
	       struct fault *f);

/* Is there something other than null at the path ("linux.seccomp")? */
bool json_has(const struct json_doc *d, const char *path);

/* Decode the object at the path (NULL: the document itself) into *out, which the caller
 * zeroed. Returns 0 or a fault. */
int json_decode(struct json_doc *d, const char *path, const struct json_shape *shape, void *out,
		struct fault *f);

/* Where faults go one by one: the place as a path ("" for the document), its line from 1,
 * and the reason. */
typedef void json_report(void *arg, const char *path, unsigned line, const char *why);

/* From here on report each json_fail, and let json_decode go on behind it, so that one
 * call finds all that is wrong; it returns an error all the same. */
void json_collect(struct json_doc *d, json_report *report, void *arg);

/* json_fail for a place written as a path ("mounts[2].source"), or as much of it as the
 * document has. Returns -EINVAL. */
int json_fail_path(struct json_doc *d, const char *path, struct fault *f, const char *why, ...)
	__attribute__((format(printf, 4, 5), nonnull(1, 2, 3, 4)));

/* The document itself, for who edits it; owned by it. */
struct json_object *json_root(const struct json_doc *d);

/* One step of a path: a member (`key`, NULL: an element) or an element (`index`). Reads
 * "a.b[2].c" and, for names with dots, a["b.c"], from *path on, and moves *path behind the
 * step. The key is written to buf. Returns 1, 0 at the end, -EINVAL when it is no path. */
int json_step(const char **path, char *buf, size_t size, const char **key, size_t *index);

/* Free the document and everything decoded from it. NULL is fine. */
void json_free(struct json_doc *d);

/* For kinds and checks: fill *f with the place (its member `field`, unless NULL, which may
 * be a path: "env[3]") and the reason. Control characters in it become '?', so that a file cannot talk to a
 * terminal. Returns -EINVAL. */
int json_fail(const struct json_at *at, const char *field, struct fault *f, const char *why, ...)
	__attribute__((format(printf, 4, 5), nonnull(1, 3, 4)));

/* For kinds: zeroed memory (at least one byte) that lives as long as the document, or
 * NULL with *f filled. */
void *json_alloc(const struct json_at *at, size_t n, size_t size, struct fault *f);

static inline void json_freep(struct json_doc **d)
{
	json_free(*d);
}

#define _cleanup_json_ __attribute__((cleanup(json_freep)))

#endif
