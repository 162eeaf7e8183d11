/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/count.h"
#include "base/fd.h"
#include "base/near.h"
#include "base/path.h"
#include "ns/maps.h"
#include "target/names.h"

/* One sort of ids, while its words are turned into ranges. */
struct side {
	struct idmap *map;
	uint32_t own;
	const char *names, *subids, *parent; /* files */
	const char *option;
};

/* -- what a word means ---------------------------------------------------------------- */

static int add_root(const struct side *s, struct fault *f)
{
	return idmap_add(s->map, 0, s->own, 1, f);
}

static int add_current(const struct side *s, struct fault *f)
{
	return idmap_add(s->map, s->own, s->own, 1, f);
}

static int add_subids(const struct side *s, struct fault *f)
{
	return idmap_add_subids(s->map, s->subids, true, f);
}

static int add_auto(const struct side *s, struct fault *f)
{
	return idmap_add_subids(s->map, s->subids, false, f);
}

/* Every id that we have ourselves, as itself: the inside ids of the map that we live in. */
static int add_all(const struct side *s, struct fault *f)
{
	_cleanup_free_ char *text = NULL;
	ssize_t n = path_read(AT_FDCWD, s->parent, 1 << 16, &text);
	int r = 0;

	if (n < 0)
		return fault_set(f, OP_READ, (int)-n, "%s", s->parent);
	for (const char *line = text; r == 0 && *line; line += *line == '\n') {
		uint32_t in, out, count;

		if (sscanf(line, "%" SCNu32 " %" SCNu32 " %" SCNu32, &in, &out, &count) == 3)
			r = idmap_add(s->map, in, in, count, f);
		line += strcspn(line, "\n");
	}
	return r;
}

/* In the order in which they are done: what takes what is left comes last. */
static const struct map_word {
	const char *name;
	int (*add)(const struct side *s, struct fault *f);
} map_words[] = {
	{"root", add_root}, {"current", add_current}, {"subids", add_subids}, {"all", add_all}, {"auto", add_auto},
};

const char ns_map_words[] = "root current auto subids all";

static const struct map_word *find_word(const char *text, size_t len)
{
	for (size_t i = 0; i < COUNT(map_words); i++)
		if (strlen(map_words[i].name) == len && strncmp(map_words[i].name, text, len) == 0)
			return &map_words[i];
	return NULL;
}

/* `own`, or a name of the host. */
static int read_name(const void *arg, const char *text, size_t len, uint32_t *id, struct fault *f)
{
	const struct side *s = arg;
	char name[100];
	int r;

	*id = s->own;
	if (len == 3 && strncmp(text, "own", 3) == 0)
		return 0;
	r = names_id(s->names, text, len, id, NULL);
	if (r == 0)
		return 0;
	snprintf(name, sizeof(name), "%.*s", (int)len, text);
	if (r != -ESRCH)
		return fault_set(f, OP_READ, -r, "%s", s->names);
	fault_rule(f, OP_MAP_RULE, name, "%s has no such name", s->names);
	fault_fix(f, "its number, or a name of cut -d: -f1,3 %s; %s has words of its own", s->names, s->option);
	return -EINVAL;
}

/* -- the option ----------------------------------------------------------------------- */

static int any_name(const void *arg, const char *text, size_t len, uint32_t *id, struct fault *f)
{
	(void)arg, (void)text, (void)len, (void)f;
	*id = 0;
	return 0;
}

static int no_word(const char *text, size_t len, struct fault *f)
{
	const char *best = near_word(text, len, &map_words[0].name, COUNT(map_words), sizeof(*map_words));
	char word[100];

	snprintf(word, sizeof(word), "%.*s", (int)len, text);
	if (len && strspn(word, "0123456789") == len) {
		fault_rule(f, OP_MAP_RULE, word, "it is not INSIDE:OUTSIDE:COUNT, which has colons; commas separate ranges");
		return -EINVAL;
	}
	fault_rule(f, OP_MAP_RULE, word, "it is neither INSIDE:OUTSIDE:COUNT nor one of: %s", ns_map_words);
	if (best)
		fault_fix(f, "%s; or a range, as in --map-users 0:1000:1", best);
	return -EINVAL;
}

/* What can be said without looking anything up is said at once. */
static int parse_map(void *field, const struct opt *o, const char *text, struct fault *f)
{
	for (const char *part = text;; part++) {
		size_t n = strcspn(part, ",");
		struct idmap scratch = {0};
		int r = 0;

		if (memchr(part, ':', n))
			r = idmap_read(&scratch, part, n, any_name, NULL, f);
		else if (!find_word(part, n))
			r = no_word(part, n, f);
		if (r < 0)
			return r;
		part += n;
		if (!*part)
			break;
	}
	return opt_strings.parse(field, o, text, f);
}

static void print_map(const void *field, const struct opt *o, struct words *out)
{
	opt_strings.print(field, o, out);
}

const struct opt_kind opt_map = {true, false, parse_map, print_map};

bool ns_maps_given(const struct ns_maps *m)
{
	return m->root || m->current || m->automatic || m->subids || m->both.n || m->users.n || m->groups.n;
}

void ns_maps_free(struct ns_maps *m)
{
	words_free(&m->both);
	words_free(&m->users);
	words_free(&m->groups);
}

/* -- ranges --------------------------------------------------------------------------- */

static bool has_word(const struct words *w, const struct map_word *word)
{
	for (size_t i = 0; i < w->n; i++)
		for (const char *part = w->v[i]; *part; part += *part == ',') {
			size_t n = strcspn(part, ",");

			if (find_word(part, n) == word)
				return true;
			part += n;
		}
	return false;
}

static int add_ranges(const struct side *s, const struct words *w, struct fault *f)
{
	int r = 0;

	for (size_t i = 0; i < w->n; i++)
		for (const char *part = w->v[i]; r == 0 && *part; part += *part == ',') {
			size_t n = strcspn(part, ",");

			if (memchr(part, ':', n))
				r = idmap_read(s->map, part, n, read_name, s, f);
			part += n;
		}
	return r;
}

/* Is the word meant by an option that is the word? Without any, root is. */
static bool is_flag(const struct ns_maps *m, const struct map_word *word)
{
	return (word->add == add_root && (m->root || !ns_maps_given(m))) || (word->add == add_current && m->current) ||
	       (word->add == add_auto && m->automatic) || (word->add == add_subids && m->subids);
}

static int resolve(const struct ns_maps *m, const struct side *s, const struct words *own, struct fault *f)
{
	int r = add_ranges(s, &m->both, f);

	if (r == 0)
		r = add_ranges(s, own, f);
	for (size_t i = 0; r == 0 && i < COUNT(map_words); i++)
		if (is_flag(m, &map_words[i]) || has_word(&m->both, &map_words[i]) || has_word(own, &map_words[i]))
			r = map_words[i].add(s, f);
	return r;
}

int ns_maps_resolve(const struct ns_maps *m, uint32_t uid, uint32_t gid, struct idmap *users, struct idmap *groups,
		    struct fault *f)
{
	const struct side user = {users, uid, "/etc/passwd", "/etc/subuid", "/proc/self/uid_map", "--map-users"};
	const struct side group = {groups, gid, "/etc/group", "/etc/subgid", "/proc/self/gid_map", "--map-groups"};
	/* what is given for one sort of ids holds for the other too, when it has none */
	int r = resolve(m, &user, m->users.n ? &m->users : &m->groups, f);

	return r < 0 ? r : resolve(m, &group, m->groups.n ? &m->groups : &m->users, f);
}

/* -- who writes them ------------------------------------------------------------------ */

int ns_maps_helper(const char *path, struct fault *f)
{
	struct statvfs fs;
	struct stat st;

	if (access(path, X_OK) < 0 || stat(path, &st) < 0)
		return fault_set(f, OP_MAP_HELPER, errno, "%s", path);
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) {
		fault_rule(f, OP_MAP_HELPER, path, "it would get no rights: this process has no_new_privs");
		fault_fix(f, "a shell that was not started with it: grep NoNewPrivs /proc/self/status; or ns-run --map-root");
		return -EPERM;
	}
	if (statvfs(path, &fs) == 0 && fs.f_flag & ST_NOSUID) {
		fault_rule(f, OP_MAP_HELPER, path, "it would get no rights: the filesystem that it is on is mounted nosuid");
		fault_fix(f, "sudo mount -o remount,suid on what findmnt -T %s names; or ns-run --map-root", path);
		return -EPERM;
	}
	if (!(st.st_uid == 0 && st.st_mode & S_ISUID) && getxattr(path, "security.capability", NULL, 0) <= 0) {
		fault_rule(f, OP_MAP_HELPER, path, "it has neither a set-user-ID bit nor file capabilities");
		fault_fix(f, "sudo chmod u+s %s; or ns-run --map-root", path);
		return -EPERM;
	}
	return 0;
}
