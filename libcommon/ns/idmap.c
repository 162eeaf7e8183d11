/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/num.h"
#include "base/path.h"
#include "ns/idmap.h"
#include "target/names.h"
#include "target/self.h"

/* From here on distributions hand out subordinate ids; below are those of people and services. */
enum { FIRST_SUBID = 100000 };

static bool overlap(uint32_t a, uint32_t b, uint32_t na, uint32_t nb)
{
	return (uint64_t)a < (uint64_t)b + nb && (uint64_t)b < (uint64_t)a + na;
}

int idmap_add(struct idmap *m, uint32_t in, uint32_t out, uint32_t count, struct fault *f)
{
	char range[64];

	snprintf(range, sizeof(range), "%" PRIu32 ":%" PRIu32 ":%" PRIu32, in, out, count);
	if (count == 0 || (uint64_t)in + count > UINT32_MAX || (uint64_t)out + count > UINT32_MAX)
		return fault_rule(f, OP_MAP_RULE, range, "the count is 0, or the range ends above 4294967294");
	for (unsigned i = 0; i < m->n; i++) {
		const struct extent *e = &m->e[i];
		bool inside = overlap(e->in, in, e->count, count);

		if (!inside && !overlap(e->out, out, e->count, count))
			continue;
		fault_rule(f, OP_MAP_RULE, range,
			   "it overlaps %" PRIu32 ":%" PRIu32 ":%" PRIu32 " in the %s ids", e->in, e->out, e->count,
			   inside ? "inside" : "outside");
		fault_fix(f, "ranges that do not share an id: --map-users %" PRIu32 ":OUTSIDE:COUNT",
			  e->in + e->count);
		return -EINVAL;
	}
	if (m->n == IDMAP_MAX)
		return fault_rule(f, OP_MAP_RULE, range, "more than %d ranges", IDMAP_MAX);
	m->e[m->n++] = (struct extent){in, out, count};
	return 0;
}

static bool has(const struct idmap *m, uint32_t id, bool out)
{
	for (unsigned i = 0; i < m->n; i++) {
		uint32_t first = out ? m->e[i].out : m->e[i].in;

		if (id >= first && id - first < m->e[i].count)
			return true;
	}
	return false;
}

bool idmap_has_out(const struct idmap *m, uint32_t out)
{
	return has(m, out, true);
}

bool idmap_has_in(const struct idmap *m, uint32_t in)
{
	return has(m, in, false);
}

uint32_t idmap_inside(const struct idmap *m, uint32_t out, uint32_t none)
{
	for (unsigned i = 0; i < m->n; i++)
		if (out >= m->e[i].out && out - m->e[i].out < m->e[i].count)
			return m->e[i].in + (out - m->e[i].out);
	return none;
}

static int not_a_range(const char *range, size_t len, int r, struct fault *f)
{
	char text[100];

	snprintf(text, sizeof(text), "%.*s", (int)len, range);
	return fault_rule(f, OP_MAP_RULE, text,
			  r == -ERANGE ? "an id is at most 4294967294" : "it is not INSIDE:OUTSIDE:COUNT in whole numbers");
}

static bool starts_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

int idmap_read(struct idmap *m, const char *range, size_t len, idmap_name *name, const void *arg, struct fault *f)
{
	const char *part = range, *end = range + len;
	uint32_t id[3];

	for (int i = 0; i < 3; i++) {
		const char *stop = i < 2 ? memchr(part, ':', (size_t)(end - part)) : end;
		size_t n = stop ? (size_t)(stop - part) : 0;
		char digits[16] = "";
		uint64_t v = 0;
		int r = -EINVAL;

		/* a number never falls back to a name: what begins with a digit is a number, whole */
		if (n && i < 2 && name && starts_name(*part)) {
			r = name(arg, part, n, &id[i], f);
			if (r < 0)
				return r;
		} else if (n) {
			snprintf(digits, sizeof(digits), "%.*s", (int)n, part);
			r = n < sizeof(digits) ? num_u64(digits, i == 2 ? UINT32_MAX : UINT32_MAX - 1, &v) : -ERANGE;
			id[i] = (uint32_t)v;
		}
		if (r < 0)
			return not_a_range(range, len, r, f);
		part = stop + 1;
	}
	return idmap_add(m, id[0], id[1], id[2], f);
}

static int parse_idmap(void *field, const struct opt *o, const char *text, struct fault *f)
{
	int r = 0;

	(void)o;
	for (const char *range = text;; range++) {
		size_t n = strcspn(range, ",");

		r = idmap_read(field, range, n, NULL, NULL, f);
		range += n;
		if (r < 0 || !*range)
			return r;
	}
}

static void print_idmap(const void *field, const struct opt *o, struct words *out)
{
	const struct idmap *m = field;

	for (unsigned i = 0; i < m->n; i++) {
		_cleanup_free_ char *range = xprintf("%" PRIu32 ":%" PRIu32 ":%" PRIu32, m->e[i].in, m->e[i].out,
						     m->e[i].count);

		opt_emit(o, range, out);
	}
}

const struct opt_kind opt_idmap = {true, false, parse_idmap, print_idmap};

/* The user's name, or the number. */
static void user_name(char *buf, size_t n)
{
	if (!*names_of(buf, n, "/etc/passwd", getuid()))
		snprintf(buf, n, "%u", getuid());
}

/* The next line of a subid(5) file that is the caller's: false at the end. Both files are
 * looked up by the *user*, also the one of group ids. */
static bool next_range(FILE *in, const char *user, uint32_t *first, uint32_t *count)
{
	char line[256], number[16];

	snprintf(number, sizeof(number), "%u", getuid());
	while (in && fgets(line, sizeof(line), in)) {
		char *rest = line, *name = strsep(&rest, ":"), *from = strsep(&rest, ":");
		uint64_t a, n;

		if (!rest || (strcmp(name, user) != 0 && strcmp(name, number) != 0))
			continue;
		rest[strcspn(rest, "\n")] = '\0';
		if (num_u64(from, UINT32_MAX - 1, &a) < 0 || num_u64(rest, UINT32_MAX - 1, &n) < 0)
			continue;
		*first = (uint32_t)a;
		*count = (uint32_t)n;
		return true;
	}
	return false;
}

/* The lowest inside id from `in` on that is free, and how many from there are. */
static uint32_t free_from(const struct idmap *m, uint32_t *in)
{
	uint32_t end = UINT32_MAX;

	for (unsigned i = 0; i < m->n; i++) {
		const struct extent *e = &m->e[i];

		if (*in >= e->in && *in - e->in < e->count) {
			*in = e->in + e->count;
			i = (unsigned)-1; /* the ranges are in no order */
		}
	}
	for (unsigned i = 0; i < m->n; i++)
		if (m->e[i].in >= *in && m->e[i].in < end)
			end = m->e[i].in;
	return end - *in;
}

/* None of the given ids is lost to one that is mapped already: the rest moves up. */
static int fill(struct idmap *m, uint32_t first, uint32_t count, struct fault *f)
{
	uint32_t in = 0;

	while (count) {
		uint32_t room = free_from(m, &in), n = count < room ? count : room;
		int r = idmap_add(m, in, first, n, f);

		if (r < 0)
			return r;
		first += n;
		count -= n;
	}
	return 0;
}

int idmap_add_subids(struct idmap *m, const char *file, bool as_they_are, struct fault *f)
{
	char user[64];
	_cleanup_file_ FILE *in = fopen(file, "re");
	uint32_t first, count;
	bool found = false;

	user_name(user, sizeof(user));
	while (next_range(in, user, &first, &count)) {
		int r = as_they_are ? idmap_add(m, first, first, count, f) : fill(m, first, count, f);

		if (r < 0)
			return r;
		found = true;
	}
	if (found)
		return 0;
	fault_set(f, OP_MAP, in ? ESRCH : ENOENT, "%s", file);
	fault_why(f, "it has no line for %s", user);
	fault_fix(f, "echo '%s:100000:65536' | sudo tee -a %s", user, file);
	return -ESRCH;
}

static bool is_given(const struct extent *e, const char *file, const char *user)
{
	_cleanup_file_ FILE *in = fopen(file, "re");
	uint32_t first, count;

	while (next_range(in, user, &first, &count))
		if (e->out >= first && (uint64_t)e->out + e->count <= (uint64_t)first + count)
			return true;
	return false;
}

int idmap_check_subids(const struct idmap *m, const char *file, uint32_t own, struct fault *f)
{
	char user[64];

	user_name(user, sizeof(user));
	for (unsigned i = 0; i < m->n; i++) {
		const struct extent *e = &m->e[i];

		if ((e->out == own && e->count == 1) || is_given(e, file, user))
			continue;
		fault_set(f, OP_MAP, EPERM, "%" PRIu32 ":%" PRIu32 ":%" PRIu32, e->in, e->out, e->count);
		fault_why(f, "%s does not give these ids to %s", file, user);
		if (e->out < FIRST_SUBID) { /* root's, the system's, other people's: nobody's to give */
			fault_fix(f, "sudo; or ids of your own: ns-run --map-auto");
			return -EPERM;
		}
		fault_fix(f, "ns-run --map-auto, or: echo '%s:%" PRIu32 ":%" PRIu32 "' | sudo tee -a %s", user, e->out,
			  e->count, file);
		return -EPERM;
	}
	return 0;
}

/* The kernel wants each range within one of those around it. */
static bool is_around(const struct extent *e, const char *map)
{
	for (const char *line = map; *line; line += *line == '\n') {
		uint32_t in, out, count;

		if (sscanf(line, "%" SCNu32 " %" SCNu32 " %" SCNu32, &in, &out, &count) == 3 && e->out >= in &&
		    (uint64_t)e->out + e->count <= (uint64_t)in + count)
			return true;
		line += strcspn(line, "\n");
	}
	return false;
}

int idmap_check_around(const struct idmap *m, const char *file, struct fault *f)
{
	_cleanup_free_ char *path = xprintf("/proc/self/%s", file), *text = NULL;

	if (path_read(AT_FDCWD, path, 1 << 16, &text) <= 0)
		return 0;
	for (unsigned i = 0; i < m->n; i++) {
		const struct extent *e = &m->e[i];

		if (is_around(e, text))
			continue;
		fault_set(f, OP_MAP, EPERM, "%" PRIu32 ":%" PRIu32 ":%" PRIu32, e->in, e->out, e->count);
		fault_why(f, "the user namespace that we are in has no such ids, or not in one range: %" PRIu32 " to %" PRIu64, e->out,
			  (uint64_t)e->out + e->count - 1);
		fault_fix(f, "ids that stand first in a line of cat %s; or ns-run --map all", path);
		return -EPERM;
	}
	return 0;
}

int idmap_write(struct sys *s, int procfd, const char *file, const char *object, const struct idmap *m,
		struct fault *f)
{
	char text[IDMAP_MAX * 34];
	size_t n = 0;
	int r;

	for (unsigned i = 0; i < m->n; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%" PRIu32 " %" PRIu32 " %" PRIu32 "\n", m->e[i].in,
				      m->e[i].out, m->e[i].count);
	r = sys_write_file(s, procfd, file, object, text);
	if (r == 0)
		return 0;
	fault_set(f, OP_MAP, -r, "%s", object);
	if (r == -EPERM && !(self_has_cap(CAP_SETUID) && self_has_cap(CAP_SETGID)))
		fault_why(f, "only your own id may be mapped without CAP_SETUID and CAP_SETGID");
	return r;
}

/* It gets neither our descriptors nor the signal mask of a watcher. Its exit status tells
 * the rest: it prints its own reason. */
static void become_helper(struct sys *s, const char *helper, char **argv)
{
	sigset_t none;
	int r;

	if (!s->dry) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC);
	}
	r = sys_execve(s, helper, argv, environ);
	if (!s->dry)
		_exit(r == -ENOENT ? 127 : 126);
}

int idmap_helper(struct sys *s, const char *helper, pid_t pid, const struct idmap *m, struct fault *f)
{
	struct words argv = {0};
	pid_t child;
	int status = 0;

	words_take(&argv, xprintf("%s", strrchr(helper, '/') + 1));
	words_take(&argv, xprintf("%d", pid));
	for (unsigned i = 0; i < m->n; i++) {
		words_take(&argv, xprintf("%" PRIu32, m->e[i].in));
		words_take(&argv, xprintf("%" PRIu32, m->e[i].out));
		words_take(&argv, xprintf("%" PRIu32, m->e[i].count));
	}
	child = sys_clone(s, 0);
	if (child == 0)
		become_helper(s, helper, argv.v);
	words_free_all(&argv);
	if (child < 0)
		return fault_set(f, OP_FORK, -child, "%s", helper);
	while (child > 0 && waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return fault_set(f, OP_MAP_HELPER, errno, "%s", helper);
	if (status == 0)
		return 0;
	if (WIFSIGNALED(status))
		fault_rule(f, OP_MAP_HELPER, helper, "it was killed by signal %d", WTERMSIG(status));
	else
		fault_rule(f, OP_MAP_HELPER, helper, "it refused the map (exit status %d)", WEXITSTATUS(status));
	fault_fix(f, "the ranges that /etc/subuid and /etc/subgid give you: ns-run --map-auto");
	return -EPERM;
}
