/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <linux/ioprio.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>

#include "base/fd.h"
#include "base/num.h"
#include "proc/sched.h"
#include "target/self.h"

#ifndef SCHED_ISO
#define SCHED_ISO 4
#endif

const struct sched_word sched_policies[] = {
	{"other", "SCHED_OTHER", SCHED_NORMAL}, {"fifo", "SCHED_FIFO", SCHED_FIFO}, {"rr", "SCHED_RR", SCHED_RR},
	{"batch", "SCHED_BATCH", SCHED_BATCH},  {"iso", "SCHED_ISO", SCHED_ISO},    {"idle", "SCHED_IDLE", SCHED_IDLE},
	{"deadline", "SCHED_DEADLINE", SCHED_DEADLINE}, {NULL, NULL, 0},
};
const struct sched_word sched_flags[] = {
	{"reset-on-fork", "SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK},
	{"reclaim", "SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM},
	{"dl-overrun", "SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN},
	{"keep-policy", "SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY},
	{"keep-params", "SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS},
	{"util-clamp-min", "SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN},
	{"util-clamp-max", "SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX},
	{NULL, NULL, 0},
};
const struct sched_word io_classes[] = {
	{"realtime", "IOPRIO_CLASS_RT", IOPRIO_CLASS_RT},
	{"best-effort", "IOPRIO_CLASS_BE", IOPRIO_CLASS_BE},
	{"idle", "IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE},
	{NULL, NULL, 0},
};
const struct sched_word personalities[] = {
	{"linux", "LINUX", PER_LINUX}, {"linux32", "LINUX32", PER_LINUX32}, {NULL, NULL, 0},
};
const char sched_words[] = "other batch idle fifo:priority= rr:priority= deadline:runtime=";
const char io_words[] = "realtime: best-effort: idle";
const char persona_words[] = "linux linux32";

/* -- the options ---------------------------------------------------------------------- */

static int bad(const struct opt *o, const char *text, const char *why, const char *fix, struct fault *f)
{
	fault_set(f, OP_OPTION, 0, "--%s %s", o->name, text);
	fault_why(f, "%s", why);
	fault_fix(f, "--%s %s", o->name, fix);
	return -EINVAL;
}

static const struct sched_word *find(const struct sched_word *rows, const char *name, size_t n)
{
	for (; rows->name; rows++)
		if (strncmp(rows->name, name, n) == 0 && !rows->name[n])
			return rows;
	return NULL;
}

static const char *name_of(const struct sched_word *rows, uint64_t value)
{
	for (; rows->name; rows++)
		if (rows->value == value)
			return rows->name;
	return "?";
}

static int read_key(struct proc_sched *s, char *word)
{
	char *value = strchr(word, '=');
	const struct sched_word *flag = find(sched_flags, word, strlen(word));
	int64_t n;

	if (flag)
		s->flags |= flag->value;
	if (flag || !value)
		return flag ? 0 : -EINVAL;
	*value++ = '\0';
	if (strcmp(word, "nice") == 0)
		return num_i64(value, -20, 19, &n) < 0 ? -EINVAL : (s->nice = (long)n, 0);
	if (strcmp(word, "priority") == 0)
		return num_i64(value, 0, 99, &n) < 0 ? -EINVAL : (s->priority = (long)n, 0);
	if (strcmp(word, "runtime") == 0)
		return num_u64(value, INT64_MAX, &s->runtime);
	if (strcmp(word, "deadline") == 0)
		return num_u64(value, INT64_MAX, &s->deadline);
	return strcmp(word, "period") == 0 ? num_u64(value, INT64_MAX, &s->period) : -EINVAL;
}

static int parse_sched(void *field, const struct opt *o, const char *text, struct fault *f)
{
	static const char fix[] = "POLICY[:KEY=VALUE,...], as in fifo:priority=5 or deadline:runtime=N,deadline=N,period=N";
	size_t n = strcspn(text, ":");
	const struct sched_word *policy = find(sched_policies, text, n);
	_cleanup_free_ char *copy = xprintf("%s", text[n] ? text + n + 1 : "");
	struct proc_sched s = {.given = true};
	char *rest = copy, *word;

	if (!policy)
		return bad(o, text, "no such policy", "other, batch, idle, fifo, rr, deadline", f);
	s.policy = (unsigned)policy->value;
	while ((word = strsep(&rest, ",")))
		if (*word && read_key(&s, word) < 0)
			return bad(o, text, "no such key, or not its kind of value", fix, f);
	if (s.priority && s.policy != SCHED_FIFO && s.policy != SCHED_RR)
		return bad(o, text, "only fifo and rr have a priority", fix, f);
	if ((s.runtime || s.deadline || s.period) && s.policy != SCHED_DEADLINE)
		return bad(o, text, "only deadline has a runtime, a deadline and a period", fix, f);
	if (s.nice && s.policy != SCHED_NORMAL && s.policy != SCHED_BATCH)
		return bad(o, text, "only other and batch have a nice value", fix, f);
	*(struct proc_sched *)field = s;
	return 0;
}

static void print_sched(const void *field, const struct opt *o, struct words *out)
{
	const struct proc_sched *s = field;
	char keys[400] = "";
	size_t n = 0;

	if (!s->given)
		return;
#define KEY(key, fmt) if (s->key) n += (size_t)snprintf(keys + n, sizeof(keys) - n, "%s" #key "=%" fmt, n ? "," : ":", s->key)
	KEY(nice, "ld");
	KEY(priority, "ld");
	KEY(runtime, PRIu64);
	KEY(deadline, PRIu64);
	KEY(period, PRIu64);
#undef KEY
	for (const struct sched_word *w = sched_flags; w->name; w++)
		if (s->flags & w->value)
			n += (size_t)snprintf(keys + n, sizeof(keys) - n, "%s%s", n ? "," : ":", w->name);
	{
		_cleanup_free_ char *text = xprintf("%s%s", name_of(sched_policies, s->policy), keys);

		opt_emit(o, text, out);
	}
}

static int parse_ioprio(void *field, const struct opt *o, const char *text, struct fault *f)
{
	static const char fix[] = "realtime:LEVEL, best-effort:LEVEL or idle; LEVEL from 0 (first) to 7";
	size_t n = strcspn(text, ":");
	const struct sched_word *class = find(io_classes, text, n);
	uint64_t level = 0;

	if (!class)
		return bad(o, text, "no such class", fix, f);
	if (text[n] && num_u64(text + n + 1, 7, &level) < 0)
		return bad(o, text, "a level is 0 to 7", fix, f);
	*(struct proc_ioprio *)field = (struct proc_ioprio){true, (unsigned)class->value, (unsigned)level};
	return 0;
}

static void print_ioprio(const void *field, const struct opt *o, struct words *out)
{
	const struct proc_ioprio *p = field;
	_cleanup_free_ char *text = xprintf("%s:%u", name_of(io_classes, p->class), p->level);

	if (p->given)
		opt_emit(o, text, out);
}

static int parse_persona(void *field, const struct opt *o, const char *text, struct fault *f)
{
	const struct sched_word *w = find(personalities, text, strlen(text));

	if (!w)
		return bad(o, text, "no such personality", "linux or linux32", f);
	*(struct proc_persona *)field = (struct proc_persona){true, w->value};
	return 0;
}

static void print_persona(const void *field, const struct opt *o, struct words *out)
{
	const struct proc_persona *p = field;

	if (p->given)
		opt_emit(o, name_of(personalities, p->value), out);
}

const struct opt_kind opt_sched = {true, false, parse_sched, print_sched};
const struct opt_kind opt_ioprio = {true, false, parse_ioprio, print_ioprio};
const struct opt_kind opt_persona = {true, false, parse_persona, print_persona};

/* -- checks --------------------------------------------------------------------------- */

static int lacks(const char *what, const char *name, struct fault *f)
{
	fault_set(f, OP_PRIORITY, EPERM, "%s %s", what, name);
	fault_why(f, "only CAP_SYS_NICE gives it");
	fault_fix(f, "sudo, or a caller with CAP_SYS_NICE");
	return -EPERM;
}

/* See user_check_sched_setscheduler() in the words of sched(7), privileges and limits. */
int sched_check(const struct proc_sched *s, const uint64_t *rtprio, struct fault *f)
{
	struct rlimit64 l = {0};

	if (!s->given || self_has_cap(CAP_SYS_NICE))
		return 0;
	if (s->policy == SCHED_DEADLINE || s->nice < 0)
		return lacks("scheduler", name_of(sched_policies, s->policy), f);
	if (s->policy != SCHED_FIFO && s->policy != SCHED_RR)
		return 0;
	if (rtprio)
		l.rlim_cur = *rtprio;
	else
		prlimit64(0, RLIMIT_RTPRIO, NULL, &l);
	return (uint64_t)s->priority <= l.rlim_cur ? 0 : lacks("scheduler", name_of(sched_policies, s->policy), f);
}

int ioprio_check(const struct proc_ioprio *p, struct fault *f)
{
	if (!p->given || p->class != IOPRIO_CLASS_RT || self_has_cap(CAP_SYS_NICE) || self_has_cap(CAP_SYS_ADMIN))
		return 0;
	return lacks("io-priority", "realtime", f);
}

/* -- acts ----------------------------------------------------------------------------- */

int sched_set(struct sys *sys, pid_t pid, const struct proc_sched *s, struct fault *f)
{
	struct sys_sched a = {s->policy, s->flags, (int)s->nice, (unsigned)s->priority, s->runtime, s->deadline, s->period};
	const char *name = name_of(sched_policies, s->policy);
	int r = s->given ? sys_sched_setattr(sys, pid, &a) : 0;

	if (r == 0)
		return 0;
	fault_set(f, OP_PRIORITY, -r, "scheduler %s", name);
	if (r == -EINVAL && s->policy == SCHED_DEADLINE) {
		fault_why(f, "a deadline needs runtime <= deadline <= period, and a runtime of 1024 nanoseconds at least");
		fault_fix(f, "--scheduler deadline:runtime=10000000,deadline=30000000,period=30000000");
	} else if (r == -EINVAL) {
		fault_why(f, "this kernel has no such policy, or not with this priority or these flags");
		fault_fix(f, "a priority of 1 to 99 for fifo and rr; chrt --max shows what there is");
	} else if (r == -EPERM && s->policy != SCHED_NORMAL) {
		fault_why(f, "it takes CAP_SYS_NICE, and in a cgroup of version 1 its share: cpu.rt_runtime_us");
		fault_fix(f, "sudo; cg-exec --set cpu.rt_runtime_us=N with real-time cgroups; read sched(7)");
	}
	return r;
}

int ioprio_set_of(struct sys *sys, pid_t pid, const struct proc_ioprio *p, struct fault *f)
{
	int r = p->given ? sys_ioprio_set(sys, pid, p->class, p->level) : 0;

	return r < 0 ? fault_set(f, OP_PRIORITY, -r, "io-priority %s:%u", name_of(io_classes, p->class), p->level) : 0;
}

int persona_set(struct sys *sys, const struct proc_persona *p, struct fault *f)
{
	int r = p->given ? sys_personality(sys, p->value) : 0;

	return r < 0 ? fault_set(f, OP_PERSONA, -r, "%s", name_of(personalities, p->value)) : 0;
}
