/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/fd.h"
#include "sc/compile.h"

enum {
	ARGS_MAX = 6,
	/* What libseccomp takes for granted: the actions and flags of Linux 5.0. Told
	 * so, it need not try them out with system calls of its own. */
	API_LEVEL = 5,
	/* Each takes an instruction at least, unless it repeats another; and libseccomp's
	 * time grows with the square of their number. */
	RULES_MAX = SC_INSNS_MAX,
};

struct build {
	scmp_filter_ctx ctx;
	const struct sc_profile *p;
	const char *name;
	struct fault *f;
	size_t added;
};

static void release(scmp_filter_ctx *ctx)
{
	if (*ctx)
		seccomp_release(*ctx);
}

static bool caps_held(const struct sc_when *w, uint64_t caps)
{
	return !w->caps.unknown && (w->caps.mask & ~caps) == 0;
}

static bool kernel_reached(const struct sc_when *w, const struct sc_facts *facts)
{
	return facts->kernel_major > w->kernel.major ||
	       (facts->kernel_major == w->kernel.major && facts->kernel_minor >= w->kernel.minor);
}

bool sc_rule_applies(const struct sc_rule *r, const struct sc_facts *facts)
{
	const struct sc_when *in = r->includes, *ex = r->excludes;

	if (ex && ((ex->caps.given && (ex->caps.mask & facts->caps)) ||
		   (ex->arches.given && ex->arches.native) ||
		   (ex->kernel.given && kernel_reached(ex, facts))))
		return false;
	return !in || ((!in->caps.given || caps_held(in, facts->caps)) &&
		       (!in->arches.given || in->arches.native) &&
		       (!in->kernel.given || kernel_reached(in, facts)));
}

/* Of uname's "6.1.0-18-amd64". */
struct sc_facts sc_facts_here(uint64_t caps)
{
	struct sc_facts facts = {.caps = caps};
	struct utsname u;

	if (uname(&u) < 0 || sscanf(u.release, "%u.%u", &facts.kernel_major, &facts.kernel_minor) != 2)
		facts.kernel_major = facts.kernel_minor = 0;
	return facts;
}

static int add_archs(const struct build *b)
{
	for (size_t i = 0; i < b->p->archs.n; i++) {
		const struct json_name *arch = b->p->archs.v[i];
		int r = seccomp_arch_add(b->ctx, (uint32_t)arch->value);

		if (r == 0 || r == -EEXIST)
			continue;
		fault_rule(b->f, OP_FILTER_BUILD, b->name, "%s does not go with this machine", arch->name);
		fault_fix(b->f, "a profile whose architectures are this machine's: uname -m");
		return -EINVAL;
	}
	return 0;
}

static int rule_fail(const struct build *b, size_t rule, const char *syscall, int err)
{
	static const char *const why[] = {"an earlier rule says otherwise", "libseccomp cannot express it"};

	fault_set(b->f, OP_FILTER_BUILD, err == EEXIST ? 0 : err, "%s", b->name);
	fault_why(b->f, "%s[%zu]: '%.48s': %s", b->p->rules_path, rule, syscall, why[err != EEXIST]);
	fault_fix(b->f, "one rule for each system call and comparison in %s", b->p->rules_path);
	return -EINVAL;
}

/* Is an argument compared more than once? */
static bool repeats(const struct scmp_arg_cmp *args, size_t n)
{
	unsigned seen = 0;

	for (size_t i = 0; i < n; i++) {
		if (seen & (1U << args[i].arg))
			return true;
		seen |= 1U << args[i].arg;
	}
	return false;
}

static struct scmp_arg_cmp comparison(const struct sc_arg *a)
{
	return (struct scmp_arg_cmp){(unsigned)a->index.n, (enum scmp_compare)a->op->value, a->value.n,
				     a->value_two.n};
}

/* libseccomp takes one comparison an argument. More of them are rules of their own. */
static int add_syscall(scmp_filter_ctx ctx, const struct sc_rule *rule, int nr)
{
	struct scmp_arg_cmp args[ARGS_MAX];
	const struct sc_arg *a = rule->args.v;
	bool apart = rule->args.n > ARGS_MAX;
	int r = 0;

	for (size_t i = 0; !apart && i < rule->args.n; i++)
		args[i] = comparison(&a[i]);
	if (!apart && !repeats(args, rule->args.n))
		return seccomp_rule_add_array(ctx, rule->answer, nr, (unsigned)rule->args.n, args);
	for (size_t i = 0; r == 0 && i < rule->args.n; i++) {
		args[0] = comparison(&a[i]);
		r = seccomp_rule_add_array(ctx, rule->answer, nr, 1, args);
	}
	return r;
}

static int too_many(const struct build *b)
{
	fault_rule(b->f, OP_FILTER_BUILD, b->name, "more than %d names and comparisons", RULES_MAX);
	fault_fix(b->f, "each name once in %s, or another default action", b->p->rules_path);
	return -EINVAL;
}

static int add_rule(struct build *b, size_t i, struct sc_unknown *unknown)
{
	const struct sc_rule *rule = (const struct sc_rule *)b->p->rules.v + i;

	for (size_t j = 0; j < rule->names.n; j++) {
		const char *name = rule->names.v[j];
		int nr = seccomp_syscall_resolve_name(name);
		int r;

		if (nr == __NR_SCMP_ERROR) {
			if (unknown->n++ == 0) {
				unknown->first = name;
				unknown->rule = i;
			}
			continue;
		}
		if (rule->answer == b->p->answer) /* libseccomp refuses what changes nothing */
			continue;
		b->added += rule->args.n ? rule->args.n : 1;
		if (b->added > RULES_MAX)
			return too_many(b);
		r = add_syscall(b->ctx, rule, nr);
		if (r < 0)
			return rule_fail(b, i, name, -r);
	}
	return 0;
}

/* libseccomp writes to a descriptor only. */
static int take_out(const struct build *b, struct sc_program *out)
{
	_cleanup_fd_ int fd = memfd_create("filter", MFD_CLOEXEC);
	struct stat st;
	int r = fd < 0 ? -errno : seccomp_export_bpf(b->ctx, fd);

	if (r < 0 || fstat(fd, &st) < 0)
		return fault_set(b->f, OP_FILTER_BUILD, r < 0 ? -r : errno, "%s", b->name);
	if (st.st_size / (off_t)sizeof(*out->insns) > SC_INSNS_MAX) {
		fault_rule(b->f, OP_FILTER_BUILD, b->name, "%ld instructions; the kernel takes %d",
			   (long)st.st_size / (long)sizeof(*out->insns), SC_INSNS_MAX);
		fault_fix(b->f, "a profile with fewer rules, or two filters: sc-filter ONE sc-filter TWO");
		return -EINVAL;
	}
	out->insns = malloc((size_t)st.st_size);
	if (!out->insns)
		return fault_set(b->f, OP_MEMORY, ENOMEM, "%s", b->name);
	if (pread(fd, out->insns, (size_t)st.st_size, 0) != st.st_size)
		return fault_set(b->f, OP_FILTER_BUILD, EIO, "%s", b->name);
	out->n = (unsigned)((size_t)st.st_size / sizeof(*out->insns));
	return 0;
}

int sc_compile(const struct sc_profile *p, const struct sc_facts *facts, const char *name,
	       struct sc_program *out, struct sc_unknown *unknown, struct fault *f)
{
	__attribute__((cleanup(release))) scmp_filter_ctx ctx = NULL;
	struct build b = {NULL, p, name, f, 0};
	int r;

	seccomp_api_set(API_LEVEL);
	*unknown = (struct sc_unknown){0};
	*out = (struct sc_program){.flags = p->flags};
	ctx = b.ctx = seccomp_init(p->answer);
	if (!ctx) /* 4095, the highest errno there is, it refuses */
		return fault_rule(f, OP_FILTER_BUILD, name, "libseccomp cannot express the default answer");
	r = add_archs(&b);
	for (size_t i = 0; r == 0 && i < p->rules.n; i++)
		if (sc_rule_applies((const struct sc_rule *)p->rules.v + i, facts))
			r = add_rule(&b, i, unknown);
	return r < 0 ? r : take_out(&b, out);
}
