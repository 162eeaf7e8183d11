/* SPDX-License-Identifier: MIT */
/* main.c - the life of a chain: parse, order, plan, seal, check, do. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "chain/chain.h"
#include "chain/common.h"
#include "chain/life.h"
#include "chain/like.h"
#include "chain/program.h"
#include "chain/seal.h"
#include "chain/watch.h"

static void help(const struct link *link)
{
	const struct link *next;

	opt_help(&link->cmd, chain_common);
	printf("\nmay be followed by:");
	for (unsigned i = 0; (next = chain_link_at(i)); i++)
		if (next->rank >= link->rank)
			printf(" %s", next->cmd.name);
	printf("\nand then by a program. man %s, man boxutils\n", link->cmd.name);
}

static int open_explain(struct chain *ch, struct fault *f)
{
	struct sys *s = &ch->sys;

	s->tty = -1;
	s->pid = getpid();
	s->dry = ch->common.dry;
	s->step = ch->common.step && !s->dry;
	s->explain = ch->common.explain || s->dry || s->step;
	if (!s->explain)
		return 0;
	/* a dry run's lines are its data; those of a run are for people */
	s->out = fcntl(s->dry ? STDOUT_FILENO : STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (s->out < 0)
		return fault_set(f, OP_FDS, errno, "--explain");
	if (s->step) {
		s->tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
		if (s->tty < 0) {
			fault_set(f, OP_OPEN, errno, "/dev/tty");
			fault_why(f, "--step asks on a terminal, and there is none");
			fault_fix(f, "--explain, which does not ask; or script -c COMMAND");
			return -EINVAL;
		}
	}
	return 0;
}

static int check(struct chain *ch, struct fault *f)
{
	int r;

	for (unsigned i = 0; i < ch->n; i++) {
		const struct node *node = &ch->nodes[i];

		r = node->link->check ? node->link->check(node->spec, &ch->ctx, f) : 0;

		if (r < 0) {
			chain_expand_blame(ch, i, f);
			return r;
		}
	}
	r = chain_expand_held(ch, f);
	if (r == 0)
		r = program_check(ch, f);
	return r < 0 ? r : watch_check(ch, f);
}

static int tell_waiting(struct ctx *c)
{
	struct chain *ch = (struct chain *)((char *)c - offsetof(struct chain, ctx));

	return watch_tell(ch, MSG_WAITS, 0, NULL);
}

static int tell_made(struct ctx *c, struct fault *f)
{
	struct chain *ch = (struct chain *)((char *)c - offsetof(struct chain, ctx));

	/* a dry run is both processes */
	return ch->sys.dry ? watch_do_made(ch, 0, f) : watch_made(ch, 0, f);
}

/* Why somebody has to stay behind for node i, and with which clone flags. */
static void reasons(const struct chain *ch, unsigned i, struct words *why, uint64_t *flags)
{
	const struct node *node = &ch->nodes[i];

	if (node->link->fork)
		node->link->fork(node->spec, &ch->ctx, why, flags);
}

/* Where the first watcher forks, or ch->n + 1 for nowhere. One that stays for a cgroup
 * forks before anything else is changed, so that it can remove it with the rights and the
 * view that it had. */
static unsigned first_fork(struct chain *ch, struct words *why, uint64_t *flags)
{
	unsigned i = 0;

	for (; i < ch->n && ch->nodes[i].link->rank == RANK_CGROUP; i++)
		reasons(ch, i, why, flags);
	if (why->n) {
		if (i < ch->n)
			reasons(ch, i, why, flags);
		return i;
	}
	for (; i < ch->n; i++) {
		*flags = 0;
		reasons(ch, i, why, flags);
		if (why->n)
			return i;
	}
	return ch->n + 1;
}

/* What is to be undone by a watcher is made with signals blocked, so that none ends us
 * before there is one. */
static int begin_all(struct chain *ch, unsigned first, struct fault *f)
{
	sigset_t all;

	if (first <= ch->n && !ch->sys.dry) {
		sigfillset(&all);
		sigprocmask(SIG_SETMASK, &all, NULL);
	}
	if (ch->life && ch->life->begin && !ch->sys.dry && ch->life->begin(ch->life, f) < 0)
		return -1;
	for (unsigned i = 0; i < ch->n; i++) {
		struct node *node = &ch->nodes[i];
		int r = node->link->before ? node->link->before(node->spec, &ch->ctx, f) : 0;

		if (r < 0)
			return r;
		node->begun = node->link->before != NULL;
	}
	return 0;
}

static int act_one(struct chain *ch, unsigned i, struct fault *f)
{
	struct node *node = &ch->nodes[i];
	struct words why = {0};
	int r = 0;

	ch->ctx.watched = node->watched;
	if (node->link->act)
		r = node->link->act(node->spec, &ch->ctx, f);
	if (r == 0 && node->link->fork_after)
		node->link->fork_after(node->spec, &ch->ctx, &why);
	if (r == 0 && why.n)
		r = watch_fork(ch, i, 0, &why, f);
	if (r == 0 && node->link->act_after)
		r = node->link->act_after(node->spec, &ch->ctx, f);
	words_free(&why);
	return r;
}

/* Into the cgroups, as late as it can be: once every fork for a namespace is behind us, so
 * that all watchers are outside, and before a cgroup namespace takes its root from them. */
static int enter_cgroups(struct chain *ch, bool *entered, struct fault *f)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && !*entered && i < ch->n && ch->nodes[i].link->rank == RANK_CGROUP; i++)
		r = act_one(ch, i, f);
	*entered = true;
	return r;
}

/* What is done once, on the way. */
struct progress {
	bool entered, stopped, settled;
};

/* The gate of a life cycle: all is done but the filter and the program. */
static int pass_gate(struct chain *ch, struct fault *f)
{
	struct chain_life *life = ch->life;
	int r = 0;

	if (!life || !ch->inner)
		return 0;
	if (life->gate >= 0)
		r = watch_gate(ch, f);
	return r == 0 && life->start ? life->start(life, ch->ctx.env.v, f) : r;
}

/* Before the first link that changes the root: in the namespaces, with the host's files. */
static int stop_at_station(struct chain *ch, unsigned i, bool *stopped, struct fault *f)
{
	struct chain_life *life = ch->life;
	int r;

	if (*stopped || !life || !life->stations || !ch->inner || (i < ch->n && ch->nodes[i].link->rank < RANK_ROOT))
		return 0;
	*stopped = true;
	r = watch_made(ch, 0, f);
	return r == 0 && life->inside ? life->inside(life, f) : r;
}

/* Node i (or the end, i == ch->n) in the process that becomes the program. */
static int act_at(struct chain *ch, unsigned i, struct progress *p, struct fault *f)
{
	bool end = i == ch->n;
	int r = 0;

	if (!end && ch->nodes[i].link->rank == RANK_CGROUP)
		return 0;
	if (end || !ch->nodes[i].link->fork_after)
		r = enter_cgroups(ch, &p->entered, f);
	if (r == 0)
		r = stop_at_station(ch, i, &p->stopped, f);
	if (r == 0 && !p->settled && (end || ch->nodes[i].link->rank == RANK_FILTER)) {
		r = program_settle(ch, f);
		p->settled = true;
		if (r == 0)
			r = pass_gate(ch, f);
	}
	return r < 0 || end ? r : act_one(ch, i, f);
}

/* Those who asked for a pid would be told that of a process in the middle; only a life cycle
 * hears of the right one. */
static int one_watcher(struct chain *ch, unsigned first, struct fault *f)
{
	const struct watch_wish *w = &ch->ctx.watch;
	struct words why = {0};
	uint64_t flags;
	size_t n;

	for (unsigned i = 0; i < ch->n; i++) {
		const struct node *node = &ch->nodes[i];

		if (i > first)
			reasons(ch, i, &why, &flags);
		if (i >= first && node->link->fork_after)
			node->link->fork_after(node->spec, &ch->ctx, &why);
	}
	n = why.n;
	words_free(&why);
	if (!n || ch->life || (!w->pid_file && w->ready_fd < 0 && !w->detach))
		return 0;
	fault_rule(f, OP_WATCH, ch->prog.v[0], "two pid namespaces need two watchers, and --detach, --pid-file and "
					       "--ready-fd know of one");
	fault_fix(f, "a chain of its own for the second: ns-run ... -- ns-enter ...");
	return -EINVAL;
}

/* Does a fork follow for a namespace that is entered? */
static bool forks_later(const struct chain *ch)
{
	struct words why = {0};
	bool forks;

	for (unsigned i = 0; i < ch->n; i++)
		if (ch->nodes[i].link->fork_after)
			ch->nodes[i].link->fork_after(ch->nodes[i].spec, &ch->ctx, &why);
	forks = why.n > 0;
	words_free(&why);
	return forks;
}

/* Somebody stays for a life cycle in any case; where a fork follows, that one will do. */
static unsigned fork_for_life(const struct chain *ch, bool later, struct words *why)
{
	unsigned at = 0;

	while (at < ch->n && ch->nodes[at].link->rank == RANK_CGROUP)
		at++;
	if (!ch->life || later)
		return ch->n + 1;
	words_add(why, "it has a life cycle");
	return at;
}

/* The links in their written order; a fork where one is due. */
static int act_all(struct chain *ch, struct fault *f)
{
	struct words why = {0};
	uint64_t flags = 0;
	unsigned first = first_fork(ch, &why, &flags);
	struct progress p = {0};
	bool later = forks_later(ch);
	int r = 0;

	if (first > ch->n)
		first = fork_for_life(ch, later, &why);
	ch->ctx.stays = first <= ch->n;
	if (first <= ch->n || ch->life)
		r = one_watcher(ch, first, f);
	else if (!later)
		sys_say(&ch->sys, "nobody stays behind: the program keeps pid %d", ch->sys.pid);
	if (r == 0)
		r = begin_all(ch, first, f);
	for (unsigned i = 0; r == 0 && i <= ch->n; i++) {
		if (i > first && i < ch->n) { /* a second pid namespace, say */
			words_free(&why);
			flags = 0;
			reasons(ch, i, &why, &flags);
		}
		if (i == first || (i > first && i < ch->n && why.n))
			r = watch_fork(ch, i, flags, &why, f);
		if (r == 0)
			r = act_at(ch, i, &p, f);
	}
	words_free(&why);
	return r;
}

static bool enters_root(const struct chain *ch)
{
	for (unsigned i = 0; i < ch->n; i++)
		if (ch->nodes[i].link->enters)
			return true;
	return false;
}

static int run(struct chain *ch, char **argv, struct fault *f)
{
	int r = 0;

	/* first of all, so that nothing else is done twice; who lives a chain has done it even earlier */
	if (!ch->life && enters_root(ch) && !ch->sys.dry)
		r = seal_self(&ch->sys, argv, f);
	if (r == 0)
		r = chain_plan(ch, f);
	if (r == 0)
		r = check(ch, f);
	if (r < 0)
		return r;
	sigprocmask(SIG_SETMASK, NULL, &ch->mask);
	sigaction(SIGCHLD, &(struct sigaction){.sa_handler = SIG_DFL}, &ch->chld);
	sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, &ch->pipe);
	ch->ctx.wait_mask = ch->mask;
	ch->ctx.tell_waiting = tell_waiting;
	ch->ctx.tell_made = tell_made;
	r = act_all(ch, f);
	return r < 0 ? r : program_become(ch, f);
}

int chain_live(struct chain *ch, struct chain_life *life, struct fault *f)
{
	int r = chain_order(ch, f);

	ch->life = life;
	life->sys = &ch->sys;
	if (r == 0)
		r = run(ch, NULL, f);
	if (r < 0) /* whoever called has begun something as well: it is one undoing */
		watch_leave(ch, -1, f);
	return 0;
}

/* The first link that with these options needs no program (ns-run --check), or NULL. */
static const struct node *find_alone(const struct chain *ch)
{
	for (unsigned i = 0; i < ch->n; i++)
		if (ch->nodes[i].link->alone && ch->nodes[i].link->alone(ch->nodes[i].spec))
			return &ch->nodes[i];
	return NULL;
}

/* Such a link: it alone, checked and done. In a longer chain it would be missed in silence. */
static bool runs_alone(struct chain *ch, struct fault *f, int *r)
{
	const struct node *node = find_alone(ch);

	if (!node)
		return false;
	if (ch->n != 1) {
		const char *name = node->link->cmd.name;

		*r = fault_rule(f, OP_USAGE, name, "with these options it runs nothing, so it is no part of a chain");
		fault_fix(f, "%s alone, with the same options", name);
		return true;
	}
	if (ch->program_given) {
		*r = fault_rule(f, OP_USAGE, ch->prog.v[0], "%s needs no program with these options",
				node->link->cmd.name);
		fault_fix(f, "the same line without it, or %s --help", node->link->cmd.name);
		return true;
	}
	*r = chain_plan(ch, f);
	if (*r == 0)
		*r = check(ch, f);
	if (*r == 0)
		*r = node->link->run_alone(node->spec, &ch->ctx, f);
	return true;
}

/* A closed standard descriptor would become one of ours, and get what is printed. */
static void fill_standard_fds(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR | O_CLOEXEC) < 0)
			_exit(125);
}

int chain_main(const struct link *first, char **argv)
{
	struct chain ch = {.first = first, .up = -1, .ctx = {.tool = first->cmd.name}};
	struct fault f = {0};
	int r;

	ch.parent = getppid();
	fill_standard_fds();
	if (argv[0] && argv[1] && strcmp(argv[1], "--complete") == 0)
		return chain_complete(first, argv + 2);
	r = chain_parse(&ch, argv[0] ? argv + 1 : argv, &f);
	if (r == 0 && ch.common.help) {
		help(ch.nodes[ch.n - 1].link);
	} else if (r == 0 && ch.common.version) {
		tool_version(first->cmd.name);
	} else if (r == 0) {
		r = chain_expand(&ch, &f);
		if (r == 0)
			r = chain_order(&ch, &f);
		if (r == 0 && ch.common.print)
			chain_print(&ch, stdout);
		else if (r == 0)
			r = open_explain(&ch, &f);
		if (r == 0 && !ch.common.print && !runs_alone(&ch, &f, &r))
			r = run(&ch, argv, &f);
	}
	if (r < 0)
		watch_leave(&ch, -1, &f);
	path_made_free(ch.ctx.made);
	chain_free(&ch);
	return r > 0 ? r : 0; /* of a link that was alone */
}
