/* SPDX-License-Identifier: MIT */
/* check.h - everything that is wrong with a bundle, at once. */
#ifndef COMMON_OCI_CHECK_H
#define COMMON_OCI_CHECK_H

#include "oci/bundle.h"

struct problem {
	char path[112];  /* in config.json; "" for the document */
	unsigned line;   /* from 1; 0 when the reason has it    */
	char why[320];
};

struct problems {
	struct problem *v; /* owned */
	size_t n;
	bool overflow;     /* there are more than are kept */
};

/* Form, rules between properties, and whether this host can do it: the chain that the
 * bundle is, checked link by link. `dir` is the bundle; nothing is changed. Returns 0 (also
 * with problems), or a fault when there is no config.json to look at. */
int check_bundle(const char *dir, struct problems *ret, struct fault *f);

void problems_free(struct problems *p);

#endif
