/* SPDX-License-Identifier: MIT */
/* facts-status.c - /proc/PID/status and stat, proc_pid_status(5), proc_pid_stat(5). */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target/facts-read.h"

/* The name can hold a newline, which the kernel writes as "\n", and backslashes, doubled. */
static void read_name(struct facts *p, const char *v)
{
	size_t at = 0;

	for (; *v && at + 1 < sizeof(p->comm); v++) {
		if (v[0] == '\\' && (v[1] == 'n' || v[1] == '\\'))
			p->comm[at++] = *++v == 'n' ? '\n' : '\\';
		else
			p->comm[at++] = *v;
	}
	p->comm[at] = '\0';
}

static void read_parent(struct facts *p, const char *v)
{
	p->parent = atoi(v);
}

/* From our own pid namespace inward: the last is what it has itself. */
static void read_inside(struct facts *p, const char *v)
{
	const char *tab = strrchr(v, '\t');

	p->inside = atoi(tab ? tab + 1 : v);
}

static void read_ids(struct facts_ids *ids, const char *v)
{
	sscanf(v, "%" SCNu32 "%" SCNu32 "%" SCNu32 "%" SCNu32, &ids->real, &ids->effective, &ids->saved, &ids->fs);
}

static void read_uid(struct facts *p, const char *v)
{
	read_ids(&p->uid, v);
}

static void read_gid(struct facts *p, const char *v)
{
	read_ids(&p->gid, v);
}

static void read_groups(struct facts *p, const char *v)
{
	char *end;

	free(p->groups);
	p->n_groups = 0;
	p->groups = xcalloc(strlen(v) / 2 + 1, sizeof(*p->groups));
	for (unsigned long id = strtoul(v, &end, 10); end != v; id = strtoul(v, &end, 10)) {
		p->groups[p->n_groups++] = (uint32_t)id;
		v = end;
	}
}

#define SET(name)                                          \
	static void read_##name(struct facts *p, const char *v) \
	{                                                  \
		p->name = strtoull(v, NULL, 16);           \
	}
SET(inheritable)
SET(permitted)
SET(effective)
SET(bounding)
SET(ambient)

static void read_nnp(struct facts *p, const char *v)
{
	p->no_new_privs = atoi(v);
}

static void read_seccomp(struct facts *p, const char *v)
{
	p->seccomp = atoi(v);
}

static void read_filters(struct facts *p, const char *v)
{
	p->filters = atoi(v);
}

static void read_umask(struct facts *p, const char *v)
{
	p->umask = (int)strtol(v, NULL, 8);
}

static void read_cpus(struct facts *p, const char *v)
{
	free(p->cpus);
	p->cpus = xprintf("%s", v);
}

static const struct {
	const char *key;
	void (*read)(struct facts *p, const char *v);
} lines[] = {
	{"Name", read_name}, {"Umask", read_umask}, {"PPid", read_parent}, {"Uid", read_uid},
	{"Gid", read_gid}, {"Groups", read_groups}, {"NSpid", read_inside}, {"CapInh", read_inheritable},
	{"CapPrm", read_permitted}, {"CapEff", read_effective}, {"CapBnd", read_bounding}, {"CapAmb", read_ambient},
	{"NoNewPrivs", read_nnp}, {"Seccomp", read_seccomp}, {"Seccomp_filters", read_filters},
	{"Cpus_allowed_list", read_cpus},
	{0},
};

int facts_status(struct facts *p, char *text, size_t n)
{
	bool caps = false;

	(void)n;
	p->no_new_privs = p->seccomp = p->filters = p->umask = -1;
	p->inside = p->pid;
	while (text && *text) {
		char *line = strsep(&text, "\n");
		char *value = strstr(line, ":\t");

		if (!value)
			continue;
		*value = '\0';
		caps |= strcmp(line, "CapBnd") == 0;
		for (size_t i = 0; lines[i].key; i++)
			if (strcmp(lines[i].key, line) == 0)
				lines[i].read(p, value + 2);
	}
	return caps ? 0 : -EBADMSG;
}

/* "PID (COMM) STATE PPID ...": the name may hold anything, so what counts begins behind the
 * last parenthesis. Fields 19 nice, 22 start, 40 priority, 41 policy. */
int facts_stat(struct facts *p, char *text, size_t n)
{
	char *rest = memrchr(text, ')', n), *field;

	if (!rest || rest[1] != ' ' || !rest[2])
		return -EBADMSG;
	rest += 2;
	for (int at = 3; (field = strsep(&rest, " \n")); at++) {
		if (at == 3)
			p->state = *field;
		else if (at == 19)
			p->nice = atoi(field);
		else if (at == 22)
			p->start = strtoull(field, NULL, 10);
		else if (at == 40)
			p->rt_priority = atoi(field);
		else if (at == 41) {
			p->policy = atoi(field);
			return 0;
		}
	}
	return -EBADMSG;
}
