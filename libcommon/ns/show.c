/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "ns/show.h"
#include "target/names.h"

/* "alice 1000", or "1000" */
static void named(char *buf, size_t n, const char *file, uint32_t id)
{
	char name[64];

	names_of(name, sizeof(name), file, id);
	snprintf(buf, n, "%s%s%" PRIu32, name, *name ? " " : "", id);
}

/* Whoever the range is of: the caller, or the one name that it maps. */
static void say_who(FILE *out, const struct extent *e, const char *file, uint32_t own, const char *you)
{
	char who[100];

	if (own >= e->out && own - e->out < e->count) {
		named(who, sizeof(who), file, own);
		fprintf(out, "  %s (%s) are %" PRIu32, you, who, e->in + (own - e->out));
	} else if (e->count == 1) {
		names_of(who, sizeof(who), file, e->out);
		if (*who)
			fprintf(out, "  %s is %" PRIu32, who, e->in);
	}
}

static void show(FILE *out, const char *sort, const struct idmap *m, const char *file, uint32_t own, const char *you)
{
	fprintf(out, "%-10s %10s %10s %10s\n", sort, "INSIDE", "OUTSIDE", "COUNT");
	for (unsigned i = 0; i < m->n; i++) {
		const struct extent *e = &m->e[i];

		fprintf(out, "%-10s %10" PRIu32 " %10" PRIu32 " %10" PRIu32, "", e->in, e->out, e->count);
		say_who(out, e, file, own, you);
		fputc('\n', out);
	}
	if (!idmap_has_out(m, own)) {
		char who[100];

		named(who, sizeof(who), file, own);
		fprintf(out, "%-10s %s (%s) are not mapped\n", "", you, who);
	}
}

void ns_show_maps(FILE *out, const struct idmap *users, const struct idmap *groups, uint32_t uid, uint32_t gid)
{
	show(out, "users", users, "/etc/passwd", uid, "you");
	show(out, "groups", groups, "/etc/group", gid, "you, the group");
	fflush(out);
}
