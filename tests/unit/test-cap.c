/* SPDX-License-Identifier: MIT */
/* Lists of capabilities, ids, and the five sets that a wish leads to. */
#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cap/ids.h"
#include "cap/names.h"
#include "cap/sets.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define C(name) (1ULL << CAP_##name)

enum { LAST = CAP_CHECKPOINT_RESTORE };

static const uint64_t full = (2ULL << LAST) - 1;

/* -- lists ------------------------------------------------------------------------ */

static void lists_are_read(void **state)
{
	static const struct {
		const char *text;
		uint64_t mask;
	} rows[] = {
		{"chown", C(CHOWN)},
		{"chown,setuid", C(CHOWN) | C(SETUID)},
		{"cap_chown", C(CHOWN)},
		{"CAP_NET_RAW,Net_Admin", C(NET_RAW) | C(NET_ADMIN)},
		{"chown,chown", C(CHOWN)},
		{"checkpoint_restore", C(CHECKPOINT_RESTORE)},
		{"all", CAP_MASK_ALL},
		{"ALL", CAP_MASK_ALL},
		{"none", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fault f;
		uint64_t mask = 1234;

		assert_int_equal(cap_mask_parse(rows[i].text, &mask, &f), 0);
		assert_int_equal(mask, rows[i].mask);
	}
}

static void bad_lists_are_refused(void **state)
{
	static const struct {
		const char *text, *object, *in_why, *in_fix;
	} rows[] = {
		{"", "", "missing", NULL},
		{"chown,", "", "missing", NULL},
		{",chown", "", "missing", NULL},
		{"chown,,kill", "", "missing", NULL},
		{"0", "0", "number", "chown"},
		{"21", "21", "number", "sys_admin"},
		{"99", "99", "number", NULL},
		{"7x", "7x", "number", NULL},
		{"0x1", "0x1", "number", NULL},
		{"cap_", "cap_", "no such", NULL},
		{"chwon", "chwon", "no such", "chown"},
		{"NET_RAV", "NET_RAV", "no such", "net_raw"},
		{"cap_sysadmin", "cap_sysadmin", "no such", "sys_admin"},
		{"chow", "chow", "no such", "chown"},
		{"chown kill", "chown kill", "no such", NULL},
		{"all,chown", "all,chown", "alone", NULL},
		{"chown,none", "chown,none", "alone", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fault f;
		uint64_t mask = 1234;

		assert_int_equal(cap_mask_parse(rows[i].text, &mask, &f), -EINVAL);
		assert_int_equal(mask, 1234);
		assert_int_equal(f.op, OP_CAP_NAME);
		assert_string_equal(f.obj, rows[i].object);
		assert_non_null(strstr(f.why, rows[i].in_why));
		if (rows[i].in_fix)
			assert_non_null(strstr(f.fix, rows[i].in_fix));
	}
}

static void every_name_prints_and_reads_back(void **state)
{
	(void)state;
	for (unsigned n = 0; n <= LAST; n++) {
		struct fault f;
		uint64_t mask;
		char *text = cap_mask_text(1ULL << n);

		assert_string_equal(text, cap_name(n));
		assert_int_equal(cap_mask_parse(text, &mask, &f), 0);
		assert_int_equal(mask, 1ULL << n);
		assert_true(strlen(cap_permits(n)) > 3);
		free(text);
	}
	assert_null(cap_name(LAST + 1));
	assert_null(cap_permits(64));
}

static void masks_print_and_read_back(void **state)
{
	static const uint64_t masks[] = {0, CAP_MASK_ALL, C(CHOWN) | C(BPF), (2ULL << LAST) - 1};

	(void)state;
	for (size_t i = 0; i < COUNT(masks); i++) {
		struct fault f;
		uint64_t mask;
		char *text = cap_mask_text(masks[i]);

		assert_int_equal(cap_mask_parse(text, &mask, &f), 0);
		assert_int_equal(mask, masks[i]);
		free(text);
	}
}

/* -- ids ---------------------------------------------------------------------------- */

static void users_are_read(void **state)
{
	static const struct {
		const char *text;
		int result;
		bool name, has_gid;
		uint32_t uid, gid;
	} rows[] = {
		{"0", 0, false, false, 0, 0},
		{"1000", 0, false, false, 1000, 0},
		{"1:2", 0, false, true, 1, 2},
		{"4294967294", 0, false, false, 4294967294U, 0},
		{"nobody", 0, true, false, 0, 0},
		{"", -EINVAL, false, false, 0, 0},
		{"1:", -EINVAL, false, false, 0, 0},
		{":1", -EINVAL, false, false, 0, 0},
		{"-1", -EINVAL, false, false, 0, 0},
		{"+1", -EINVAL, false, false, 0, 0},
		{" 1", -EINVAL, false, false, 0, 0},
		{"1x", -EINVAL, false, false, 0, 0},
		{"1:2:3", -EINVAL, false, false, 0, 0},
		{"4294967295", -EINVAL, false, false, 0, 0},
		{"4294967296", -EINVAL, false, false, 0, 0},
		{"99999999999999999999999999999999999999", -EINVAL, false, false, 0, 0},
	};
	static const struct opt o = {.name = "user"};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct id_user u = {0};
		struct fault f;

		assert_int_equal(opt_user.parse(&u, &o, rows[i].text, &f), rows[i].result);
		assert_int_equal(u.uid.given, rows[i].result == 0);
		assert_int_equal(u.uid.name != NULL, rows[i].name);
		assert_int_equal(u.gid.given, rows[i].has_gid);
		assert_int_equal(u.uid.id, rows[i].uid);
		assert_int_equal(u.gid.id, rows[i].gid);
	}
}

static void groups_are_read(void **state)
{
	static const struct {
		const char *text;
		int result;
		size_t n;
	} rows[] = {
		{"none", 0, 0}, {"5", 0, 1}, {"1,2,3", 0, 3},
		{"", -EINVAL, 0}, {"1,", -EINVAL, 0}, {"wheel", -EINVAL, 0}, {"1,2x", -EINVAL, 0},
	};
	static const struct opt o = {.name = "groups"};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct id_groups g = {0};
		struct fault f;

		assert_int_equal(opt_groups.parse(&g, &o, rows[i].text, &f), rows[i].result);
		assert_int_equal(g.given, rows[i].result == 0);
		assert_int_equal(g.n, rows[i].n);
		ids_groups_free(&g);
	}
}

/* -- the five sets ------------------------------------------------------------------ */

#define L(m) {.mask = (m), .given = true}
#define ROOT {.known = true, .bounding = FULL, .permitted = FULL, .effective = FULL, .uid = 0}
#define PLAIN {.known = true, .bounding = FULL, .uid = 1000}
#define FULL ((2ULL << LAST) - 1)

/* What a user holds whom cap-set made with --only X. */
#define KEEPER(x) {.known = true, .bounding = (x), .permitted = (x), .effective = (x), \
		   .inheritable = (x), .ambient = (x), .uid = 1000}

static const struct {
	const char *name;
	struct cap_wish wish;
	struct cap_facts now;
	int64_t uid;
	uint64_t bounding, permitted, effective, inheritable, ambient;
	uint64_t after_exec; /* permitted = effective */
} good[] = {
	{"nothing asked, root", {.securebits = 0}, ROOT, -1, FULL, FULL, FULL, 0, 0, FULL},
	{"nothing asked, user", {.securebits = 0}, PLAIN, -1, FULL, 0, 0, 0, 0, 0},
	{"only, root", {.only = L(C(CHOWN))}, ROOT, -1, C(CHOWN), C(CHOWN), C(CHOWN), 0, 0, C(CHOWN)},
	{"only, root to root", {.only = L(C(CHOWN))}, ROOT, 0, C(CHOWN), C(CHOWN), C(CHOWN), 0, 0, C(CHOWN)},
	{"only none, root", {.only = L(0)}, ROOT, -1, 0, 0, 0, 0, 0, 0},
	{"only all, root", {.only = L(CAP_MASK_ALL)}, ROOT, -1, FULL, FULL, FULL, 0, 0, FULL},
	{"only, to a user", {.only = L(C(KILL))}, ROOT, 5, C(KILL), C(KILL), C(KILL), C(KILL), C(KILL), C(KILL)},
	{"only all, to a user", {.only = L(CAP_MASK_ALL)}, ROOT, 5, FULL, FULL, FULL, FULL, FULL, FULL},
	{"only none, to a user", {.only = L(0)}, ROOT, 5, 0, 0, 0, 0, 0, 0},
	{"only what a user holds", {.only = L(C(KILL))}, KEEPER(C(KILL)), -1,
	 C(KILL), C(KILL), C(KILL), C(KILL), C(KILL), C(KILL)},
	{"only less than a user holds", {.only = L(C(SETPCAP))}, KEEPER(C(KILL) | C(SETPCAP)), -1,
	 C(SETPCAP), C(SETPCAP), C(SETPCAP), C(SETPCAP), C(SETPCAP), C(SETPCAP)},
	{"only with noroot: root is nobody special", {.only = L(C(KILL)), .securebits = SECBIT_NOROOT}, ROOT, -1,
	 C(KILL), C(KILL), C(KILL), C(KILL), C(KILL), C(KILL)},
	{"a user alone: gone as setuid does it", {.securebits = 0}, ROOT, 5, FULL, 0, 0, 0, 0, 0},
	{"a user with no-setuid-fixup", {.securebits = SECBIT_NO_SETUID_FIXUP}, ROOT, 5, FULL, FULL, FULL, 0, 0, 0},
	{"drop, root", {.drop = L(C(KILL))}, ROOT, -1,
	 FULL & ~C(KILL), FULL & ~C(KILL), FULL & ~C(KILL), 0, 0, FULL & ~C(KILL)},
	{"drop all, root", {.drop = L(CAP_MASK_ALL)}, ROOT, -1, 0, 0, 0, 0, 0, 0},
	{"drop, to a user", {.drop = L(C(KILL))}, ROOT, 5, FULL & ~C(KILL), 0, 0, 0, 0, 0},
	{"drop of only", {.only = L(C(KILL) | C(BPF)), .drop = L(C(BPF))}, ROOT, 5,
	 C(KILL), C(KILL), C(KILL), C(KILL), C(KILL), C(KILL)},
	{"only all but one, to a user", {.only = L(CAP_MASK_ALL), .drop = L(C(BPF))}, ROOT, 5,
	 FULL & ~C(BPF), FULL & ~C(BPF), FULL & ~C(BPF), FULL & ~C(BPF), FULL & ~C(BPF), FULL & ~C(BPF)},
	{"drop, a user who holds it", {.drop = L(C(KILL))}, KEEPER(C(KILL) | C(SETPCAP)), -1,
	 C(SETPCAP), C(SETPCAP), C(SETPCAP), C(SETPCAP), C(SETPCAP), C(SETPCAP)},
	{"bounding alone", {.bounding = L(C(KILL))}, ROOT, -1, C(KILL), FULL, FULL, 0, 0, C(KILL)},
	{"permitted takes effective along", {.permitted = L(C(KILL))}, ROOT, -1, FULL, C(KILL), C(KILL), 0, 0, FULL},
	{"effective alone", {.effective = L(C(KILL))}, ROOT, -1, FULL, FULL, C(KILL), 0, 0, FULL},
	{"inheritable alone", {.inheritable = L(C(KILL))}, ROOT, -1, FULL, FULL, FULL, C(KILL), 0, FULL},
	{"inheritable none takes ambient along", {.inheritable = L(0)}, KEEPER(C(KILL)), -1,
	 C(KILL), C(KILL), C(KILL), 0, 0, 0},
	{"as config.json has it, root",
	 {.bounding = L(C(KILL)), .permitted = L(C(KILL)), .effective = L(C(KILL)), .inheritable = L(0), .ambient = L(0)},
	 ROOT, 0, C(KILL), C(KILL), C(KILL), 0, 0, C(KILL)},
	{"as config.json has it, a user",
	 {.bounding = L(C(KILL)), .permitted = L(C(KILL)), .effective = L(C(KILL)), .inheritable = L(C(KILL)),
	  .ambient = L(C(KILL))},
	 ROOT, 5, C(KILL), C(KILL), C(KILL), C(KILL), C(KILL), C(KILL)},
	{"effective none, permitted some", {.permitted = L(C(KILL)), .effective = L(0)}, ROOT, -1,
	 FULL, C(KILL), 0, 0, 0, FULL},
	{"ambient all is what can be", {.inheritable = L(C(KILL)), .ambient = L(CAP_MASK_ALL)}, ROOT, -1,
	 FULL, FULL, FULL, C(KILL), C(KILL), FULL},
	{"a user gives up what is inheritable", {.permitted = L(0), .inheritable = L(0)}, PLAIN, -1, FULL, 0, 0, 0, 0, 0},
};

static void wishes_lead_to_sets(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct cap_facts n, x;
		struct fault f = {0};

		if (cap_wish_check(&good[i].wish, &f) < 0 ||
		    cap_sets_next(&good[i].wish, &good[i].now, good[i].uid, &n, &f) < 0)
			fail_msg("%s: refused: %s %s", good[i].name, f.obj, f.why);
		x = cap_after_exec(&n);
		if (n.bounding != good[i].bounding || n.permitted != good[i].permitted ||
		    n.effective != good[i].effective || n.inheritable != good[i].inheritable ||
		    n.ambient != good[i].ambient || x.permitted != good[i].after_exec ||
		    x.effective != good[i].after_exec)
			fail_msg("%s: b=%lx p=%lx e=%lx i=%lx a=%lx exec=%lx", good[i].name, n.bounding, n.permitted,
				 n.effective, n.inheritable, n.ambient, x.permitted);
	}
}

static const struct {
	const char *name;
	struct cap_wish wish;
	struct cap_facts now;
	int64_t uid;
	enum op op;
	const char *object, *in_why;
} bad[] = {
	{"a user holds nothing", {.only = L(C(CHOWN))}, PLAIN, -1, OP_CAP_SET, "chown", "holds no capabilities"},
	{"a user changes bounding", {.drop = L(C(KILL))}, PLAIN, -1, OP_CAP_BOUND, "kill", "CAP_SETPCAP"},
	{"only none changes bounding too", {.only = L(0)}, PLAIN, -1, OP_CAP_BOUND, "chown", "CAP_SETPCAP"},
	{"not held", {.only = L(C(BPF))}, KEEPER(C(KILL)), -1, OP_CAP_SET, "bpf", "does not hold"},
	{"nothing comes back into bounding", {.bounding = L(C(BPF) | C(KILL))}, KEEPER(C(KILL)), -1, OP_CAP_SET, "bpf",
	 "bounding"},
	{"ambient, not inheritable", {.ambient = L(C(KILL))}, ROOT, -1, OP_CAP_AMBIENT, "kill", "inheritable"},
	{"ambient, not permitted", {.ambient = L(C(KILL)), .inheritable = L(C(KILL))}, PLAIN, -1, OP_CAP_SET, "kill",
	 "holds no"},
	{"ambient lost with the user", {.ambient = L(C(KILL)), .inheritable = L(C(KILL))}, ROOT, 5, OP_CAP_AMBIENT,
	 "kill", "permitted"},
	{"effective beyond permitted", {.effective = L(C(KILL))}, ROOT, 5, OP_CAP_SET, "kill", "permitted"},
	{"inheritable beyond bounding", {.bounding = L(0), .inheritable = L(C(KILL))}, ROOT, -1, OP_CAP_SET, "kill",
	 "bounding"},
	{"ambient forbidden by securebit",
	 {.only = L(C(KILL)), .securebits = SECBIT_NO_CAP_AMBIENT_RAISE}, ROOT, 5, OP_CAP_AMBIENT, "kill", "forbids"},
	{"securebits of a user", {.securebits = SECBIT_NOROOT}, PLAIN, -1, OP_SECUREBITS, "noroot", "CAP_SETPCAP"},
	{"keep-caps locked away", {.only = L(C(KILL)), .securebits = SECBIT_KEEP_CAPS_LOCKED}, ROOT, 5, OP_SECUREBITS,
	 "keep-caps-locked", "surviving"},
};

static void impossible_wishes_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct cap_facts n;
		struct fault f = {0};

		assert_int_equal(cap_wish_check(&bad[i].wish, &f), 0);
		if (cap_sets_next(&bad[i].wish, &bad[i].now, bad[i].uid, &n, &f) == 0)
			fail_msg("%s: accepted", bad[i].name);
		if (f.op != bad[i].op || strcmp(f.obj, bad[i].object) != 0 || !strstr(f.why, bad[i].in_why))
			fail_msg("%s: %d '%s': %s", bad[i].name, f.op, f.obj, f.why);
	}
}

static void a_locked_securebit_stays(void **state)
{
	const struct cap_wish wish = {.securebits = SECBIT_NOROOT};
	struct cap_facts now = ROOT, n;
	struct fault f;

	(void)state;
	now.securebits = SECBIT_NOROOT_LOCKED;
	assert_int_equal(cap_sets_next(&wish, &now, -1, &n, &f), -EINVAL);
	assert_non_null(strstr(f.why, "locked"));
	now.securebits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED;
	assert_int_equal(cap_sets_next(&wish, &now, -1, &n, &f), 0);
}

static void contradictions_are_found_in_the_wish(void **state)
{
	static const struct {
		struct cap_wish wish;
		enum op op;
		const char *object;
	} rows[] = {
		{{.ambient = L(C(KILL)), .inheritable = L(0)}, OP_CAP_AMBIENT, "kill"},
		{{.ambient = L(C(KILL)), .permitted = L(C(BPF)), .inheritable = L(C(KILL))}, OP_CAP_AMBIENT, "kill"},
		{{.effective = L(C(KILL)), .permitted = L(0)}, OP_CAP_SET, "kill"},
		{{.only = L(0), .ambient = L(0)}, OP_OPTION, "--only"},
		{{.drop = L(0), .bounding = L(0)}, OP_OPTION, "--drop"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fault f = {0};

		assert_int_equal(cap_wish_check(&rows[i].wish, &f), -EINVAL);
		assert_int_equal(f.op, rows[i].op);
		assert_string_equal(f.obj, rows[i].object);
	}
}

static void newer_capabilities_name_the_last(void **state)
{
	const struct cap_wish wish = {.drop = L(C(KILL) | C(BPF))};
	const struct cap_wish all = {.drop = L(CAP_MASK_ALL)};
	struct fault f;

	(void)state;
	assert_int_equal(cap_wish_known(&wish, full, &f), 0);
	assert_int_equal(cap_wish_known(&all, C(CHOWN), &f), 0);
	assert_int_equal(cap_wish_known(&wish, (2ULL << CAP_AUDIT_READ) - 1, &f), -EINVAL);
	assert_string_equal(f.obj, "bpf");
	assert_non_null(strstr(f.why, "audit_read (37)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read),
		cmocka_unit_test(bad_lists_are_refused),
		cmocka_unit_test(every_name_prints_and_reads_back),
		cmocka_unit_test(masks_print_and_read_back),
		cmocka_unit_test(users_are_read),
		cmocka_unit_test(groups_are_read),
		cmocka_unit_test(wishes_lead_to_sets),
		cmocka_unit_test(impossible_wishes_are_refused),
		cmocka_unit_test(a_locked_securebit_stays),
		cmocka_unit_test(contradictions_are_found_in_the_wish),
		cmocka_unit_test(newer_capabilities_name_the_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
