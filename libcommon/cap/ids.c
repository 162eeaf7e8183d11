/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/num.h"
#include "cap/ids.h"
#include "target/names.h"

enum { NAME_MAX_LEN = 255 };

/* 4294967295 is (uid_t)-1, which the kernel reads as "leave it". */
#define ID_MAX (UINT32_MAX - 1ULL)

/* What was typed, and whether a name may stand in it. */
struct typed {
	const struct opt *o;
	const char *text;
	bool names;
};

/* `part`, of len characters, is what is wrong in it. */
static int bad(const struct typed *t, const char *part, size_t len, const char *why, struct fault *f)
{
	fault_set(f, OP_NUMBER, 0, "--%s %s", t->o->name, t->text);
	if (len == 0 || len == strlen(t->text))
		fault_why(f, "%s", why);
	else
		fault_why(f, "%.*s: %s", (int)(len < 64 ? len : 64), part, why);
	fault_fix(f, "a number from 0 to %llu%s: --%s 1000", (unsigned long long)ID_MAX,
		  t->names ? ", or a name of the host" : "", t->o->name);
	return -EINVAL;
}

static bool starts_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* A number never falls back to a name: what starts with a digit is a number, whole. */
static int read_id(struct id_word *w, const struct typed *t, const char *text, size_t len, struct fault *f)
{
	char digits[32] = "";
	uint64_t v = 0;
	int r;

	if (len == 0)
		return bad(t, text, len, *t->text ? "an id is missing in it" : "an id is missing", f);
	if (starts_name(text[0]) && len <= NAME_MAX_LEN) {
		*w = (struct id_word){.given = true, .name = text, .len = len};
		return 0;
	}
	if (len < sizeof(digits))
		memcpy(digits, text, len);
	r = len < sizeof(digits) ? num_u64(digits, ID_MAX, &v) : -ERANGE;
	if (r < 0)
		return bad(t, text, len,
			   r == -ERANGE ? "out of range" : t->names ? "neither a number nor a name" : "not a number", f);
	*w = (struct id_word){.given = true, .id = (uint32_t)v};
	return 0;
}

static int parse_user(void *field, const struct opt *o, const char *text, struct fault *f)
{
	const struct typed t = {o, text, true};
	struct id_user u = {0};
	size_t len = strcspn(text, ":");
	int r = read_id(&u.uid, &t, text, len, f);

	if (r == 0 && text[len])
		r = read_id(&u.gid, &t, text + len + 1, strlen(text + len + 1), f);
	if (r == 0)
		*(struct id_user *)field = u;
	return r;
}

static int parse_group(void *field, const struct opt *o, const char *text, struct fault *f)
{
	const struct typed t = {o, text, true};

	return read_id(field, &t, text, strlen(text), f);
}

static char *id_text(const struct id_word *w)
{
	return w->name ? xprintf("%.*s", (int)w->len, w->name) : xprintf("%u", w->id);
}

static void print_user(const void *field, const struct opt *o, struct words *out)
{
	const struct id_user *u = field;
	_cleanup_free_ char *uid = id_text(&u->uid);
	_cleanup_free_ char *gid = id_text(&u->gid);
	_cleanup_free_ char *both = xprintf("%s%s%s", uid, u->gid.given ? ":" : "", u->gid.given ? gid : "");

	if (u->uid.given)
		opt_emit(o, both, out);
}

static void print_group(const void *field, const struct opt *o, struct words *out)
{
	const struct id_word *w = field;
	_cleanup_free_ char *text = id_text(w);

	if (w->given)
		opt_emit(o, text, out);
}

static int parse_groups(void *field, const struct opt *o, const char *text, struct fault *f)
{
	const struct typed t = {o, text, false};
	struct id_groups g = {.given = true};
	size_t max = 1;

	if (strcmp(text, "none") != 0) {
		for (const char *p = text; *p; p++)
			max += *p == ',';
		if (max > NGROUPS_MAX)
			return bad(&t, text, 0, "more groups than the kernel takes", f);
		g.v = xcalloc(max, sizeof(*g.v));
		for (const char *p = text;; p++) {
			size_t len = strcspn(p, ",");
			struct id_word w = {0};
			int r = read_id(&w, &t, p, len, f);

			if (r == 0 && w.name) {
				r = bad(&t, p, len, "a name; supplementary groups are given by number", f);
				fault_fix(f, "its number: getent group %.*s", (int)len, p);
			}
			if (r < 0) {
				free(g.v);
				return r;
			}
			g.v[g.n++] = w.id;
			p += len;
			if (!*p)
				break;
		}
	}
	ids_groups_free(field);
	*(struct id_groups *)field = g;
	return 0;
}

static void print_groups(const void *field, const struct opt *o, struct words *out)
{
	const struct id_groups *g = field;
	_cleanup_free_ char *text = xcalloc(g->n + 1, 12);
	size_t n = 0;

	if (!g->given)
		return;
	for (size_t i = 0; i < g->n; i++)
		n += (size_t)snprintf(text + n, 12, "%s%u", i ? "," : "", g->v[i]);
	opt_emit(o, g->n ? text : "none", out);
}

const struct opt_kind opt_user = {true, false, parse_user, print_user};
const struct opt_kind opt_group = {true, false, parse_group, print_group};
const struct opt_kind opt_groups = {true, false, parse_groups, print_groups};

void ids_groups_free(struct id_groups *g)
{
	free(g->v);
	*g = (struct id_groups){0};
}

int ids_lookup(struct id_word *w, const char *file, uint32_t *gid, struct fault *f)
{
	int r;

	if (!w->name)
		return 0;
	r = names_id(file, w->name, w->len, &w->id, gid);
	if (r < 0 && r != -ESRCH)
		return fault_set(f, OP_READ, -r, "%s", file);
	if (r == 0)
		return 0;
	fault_set(f, OP_IDS, 0, "%.*s", (int)w->len, w->name);
	fault_why(f, "%s has no such name", file);
	fault_fix(f, "its number, or a name of %s: cut -d: -f1,3 %s", file, file);
	return -EINVAL;
}
