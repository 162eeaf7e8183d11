/* SPDX-License-Identifier: MIT */
/* forms.c - what the values of keys look like: each form reads a text into a value,
 * prints it again, and compares what was written with what is read back. A conversion
 * is one form read and another printed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "cg/forms.h"

enum {
	PID_LIMIT = 4194304, /* the kernel's PID_MAX_LIMIT: no group counts further */
	LIST_BITS = 8192,    /* NR_CPUS at most; MAX_NUMNODES is less */
	WEIGHT_DEFAULT = 100,
	SHARES_DEFAULT = 1024,
};

static const char *print_n(uint64_t n, const char *unlimited, char *buf)
{
	if (n == CG_MAX)
		return unlimited;
	snprintf(buf, CG_TEXT, "%llu", (unsigned long long)n);
	return buf;
}

static int put(struct cg_value *v, unsigned i, int r)
{
	if (r == 0)
		v->has[i] = true;
	return r;
}

/* -- sizes: bytes -------------------------------------------------------------------- */

static int read_size(const char *text, struct cg_value *v)
{
	return put(v, 0, num_size(text, &v->n[0]));
}

static int read_size1_at(const char *text, struct cg_value *v, unsigned i)
{
	if (strcmp(text, "-1") == 0)
		text = "max";
	return put(v, i, num_size(text, &v->n[i]));
}

static int read_size1(const char *text, struct cg_value *v)
{
	return read_size1_at(text, v, 0);
}

static int read_memsw(const char *text, struct cg_value *v)
{
	return read_size1_at(text, v, 1);
}

static const char *print_size(const struct cg_value *v, char *buf)
{
	return v->has[0] ? print_n(v->n[0], "max", buf) : NULL;
}

static const char *print_size1(const struct cg_value *v, char *buf)
{
	return v->has[0] ? print_n(v->n[0], "-1", buf) : NULL;
}

static const char *print_memsw(const struct cg_value *v, char *buf)
{
	return v->has[1] ? print_n(v->n[1], "-1", buf) : NULL;
}

/* Whole pages. From the kernel's PAGE_COUNTER_MAX (LONG_MAX / PAGE_SIZE pages) on it is
 * no limit, which v1 prints as 9223372036854771712. */
static bool size_pages(const char *text, uint64_t page, uint64_t *pages)
{
	struct cg_value v = {0};

	if (read_size1(text, &v) < 0)
		return false;
	*pages = v.n[0] / page;
	if (*pages > (uint64_t)INT64_MAX / page)
		*pages = (uint64_t)INT64_MAX / page;
	return true;
}

bool cg_same_size(const char *want, const char *got, uint64_t unit)
{
	uint64_t w, g;

	return size_pages(want, unit, &w) && size_pages(got, unit, &g) && w == g;
}

static bool same_size(const char *want, const char *got)
{
	return cg_same_size(want, got, (uint64_t)sysconf(_SC_PAGESIZE));
}

/* -- counts and plain numbers ---------------------------------------------------------- */

static int read_count(const char *text, struct cg_value *v)
{
	if (strcmp(text, "max") != 0)
		return put(v, 0, num_u64(text, PID_LIMIT, &v->n[0]));
	v->n[0] = CG_MAX;
	return put(v, 0, 0);
}

static int read_number(const char *text, struct cg_value *v)
{
	return put(v, 0, num_u64(text, INT64_MAX, &v->n[0]));
}

static bool same_exact(const char *want, const char *got)
{
	return strcmp(want, got) == 0;
}

/* -- cpu.weight and cpu.shares --------------------------------------------------------- */

/* The scheduler has one number for both: cpu_weight_write_u64() in kernel/sched/core.c
 * makes shares of a weight as weight * 1024 / CGROUP_WEIGHT_DFL (100), rounded to the
 * nearest, and prints them back the same way. So this conversion, unlike those that
 * spread 2..262144 over 1..10000, gives the process the same share of the processor. */
static uint64_t scale(uint64_t n, uint64_t to, uint64_t from)
{
	return (n * to + from / 2) / from;
}

static int read_weight(const char *text, struct cg_value *v)
{
	int r = put(v, 0, num_u64(text, 10000, &v->n[0]));

	return r == 0 && v->n[0] == 0 ? -ERANGE : r;
}

/* The kernel takes any number of shares and moves it into its range; so do we, into the
 * range of cpu.weight, when there are only weights. */
static int read_shares(const char *text, struct cg_value *v)
{
	uint64_t shares;
	int r = num_u64(text, INT32_MAX, &shares);

	if (r < 0)
		return r;
	v->n[1] = shares < 2 ? 2 : shares > 262144 ? 262144 : shares;
	v->n[0] = scale(v->n[1], WEIGHT_DEFAULT, SHARES_DEFAULT);
	v->n[0] = v->n[0] < 1 ? 1 : v->n[0] > 10000 ? 10000 : v->n[0];
	v->has[1] = true;
	return put(v, 0, 0);
}

static const char *print_shares(const struct cg_value *v, char *buf)
{
	if (!v->has[0])
		return NULL;
	return print_n(v->has[1] ? v->n[1] : scale(v->n[0], SHARES_DEFAULT, WEIGHT_DEFAULT), "", buf);
}

/* -- cpu.max: quota and period in microseconds ------------------------------------------- */

static int read_quota(const char *text, struct cg_value *v)
{
	int r;

	if (strcmp(text, "-1") == 0 || strcmp(text, "max") == 0) {
		v->n[0] = CG_MAX;
		return put(v, 0, 0);
	}
	r = put(v, 0, num_u64(text, INT64_MAX / 1000, &v->n[0]));
	return r == 0 && v->n[0] < 1000 ? -ERANGE : r; /* the kernel's least is 1 ms */
}

static int read_period(const char *text, struct cg_value *v)
{
	int r = put(v, 1, num_u64(text, 1000000, &v->n[1]));

	return r == 0 && v->n[1] < 1000 ? -ERANGE : r; /* the kernel's range is 1 ms to 1 s */
}

static int read_cpumax(const char *text, struct cg_value *v)
{
	char quota[CG_TEXT];
	const char *blank = strchr(text, ' ');
	size_t n = blank ? (size_t)(blank - text) : strlen(text);
	int r;

	if (n >= sizeof(quota) || strncmp(text, "-1", n) == 0)
		return -EINVAL;
	memcpy(quota, text, n);
	quota[n] = '\0';
	r = read_quota(quota, v);
	return r < 0 || !blank ? r : read_period(blank + 1, v);
}

static const char *print_quota(const struct cg_value *v, char *buf)
{
	return v->has[0] ? print_n(v->n[0], "-1", buf) : NULL;
}

static const char *print_period(const struct cg_value *v, char *buf)
{
	return v->has[1] ? print_n(v->n[1], "", buf) : NULL;
}

/* A period alone keeps the quota of a new group, which is max. */
static const char *print_cpumax(const struct cg_value *v, char *buf)
{
	char quota[32];
	const char *q = print_n(v->has[0] ? v->n[0] : CG_MAX, "max", quota);

	if (v->has[1])
		snprintf(buf, CG_TEXT, "%s %llu", q, (unsigned long long)v->n[1]);
	else
		snprintf(buf, CG_TEXT, "%s", q);
	return v->has[0] || v->has[1] ? buf : NULL;
}

/* Both numbers are read back; a quota written alone keeps the period. */
static bool same_cpumax(const char *want, const char *got)
{
	size_t n = strlen(want);

	return strncmp(want, got, n) == 0 && (got[n] == '\0' || (got[n] == ' ' && !strchr(want, ' ')));
}

/* -- lists of processors and memory nodes -------------------------------------------------- */

struct list {
	uint64_t bits[LIST_BITS / 64];
};

static int list_number(const char **p, uint64_t *n)
{
	const char *begin = *p;

	for (*n = 0; **p >= '0' && **p <= '9'; ++*p) {
		*n = *n * 10 + (uint64_t)(**p - '0');
		if (*n >= LIST_BITS)
			return -ERANGE;
	}
	return *p == begin ? -EINVAL : 0;
}

/* "0-3,8": parts of one number or two with a dash. Empty is the empty set. */
static int list_read(const char *p, struct list *l)
{
	memset(l, 0, sizeof(*l));
	while (*p) {
		uint64_t first, last;
		int r = list_number(&p, &first);

		last = first;
		if (r == 0 && *p == '-' && p++)
			r = list_number(&p, &last);
		if (r < 0)
			return r;
		if (last < first || (*p && *p != ','))
			return -EINVAL;
		for (; first <= last; first++)
			l->bits[first / 64] |= 1ULL << first % 64;
		if (*p == ',' && !*++p)
			return -EINVAL;
	}
	return 0;
}

static int read_text(const char *text, struct cg_value *v)
{
	v->text = text;
	return *text ? 0 : -EINVAL;
}

static int read_list(const char *text, struct cg_value *v)
{
	struct list l;
	int r = list_read(text, &l);

	return r < 0 ? r : read_text(text, v);
}

static const char *print_text(const struct cg_value *v, char *buf)
{
	(void)buf;
	return v->text;
}

static bool same_list(const char *want, const char *got)
{
	struct list w, g;

	return list_read(want, &w) == 0 && list_read(got, &g) == 0 && memcmp(&w, &g, sizeof(w)) == 0;
}

/* -- words: keys that are passed on as they are ------------------------------------------- */

/* Equal, or NAME=SIZE or SIZE of the same number: wbps=1M is read as wbps=1048576. */
static bool same_word(const char *want, size_t n, const char *got, size_t m)
{
	const char *equals = memchr(want, '=', n);
	size_t name = equals ? (size_t)(equals + 1 - want) : 0;
	char a[CG_TEXT], b[CG_TEXT];
	uint64_t x, y;

	if (n == m && memcmp(want, got, n) == 0)
		return true;
	if (n >= sizeof(a) || m >= sizeof(b) || m < name || memcmp(want, got, name) != 0)
		return false;
	snprintf(a, sizeof(a), "%.*s", (int)(n - name), want + name);
	snprintf(b, sizeof(b), "%.*s", (int)(m - name), got + name);
	return num_size(a, &x) == 0 && num_size(b, &y) == 0 && x == y;
}

/* The kernel adds what was left out: "8:0 rbps=max wbps=1000 riops=max wiops=max". */
bool cg_same_words(const char *want, const char *got)
{
	static const char blank[] = " \t\n";

	for (want += strspn(want, blank); *want; want += strspn(want, blank)) {
		size_t n = strcspn(want, blank);
		bool found = false;

		for (const char *g = got + strspn(got, blank); *g && !found; g += strspn(g, blank)) {
			size_t m = strcspn(g, blank);

			found = same_word(want, n, g, m);
			g += m;
		}
		if (!found)
			return false;
		want += n;
	}
	return true;
}

/* -- the forms ------------------------------------------------------------------------------- */

#define FORM(name, ...) const struct cg_form cg_form_##name = {__VA_ARGS__}

FORM(none, "", NULL, NULL, NULL);
FORM(size, "bytes, perhaps with K, M, G or T behind them, such as 64M, or max", read_size, print_size, same_size);
FORM(size1, "bytes, perhaps with K, M, G or T behind them, such as 64M, or -1", read_size1, print_size1, same_size);
FORM(memsw, "bytes of memory and swap together, such as 96M, or -1", read_memsw, print_memsw, same_size);
FORM(count, "a whole number such as 100, or max", read_count, print_size, same_exact);
FORM(number, "a whole number such as 1", read_number, print_size, same_exact);
FORM(weight, "a weight from 1 to 10000; 100 is the default", read_weight, print_size, same_exact);
FORM(shares, "shares from 2 to 262144; 1024 is the default", read_shares, print_shares, same_exact);
FORM(cpumax, "QUOTA and PERIOD in microseconds, such as \"50000 100000\" for half a processor, or max",
     read_cpumax, print_cpumax, same_cpumax);
FORM(quota, "microseconds from 1000 on such as 50000, or -1", read_quota, print_quota, same_exact);
FORM(period, "microseconds from 1000 to 1000000 such as 100000", read_period, print_period, same_exact);
FORM(list, "numbers and ranges such as 0-3,8", read_list, print_text, same_list);
FORM(word, "one word", read_text, print_text, same_exact);
FORM(words, "words such as \"8:0 wbps=1048576\"", read_text, print_text, cg_same_words);
