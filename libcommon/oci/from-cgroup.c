/* SPDX-License-Identifier: MIT */
/* from-cgroup.c - cg-exec as linux.cgroupsPath and linux.resources. Keys are read by the
 * rows that write them; what config.json has no word of its own for is said by the cgroup
 * v2 file's name, in "unified". */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/num.h"
#include "cg/exec.h"
#include "cg/keys.h"
#include "cg/sets.h"
#include "oci/from.h"

typedef struct json_object *json;

/* What was said for a row of keys.def, all in all. */
struct said {
	struct cg_value v;
	enum cg_spelling spelling;
	const char *word; /* NULL: nothing */
};

struct reading {
	struct from *from;
	struct said *rows; /* cg_keys_count of them */
	const struct said *memory;
};

static json resources(const struct reading *r)
{
	return put_object(r->from->lin, "resources");
}

static const char *value_of(const char *word)
{
	return strchr(word, '=') + 1;
}

static void put_unified(const struct reading *r, const char *key, const char *value)
{
	put_string(put_object(resources(r), "unified"), key, value);
}

static int64_t limit(uint64_t n)
{
	return n > INT64_MAX ? -1 : (int64_t)n;
}

/* -- keys with a row ------------------------------------------------------------------------ */

/* Each returns false when config.json has no word for this value. */
static bool put_limit(const struct reading *r, const struct said *s, const char *object, const char *member)
{
	if (s->v.n[0] == 0) /* there it means that nothing is said */
		return false;
	put_int(put_object(resources(r), object), member, limit(s->v.n[0]));
	return true;
}

static bool put_memory(const struct reading *r, const struct said *s)
{
	return put_limit(r, s, "memory", "limit");
}

static bool put_low(const struct reading *r, const struct said *s)
{
	return put_limit(r, s, "memory", "reservation");
}

static bool put_pids(const struct reading *r, const struct said *s)
{
	return put_limit(r, s, "pids", "limit");
}

/* There it counts memory and swap together. */
static bool put_swap(const struct reading *r, const struct said *s)
{
	struct cg_value v = s->v;

	if (cg_value_swap(r->memory->word ? &r->memory->v : NULL, &v) < 0 || (limit(v.n[1]) >= 0 && !r->memory->v.n[0]))
		return false;
	put_int(put_object(resources(r), "memory"), "swap", limit(v.n[1]));
	return true;
}

/* The runtimes turn shares into weights by formulas of their own, so a weight stays one. */
static bool put_weight(const struct reading *r, const struct said *s)
{
	if (s->spelling == CG_V2)
		return false;
	put_uint(put_object(resources(r), "cpu"), "shares", s->v.n[1]);
	return true;
}

static bool put_quota(const struct reading *r, const struct said *s)
{
	json cpu = put_object(resources(r), "cpu");

	if (s->v.has[0])
		put_int(cpu, "quota", limit(s->v.n[0]));
	if (s->v.has[1])
		put_uint(cpu, "period", s->v.n[1]);
	return true;
}

/* At most the quota, which comes before it in the table. */
static bool put_burst(const struct reading *r, const struct said *s)
{
	json quota = json_object_object_get(json_object_object_get(resources(r), "cpu"), "quota");

	if (s->v.n[0] && (!quota || json_object_get_int64(quota) < (int64_t)s->v.n[0]))
		return false;
	put_uint(put_object(resources(r), "cpu"), "burst", s->v.n[0]);
	return true;
}

static bool put_idle(const struct reading *r, const struct said *s)
{
	if (s->v.n[0] > 1)
		return false;
	put_uint(put_object(resources(r), "cpu"), "idle", s->v.n[0]);
	return true;
}

static bool put_cpus(const struct reading *r, const struct said *s)
{
	put_string(put_object(resources(r), "cpu"), "cpus", s->v.text);
	return true;
}

static bool put_mems(const struct reading *r, const struct said *s)
{
	put_string(put_object(resources(r), "cpu"), "mems", s->v.text);
	return true;
}

static const struct {
	const char *key;
	bool (*put)(const struct reading *r, const struct said *s);
} words[] = {
	{"memory.max", put_memory}, {"memory.swap.max", put_swap}, {"memory.low", put_low},
	{"pids.max", put_pids},     {"cpu.weight", put_weight},    {"cpu.max", put_quota},
	{"cpu.max.burst", put_burst}, {"cpu.idle", put_idle},      {"cpuset.cpus", put_cpus},
	{"cpuset.mems", put_mems},  {NULL, NULL},
};

static void put_row_said(const struct reading *r, const struct cg_key *k, const struct said *s)
{
	const char *name = k->file[CG_V2].name, *text;
	char buf[CG_TEXT];

	for (size_t i = 0; words[i].key; i++)
		if (strcmp(words[i].key, name) == 0 && words[i].put(r, s))
			return;
	text = cg_value_text(k, CG_V2, &s->v, buf);
	if (text)
		put_unified(r, name, text);
	else
		from_lose(r->from, "swap is counted beyond a memory limit there, and the chain has none", "--set %s", s->word);
}

/* -- keys without one ------------------------------------------------------------------------- */

static bool is_key(const char *word, const char *key)
{
	size_t n = strlen(key);

	return strncmp(word, key, n) == 0 && word[n] == '=';
}

/* "hugetlb.2MB.max=1G" */
static bool put_hugepages(const struct reading *r, const char *word)
{
	const char *size = strncmp(word, "hugetlb.", 8) == 0 ? word + 8 : NULL, *dot = size ? strchr(size, '.') : NULL;
	json list, o;
	uint64_t n;

	if (!dot || num_size(value_of(word), &n) < 0 || n == UINT64_MAX ||
	    (!is_key(dot + 1, "max") && !is_key(dot + 1, "limit_in_bytes")))
		return false;
	list = put_array(resources(r), "hugepageLimits");
	o = json_object_new_object();
	put(o, "pageSize", json_object_new_string_len(size, (int)(dot - size)));
	put_uint(o, "limit", n);
	json_object_array_add(list, o);
	return true;
}

static bool put_v1(const struct reading *r, const char *word)
{
	static const struct {
		const char *key, *object, *member;
		int64_t max;
	} rows[] = {
		{"memory.swappiness", "memory", "swappiness", 200},
		{"cpu.rt_period_us", "cpu", "realtimePeriod", INT64_MAX},
		{"cpu.rt_runtime_us", "cpu", "realtimeRuntime", INT64_MAX},
	};
	uint64_t n;

	if (strcmp(word, "memory.oom_control=1") == 0) {
		put_true(put_object(resources(r), "memory"), "disableOOMKiller");
		return true;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (is_key(word, rows[i].key) && num_size(value_of(word), &n) == 0 && n <= (uint64_t)rows[i].max) {
			put_uint(put_object(resources(r), rows[i].object), rows[i].member, n);
			return true;
		}
	return false;
}

/* Files that only the hierarchies of version 1 have. */
static bool is_v1(const char *word)
{
	static const char *const marks[] = {"_in_bytes=", "_us=", ".kmem.", "use_hierarchy=", "move_charge_", "oom_control="};
	static const char *const v2[] = {"memory.", "cpu.", "cpuset.", "io.", "pids.", "hugetlb.", "rdma.", "misc.", "dmem."};
	bool known = false;

	for (size_t i = 0; i < sizeof(v2) / sizeof(*v2); i++)
		known |= strncmp(word, v2[i], strlen(v2[i])) == 0;
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		const char *at = strstr(word, marks[i]);

		known &= !at || at > strchr(word, '=');
	}
	return !known;
}

static void put_other(const struct reading *r, const char *word)
{
	_cleanup_free_ char *key = NULL;

	if (put_hugepages(r, word) || put_v1(r, word))
		return;
	key = xprintf("%.*s", (int)strcspn(word, "="), word);
	if (is_v1(word))
		from_lose(r->from, "config.json has words for some keys of version 1, and not for this one", "--set %s", word);
	else
		put_unified(r, key, value_of(word));
}

/* -- all of them --------------------------------------------------------------------------------- */

static int bad_word(const char *word, const char *why, const char *form, struct fault *f)
{
	fault_rule(f, OP_CG_KEY, word, "%s", why);
	fault_fix(f, "--set KEY=VALUE; the value is %s", form);
	return -EINVAL;
}

static int read_sets(const struct reading *r, const struct words *sets, struct fault *f)
{
	for (size_t i = 0; i < sets->n; i++) {
		const char *word = sets->v[i], *sign = strchr(word, '=');
		enum cg_spelling sp;
		const struct cg_key *k = sign ? cg_key_find(word, (size_t)(sign - word), &sp) : NULL;
		struct said *s = k ? &r->rows[k - cg_keys] : NULL;

		if (!sign || sign == word || !sign[1] || strpbrk(word, "\n") || memchr(word, '/', (size_t)(sign - word)))
			return bad_word(word, "it is not KEY=VALUE", "that of cg-exec(1), as in memory.max=64M", f);
		if (!k) {
			put_other(r, word);
			continue;
		}
		/* the two halves of cpu.max add up; otherwise what is said later counts */
		if (sp == CG_V2 || !k->file[CG_V1_SECOND].name)
			s->v = (struct cg_value){0};
		s->word = word;
		s->spelling = sp;
		if (cg_value_read(k, sp, sign + 1, &s->v) < 0)
			return bad_word(word, "the value has another form", cg_value_form(k, sp), f);
	}
	return 0;
}

static int put_sets(struct from *from, const struct words *sets, struct fault *f)
{
	_cleanup_free_ struct said *rows = xcalloc(cg_keys_count, sizeof(*rows));
	const struct reading r = {from, rows, &rows[CG_KEY_MEMORY_MAX]};
	int err = read_sets(&r, sets, f);

	for (size_t i = 0; err == 0 && i < cg_keys_count; i++)
		if (rows[i].word)
			put_row_said(&r, &cg_keys[i], &rows[i]);
	return err;
}

/* Where it is not said, and that it is made with those above it, and in every hierarchy, is
 * what every runtime does by itself. */
int from_cgroup(struct from *r, void *spec, struct fault *f)
{
	const struct cg_exec *e = spec;
	int err;

	if (e->group)
		from_lose(r, "a container has a cgroup of its own; there is no word for one that exists", "--group %s", e->group);
	if (e->keep)
		from_lose(r, "the runtime removes the cgroup with the container", "--keep");
	if (e->make.path && strchr(e->make.path, ':'))
		from_lose(r, "a path with a colon is read as systemd's slice:prefix:name", "--new=%s", e->make.path);
	else if (e->make.path && json_object_object_get(r->lin, "cgroupsPath"))
		from_lose(r, "a container has one cgroup, and the chain has made one", "--new=%s", e->make.path);
	else if (e->make.path)
		put_string(r->lin, "cgroupsPath", e->make.path);
	err = from_devices(r, &e->devices, f);
	return err < 0 ? err : put_sets(r, &e->sets, f);
}
