/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/count.h"
#include "base/fd.h"
#include "cap/set.h"
#include "cg/exec.h"
#include "chain/like.h"
#include "chain/mirror.h"
#include "ns/enter.h"
#include "proc/set.h"
#include "sc/filter.h"
#include "target/facts.h"
#include "target/self.h"

#define BIT(id) (1U << ENTER_##id)

/* A link with these options, before node `at`. The words become the chain's. */
static int insert(struct chain *ch, unsigned at, const struct link *link, struct words *w, struct fault *f)
{
	struct node *node = &ch->nodes[at];
	char **argv;
	int r;

	if (ch->n == CHAIN_MAX) {
		fault_rule(f, OP_USAGE, "--like-exec", "a chain has at most %d links", CHAIN_MAX);
		fault_fix(f, "ns-enter --like-exec without some parts, or -- before the last links");
		return -EINVAL;
	}
	memmove(node + 1, node, (ch->n - at) * sizeof(*node));
	ch->n++;
	*node = (struct node){.link = link, .spec = xcalloc(1, link->spec_size), .taken = true};
	for (size_t i = 0; i < w->n; i++)
		words_take(&ch->taken, w->v[i]);
	words_take(w, xprintf("--")); /* ends the list that is read, also where it is empty */
	words_take(&ch->taken, w->v[w->n - 1]);
	argv = w->v;
	r = opt_parse(&link->cmd, node->spec, NULL, NULL, &argv, f);
	for (unsigned n = 0; r == 0 && n < 3 && link->cmd.operands[n]; n++)
		r = link->operand(node->spec, n, *argv++, f);
	words_free(w);
	return r;
}

/* The place for a link of this rank behind node i: before those of the user's. */
static unsigned place(const struct chain *ch, unsigned i, enum rank rank)
{
	for (i++; i < ch->n && ch->nodes[i].link->rank < rank;)
		i++;
	return i;
}

/* -- the parts --------------------------------------------------------------------------------- */

struct taking {
	struct ns_enter *s;
	struct facts theirs, ours;
	unsigned parts;    /* 1 << enum enter_part                                        */
	bool in_userns;    /* its user namespace is another than ours, and is entered     */
};

/* What a part is made of has to have been read: nothing is left out in silence. */
static int has_all(const struct taking *t, struct fault *f)
{
	static const struct {
		enum fact fact;
		unsigned parts;
	} rows[] = {
		{FACT_STATUS, BIT(IDS) | BIT(CAPS) | BIT(NNP) | BIT(SECCOMP) | BIT(UMASK)},
		{FACT_UID_MAP, BIT(IDS)},
		{FACT_GID_MAP, BIT(IDS)},
		{FACT_SETGROUPS, BIT(IDS)},
		{FACT_CGROUPS, BIT(CGROUP)},
		{FACT_LABEL, BIT(LABEL)},
		{FACT_LIMITS, BIT(RLIMITS)},
		{FACT_OOM, BIT(OOM)},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned part = 0;

		if (!(t->parts & rows[i].parts) || facts_has(&t->theirs, rows[i].fact))
			continue;
		while (!(t->parts & rows[i].parts & (1U << part)))
			part++;
		fault_set(f, OP_READ, t->theirs.why[rows[i].fact], "/proc/%d/%s", t->s->t.pid, facts_file(rows[i].fact));
		fault_fix(f, "--like-exec=-%s; or ls -l on it, and sudo", ns_enter_part(part));
		return -EINVAL;
	}
	return 0;
}

static int read_both(struct taking *t, struct fault *f)
{
	const unsigned want = FACT_BIT(STATUS) | FACT_BIT(NS) | FACT_BIT(UID_MAP) | FACT_BIT(GID_MAP) | FACT_BIT(SETGROUPS) |
			      FACT_BIT(CGROUPS) | FACT_BIT(LABEL) | FACT_BIT(LIMITS) | FACT_BIT(OOM);
	struct target self = {.pidfd = -1, .procfd = -1};
	int r = facts_read(&t->theirs, &t->s->t, want, f);

	if (r == 0)
		r = target_open(&self, "self", f);
	if (r == 0)
		r = facts_read(&t->ours, &self, want, f);
	target_close(&self);
	if (r == 0 && t->theirs.why[FACT_NS]) {
		r = fault_set(f, OP_NS_JOIN, t->theirs.why[FACT_NS], "process %s", t->s->target);
		fault_why(f, "it is not yours to look into");
		fault_fix(f, "sudo ns-enter, or as the user who owns process %s", t->s->target);
	}
	if (r == 0)
		r = has_all(t, f);
	return r;
}

/* With the host's files the program is to have the host's ids and rights: those of the container would
 * give it to whoever has them there. */
static int refuse_with_tools(const struct taking *t, struct fault *f)
{
	if (!t->s->tools.given || !(t->parts & (BIT(IDS) | BIT(CAPS))))
		return 0;
	fault_rule(f, OP_OPTION, "--like-exec", "ids and capabilities of its are none for a program with the host's files (--with-host-tools)");
	fault_fix(f, t->s->like.listed ? "the other parts alone; or no --with-host-tools" : "--like-exec=-ids,-caps; or no --with-host-tools");
	return -EINVAL;
}

/* Capabilities count in the user namespace of who has them, and its ids have a number there and in ours. */
static int find_user(struct taking *t, struct fault *f)
{
	const char *user = ns_enter_user(t->s);
	const struct facts_id *theirs = &t->theirs.ns[0].id, *ours = &t->ours.ns[0].id;
	struct facts_id home = {0};
	bool there, here;
	struct stat st;

	if (!user)
		home = *ours;
	else if (!*user)
		home = *theirs;
	else if (!t->s->user_parent && *user != ':' && stat(user, &st) == 0)
		home = (struct facts_id){st.st_dev, st.st_ino};
	there = facts_same(&home, theirs);
	here = facts_same(&home, ours);
	t->in_userns = there && !here;
	if (there || !(t->parts & (BIT(CAPS) | (here ? 0 : BIT(IDS)))))
		return 0;
	fault_rule(f, OP_OPTION, "--like-exec", "the %s of process %s count in its user namespace, which is not the one that is entered",
		   t->parts & BIT(CAPS) ? "capabilities" : "ids", t->s->target);
	fault_fix(f, "its user namespace as well (--user); or --like-exec=%s", here ? "-caps" : "-ids,-caps");
	return -EINVAL;
}

static int take_cgroups(struct chain *ch, unsigned *at, const struct taking *t, struct fault *f)
{
	struct words groups = {0};
	int r = mirror_cgroups(&groups, &t->theirs, &t->ours, f);

	for (size_t i = 0; i < groups.n && r == 0; i++) {
		struct words w = {0};

		words_take(&w, xprintf("--group"));
		words_take(&w, xprintf("%s", groups.v[i]));
		r = insert(ch, 0, &cg_exec_link, &w, f);
		*at += r == 0;
	}
	words_free_all(&groups);
	return r;
}

static int take_process(struct chain *ch, unsigned at, const struct taking *t, struct fault *f)
{
	unsigned what = (t->parts & BIT(RLIMITS) ? MIRROR_RLIMITS : 0U) | (t->parts & BIT(UMASK) ? MIRROR_UMASK : 0U) |
			(t->parts & BIT(OOM) ? MIRROR_OOM : 0U);
	struct words w = {0};

	mirror_process(&w, &t->theirs, &t->ours, what);
	if (t->s->cwd_inside) {
		words_take(&w, xprintf("--cwd"));
		words_take(&w, xprintf("%s", t->s->cwd_inside));
	}
	return w.n ? insert(ch, place(ch, at, RANK_PROCESS), &proc_set_link, &w, f) : 0;
}

/* The ids are taken on with the capabilities, by one link: the kernel changes the one with the other. */
static int take_caps(struct chain *ch, unsigned at, const struct taking *t, struct fault *f)
{
	bool caps = t->parts & BIT(CAPS);
	unsigned what = (caps ? MIRROR_CAPS : 0U) | (caps && t->parts & BIT(IDS) ? MIRROR_IDS : 0U) |
			(t->parts & BIT(NNP) ? MIRROR_NNP : 0U) | (t->parts & BIT(LABEL) ? MIRROR_LABEL : 0U);
	uint64_t all, can = self_cap_bounding(&all);
	struct words w = {0};
	int r = mirror_caps(&w, &t->theirs, t->in_userns ? all : can, t->in_userns, what, f);

	if (r == 0 && w.n)
		return insert(ch, place(ch, at, RANK_CAPABILITY), &cap_set_link, &w, f);
	words_free_all(&w);
	return r;
}

static int take_filters(struct chain *ch, unsigned at, const struct taking *t, struct fault *f)
{
	int n = t->theirs.filters > 0 ? t->theirs.filters : 1, r = 0;

	if (t->parts & BIT(SECCOMP) && t->theirs.seccomp == 1) {
		fault_set(f, OP_PROFILE, 0, "process %d", t->theirs.pid);
		fault_why(f, "it is in strict mode, which is no filter, and in which no program can be executed");
		fault_fix(f, "--like-exec=-seccomp");
		return -EINVAL;
	}
	if (!(t->parts & BIT(SECCOMP)) || t->theirs.seccomp != 2)
		return 0;
	for (int i = n; r == 0 && i-- > 0;) { /* the first comes to stand before the others */
		struct words w = {0};

		words_take(&w, xprintf("process:%d:%d", t->s->t.pid, i));
		r = insert(ch, place(ch, at, RANK_FILTER), &sc_filter_link, &w, f);
	}
	return r;
}

/* What ns-enter does itself. */
static void take_here(const struct taking *t)
{
	struct ns_enter *s = t->s;
	unsigned parts = t->parts;

	/* the host's files come with the host's environment, which says where they are */
	if (s->tools.given && !s->like.listed)
		parts &= ~(BIT(ROOT) | BIT(CWD) | BIT(ENV));
	if (parts & BIT(ROOT) && !s->root.given)
		s->root.given = true;
	if (parts & BIT(CWD) && !s->cwd.given && !s->cwd_inside)
		s->cwd.given = true;
	s->env |= (parts & BIT(ENV)) != 0;
	/* Where groups cannot be laid down in there it has to be done before, which who becomes another
	 * does; cap-set makes of root, or of the target, what is wanted. */
	if (parts & BIT(IDS) && s->ids.how == IDS_ROOT && !(parts & BIT(CAPS)))
		s->ids.how = IDS_FOLLOW;
	else if (parts & BIT(IDS) && s->ids.how == IDS_ROOT && !(t->in_userns && !t->theirs.setgroups))
		s->ids.how = IDS_KEEP;
	s->cgroup = s->label = false;
	s->cwd_inside = NULL;
	s->like = (struct enter_like){0};
}

static void note_ids(const struct taking *t, const struct sys *sys)
{
	const struct facts_ids *u = &t->theirs.uid, *g = &t->theirs.gid;

	if (t->parts & BIT(IDS) && (u->real != u->effective || u->saved != u->effective || g->real != g->effective || g->saved != g->effective))
		sys_note(sys, "ids: its real ones are %u:%u and its saved ones %u:%u; all become the effective ones, %u:%u", u->real,
			 g->real, u->saved, g->saved, u->effective, g->effective);
}

static int look(struct taking *t, struct chain *ch, struct fault *f)
{
	struct ns_enter *s = t->s;
	const char *option = s->like.given ? "--like-exec" : s->cgroup ? "--cgroup-of" : "--label";
	int r;

	if (!s->target || target_is_file(s->target)) {
		fault_rule(f, OP_OPTION, option, "it needs a process as the target");
		fault_fix(f, "ns-enter %s --target PID", option);
		return -EINVAL;
	}
	r = refuse_with_tools(t, f);
	if (r == 0)
		r = ns_enter_target(s, f);
	if (r == 0)
		r = read_both(t, f);
	if (r == 0)
		r = find_user(t, f);
	if (s->verbose)
		ch->sys.verbose = "ns-enter";
	if (r == 0)
		note_ids(t, &ch->sys);
	return r;
}

static int expand(struct chain *ch, unsigned *at, struct fault *f)
{
	struct ns_enter *s = ch->nodes[*at].spec;
	struct taking t = {.s = s};
	int r = 0;

	if (s->like.given)
		t.parts = s->like.parts;
	if (s->cgroup)
		t.parts |= BIT(CGROUP);
	if (s->label)
		t.parts |= BIT(LABEL);
	if (s->cwd_inside && s->cwd.given) {
		fault_rule(f, OP_OPTION, "--cwd-inside", "--cwd says another directory");
		fault_fix(f, "one of both");
		return -EINVAL;
	}
	if (s->like.given && s->ids.how != IDS_ROOT)
		t.parts &= ~BIT(IDS);
	if (!t.parts && !s->cwd_inside)
		return 0;
	if (t.parts && !s->target && !ns_choice_files(&s->which) && ch->program_given && target_is_word(ch->prog.v[0]))
		return 0; /* its plan() says what was meant */
	if (t.parts)
		r = look(&t, ch, f);
	if (r == 0 && t.parts & BIT(CGROUP))
		r = take_cgroups(ch, at, &t, f);
	if (r == 0)
		r = take_process(ch, *at, &t, f);
	if (r == 0 && t.parts)
		r = take_caps(ch, *at, &t, f);
	if (r == 0)
		r = take_filters(ch, *at, &t, f);
	if (r == 0)
		take_here(&t);
	facts_free(&t.theirs);
	facts_free(&t.ours);
	return r;
}

int chain_expand(struct chain *ch, struct fault *f)
{
	int r = 0;

	for (unsigned i = 0; i < ch->n && r == 0; i++)
		if (ch->nodes[i].link == &ns_enter_link)
			r = expand(ch, &i, f);
	return r;
}

int chain_expand_held(const struct chain *ch, struct fault *f)
{
	for (unsigned i = 0; i < ch->n; i++) {
		const struct ns_enter *s = ch->nodes[i].spec;

		if (ch->nodes[i].link != &ns_enter_link || !s->t.pid || !target_ended(s->t.pidfd))
			continue;
		fault_set(f, OP_NS_TARGET, ESRCH, "%s", s->target);
		fault_why(f, "it has ended");
		return -ESRCH;
	}
	return 0;
}

void chain_expand_blame(const struct chain *ch, unsigned node, struct fault *f)
{
	static const struct {
		enum op op;
		enum enter_part part;
	} rows[] = {{OP_RLIMIT, ENTER_RLIMITS}, {OP_OOM, ENTER_OOM}, {OP_UMASK, ENTER_UMASK},   {OP_IDS, ENTER_IDS},
		    {OP_LSM, ENTER_LABEL},      {OP_PROFILE, ENTER_SECCOMP}, {OP_FILTER_LOAD, ENTER_SECCOMP}};
	const struct link *link = ch->nodes[node].link;
	enum enter_part part = link == &cg_exec_link ? ENTER_CGROUP : ENTER_CAPS;
	char fix[sizeof(f->fix)];

	if (!ch->nodes[node].taken || link == &ns_enter_link)
		return;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].op == f->op)
			part = rows[i].part;
	snprintf(fix, sizeof(fix), "%s", fault_remedy(f));
	fault_fix(f, "--like-exec=-%s; or %.*s", ns_enter_part(part), (int)sizeof(fix) - 64, fix);
}
