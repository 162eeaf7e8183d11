/* SPDX-License-Identifier: MIT */
/* run-update.c - oci-run update: other limits for a container that runs. */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/num.h"
#include "oci/runtime.h"
#include "oci/states.h"
#include "oci/write.h"

struct update_spec {
	const char *resources;
	const char *value[16]; /* of the rows below, in their order */
};

/* Each option, and where in resources its number goes. */
#define VALUE(i) offsetof(struct update_spec, value[i])
#define LIMITS                                                                                      \
	LIMIT(0, "memory", "memory", "limit", "memory, in bytes or 64M")                            \
	LIMIT(1, "memory-reservation", "memory", "reservation", "memory it can count on")           \
	LIMIT(2, "memory-swap", "memory", "swap", "memory and swap together; -1: no limit")         \
	LIMIT(3, "cpu-share", "cpu", "shares", "shares of the processors, 2 to 262144")             \
	LIMIT(4, "cpu-quota", "cpu", "quota", "microseconds of each period; -1: all")               \
	LIMIT(5, "cpu-period", "cpu", "period", "the period, in microseconds")                      \
	LIMIT(6, "cpu-burst", "cpu", "burst", "microseconds that may be saved up")                  \
	LIMIT(7, "cpu-rt-runtime", "cpu", "realtimeRuntime", "real-time microseconds of a period")  \
	LIMIT(8, "cpu-rt-period", "cpu", "realtimePeriod", "the real-time period")                  \
	LIMIT(9, "cpu-idle", "cpu", "idle", "1: only what nobody else wants")                       \
	LIMIT(10, "pids-limit", "pids", "limit", "processes and threads; -1: no limit")             \
	LIMIT(11, "blkio-weight", "blockIO", "weight", "weight of its input and output, 10 to 1000")
#define WORDS                                                                                       \
	LIMIT(12, "cpuset-cpus", "cpu", "cpus", "the processors it may use: 0-3,8")                 \
	LIMIT(13, "cpuset-mems", "cpu", "mems", "the memory nodes it may use")

static const struct opt opts[] = {
	{'r', "resources", "FILE", &opt_string, offsetof(struct update_spec, resources), 0,
	 "linux.resources as JSON, - for standard input; nothing else is looked at then", ":file"},
#define LIMIT(i, name, part, key, help) {0, name, "N", &opt_string, VALUE(i), 0, help, NULL},
	LIMITS
#undef LIMIT
#define LIMIT(i, name, part, key, help) {0, name, "LIST", &opt_string, VALUE(i), 0, help, NULL},
	WORDS
#undef LIMIT
	{0},
};

static const struct limit {
	const char *name, *part, *key;
	bool word;
} limits[] = {
#define LIMIT(i, name, part, key, help) {name, part, key, false},
	LIMITS
#undef LIMIT
#define LIMIT(i, name, part, key, help) {name, part, key, true},
	WORDS
#undef LIMIT
};

static int number(const struct limit *l, const char *text, struct json_object **ret, struct fault *f)
{
	static const char units[] = "bkmgt";
	char *end;
	long long n;
	const char *unit;

	errno = 0;
	n = strtoll(text, &end, 10);
	unit = *end ? strchr(units, *end | 0x20) : units;
	if (errno || end == text || !unit || (*end && end[1] && strcasecmp(end + 1, "b") != 0)) {
		fault_rule(f, OP_NUMBER, text, "--%s is a whole number, perhaps with k, m or g", l->name);
		return -EINVAL;
	}
	for (const char *u = units; u < unit; u++)
		if (__builtin_mul_overflow(n, 1024, &n))
			return fault_rule(f, OP_NUMBER, text, "--%s: out of range", l->name);
	*ret = json_object_new_int64(n);
	return 0;
}

/* The document that --resources would have given. */
static int from_options(const struct update_spec *s, struct json_object *all, struct fault *f)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		const struct limit *l = &limits[i];
		struct json_object *part, *v = NULL;
		int r = 0;

		if (!s->value[i])
			continue;
		if (l->word)
			v = json_object_new_string(s->value[i]);
		else
			r = number(l, s->value[i], &v, f);
		if (r < 0)
			return r;
		if (!json_object_object_get_ex(all, l->part, &part)) {
			part = json_object_new_object();
			json_object_object_add(all, l->part, part);
		}
		json_object_object_add(part, l->key, v);
	}
	return 0;
}

static int read_text(const struct update_spec *s, char **text, size_t *len, struct fault *f)
{
	bool in = s->resources && strcmp(s->resources, "-") == 0;
	struct json_object *all;
	_cleanup_fd_ int fd = -1;
	int r;

	if (in)
		return json_slurp(STDIN_FILENO, "standard input", OP_CONFIG, text, len, f);
	if (s->resources) {
		fd = open(s->resources, O_RDONLY | O_CLOEXEC);
		return fd < 0 ? fault_set(f, OP_CONFIG, errno, "%s", s->resources)
			      : json_slurp(fd, s->resources, OP_CONFIG, text, len, f);
	}
	all = json_object_new_object();
	r = from_options(s, all, f);
	*text = xprintf("%s", json_object_to_json_string(all));
	*len = strlen(*text);
	json_object_put(all);
	return r;
}

static int apply(struct verb_call *c, const struct container *box, const struct oci_resources *resources, struct fault *f)
{
	const struct write_wish wish = {.id = box->id};
	struct line l = {0};
	struct words sets = {0};
	struct cg_held h = {0};
	int r = container_cgroups(box, &h, f);

	write_limits(&l, resources, &wish);
	for (size_t i = 1; i < l.words.n; i += 2) /* "--set" KEY=VALUE */
		words_take(&sets, xprintf("%s", l.words.v[i]));
	if (r == 0 && sets.n)
		r = cg_held_set(&c->sys, &h, &sets, f);
	words_free_all(&sets);
	cg_held_close(&h);
	line_free(&l);
	return r;
}

static int run(void *spec, struct verb_call *c, struct fault *f)
{
	const struct update_spec *s = spec;
	struct oci_resources resources = {0};
	_cleanup_free_ char *text = NULL;
	_cleanup_json_ struct json_doc *doc = NULL;
	struct container box;
	size_t len = 0;
	int r = runtime_open(c, &box, true, f);

	if (r == 0)
		r = state_allows(ON_UPDATE, &box, container_status(&box), f);
	if (r == 0)
		r = read_text(s, &text, &len, f);
	if (r == 0)
		r = json_parse(text, len, s->resources ? s->resources : "the options", OP_CONFIG, &doc, f);
	if (r == 0)
		r = json_decode(doc, NULL, &oci_resources_shape, &resources, f);
	if (r == 0)
		r = apply(c, &box, &resources, f);
	container_close(&box);
	return r;
}

const struct verb run_update_verb = {
	.cmd = {.name = "update", .operands = {"ID"}, .summary = "Give a container other limits.", .opts = opts},
	.spec_size = sizeof(struct update_spec),
	.run = run,
};
