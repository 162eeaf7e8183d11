/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "sc/profile.h"

enum data_kind { SC_DATA_NONE, SC_DATA_ERRNO, SC_DATA_MESSAGE };

enum {
	ERRNO_MAX = 4095,      /* MAX_ERRNO of the kernel: more would not be an error      */
	MESSAGE_MAX = 65535,   /* SECCOMP_RET_DATA                                         */
	INDEX_MAX = 5,         /* system calls have six arguments                          */
};

static const struct json_name action_rows[] = {
#define ACTION(name, value, data, meaning) {name, value},
#include "actions.def"
#undef ACTION
	{NULL, 0},
};

static const enum data_kind action_data[] = {
#define ACTION(name, value, data, meaning) data,
#include "actions.def"
#undef ACTION
};

static const struct json_name arch_rows[] = {
#define ARCH(id, name, value, words) {name, value},
#include "archs.def"
#undef ARCH
	{NULL, 0},
};

static const char *const arch_words[] = {
#define ARCH(id, name, value, words) words,
#include "archs.def"
#undef ARCH
};

static const struct json_name op_rows[] = {
	{"SCMP_CMP_NE", SCMP_CMP_NE}, {"SCMP_CMP_LT", SCMP_CMP_LT},
	{"SCMP_CMP_LE", SCMP_CMP_LE}, {"SCMP_CMP_EQ", SCMP_CMP_EQ},
	{"SCMP_CMP_GE", SCMP_CMP_GE}, {"SCMP_CMP_GT", SCMP_CMP_GT},
	{"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ}, {NULL, 0},
};

/* What is said to the kernel for each. TSYNC concerns other threads, of which a process
 * about to execve has none; WAIT_KILLABLE_RECV a listener, which is refused, and the
 * kernel takes it with a listener only. */
static const struct json_name flag_rows[] = {
	{"SECCOMP_FILTER_FLAG_TSYNC", 0},
	{"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
	{"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
	{"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 0},
	{NULL, 0},
};

static const struct json_names actions = {"action", action_rows};
static const struct json_names archs = {"architecture", arch_rows};
static const struct json_names ops = {"operator", op_rows};
static const struct json_names flags = {"flag", flag_rows};

static const char *const caps[] = {
#define CAP(name, number, permits) [number] = name,
#include "base/caps.def"
#undef CAP
};

/* -- includes and excludes ---------------------------------------------------------- */

/* A capability that is not known here is one that nobody here can hold. */
static int decode_caps(const struct json_at *at, struct json_object *v,
		       const struct json_field *row, void *field, struct fault *f)
{
	struct sc_when *w = (struct sc_when *)((char *)field - offsetof(struct sc_when, caps));
	struct json_strings list = {0};
	int r = json_kind_strings.decode(at, v, row, &list, f);

	for (size_t i = 0; r == 0 && i < list.n; i++) {
		size_t n = 0, skip = strncasecmp(list.v[i], "CAP_", 4) == 0 ? 4 : 0;

		while (n < sizeof(caps) / sizeof(*caps) &&
		       (!caps[n] || strcasecmp(caps[n], list.v[i] + skip) != 0))
			n++;
		if (n < sizeof(caps) / sizeof(*caps))
			w->caps.mask |= (uint64_t)1 << n;
		else
			w->caps.unknown = true;
	}
	w->caps.given = list.n > 0;
	return r;
}

/* The row whose words hold this one, or -1. */
static int find_arch_word(const char *word)
{
	size_t n = strlen(word);

	for (int i = 0; n > 0 && arch_rows[i].name; i++)
		for (const char *p = arch_words[i]; *p; p += strcspn(p, " ") + 1)
			if (strncmp(p, word, n) == 0 && p[n] == ' ')
				return i;
	return -1;
}

static int decode_arches(const struct json_at *at, struct json_object *v,
			 const struct json_field *row, void *field, struct fault *f)
{
	struct sc_when *w = (struct sc_when *)((char *)field - offsetof(struct sc_when, arches));
	struct json_strings list = {0};
	int r = json_kind_strings.decode(at, v, row, &list, f);

	for (size_t i = 0; r == 0 && i < list.n; i++) {
		int arch = find_arch_word(list.v[i]);

		if (arch < 0) {
			json_fail(at, NULL, f, "unknown architecture '%.48s'", list.v[i]);
			fault_fix(f, "the names of Go: amd64, arm64, riscv64; read sc-filter(1)");
			return -EINVAL;
		}
		w->arches.native |= arch_rows[arch].value == seccomp_arch_native();
	}
	w->arches.given = list.n > 0;
	return r;
}

/* "4.8" */
static int decode_kernel(const struct json_at *at, struct json_object *v,
			 const struct json_field *row, void *field, struct fault *f)
{
	struct sc_when *w = (struct sc_when *)((char *)field - offsetof(struct sc_when, kernel));
	uint64_t major, minor;
	const char *s, *dot;
	char first[8];
	int r = json_kind_string.decode(at, v, row, &s, f);

	if (r < 0)
		return r;
	dot = strchr(s, '.');
	if (!dot || dot - s >= (int)sizeof(first))
		return json_fail(at, NULL, f, "expected a version such as 4.8, got '%.16s'", s);
	memcpy(first, s, (size_t)(dot - s));
	first[dot - s] = '\0';
	if (num_u64(first, 9999, &major) < 0 || num_u64(dot + 1, 9999, &minor) < 0)
		return json_fail(at, NULL, f, "expected a version such as 4.8, got '%.16s'", s);
	w->kernel.given = true;
	w->kernel.major = (unsigned)major;
	w->kernel.minor = (unsigned)minor;
	return 0;
}

static const struct json_kind kind_caps = {decode_caps};
static const struct json_kind kind_arches = {decode_arches};
static const struct json_kind kind_kernel = {decode_kernel};

static const struct json_field when_fields[] = {
	{"caps", &kind_caps, offsetof(struct sc_when, caps), false, NULL, 0},
	{"arches", &kind_arches, offsetof(struct sc_when, arches), false, NULL, 0},
	{"minKernel", &kind_kernel, offsetof(struct sc_when, kernel), false, NULL, 0},
	{0},
};
static const struct json_shape when_shape = {when_fields, sizeof(struct sc_when), NULL, false};

/* -- rules ---------------------------------------------------------------------------- */

/* EPERM, or a number in a string, as containers/common writes them. */
static int errno_number(const char *name, uint64_t *ret)
{
	static const struct json_name aliases[] = {
		{"EWOULDBLOCK", EWOULDBLOCK}, {"EDEADLOCK", EDEADLOCK}, {"ENOTSUP", ENOTSUP}, {NULL, 0},
	};

	for (const struct json_name *a = aliases; a->name; a++)
		if (strcmp(a->name, name) == 0)
			return *ret = a->value, 0;
	for (int i = 1; i < 256; i++) {
		const char *known = strerrorname_np(i);

		if (known && strcmp(known, name) == 0)
			return *ret = (uint64_t)i, 0;
	}
	return num_u64(name, ERRNO_MAX, ret);
}

/* How the members of an answer are called: by rules, and by the profile. */
struct answer_words {
	const char *action, *errno_ret, *errno_name;
};

static int make_answer(const struct json_at *at, const struct answer_words *w,
		       const struct json_name *action, const struct json_uint *errno_ret,
		       const char *errno_name, uint32_t *ret, struct fault *f)
{
	enum data_kind kind = action_data[action - action_rows];
	uint64_t data = kind == SC_DATA_NONE ? 0 : EPERM;
	uint64_t max = kind == SC_DATA_MESSAGE ? MESSAGE_MAX : ERRNO_MAX;

	if (action->value == SECCOMP_RET_USER_NOTIF) {
		json_fail(at, w->action, f, "%s needs a listener, and none is started here", action->name);
		fault_fix(f, "a runtime that passes the listener on, or SCMP_ACT_ERRNO in its place");
		return -EINVAL;
	}
	if (kind == SC_DATA_NONE && (errno_ret->given || errno_name))
		return json_fail(at, errno_name ? w->errno_name : w->errno_ret, f,
				 "%s returns no errno; only SCMP_ACT_ERRNO and SCMP_ACT_TRACE do",
				 action->name);
	if (errno_ret->given)
		data = errno_ret->n;
	if (errno_name && errno_number(errno_name, &data) < 0)
		return json_fail(at, w->errno_name, f, "unknown errno '%.32s'", errno_name);
	if (data > max)
		return json_fail(at, w->errno_ret, f, "expected integer from 0 to %lu, got %lu",
				 (unsigned long)max, (unsigned long)data);
	*ret = (uint32_t)(action->value | data);
	return 0;
}

/* A name that is no text would be passed over as one that is unknown here. */
static int check_names(const struct json_at *at, const struct sc_rule *r, struct fault *f)
{
	char member[32] = "name";

	for (size_t i = 0; i < r->names.n; i++) {
		if (*r->names.v[i])
			continue;
		if (!r->name)
			snprintf(member, sizeof(member), "names[%zu]", i);
		json_fail(at, member, f, "the name of a system call is empty");
		fault_fix(f, "a name of syscalls(2), or the list without it");
		return -EINVAL;
	}
	return r->names.n ? 0 : json_fail(at, "names", f, "at least one is required");
}

static int check_rule(const struct json_at *at, void *object, struct fault *f)
{
	static const struct answer_words words = {"action", "errnoRet", "errno"};
	struct sc_rule *r = object;
	int err;

	if (r->name && r->names.n)
		return json_fail(at, "name", f, "given together with names");
	if (r->name)
		r->names = (struct json_strings){&r->name, 1};
	err = check_names(at, r, f);
	return err < 0 ? err : make_answer(at, &words, r->action, &r->errno_ret, r->errno_name, &r->answer, f);
}

#define ARG(m) offsetof(struct sc_arg, m)
static const struct json_field arg_fields[] = {
	{"index", &json_kind_uint, ARG(index), true, NULL, INDEX_MAX},
	{"value", &json_kind_uint, ARG(value), true, NULL, 0},
	{"valueTwo", &json_kind_uint, ARG(value_two), false, NULL, 0},
	{"op", &json_kind_name, ARG(op), true, &ops, 0},
	{0},
};
static const struct json_shape arg_shape = {arg_fields, sizeof(struct sc_arg), NULL, false};

#define RULE(m) offsetof(struct sc_rule, m)
static const struct json_field rule_fields[] = {
	{"name", &json_kind_string, RULE(name), false, NULL, 0},
	{"names", &json_kind_strings, RULE(names), false, NULL, 0},
	{"action", &json_kind_name, RULE(action), true, &actions, 0},
	{"errnoRet", &json_kind_uint, RULE(errno_ret), false, NULL, 0},
	{"errno", &json_kind_string, RULE(errno_name), false, NULL, 0},
	{"args", &json_kind_objects, RULE(args), false, &arg_shape, 0},
	{"includes", &json_kind_object, RULE(includes), false, &when_shape, 0},
	{"excludes", &json_kind_object, RULE(excludes), false, &when_shape, 0},
	{0},
};
static const struct json_shape rule_shape = {rule_fields, sizeof(struct sc_rule), check_rule, false};

/* -- the profile ---------------------------------------------------------------------- */

/* Of Docker's table, the row of this machine; without one there is just this machine. */
static void choose_archs(struct sc_profile *p)
{
	const struct sc_subarchs *rows = p->arch_map.v;

	for (size_t i = 0; rows && i < p->arch_map.n; i++)
		if (rows[i].arch->value == seccomp_arch_native())
			p->archs = rows[i].subs;
}

static int check_profile(const struct json_at *at, void *object, struct fault *f)
{
	static const struct answer_words words = {"defaultAction", "defaultErrnoRet", "defaultErrno"};
	struct sc_profile *p = object;

	if (p->listener && *p->listener) {
		json_fail(at, "listenerPath", f, "no listener is told of system calls here");
		fault_fix(f, "a profile without listenerPath, or a runtime that serves it");
		return -EINVAL;
	}
	if (p->archs.n && p->arch_map.n)
		return json_fail(at, "archMap", f, "given together with architectures");
	choose_archs(p);
	if (!p->flag_names.v) /* absent: the runtimes' default; an empty list: none */
		p->flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	for (size_t i = 0; p->flag_names.v && i < p->flag_names.n; i++)
		p->flags |= (unsigned)p->flag_names.v[i]->value;
	return make_answer(at, &words, p->action, &p->errno_ret, p->errno_name, &p->answer, f);
}

#define SUB(m) offsetof(struct sc_subarchs, m)
static const struct json_field sub_fields[] = {
	{"architecture", &json_kind_name, SUB(arch), true, &archs, 0},
	{"subArchitectures", &json_kind_names, SUB(subs), false, &archs, 0},
	{0},
};
static const struct json_shape sub_shape = {sub_fields, sizeof(struct sc_subarchs), NULL, false};

#define PROFILE(m) offsetof(struct sc_profile, m)
static const struct json_field profile_fields[] = {
	{"defaultAction", &json_kind_name, PROFILE(action), true, &actions, 0},
	{"defaultErrnoRet", &json_kind_uint, PROFILE(errno_ret), false, NULL, 0},
	{"defaultErrno", &json_kind_string, PROFILE(errno_name), false, NULL, 0},
	{"architectures", &json_kind_names, PROFILE(archs), false, &archs, 0},
	{"archMap", &json_kind_objects, PROFILE(arch_map), false, &sub_shape, 0},
	{"flags", &json_kind_names, PROFILE(flag_names), false, &flags, 0},
	{"listenerPath", &json_kind_string, PROFILE(listener), false, NULL, 0},
	{"syscalls", &json_kind_objects, PROFILE(rules), false, &rule_shape, 0},
	{0},
};
static const struct json_shape profile_shape = {profile_fields, sizeof(struct sc_profile),
						check_profile, false};

int sc_profile_decode(struct json_doc *d, const char *name, struct sc_profile *ret, struct fault *f)
{
	bool within = !json_has(d, "defaultAction") && (json_has(d, "linux") || json_has(d, "ociVersion"));

	*ret = (struct sc_profile){.rules_path = within ? "linux.seccomp.syscalls" : "syscalls"};
	if (within && !json_has(d, "linux.seccomp")) {
		fault_rule(f, OP_PROFILE, name, "this config.json has no linux.seccomp");
		fault_fix(f, "the chain without sc-filter: this bundle asks for no filter");
		return -EINVAL;
	}
	return json_decode(d, within ? "linux.seccomp" : NULL, &profile_shape, ret, f);
}
