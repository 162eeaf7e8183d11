/* SPDX-License-Identifier: MIT */
/* fault.c - faults are filled where they happen and printed once, in the tool. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fault.h"
#include "printable.h"

static const struct {
	const char *phrase, *remedy;
} ops[] = {
#define OP(id, phrase, remedy) [OP_##id] = {phrase, remedy},
#define FIX(id, err, remedy)
#include "fault.def"
#undef OP
#undef FIX
};

static const struct {
	enum op op;
	int err;
	const char *remedy;
} fixes[] = {
#define OP(id, phrase, remedy)
#define FIX(id, err, remedy) {OP_##id, err, remedy},
#include "fault.def"
#undef OP
#undef FIX
};

int fault_set(struct fault *f, enum op op, int err, const char *obj, ...)
{
	va_list ap;

	f->op = op;
	f->err = err;
	f->why[0] = f->fix[0] = '\0';
	va_start(ap, obj);
	vsnprintf(f->obj, sizeof(f->obj), obj, ap);
	va_end(ap);
	return err ? -err : -EINVAL;
}

int fault_rule(struct fault *f, enum op op, const char *obj, const char *why, ...)
{
	va_list ap;

	fault_set(f, op, 0, "%s", obj);
	va_start(ap, why);
	vsnprintf(f->why, sizeof(f->why), why, ap);
	va_end(ap);
	return -EINVAL;
}

void fault_why(struct fault *f, const char *why, ...)
{
	va_list ap;

	va_start(ap, why);
	vsnprintf(f->why, sizeof(f->why), why, ap);
	va_end(ap);
}

void fault_fix(struct fault *f, const char *fix, ...)
{
	va_list ap;

	va_start(ap, fix);
	vsnprintf(f->fix, sizeof(f->fix), fix, ap);
	va_end(ap);
}

const char *fault_remedy(const struct fault *f)
{
	if (f->err == ECANCELED) /* --step was answered with q */
		return ops[OP_STEP].remedy;
	if (f->err == EMFILE || f->err == ENFILE)
		return ops[OP_FDS].remedy;
	if (f->fix[0])
		return f->fix;
	for (size_t i = 0; i < sizeof(fixes) / sizeof(*fixes); i++)
		if (fixes[i].op == f->op && fixes[i].err == f->err)
			return fixes[i].remedy;
	if (f->err == ENOSYS)
		return "Linux 6.1 or later, and no filter that hides its calls: uname -r, and Seccomp in /proc/self/status";
	return ops[f->op].remedy;
}

const char *fault_text(const struct fault *f, char *buf, size_t n)
{
	const char *why = f->err == ECANCELED ? "stopped at your word"
			  : f->why[0]         ? f->why
			  : f->err            ? strerror(f->err)
					      : "not allowed here";

	/* a container may have chosen the words: they must not steer the terminal */
	snprintf(buf, n, "%s '%s': %s", ops[f->op].phrase, f->obj, why);
	return printable(buf);
}

void fault_print(const char *tool, const struct fault *f)
{
	char text[sizeof(*f)];

	printable_say("%s: %s", tool, fault_text(f, text, sizeof(text)));
	printable_say("%s: try: %s", tool, fault_remedy(f));
}

int fault_exit_status(const struct fault *f)
{
	if (f->op != OP_PROGRAM)
		return 125;
	return f->err == ENOENT ? 127 : 126;
}
