/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/close_range.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/num.h"
#include "ns/idmap.h"

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

static int parse_range(struct idmap *m, char *range, struct fault *f)
{
	uint64_t v[3];
	char *rest = range;
	_cleanup_free_ char *whole = strdup(range);

	for (int i = 0; i < 3; i++) {
		char *word = strsep(&rest, ":");
		int r = word ? num_u64(word, i == 2 ? UINT32_MAX : UINT32_MAX - 1, &v[i]) : -EINVAL;

		if (r < 0 || (i == 2 && rest))
			return fault_rule(f, OP_MAP_RULE, whole ? whole : "",
					  r == -ERANGE ? "an id is at most 4294967294"
						       : "it is not INSIDE:OUTSIDE:COUNT in whole numbers");
	}
	return idmap_add(m, (uint32_t)v[0], (uint32_t)v[1], (uint32_t)v[2], f);
}

static int parse_idmap(void *field, const struct opt *o, const char *text, struct fault *f)
{
	_cleanup_free_ char *copy = strdup(text);
	char *rest = copy, *range;
	int r = 0;

	(void)o;
	if (!copy)
		return fault_set(f, OP_MEMORY, ENOMEM, "%s", text);
	while (r == 0 && (range = strsep(&rest, ",")))
		r = parse_range(field, range, f);
	return r;
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

/* The user's name from /etc/passwd; no name service, the binary is static. */
static void user_name(char *buf, size_t n)
{
	_cleanup_file_ FILE *in = fopen("/etc/passwd", "re");
	const struct passwd *p;

	snprintf(buf, n, "%u", getuid());
	while (in && (p = fgetpwent(in)))
		if (p->pw_uid == getuid()) {
			snprintf(buf, n, "%s", p->pw_name);
			return;
		}
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

int64_t idmap_add_subids(struct idmap *m, const char *file, uint32_t from, struct fault *f)
{
	char user[64];
	_cleanup_file_ FILE *in = fopen(file, "re");
	int64_t added = 0;
	uint32_t first, count;

	user_name(user, sizeof(user));
	while (next_range(in, user, &first, &count)) {
		int r = idmap_add(m, (uint32_t)(from + added), first, count, f);

		if (r < 0)
			return r;
		added += count;
	}
	if (added)
		return added;
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
		fault_fix(f, "ns-run --map-auto, or: echo '%s:%" PRIu32 ":%" PRIu32 "' | sudo tee -a %s", user, e->out,
			  e->count, file);
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
	if (r == -EPERM)
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
