/* SPDX-License-Identifier: MIT */
/* from-proc.c - proc-set as process; its environment is the chain's, see from.c. */
#include <ctype.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/resource.h>

#include "base/fd.h"
#include "oci/from.h"
#include "proc/set.h"

static const struct {
	const char *name;
	unsigned n;
} limits[] = {
#define LIMIT(name, number, bytes, what) {name, number},
#include "proc/rlimits.def"
#undef LIMIT
};

/* The list's element of that type: a later proc-set says it anew. */
static struct json_object *limit_of(struct json_object *list, const char *type)
{
	struct json_object *o;

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		o = json_object_array_get_idx(list, i);
		if (strcmp(json_object_get_string(json_object_object_get(o, "type")), type) == 0)
			return o;
	}
	o = json_object_new_object();
	put_string(o, "type", type);
	json_object_array_add(list, o);
	return o;
}

static void put_rlimits(struct from *r, const struct rlimits *l)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		_cleanup_free_ char *type = NULL;
		struct json_object *o;

		if (!l->rows[limits[i].n].given)
			continue;
		type = xprintf("RLIMIT_%s", limits[i].name);
		for (char *c = type; *c; c++)
			*c = (char)toupper((unsigned char)*c);
		o = limit_of(put_array(r->process, "rlimits"), type);
		put_uint(o, "hard", l->rows[limits[i].n].hard);
		put_uint(o, "soft", l->rows[limits[i].n].soft);
	}
}

static void put_terminal(struct from *r, const struct proc_spec *s)
{
	struct json_object *size;

	if (s->console)
		put_true(r->process, "terminal"); /* which socket, the runtime is told */
	if (!s->size.given)
		return;
	size = put_object(r->process, "consoleSize");
	put_uint(size, "height", s->size.rows);
	put_uint(size, "width", s->size.columns);
}

static const char *config_word(const struct sched_word *rows, uint64_t value)
{
	for (; rows->name; rows++)
		if (rows->value == value)
			return rows->config;
	return "";
}

static void put_sched(struct from *r, const struct proc_spec *s)
{
	struct json_object *o = s->sched.given ? put_object(r->process, "scheduler") : NULL;

	if (o) {
		put_string(o, "policy", config_word(sched_policies, s->sched.policy));
		put_int(o, "nice", s->sched.nice);
		put_int(o, "priority", s->sched.priority);
		put_uint(o, "runtime", s->sched.runtime);
		put_uint(o, "deadline", s->sched.deadline);
		put_uint(o, "period", s->sched.period);
	}
	for (const struct sched_word *w = sched_flags; o && w->name; w++)
		if (s->sched.flags & w->value)
			put_word(put_array(o, "flags"), w->config);
	if (s->ioprio.given) {
		o = put_object(r->process, "ioPriority");
		put_string(o, "class", config_word(io_classes, s->ioprio.class));
		put_int(o, "priority", s->ioprio.level);
	}
	if (s->persona.given)
		put_string(put_object(r->lin, "personality"), "domain", config_word(personalities, s->persona.value));
}

int from_proc(struct from *r, void *spec, struct fault *f)
{
	const struct proc_spec *s = spec;

	(void)f;
	put_rlimits(r, &s->rlimits);
	if (s->nice.given) {
		struct json_object *o = put_object(r->process, "scheduler");

		put_string(o, "policy", "SCHED_OTHER");
		put_int(o, "nice", s->nice.n);
	}
	put_sched(r, s);
	if (s->oom.given)
		put_int(r->process, "oomScoreAdj", s->oom.n);
	if (s->umask.given)
		put_uint(r->user, "umask", (uint64_t)s->umask.n);
	if (s->cwd)
		put_string(r->process, "cwd", s->cwd);
	put_terminal(r, s);
	if (s->new_session && !s->console)
		from_lose(r, "whether it has a session of its own is the runtime's to say", "--new-session");
	if (s->wait)
		from_lose(r, "the runtime has a gate of its own: create, and then start", "--wait %s", s->wait);
	for (size_t i = 0; i < s->keep_fds.n; i++)
		from_lose(r, "it is an option of who runs the bundle", "--keep-fd %s", s->keep_fds.v[i]);
	return 0;
}
