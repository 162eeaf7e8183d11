/* SPDX-License-Identifier: MIT */
/* write.h - a bundle becomes the words of a chain: one function a link. */
#ifndef COMMON_OCI_WRITE_H
#define COMMON_OCI_WRITE_H

#include "oci/bundle.h"
#include "oci/line.h"

/* What the caller adds to what config.json says. */
struct write_wish {
	const char *console; /* a listening UNIX socket for the terminal, or NULL      */
	void (*warn)(void *arg, const char *path, const char *what); /* see below      */
	void *arg;
};

/* Append the whole chain and its program. A capability that is unknown, or that the
 * program could not be given here, is left out and told to w->warn: the specification
 * wants a warning and no failure. Returns 0 or a fault. */
int write_chain(struct line *l, struct bundle *b, const struct write_wish *w, struct fault *f);

/* Parts of it. */
void write_cgroup(struct line *l, const struct oci_linux *lin);
int write_root(struct line *l, struct bundle *b, struct fault *f);

#endif
