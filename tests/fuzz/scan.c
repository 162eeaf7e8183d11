/* SPDX-License-Identifier: MIT */
/* scan.c - one text as each file of /proc/PID that ns-list reads: for its rows, and for --diff,
 * --why and --as-command. */
#include <fcntl.h>

#include "base/count.h"
#include "common.h"

static int open_any(void)
{
	return open(fuzz_file_path(), O_RDONLY | O_CLOEXEC);
}
#define openat(dir, path, flags) ((void)(dir), (void)(path), (void)(flags), open_any())
#include "ns/scan-details.c"
#undef openat
#include "target/facts-read.h"
#include "target/names.h"

static char buf[SCAN_BUF];

/* -- rows --------------------------------------------------------------------------------------- */

static void process(struct scan *s)
{
	struct scan_who who = {.uid = -1};

	FUZZ_HOLDS(scan_who(s, -1, "", &who), "%d", s->gone);
	FUZZ_HOLDS(!who.command || *who.command, "%s", "a command without a letter");
	free(who.command);
	free(who.cgroup);
}

static void details(struct scan *s)
{
	char *map = read_map(s, -1, "uid_map"), *names = read_ifaces(s, -1);

	FUZZ_HOLDS(!map || strspn(map, "0123456789:,") == strlen(map), "%s", map);
	for (const char *p = names; p && *p; p += strlen(p) + 1)
		FUZZ_HOLDS(!strpbrk(p, ":\n"), "%s", p);
	free(map);
	free(names);
}

/* Each hold is in the list of one namespace, which was found once. */
static void check_holds(const struct scan *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		FUZZ_HOLDS(s->ns[i].ino && s->ns[i].kind < SCAN_KINDS, "%u", s->ns[i].kind);
		FUZZ_HOLDS(scan_find((struct scan *)s, s->ns[i].ino, s->ns[i].kind, false) == i, "%zu", i);
		for (uint32_t at = s->ns[i].holds; at != SCAN_NONE; at = s->holds[at].next, n++) {
			const struct scan_hold *h = &s->holds[at];

			FUZZ_HOLDS(h->type == HOLD_MOUNT && h->path, "%d", h->type);
			FUZZ_HOLDS(!h->pid || strncmp(h->path, "/proc/7/root", 12) == 0, "%s", h->path);
		}
	}
	FUZZ_HOLDS(n == s->nholds, "%zu", n);
}

static void rows(void)
{
	struct scan s = {.kinds = ~0U, .want = ~(unsigned)SCAN_UID, .proc = -1, .netlink = -1, .buf = buf};

	process(&s);
	details(&s);
	(void)scan_mounts(&s, -1, "self/mountinfo", 0);
	(void)scan_mounts(&s, -1, "7/mountinfo", 7);
	check_holds(&s);
	s.buf = NULL;
	scan_close(&s);
}

/* -- facts ---------------------------------------------------------------------------------------- */

static void check_facts(const struct facts *p)
{
	for (size_t i = 0; i < p->n_mounts; i++) {
		const struct facts_mount *m = &p->mounts[i];

		FUZZ_HOLDS(m->root && m->dir && m->options && m->type && m->source && m->super, "%zu", i);
	}
	for (size_t i = 0; i < p->n_cgroups; i++)
		FUZZ_HOLDS(p->cgroups[i].controllers && p->cgroups[i].path, "%zu", i);
	FUZZ_HOLDS(p->n_limits <= FACTS_LIMITS, "%u", p->n_limits);
	FUZZ_HOLDS(strlen(p->comm) < sizeof(p->comm), "%s", p->comm);
	FUZZ_HOLDS(!p->n_groups || p->groups, "%zu", p->n_groups);
	for (size_t i = 0; i < p->env.n; i++)
		FUZZ_HOLDS(p->env.v[i], "%zu", i);
	for (size_t i = 0; i < p->args.n; i++)
		FUZZ_HOLDS(p->args.v[i], "%zu", i);
}

static void facts(const uint8_t *data, size_t size)
{
	static facts_parser *const parsers[] = {
		facts_status, facts_stat, facts_mounts, facts_uid_map, facts_gid_map, facts_setgroups, facts_cgroups,
		facts_label, facts_limits, facts_oom, facts_offsets, facts_persona, facts_env, facts_args,
	};

	for (size_t i = 0; i < COUNT(parsers); i++) {
		struct facts p = {0};
		int r;

		p.text[0] = xcalloc(1, size + 1);
		memcpy(p.text[0], data, size);
		r = parsers[i](&p, p.text[0], size);
		FUZZ_HOLDS(r == 0 || r == -EBADMSG || r == -ENODATA, "%d of %zu", r, i);
		check_facts(&p);
		facts_free(&p);
	}
}

static void names(void)
{
	char name[16];

	for (uint32_t id = 0; id <= 1000; id += 1000) {
		FUZZ_HOLDS(strlen(names_of(name, sizeof(name), "/etc/passwd", id)) < sizeof(name), "%u", id);
		FUZZ_HOLDS(!strpbrk(name, ":\n"), "%s", name);
		FUZZ_HOLDS(strlen(names_shell(name, sizeof(name), "/etc/passwd", id)) < sizeof(name), "%u", id);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size);
	unsigned kind;

	if (size >= SCAN_BUF)
		return 0;
	(void)fuzz_file(data, size);
	FUZZ_HOLDS(!scan_parse(text, strlen(text), &kind) || kind < SCAN_KINDS, "%s", text);
	fuzz_feed(text);
	rows();
	facts(data, size);
	names();
	fuzz_feed(NULL);
	return 0;
}
