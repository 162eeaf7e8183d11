/* SPDX-License-Identifier: MIT */
/* chain.h - a chain: links in order and the program at its end.
 *
 * parse -> order -> plan -> seal -> check -> do. Until "do" nothing has changed. */
#ifndef COMMON_CHAIN_CHAIN_H
#define COMMON_CHAIN_CHAIN_H

#include <signal.h>
#include <stdbool.h>

#include "base/link.h"
#include "base/sys.h"

struct chain_life;

enum { CHAIN_MAX = 24 };

struct node {
	const struct link *link;
	void *spec;   /* link->spec_size bytes, owned                                 */
	bool begun;   /* before() was called by this process, so undo() is due        */
	bool watched; /* outside() was done on this process                           */
	bool taken;   /* put in by chain_expand, for what ns-enter takes of its target */
};

/* The options that every tool has. */
struct common {
	bool help, version, explain, dry, step, print;
};

struct chain {
	const struct link *first; /* the link that the binary is named for              */
	struct node nodes[CHAIN_MAX];
	unsigned n;
	struct words taken;       /* owned words of links that chain_expand put in       */
	struct words prog;        /* the program and its arguments                       */
	bool program_given;       /* by the user; else it is a shell                     */
	struct common common;
	struct sys sys;
	struct ctx ctx;

	pid_t parent;             /* who started us; 0 outside of our pid namespace        */
	int up;                   /* channel to our watcher, or -1                       */
	bool inner;               /* a watcher of this chain forked us                   */
	sigset_t mask;            /* the signal mask, and the actions of SIGCHLD and      */
	struct sigaction chld;    /* SIGPIPE, as we got them and the program is to       */
	struct sigaction pipe;
	int init_pipe[2];         /* how --init learns that the program was executed     */
	char shell[256];          /* of passwd(5), when it is the program                 */
	char path[4096];          /* the program's file, once it is found                */

	struct chain_life *life;  /* of chain_live, or NULL                               */
	int pid_dir;              /* where the pid file goes, or -1                       */
};

extern const struct opt chain_common[];

/* The link of that name, or NULL. */
const struct link *chain_link(const char *name);

/* The n-th link of the table (from 0), or NULL behind the last. */
const struct link *chain_link_at(unsigned n);

/* Read a command line (argv behind the tool's name) into ch, which is zeroed but for
 * `first`. With no program named, the user's shell is it. */
int chain_parse(struct chain *ch, char **argv, struct fault *f);

/* Refuse links out of order, with the reason and the way out. */
int chain_order(const struct chain *ch, struct fault *f);

/* Begin the context, and have every link check its spec in itself and add its facts. */
int chain_plan(struct chain *ch, struct fault *f);

/* Order, plan and check, going on behind a link that fails, so that each can say what is
 * wrong; link is NULL when it is the chain itself. Nothing is changed. True when all is
 * well. */
typedef void chain_report(void *arg, const struct link *link, const struct fault *f);
bool chain_check_each(struct chain *ch, chain_report *report, void *arg);

/* Print the chain as one command line for a shell, a link a line. */
void chain_print(const struct chain *ch, FILE *out);

/* Answer --complete: INDEX WORD... (WORD 0 is the tool). Prints candidates, one a line
 * (behind a TAB what it means), and directives: ":file", ":dir", ":pid", ":user",
 * ":program N" (word N begins a command). Returns the exit status. */
int chain_complete(const struct link *first, char **argv);

/* The whole life of a link's binary. Returns the exit status, if it returns. */
int chain_main(const struct link *first, char **argv);

/* Live a chain that was parsed, with a life cycle around it; what the watcher is to do stands
 * in ch->ctx.watch. The caller has called seal_self() before. Does not return, but after a dry run (0): life->ended() is called with the outcome
 * and gives the exit status. */
int chain_live(struct chain *ch, struct chain_life *life, struct fault *f);

/* Free what the chain owns. */
void chain_free(struct chain *ch);

#endif
