/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>

#include "base/count.h"
#include "base/fd.h"
#include "base/near.h"
#include "base/num.h"
#include "base/path.h"
#include "proc/rlimits.h"
#include "target/self.h"

static const struct limit {
	const char *name;
	int number;
	bool bytes;
	const char *what;
} limits[] = {
#define LIMIT(name, number, bytes, what) {name, number, bytes, what},
#include "proc/rlimits.def"
#undef LIMIT
};

static const struct limit *by_name(const char *name, size_t len)
{
	for (size_t i = 0; i < COUNT(limits); i++)
		if (strncasecmp(limits[i].name, name, len) == 0 && limits[i].name[len] == '\0')
			return &limits[i];
	return NULL;
}

static const struct limit *by_number(int number)
{
	for (size_t i = 0; i < COUNT(limits); i++)
		if (limits[i].number == number)
			return &limits[i];
	return NULL;
}

int rlimit_find(const char *name, size_t len, struct fault *f)
{
	bool prefix = len > 7 && strncasecmp(name, "rlimit_", 7) == 0;
	const char *bare = prefix ? name + 7 : name;
	size_t n = prefix ? len - 7 : len;
	const struct limit *l = by_name(bare, n);
	const char *near;

	if (l)
		return l->number;
	near = near_word(bare, n, &limits[0].name, COUNT(limits), sizeof(*limits));
	fault_set(f, OP_RLIMIT, 0, "%.*s", (int)len, name);
	fault_why(f, len ? "no such limit" : "the name of a limit is missing");
	if (near)
		fault_fix(f, "%s; did you mean that? proc-set(1) lists them all", near);
	else
		fault_fix(f, "--rlimit nofile=1024:4096; proc-set(1) lists the names");
	return -EINVAL;
}

/* One value of len characters; the suffixes K, M, G only where bytes are counted. */
static int read_value(const struct limit *l, const char *text, size_t len, uint64_t *ret)
{
	char word[32] = "";

	if (len >= sizeof(word))
		return -ERANGE;
	memcpy(word, text, len);
	if (strcmp(word, "unlimited") == 0 || strcmp(word, "max") == 0) {
		*ret = RLIM64_INFINITY;
		return 0;
	}
	return l->bytes ? num_size(word, ret) : num_u64(word, UINT64_MAX - 1, ret);
}

static int bad_value(const struct limit *l, const char *text, int err, struct fault *f)
{
	fault_set(f, OP_RLIMIT, 0, "%s", text);
	fault_why(f, err == -ERANGE ? "out of range" : "a value is no number");
	fault_fix(f, "--rlimit %s=SOFT[:HARD], each %s or unlimited (%s)", l->name,
		  l->bytes ? "a number such as 64M" : "a whole number", l->what);
	return -EINVAL;
}

static int parse_rlimit(void *field, const struct opt *o, const char *text, struct fault *f)
{
	struct rlimits *all = field;
	size_t name = strcspn(text, "=");
	const char *value = text + name + (text[name] == '=');
	size_t soft = strcspn(value, ":");
	uint64_t lower = 0, upper;
	int n = rlimit_find(text, name, f);
	int r;

	(void)o;
	if (n < 0)
		return n;
	r = read_value(by_number(n), value, soft, &lower);
	upper = lower;
	if (r == 0 && value[soft])
		r = read_value(by_number(n), value + soft + 1, strlen(value + soft + 1), &upper);
	if (r < 0)
		return bad_value(by_number(n), text, r, f);
	if (all->rows[n].given) {
		fault_rule(f, OP_RLIMIT, text, "%s was given before", by_number(n)->name);
		fault_fix(f, "one --rlimit %s=SOFT:HARD", by_number(n)->name);
		return -EINVAL;
	}
	if (lower > upper) {
		fault_rule(f, OP_RLIMIT, text, "the soft limit is above the hard limit");
		fault_fix(f, "--rlimit %s=SOFT:HARD with SOFT at most HARD", by_number(n)->name);
		return -EINVAL;
	}
	all->rows[n].given = true;
	all->rows[n].soft = lower;
	all->rows[n].hard = upper;
	return 0;
}

static char *value_text(uint64_t v)
{
	return v == RLIM64_INFINITY ? xprintf("unlimited") : xprintf("%llu", (unsigned long long)v);
}

static void print_rlimit(const void *field, const struct opt *o, struct words *out)
{
	const struct rlimits *all = field;

	for (size_t i = 0; i < COUNT(limits); i++) {
		int n = limits[i].number;
		_cleanup_free_ char *soft = value_text(all->rows[n].soft);
		_cleanup_free_ char *hard = value_text(all->rows[n].hard);
		_cleanup_free_ char *text = xprintf("%s=%s:%s", limits[i].name, soft, hard);

		if (all->rows[n].given)
			opt_emit(o, text, out);
	}
}

const struct opt_kind opt_rlimit = {true, false, parse_rlimit, print_rlimit};

static int refuse_raise(const struct limit *l, uint64_t want, uint64_t have, struct fault *f)
{
	_cleanup_free_ char *wanted = value_text(want);
	_cleanup_free_ char *present = value_text(have);

	fault_set(f, OP_RLIMIT, EPERM, "%s=%s", l->name, wanted);
	fault_why(f, "the hard limit is %s, and only CAP_SYS_RESOURCE raises it", present);
	fault_fix(f, "--rlimit %s=%s, or a caller with CAP_SYS_RESOURCE (sudo)", l->name, present);
	return -EPERM;
}

/* Even CAP_SYS_RESOURCE cannot raise descriptors above fs.nr_open. */
static int check_nr_open(uint64_t want, struct fault *f)
{
	_cleanup_free_ char *text = NULL;
	uint64_t most;
	ssize_t n = path_read(AT_FDCWD, "/proc/sys/fs/nr_open", 64, &text);

	if (n <= 0)
		return 0;
	text[strcspn(text, "\n")] = '\0';
	if (num_u64(text, UINT64_MAX, &most) < 0 || want <= most)
		return 0;
	fault_set(f, OP_RLIMIT, EPERM, "nofile=%llu", (unsigned long long)want);
	fault_why(f, "above fs.nr_open, which is %llu", (unsigned long long)most);
	fault_fix(f, "--rlimit nofile=%llu, or sysctl fs.nr_open", (unsigned long long)most);
	return -EPERM;
}

int rlimits_check(struct rlimits *all, struct fault *f)
{
	for (size_t i = 0; i < COUNT(limits); i++) {
		const struct limit *l = &limits[i];
		struct rlimit64 have;
		uint64_t want = all->rows[l->number].hard;
		int r = 0;

		if (!all->rows[l->number].given)
			continue;
		if (prlimit64(0, (enum __rlimit_resource)l->number, NULL, &have) < 0)
			return fault_set(f, OP_RLIMIT, errno, "%s", l->name);
		if (want <= have.rlim_max)
			continue;
		if (!self_has_cap(CAP_SYS_RESOURCE))
			return refuse_raise(l, want, have.rlim_max, f);
		if (l->number == RLIMIT_NOFILE)
			r = check_nr_open(want, f);
		if (r < 0)
			return r;
		all->raised |= 1U << l->number;
	}
	return 0;
}

int rlimits_set(const struct rlimits *all, unsigned which, struct sys *s, pid_t pid, struct fault *f)
{
	for (size_t i = 0; i < COUNT(limits); i++) {
		int n = limits[i].number;
		int r;

		if (!all->rows[n].given || !(which >> n & 1))
			continue;
		r = sys_prlimit(s, pid, n, all->rows[n].soft, all->rows[n].hard);
		if (r < 0)
			return fault_set(f, OP_RLIMIT, -r, "%s", limits[i].name);
	}
	return 0;
}
