/* SPDX-License-Identifier: MIT */
/* complete-target.c - the words of a target: containers that run, and processes. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/printable.h"
#include "base/words.h"
#include "chain/complete.h"
#include "target/boxes.h"

/* A shell would read the others as something else. */
static bool is_plain(const char *name)
{
	return name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-/")] == '\0';
}

static void offer_boxes(const char *prefix)
{
	struct boxes b;
	struct fault ignored;

	boxes_read(&b);
	boxes_look(&b);
	for (size_t i = 0; i < b.n; i++) {
		const char *shown = box_shown(b.v[i]);
		_cleanup_free_ char *word = xprintf("@%s", shown);

		if (is_plain(shown) && strncmp(word, prefix, strlen(prefix)) == 0 && box_first(&b, b.v[i], &ignored) > 0)
			complete_offer(word, prefix, b.v[i]->engine);
	}
	boxes_free(&b);
}

static void offer_processes(const char *prefix)
{
	DIR *d = opendir("/proc");
	struct dirent *e;

	while (d && (e = readdir(d))) {
		_cleanup_free_ char *comm = NULL, *path = NULL;

		if (e->d_name[strspn(e->d_name, "0123456789")] || strncmp(e->d_name, prefix, strlen(prefix)) != 0)
			continue;
		path = xprintf("/proc/%s/comm", e->d_name);
		if (path_read(AT_FDCWD, path, 64, &comm) <= 0)
			continue;
		comm[strlen(comm) - 1] = '\0'; /* a newline; the process chose what stands before it */
		printable(comm);
		complete_offer(e->d_name, prefix, comm);
	}
	if (d)
		closedir(d);
}

void complete_targets(const char *prefix)
{
	complete_offer("self", prefix, "this process");
	if (*prefix != '@')
		offer_processes(prefix);
	if (!*prefix || *prefix == '@')
		offer_boxes(prefix);
}
