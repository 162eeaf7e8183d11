/* SPDX-License-Identifier: MIT */
/* write.h - a bundle becomes the words of a chain: one function a link. */
#ifndef COMMON_OCI_WRITE_H
#define COMMON_OCI_WRITE_H

#include <sys/types.h>

#include "oci/bundle.h"
#include "oci/line.h"

/* What the caller adds to what config.json says. */
struct write_wish {
	const char *console; /* a listening UNIX socket for the terminal, or NULL      */
	const char *id;      /* of the container, when there is a life cycle; or NULL  */
	bool keep;           /* the cgroup stays when the program ends                 */
	bool no_cgroup;      /* the caller has none to give                            */
	unsigned rows, columns; /* of the terminal, whatever config.json says; 0       */
	const char *cpus;    /* the processors of an exec, or NULL                       */
	bool keep_keys;      /* the program has the caller's session keyring             */
	unsigned listen_fds; /* of them those of a service manager, which come first     */
	unsigned keep_fds;   /* descriptors from 3 on that the program is to have      */
	void (*warn)(void *arg, const char *path, const char *what); /* see below      */
	void *arg;
};

/* Append the whole chain and its program. A capability that is unknown, or that the
 * program could not be given here, is left out and told to w->warn: the specification
 * wants a warning and no failure. Returns 0 or a fault. */
int write_chain(struct line *l, struct bundle *b, const struct write_wish *w, struct fault *f);

/* A program in a container that runs: p, in the namespaces of pid and in the cgroup (NULL:
 * none; a path from the top of the hierarchies). */
int write_exec(struct line *l, struct bundle *b, const struct write_wish *w, pid_t pid, const char *cgroup,
	       struct fault *f);

/* The path of its cgroup: of config.json, or /ID. Owned by the caller. */
char *write_cgroup_path(const struct oci_linux *lin, const char *id);

/* The words "--set" KEY=VALUE of resources, without rules for devices: for a container that runs. */
void write_limits(struct line *l, const struct oci_resources *r, const struct write_wish *w);

/* Parts of it. */
void write_cgroup(struct line *l, const struct oci_linux *lin, const struct write_wish *w);
void write_root(struct line *l, const struct bundle *b);

#endif
