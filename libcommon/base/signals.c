/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "fd.h"
#include "num.h"
#include "signals.h"

static int realtime(const char *name)
{
	uint64_t n;

	if (strncasecmp(name, "RTMIN", 5) == 0 && (!name[5] || (name[5] == '+' && num_u64(name + 6, 30, &n) == 0)))
		return SIGRTMIN + (name[5] ? (int)n : 0);
	if (strncasecmp(name, "RTMAX", 5) == 0 && (!name[5] || (name[5] == '-' && num_u64(name + 6, 30, &n) == 0)))
		return SIGRTMAX - (name[5] ? (int)n : 0);
	return 0;
}

int signal_number(const char *text)
{
	const char *name = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;
	uint64_t n;

	if (num_u64(text, 64, &n) == 0 && n > 0)
		return (int)n;
	for (int sig = 1; sig < 32; sig++)
		if (sigabbrev_np(sig) && strcasecmp(name, sigabbrev_np(sig)) == 0)
			return sig;
	return realtime(name);
}

static int parse_signal(void *field, const struct opt *o, const char *text, struct fault *f)
{
	struct opt_sig *s = field;

	s->given = true;
	s->sig = text ? signal_number(text) : SIGKILL;
	if (s->sig)
		return 0;
	fault_rule(f, OP_OPTION, text, "there is no such signal");
	fault_fix(f, "a number, or a name of kill -l: --%s=TERM", o->name);
	return -EINVAL;
}

static void print_signal(const void *field, const struct opt *o, struct words *out)
{
	const struct opt_sig *s = field;
	_cleanup_free_ char *number = xprintf("%d", s->sig);

	if (s->given)
		opt_emit(o, s->sig == SIGKILL ? NULL : s->sig < 32 ? sigabbrev_np(s->sig) : number, out);
}

const struct opt_kind opt_signal = {true, true, parse_signal, print_signal};
