/* SPDX-License-Identifier: MIT */
/* bundle.h - a bundle: a directory with a config.json. */
#ifndef COMMON_OCI_BUNDLE_H
#define COMMON_OCI_BUNDLE_H

#include "base/words.h"
#include "oci/config.h"

struct bundle {
	char *dir;    /* absolute, without links   */
	char *file;   /* dir/config.json           */
	char *text;
	size_t len;
	struct json_doc *doc;
	struct oci_config config;
	int filter;   /* of bpf_data_open, or -1   */
};

/* Read DIR/config.json, and take what stands at the paths of `without` (each has to be
 * there; may be NULL) out of it. Nothing is decoded yet. Returns 0 or a fault;
 * bundle_free in both cases. */
int bundle_open(struct bundle *b, const char *dir, const struct words *without, struct fault *f);

/* Decode b->config. */
int bundle_decode(struct bundle *b, struct fault *f);

void bundle_free(struct bundle *b);

/* Where a path ("a.b[2].c") leads: the value (NULL: the parent has no such member), what
 * holds it, and the last step. */
struct bundle_spot {
	struct json_object *parent, *value;
	const char *key;
	size_t index;
	char buf[256];
};

/* Returns 0, or a fault that says which part of the path is missing; with `make` that is
 * made, empty, if it is a member of an object. */
int bundle_find(const struct bundle *b, const char *path, bool make, struct bundle_spot *ret, struct fault *f);

#endif
