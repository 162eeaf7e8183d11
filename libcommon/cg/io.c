/* SPDX-License-Identifier: MIT */
/* io.c - keys about block devices. They differ from other keys: each word is about one
 * device, so none replaces another; one file of cgroup2 is four on v1; and which file has the
 * weights depends on the scheduler that the kernel has. Sources: cgroup-v2.rst "IO",
 * cgroup-v1/blkio-controller.rst, bfq-iosched.rst. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cg/sets.h"

static const struct {
	const char *name, *file; /* in io.max, and on v1 */
} limits[] = {
	{"rbps=", "blkio.throttle.read_bps_device"},
	{"wbps=", "blkio.throttle.write_bps_device"},
	{"riops=", "blkio.throttle.read_iops_device"},
	{"wiops=", "blkio.throttle.write_iops_device"},
};

enum { LIMITS = sizeof(limits) / sizeof(*limits), WEIGHT_MIN = 10, WEIGHT_MAX = 1000 };

static bool is_key(const char *word, const char *key)
{
	const size_t n = strlen(key);

	return strncmp(word, key, n) == 0 && word[n] == '=';
}

static int bad(const char *word, const char *form, struct fault *f)
{
	fault_rule(f, OP_CG_KEY, word, "the value has another form");
	fault_fix(f, "--set %s", form);
	return -EINVAL;
}

/* "8:0 " before something else: its length with the blanks, or 0. */
static size_t device_length(const char *text)
{
	size_t a = strspn(text, "0123456789"), b, blanks;

	if (text[a] != ':')
		return 0;
	b = strspn(text + a + 1, "0123456789");
	blanks = strspn(text + a + 1 + b, " \t");
	return a && b && a < 11 && b < 11 && blanks && text[a + 1 + b + blanks] ? a + 1 + b + blanks : 0;
}

static void add_limit(struct cg_sets *s, const struct cg_hier *h, const char *word, const char *text, size_t i,
		      uint64_t n)
{
	struct cg_write *w;
	size_t device = strcspn(text, " \t");

	if (!h->v2 && (n == UINT64_MAX || n == 0))
		return; /* what a new group has, and what is not read back */
	w = cg_sets_add(s, h, word);
	w->file = h->v2 ? "io.max" : limits[i].file;
	w->text = w->buf;
	if (h->v2)
		w->key = cg_key_find(w->file, strlen(w->file), &w->spelling);
	if (!h->v2)
		snprintf(w->buf, sizeof(w->buf), "%.*s %llu", (int)device, text, (unsigned long long)n);
	else if (n == UINT64_MAX || n == 0)
		snprintf(w->buf, sizeof(w->buf), "%.*s %smax", (int)device, text, limits[i].name);
	else
		snprintf(w->buf, sizeof(w->buf), "%.*s %s%llu", (int)device, text, limits[i].name, (unsigned long long)n);
}

/* "8:0 rbps=1M wiops=max" */
static int add_max(struct cg_sets *s, const struct cg_hier *h, const char *word, const char *text, struct fault *f)
{
	static const char form[] = "io.max=\"MAJOR:MINOR LIMIT...\"; LIMIT is rbps, wbps, riops or wiops, = and a number, or max";
	size_t at = device_length(text);

	if (!at)
		return bad(word, form, f);
	while (text[at]) {
		size_t n = strcspn(text + at, " \t"), i = 0, name = 0;
		char value[32];
		uint64_t v;

		while (i < LIMITS && strncmp(text + at, limits[i].name, name = strlen(limits[i].name)) != 0)
			i++;
		if (i == LIMITS || n <= name || n - name >= sizeof(value))
			return bad(word, form, f);
		snprintf(value, sizeof(value), "%.*s", (int)(n - name), text + at + name);
		if (num_size(value, &v) < 0)
			return bad(word, form, f);
		add_limit(s, h, word, text, i, v);
		at += n;
		at += strspn(text + at, " \t");
	}
	return 0;
}

/* The only number is behind the device; 0 is no limit there. */
static int add_throttle(struct cg_sets *s, const struct cg_hier *h, const char *word, const char *text, size_t i,
			struct fault *f)
{
	size_t at = device_length(text);
	uint64_t v;

	if (!at || num_size(text + at, &v) < 0)
		return bad(word, "blkio.throttle.FILE=\"MAJOR:MINOR NUMBER\"", f);
	add_limit(s, h, word, text, i, v);
	return 0;
}

/* v1's weights are those of the scheduler, CFQ once and BFQ now; so is io.bfq.weight. Without
 * BFQ there is io.weight, of another range. */
static int add_weight(struct cg_sets *s, const struct cg_hier *h, const char *word, const char *text, bool device,
		      struct fault *f)
{
	size_t at = device ? device_length(text) : 0;
	struct cg_write *w;
	uint64_t v;

	if ((device && !at) || num_u64(text + at, UINT64_MAX, &v) < 0 || v < WEIGHT_MIN || v > WEIGHT_MAX)
		return bad(word, device ? "blkio.weight_device=\"MAJOR:MINOR WEIGHT\", from 10 to 1000" :
			   "blkio.weight=WEIGHT, from 10 to 1000", f);
	w = cg_sets_add(s, h, word);
	w->text = text;
	w->or_text = w->or_buf;
	if (h->v2) {
		w->file = "io.bfq.weight";
		w->or_file = "io.weight";
		v = 1 + (v - WEIGHT_MIN) * 9999 / (WEIGHT_MAX - WEIGHT_MIN);
	} else {
		w->file = device ? "blkio.weight_device" : "blkio.weight";
		w->or_file = device ? "blkio.bfq.weight_device" : "blkio.bfq.weight";
	}
	snprintf(w->or_buf, sizeof(w->or_buf), "%.*s%s%llu", at ? (int)strcspn(text, " \t") : 0, text, at ? " " : "",
		 (unsigned long long)v);
	return 0;
}

int cg_io_add(struct cg_sets *s, const char *word, const struct cg_world *w, struct fault *f)
{
	const char *text = word + strcspn(word, "=") + 1;
	const struct cg_hier *h = cg_world_v1(w, "blkio", strlen("blkio"));
	bool device = is_key(word, "blkio.weight_device"), max = is_key(word, "io.max");
	size_t i = 0;

	while (i < LIMITS && !is_key(word, limits[i].file))
		i++;
	if (i == LIMITS && !device && !max && !is_key(word, "blkio.weight"))
		return 1;
	if (!h && cg_world_v2_has(w, "io", strlen("io"))) {
		h = cg_world_v2(w);
		cg_sets_need_v2(s, "io", strlen("io"));
	}
	if (!h)
		return cg_sets_no_controller(word, max ? "io" : "blkio", f);
	if (max)
		return add_max(s, h, word, text, f);
	return i < LIMITS ? add_throttle(s, h, word, text, i, f) : add_weight(s, h, word, text, device, f);
}
