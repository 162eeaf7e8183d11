/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "sc/compile.h"
#include "sc/filter.h"
#include "sc/process.h"
#include "target/self.h"

#define OFF(m) offsetof(struct sc_filter_spec, m)
static const struct opt options[] = {
	{'o', "output", "FILE", &opt_string, OFF(output), 0,
	 "write the filter as BPF to FILE (-: standard output), and run nothing", ":file"},
	{0, "strict", NULL, &opt_flag, OFF(strict), 0,
	 "refuse names of system calls that are unknown here, instead of leaving them out", NULL},
	{0},
};

static bool is_dash(const char *word)
{
	return strcmp(word, "-") == 0;
}

static int take_operand(void *spec, unsigned n, const char *word, struct fault *f)
{
	struct sc_filter_spec *s = spec;

	(void)n;
	if (!*word)
		return fault_rule(f, OP_PROFILE, word, "an empty name");
	s->profile = word;
	return 0;
}

static int plan(void *spec, struct ctx *c, struct fault *f)
{
	(void)spec, (void)f;
	c->has_filter = true;
	return 0;
}

/* -- check -------------------------------------------------------------------------- */

static int read_profile(const char *name, char **text, size_t *len, struct fault *f)
{
	_cleanup_fd_ int fd = -1;

	if (is_dash(name))
		return json_slurp(STDIN_FILENO, name, OP_PROFILE, text, len, f);
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fault_set(f, OP_PROFILE, errno, "%s", name);
	return json_slurp(fd, name, OP_PROFILE, text, len, f);
}

/* JSON never has a NUL byte, and a program always has: in the unused half of each
 * operation. Its first byte proves nothing, for a load from seccomp_data is a blank. */
static bool looks_like_json(const char *text, size_t len)
{
	const char *p = text + strspn(text, " \t\r\n");

	return !memchr(text, '\0', len) && *p && strchr("{[\"", *p);
}

static int take_bpf(struct sc_filter_spec *s, char **text, size_t len, struct fault *f)
{
	int r = sc_verify(*text, len, s->profile, f);

	if (r < 0 && len > 4 && memcmp(*text, "\177ELF", 4) == 0)
		fault_fix(f, "the output of this program, if it makes filters: %.200s > FILE", s->profile);
	if (r < 0)
		return r;
	s->bpf = true;
	s->prog.insns = (struct sock_filter *)*text; /* malloc's memory is aligned enough */
	s->prog.n = (unsigned)(len / sizeof(*s->prog.insns));
	*text = NULL;
	return 0;
}

static int report_unknown(const struct sc_filter_spec *s, const struct ctx *c,
			  const struct sc_profile *p, const struct sc_unknown *u, struct fault *f)
{
	if (!u->n)
		return 0;
	if (!s->strict) {
		sys_say(c->sys, "%zu names in %s are system calls unknown here, the first is '%.48s': "
			"they get the default answer", u->n, s->profile, u->first);
		return 0;
	}
	fault_rule(f, OP_PROFILE, s->profile, "%s[%zu]: unknown system call '%.48s', the first of %zu",
		   p->rules_path, u->rule, u->first, u->n);
	fault_fix(f, "sc-filter without --strict, which leaves them out, or a newer libseccomp");
	return -EINVAL;
}

static int take_json(struct sc_filter_spec *s, const struct ctx *c, const char *text, size_t len,
		     struct fault *f)
{
	_cleanup_json_ struct json_doc *d = NULL;
	const struct sc_facts facts = sc_facts_here(c->cap_bounding);
	struct sc_unknown unknown = {0};
	struct sc_profile p = {0};
	int r = json_parse(text, len, s->profile, OP_PROFILE, &d, f);

	if (r == 0)
		r = sc_profile_decode(d, s->profile, &p, f);
	if (r < 0)
		return r;
	r = sc_compile(&p, &facts, s->profile, &s->prog, &unknown, f);
	return r < 0 ? r : report_unknown(s, c, &p, &unknown, f);
}

/* The words of seccomp_data that are known of a call not yet made: number, architecture. */
enum { KNOWN_WORDS = 1 << 0 | 1 << 1 };

/* Once the filter is loaded, execve is all that is left to do: if it is not let through,
 * say so while nothing has changed. Where the answer depends on the others, such as the
 * arguments, which are addresses, nobody can know. */
static int check_execve(const struct sc_filter_spec *s, struct fault *f)
{
	const struct seccomp_data data = {.nr = __NR_execve, .arch = seccomp_arch_native()};
	uint16_t looked;
	uint32_t answer = sc_run(s->prog.insns, s->prog.n, &data, &looked);
	uint32_t action = answer & SECCOMP_RET_ACTION_FULL;

	if (action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG || looked & ~KNOWN_WORDS)
		return 0;
	fault_rule(f, OP_FILTER_LOAD, s->profile, "it answers execve with %s, so no program could start",
		   sc_action_name(answer));
	if (s->bpf)
		fault_fix(f, "BPF that returns SECCOMP_RET_ALLOW for call %d, such as sc-filter -o FILE PROFILE makes of a profile that allows execve",
			  __NR_execve);
	else
		fault_fix(f, "a rule with \"names\": [\"execve\"], \"action\": \"SCMP_ACT_ALLOW\" in the profile");
	return -EPERM;
}

/* In a longer chain run_alone() is not called: then the file would be missed in silence. */
static int refuse_output(const struct sc_filter_spec *s, struct fault *f)
{
	fault_rule(f, OP_FILTER_OUTPUT, s->output,
		   "--output runs nothing, so it is no part of a chain");
	fault_fix(f, "sc-filter --output %.200s %.200s alone", s->output, s->profile);
	return -EINVAL;
}

static int check(void *spec, struct ctx *c, struct fault *f)
{
	struct sc_filter_spec *s = spec;
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	int r;

	if (s->output && c->tool && strcmp(c->tool, sc_filter_link.cmd.name) != 0)
		return refuse_output(s, f);
	if (sc_is_process(s->profile)) {
		s->bpf = true;
		r = sc_of_process(c->sys, s->profile, &s->prog, f);
		return r < 0 || s->output || !s->prog.n ? r : check_execve(s, f);
	}
	r = read_profile(s->profile, &text, &len, f);
	if (r < 0)
		return r;
	r = looks_like_json(text, len) ? take_json(s, c, text, len, f) : take_bpf(s, &text, len, f);
	if (r < 0 || s->output)
		return r;
	return check_execve(s, f);
}

/* -- act ---------------------------------------------------------------------------- */

/* What the kernel asks before it takes a filter: CAP_SYS_ADMIN, effective, in the user
 * namespace that we are in by then. In a dry run we are not: a new one would give it. */
static bool has_admin(const struct ctx *c)
{
	return (c->sys->dry && (c->ns_new & CLONE_NEWUSER)) || self_has_cap(CAP_SYS_ADMIN);
}

/* A filter can make a set-user-id program misread its world, so the kernel loads one
 * from an ordinary user only if no such program can gain anything from then on. */
static int set_no_new_privs(const struct sc_filter_spec *s, struct ctx *c, struct fault *f)
{
	int r;

	if (c->no_new_privs || has_admin(c) || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return 0;
	sys_say(c->sys, "no CAP_SYS_ADMIN: a filter needs no_new_privs then, so it is set");
	r = sys_prctl(c->sys, PR_SET_NO_NEW_PRIVS, 1, 0);
	return r < 0 ? fault_set(f, OP_NO_NEW_PRIVS, -r, "%s", s->profile) : 0;
}

static int act(void *spec, struct ctx *c, struct fault *f)
{
	struct sc_filter_spec *s = spec;
	const struct sock_fprog prog = {(unsigned short)s->prog.n, s->prog.insns};
	int r = s->output ? refuse_output(s, f) : set_no_new_privs(s, c, f);

	if (r < 0)
		return r;
	r = sys_seccomp(c->sys, SECCOMP_SET_MODE_FILTER, s->prog.flags, &prog);
	return r < 0 ? fault_set(f, OP_FILTER_LOAD, -r, "%s", s->profile) : 0;
}

/* -- alone: --output ---------------------------------------------------------------- */

static bool alone(const void *spec)
{
	return ((const struct sc_filter_spec *)spec)->output != NULL;
}

/* A pipe may take it in pieces. */
static int write_stdout(const char *data, size_t n)
{
	for (ssize_t r; n > 0; data += r, n -= (size_t)r) {
		r = write(STDOUT_FILENO, data, n);
		if (r < 0 && errno != EINTR)
			return -errno;
		if (r < 0)
			r = 0;
	}
	return 0;
}

static int write_file(struct ctx *c, const char *path, const void *data, size_t n)
{
	bool existed = access(path, F_OK) == 0;
	_cleanup_fd_ int fd = sys_open_output(c->sys, path);
	int r;

	if (fd < 0)
		return fd;
	r = sys_write_bytes(c->sys, fd, path, data, n);
	if (r < 0 && !existed) /* half a filter is none: leave nothing */
		sys_unlinkat(c->sys, AT_FDCWD, path, 0);
	return r;
}

static int run_alone(void *spec, struct ctx *c, struct fault *f)
{
	struct sc_filter_spec *s = spec;
	size_t n = s->prog.n * sizeof(*s->prog.insns);
	int r;

	if (!is_dash(s->output)) {
		r = write_file(c, s->output, s->prog.insns, n);
	} else if (isatty(STDOUT_FILENO)) {
		fault_rule(f, OP_FILTER_OUTPUT, "standard output", "it is a terminal, and BPF is no text");
		fault_fix(f, "--output FILE, or sc-filter --output - %.200s | od -A d -t x4", s->profile);
		return -EINVAL;
	} else {
		r = c->sys->dry ? 0 : write_stdout((const char *)s->prog.insns, n);
	}
	return r < 0 ? fault_set(f, OP_FILTER_OUTPUT, -r, "%s", s->output) : 0;
}

static void print(const void *spec, struct words *out)
{
	const struct sc_filter_spec *s = spec;

	opt_print(options, spec, out);
	words_take(out, xprintf("%s", s->profile));
}

static void drop(void *spec)
{
	struct sc_filter_spec *s = spec;

	free(s->prog.insns);
	s->prog = (struct sc_program){0};
}

const struct link sc_filter_link = {
	.cmd = {
		.name = "sc-filter",
		.operands = {"PROFILE"},
		.rest = "[PROGRAM [ARG...]]",
		.summary = "Run a program under the seccomp filter that a profile describes.",
		.opts = options,
		.operand_complete = ":file",
	},
	.rank = RANK_FILTER,
	.needs = "the bounding set as the program will have it, to choose rules",
	.takes = "system calls",
	.spec_size = sizeof(struct sc_filter_spec),
	.operand = take_operand,
	.plan = plan,
	.check = check,
	.act = act,
	.print = print,
	.drop = drop,
	.alone = alone,
	.run_alone = run_alone,
};
