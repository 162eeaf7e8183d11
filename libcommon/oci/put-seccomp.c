/* SPDX-License-Identifier: MIT */
/* put-seccomp.c - a profile as the linux.seccomp of a config.json. */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <seccomp.h>
#include <string.h>

#include "base/fd.h"
#include "base/json.h"
#include "oci/put.h"
#include "sc/compile.h"

typedef struct json_object *json;

/* Take a member over as it stands, if it says something. */
static void keep(json to, json from, const char *key)
{
	json value = json_object_object_get(from, key);

	if (value)
		put(to, key, json_object_get(value));
}

/* An errno that is written by name is a number there. */
static void keep_errno(json to, json from, const char *number, const char *name, uint32_t answer)
{
	if (json_object_object_get(from, number) || json_object_object_get(from, name))
		put_uint(to, number, answer & SECCOMP_RET_DATA);
}

static json rule_of(json said, const struct sc_rule *rule)
{
	json o = json_object_new_object(), names = put(o, "names", json_object_new_array());

	for (size_t i = 0; i < rule->names.n; i++)
		put_word(names, rule->names.v[i]);
	keep(o, said, "action");
	keep_errno(o, said, "errnoRet", "errno", rule->answer);
	keep(o, said, "args");
	return o;
}

/* Docker's table names the architecture of this machine apart from what goes with it. */
static void put_archs(json to, const struct sc_profile *p)
{
	const struct sc_subarchs *rows = p->arch_map.v;
	json list;

	if (!p->archs.v)
		return;
	list = put(to, "architectures", json_object_new_array());
	for (size_t i = 0; rows && i < p->arch_map.n; i++)
		if (rows[i].arch->value == seccomp_arch_native())
			put_word(list, rows[i].arch->name);
	for (size_t i = 0; i < p->archs.n; i++)
		put_word(list, p->archs.v[i]->name);
}

static json seccomp_of(json said, const struct sc_profile *p, uint64_t caps)
{
	const struct sc_facts facts = sc_facts_here(caps);
	json o = json_object_new_object(), list, rules = json_object_object_get(said, "syscalls");

	keep(o, said, "defaultAction");
	keep_errno(o, said, "defaultErrnoRet", "defaultErrno", p->answer);
	put_archs(o, p);
	keep(o, said, "flags");
	list = put(o, "syscalls", json_object_new_array());
	for (size_t i = 0; i < p->rules.n; i++) {
		const struct sc_rule *rule = (const struct sc_rule *)p->rules.v + i;

		if (sc_rule_applies(rule, &facts))
			json_object_array_add(list, rule_of(json_object_array_get_idx(rules, i), rule));
	}
	return o;
}

int put_seccomp(const char *path, uint64_t caps, json *ret, struct fault *f)
{
	bool in = strcmp(path, "-") == 0;
	_cleanup_fd_ int fd = in ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	_cleanup_json_ struct json_doc *doc = NULL;
	_cleanup_free_ char *text = NULL;
	struct sc_profile profile = {0};
	size_t len = 0;
	json said;
	int r;

	*ret = NULL;
	if (!in && fd < 0)
		return fault_set(f, OP_PROFILE, errno, "%s", path);
	r = json_slurp(in ? STDIN_FILENO : fd, path, OP_PROFILE, &text, &len, f);
	if (r < 0 || memchr(text, '\0', len)) /* no JSON has one, and BPF always */
		return r;
	r = json_parse(text, len, path, OP_PROFILE, &doc, f);
	if (r == 0)
		r = sc_profile_decode(doc, path, &profile, f);
	if (r < 0)
		return r;
	said = json_root(doc);
	if (!json_has(doc, "defaultAction"))
		said = json_object_object_get(json_object_object_get(said, "linux"), "seccomp");
	*ret = seccomp_of(said, &profile, caps);
	return 0;
}
