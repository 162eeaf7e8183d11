/* SPDX-License-Identifier: MIT */
/* base/num, base/words, base/opt, base/path, base/fault: tables. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fault.h"
#include "base/num.h"
#include "base/opt.h"
#include "base/path.h"
#include "base/printable.h"
#include "base/words.h"

static void numbers(void **state)
{
	static const struct {
		const char *text;
		int64_t min, max, value;
		int r;
	} rows[] = {
		{"0", 0, 10, 0, 0},
		{"10", 0, 10, 10, 0},
		{"11", 0, 10, 0, -ERANGE},
		{"-1", 0, 10, 0, -EINVAL},
		{"-1", -5, 10, -1, 0},
		{"-6", -5, 10, 0, -ERANGE},
		{"1x", 0, 10, 0, -EINVAL},
		{" 1", 0, 10, 0, -EINVAL},
		{"1 ", 0, 10, 0, -EINVAL},
		{"+1", 0, 10, 0, -EINVAL},
		{"", 0, 10, 0, -EINVAL},
		{"-", -5, 10, 0, -EINVAL},
		{"0x1", 0, 10, 0, -EINVAL},
		{"1e1", 0, 10, 0, -EINVAL},
		{"9223372036854775807", 0, INT64_MAX, INT64_MAX, 0},
		{"9223372036854775808", 0, INT64_MAX, 0, -ERANGE},
		{"99999999999999999999999", 0, INT64_MAX, 0, -ERANGE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int64_t v = 0;

		assert_int_equal(num_i64(rows[i].text, rows[i].min, rows[i].max, &v), rows[i].r);
		assert_int_equal(v, rows[i].value);
	}
}

static void sizes(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
		int r;
	} rows[] = {
		{"0", 0, 0},
		{"64M", 64ULL << 20, 0},
		{"64m", 64ULL << 20, 0},
		{"1K", 1024, 0},
		{"2G", 2ULL << 30, 0},
		{"1T", 1ULL << 40, 0},
		{"1P", 1ULL << 50, 0},
		{"max", UINT64_MAX, 0},
		{"18446744073709551615", UINT64_MAX, 0},
		{"18446744073709551616", 0, -ERANGE},
		{"16384P", 0, -ERANGE},
		{"64MB", 0, -EINVAL},
		{"M", 0, -EINVAL},
		{"-1", 0, -EINVAL},
		{"1.5G", 0, -EINVAL},
		{"maximum", 0, -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint64_t v = 0;

		assert_int_equal(num_size(rows[i].text, &v), rows[i].r);
		assert_true(v == rows[i].value);
	}
}

static void quoting(void **state)
{
	static const struct {
		const char *word, *quoted;
	} rows[] = {
		{"plain", "plain"},   {"", "''"},         {"two words", "'two words'"},
		{"it's", "'it'\\''s'"}, {"$x", "'$x'"},   {"a=b,c:d/e.f-g", "a=b,c:d/e.f-g"},
		{"~", "'~'"},         {"new\nline", "'new\nline'"}, {"*", "'*'"},
		/* what a terminal would obey; a substitution loses newlines at its end, so none is in one */
		{"\033[31mred", "\"$(printf '\\033')\"'[31mred'"},
		{"a\tb\001\177", "'a'\"$(printf '\\011')\"'b'\"$(printf '\\001\\177')\""},
		{"\a\n", "\"$(printf '\\007')\"'\n'"},
		{"\303\251\302\233\233", "'\303\251'\"$(printf '\\302\\233\\233')\""},
		{"\340\200\233x", "\"$(printf '\\340\\200\\233')\"'x'"},
		{"'\r'", "''\\'''\"$(printf '\\015')\"''\\'''"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *text = NULL;
		size_t n = 0;
		FILE *out = open_memstream(&text, &n);

		word_quote(out, rows[i].word);
		fclose(out);
		assert_string_equal(text, rows[i].quoted);
		free(text);
	}
}

/* As C has them, cut where the room ends, and never in the middle of a character. */
static void quoting_for_c(void **state)
{
	static const struct {
		const char *word, *quoted, *in_12;
	} rows[] = {
		{"plain", "\"plain\"", "\"plain\""},
		{"", "\"\"", "\"\""},
		{"a\"b\\c", "\"a\\\"b\\\\c\"", "\"a\\\"b\\\\\"..."},
		{"\n\t\r", "\"\\n\\t\\r\"", "\"\\n\\t\\r\""},
		{"\033[1m\177", "\"\\033[1m\\177\"", "\"\\033[1\"..."},
		{"1234567", "\"1234567\"", "\"123456\"..."},
		{"\303\244", "\"\303\244\"", "\"\303\244\""},
	};
	char buf[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_string_equal(word_c(buf, sizeof(buf), rows[i].word), rows[i].quoted);
		assert_string_equal(word_c(buf, 12, rows[i].word), rows[i].in_12);
		assert_true(strlen(buf) < 12);
	}
}

/* Any word comes back from a shell as it was. */
static void quoting_is_undone(void **state)
{
	char word[4] = "", back[16];

	(void)state;
	for (unsigned c = 1; c < 256; c += 3) {
		char *text = NULL;
		size_t n = 0;
		FILE *out = open_memstream(&text, &n), *sh;

		word[0] = word[2] = (char)c;
		word[1] = (char)(c < 255 ? c + 1 : c);
		fputs("exec printf %s ", out);
		word_quote(out, word);
		fclose(out);
		sh = popen(text, "r");
		assert_non_null(sh);
		n = fread(back, 1, sizeof(back), sh);
		pclose(sh);
		assert_int_equal(n, strlen(word));
		assert_memory_equal(back, word, n);
		free(text);
	}
}

struct spec {
	bool flag;
	unsigned bits;
	const char *name;
	struct words list;
	struct opt_num n;
};

static const struct opt opts[] = {
	{'f', "flag", NULL, &opt_flag, offsetof(struct spec, flag), 0, "", NULL},
	{'a', "bit-a", NULL, &opt_bit, offsetof(struct spec, bits), 1, "", NULL},
	{'b', "bit-b", NULL, &opt_bit, offsetof(struct spec, bits), 2, "", NULL},
	{'n', "name", "NAME", &opt_string, offsetof(struct spec, name), 0, "", NULL},
	{0, "add", "X", &opt_strings, offsetof(struct spec, list), 0, "", NULL},
	{'s', "switch", "true|false", &opt_switch, offsetof(struct spec, flag), 0, "", "true false"},
	{'N', "number", "N", &opt_int, offsetof(struct spec, n), 100, "", NULL},
	{0},
};
static const struct cmd cmd = {.name = "tool", .opts = opts};

static int parse(struct spec *s, const char *line, struct words *left)
{
	static char copy[256];
	static char *argv[32];
	char *rest = copy, **p = argv;
	struct fault f = {0};
	int r, n = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	while ((argv[n] = strsep(&rest, " ")))
		n++;
	r = opt_parse(&cmd, s, NULL, NULL, &p, &f);
	for (; *p; p++)
		words_add(left, *p);
	return r;
}

static void options(void **state)
{
	static const struct {
		const char *line;
		int r;
		bool flag;
		unsigned bits;
		const char *name;
		size_t added;
		size_t left;
	} rows[] = {
		{"--flag x y", 0, true, 0, NULL, 0, 2},
		{"-fab x", 0, true, 3, NULL, 0, 1},
		{"-n v x", 0, false, 0, "v", 0, 1},
		{"-nv x", 0, false, 0, "v", 0, 1},
		{"-fnv x", 0, true, 0, "v", 0, 1},
		{"--name=v --add 1 --add=2 x", 0, false, 0, "v", 2, 1},
		{"--name= x", 0, false, 0, "", 0, 1},
		{"--name --flag x", 0, false, 0, "--flag", 0, 1},
		{"-- --flag", 0, false, 0, NULL, 0, 2},
		{"- x", 0, false, 0, NULL, 0, 2},
		{"--name", -EINVAL, false, 0, NULL, 0, 0},
		{"-n", -EINVAL, false, 0, NULL, 0, 0},
		{"--flag=1", -EINVAL, false, 0, NULL, 0, 1},
		{"--fla", -EINVAL, false, 0, NULL, 0, 1},
		{"-z", -EINVAL, false, 0, NULL, 0, 0},
		/* an argument that may be left out: only behind the letter itself */
		{"-s x", 0, true, 0, NULL, 0, 1},
		{"-sa true", 0, true, 1, NULL, 0, 1},
		{"-fs=false x", 0, false, 0, NULL, 0, 1},
		{"-fsfalse x", 0, false, 0, NULL, 0, 1},
		{"-sfals x", -EINVAL, true, 0, NULL, 0, 0},
		{"-s=maybe x", -EINVAL, false, 0, NULL, 0, 1},
		{"--number 101", -EINVAL, false, 0, NULL, 0, 0},
		{"--number 1x", -EINVAL, false, 0, NULL, 0, 0},
		{"--number 100", 0, false, 0, NULL, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct words left = {0};
		struct spec s = {0};

		assert_int_equal(parse(&s, rows[i].line, &left), rows[i].r);
		if (rows[i].r == 0) {
			assert_int_equal(s.flag, rows[i].flag);
			assert_int_equal(s.bits, rows[i].bits);
			assert_true(!s.name == !rows[i].name);
			if (s.name)
				assert_string_equal(s.name, rows[i].name);
			assert_int_equal(s.list.n, rows[i].added);
			assert_int_equal(left.n, rows[i].left);
		}
		words_free(&left);
		words_free(&s.list);
	}
}

static void printed_options_parse_again(void **state)
{
	struct spec a = {0}, b = {0};
	struct words left = {0}, printed = {0};
	struct fault f = {0};
	char **p;

	(void)state;
	assert_int_equal(parse(&a, "-fb --name v --add 1 --add 2 -N 7", &left), 0);
	opt_print(opts, &a, &printed);
	p = printed.v;
	assert_int_equal(opt_parse(&cmd, &b, NULL, NULL, &p, &f), 0);
	assert_null(*p);
	assert_int_equal(b.flag, 1);
	assert_int_equal(b.bits, 2);
	assert_string_equal(b.name, "v");
	assert_int_equal(b.list.n, 2);
	assert_string_equal(b.list.v[1], "2");
	assert_true(b.n.given && b.n.n == 7);
	words_free(&a.list);
	words_free(&b.list);
	words_free(&left);
	words_free_all(&printed);
}

static void every_fault_has_a_remedy(void **state)
{
	(void)state;
	for (int op = 0; op < OP_COUNT; op++) {
		struct fault f = {.op = (enum op)op};

		assert_non_null(fault_remedy(&f));
		assert_true(strlen(fault_remedy(&f)) > 8);
	}
}

/* -- path: a root filesystem that tries to lead out -------------------------------------- */

static char root[] = "/tmp/test-path-XXXXXX";

static int make_root(void **state)
{
	static int fd;

	assert_non_null(mkdtemp(root));
	fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(mkdirat(fd, "dir", 0755), 0);
	assert_int_equal(symlinkat("/etc", fd, "abs"), 0);
	assert_int_equal(symlinkat("../../../../../../etc", fd, "climb"), 0);
	assert_int_equal(symlinkat("nowhere", fd, "dangling"), 0);
	assert_int_equal(symlinkat("dir", fd, "link"), 0);
	*state = &fd;
	return 0;
}

static int remove_root(void **state)
{
	char line[64];

	close(*(int *)*state);
	snprintf(line, sizeof(line), "rm -rf '%s'", root);
	return system(line);
}

static void paths_stay_in_the_root(void **state)
{
	static const struct {
		const char *path;
		bool file, no_links;
		int r; /* 0: a descriptor, below the root, at `real` */
		const char *real;
	} rows[] = {
		{"/dir", false, false, 0, "/dir"},
		{"dir", false, true, 0, "/dir"},
		{"/new/deep/er", false, false, 0, "/new/deep/er"},
		{"/new/file", true, false, 0, "/new/file"},
		{"/link/x", false, false, 0, "/dir/x"},
		{"/link/x", false, true, -ELOOP, NULL},
		{"/abs/passwd", false, false, -ELOOP, NULL}, /* in the root: a link to nowhere */
		{"/climb", false, false, -ELOOP, NULL},
		{"/dangling/x", false, false, -ELOOP, NULL},
		{"/new/file/x", false, false, -ENOTDIR, NULL},
	};
	struct sys s = {.tty = -1};
	int rootfd = *(int *)*state;
	struct path_made *made = path_made_new();
	char text[300], proc[64];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct fault f = {0};
		int fd = path_make_in(&s, rootfd, rows[i].path, rows[i].file, rows[i].no_links, made, &f);
		ssize_t n;

		if (rows[i].r < 0) {
			assert_int_equal(fd, rows[i].r);
			continue;
		}
		assert_true(fd >= 0);
		snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
		n = readlink(proc, text, sizeof(text) - 1);
		assert_true(n > 0);
		text[n] = '\0';
		assert_string_equal(text + strlen(root), rows[i].real);
		close(fd);
	}
	assert_int_equal(access("/etc/x", F_OK), -1);
	/* what was made is on the list, and the list undoes it */
	assert_int_equal(made->n, 5);
	path_made_undo(&s, made, rootfd);
	assert_int_equal(faccessat(rootfd, "new", F_OK, 0), -1);
	assert_int_equal(faccessat(rootfd, "dir/x", F_OK, 0), -1);
	assert_int_equal(faccessat(rootfd, "dir", F_OK, 0), 0);
	path_made_free(made);
}

static void dotdot(void **state)
{
	(void)state;
	assert_true(path_has_dotdot("/a/../b"));
	assert_true(path_has_dotdot(".."));
	assert_true(path_has_dotdot("a/.."));
	assert_false(path_has_dotdot("/a/..b/c.."));
	assert_false(path_has_dotdot("/a/.../b"));
	assert_false(path_has_dotdot(""));
}

static void printables(void **state)
{
	static const struct {
		const char *text, *shown;
	} rows[] = {
		{"", ""},
		{"a b\\", "a b\\"},
		{"\033]0;x\a\177\n\t", "?]0;x????"},
		{"caf\303\251 \342\202\254 \360\237\220\247", "caf\303\251 \342\202\254 \360\237\220\247"},
		{"\302\233" "2J", "??2J"},        /* CSI as UTF-8 */
		{"\302\200\302\237\302\240", "????\302\240"},
		{"\233" "2J\205", "?2J?"},        /* and as one byte */
		{"\303\233" "2J", "\303\233" "2J"}, /* the same byte in a letter */
		{"\303", "?"},
		{"\342\202", "??"},
		{"\300\233\340\200\233\355\240\200", "????????"}, /* too long, a surrogate */
		{"\364\220\200\200\377", "?????"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct fault f = {0};
		char text[64], line[700];

		snprintf(text, sizeof(text), "%s", rows[i].text);
		assert_string_equal(printable(text), rows[i].shown);
		fault_rule(&f, OP_NS_TARGET, rows[i].text, "%s", rows[i].text);
		snprintf(text, sizeof(text), "'%s': %s", rows[i].shown, *rows[i].shown ? rows[i].shown : "not allowed here");
		if (!strstr(fault_text(&f, line, sizeof(line)), text))
			fail_msg("%s, not %s", line, text);
	}
}

static void unescaped(void **state)
{
	static const struct {
		const char *text, *path;
	} rows[] = {
		{"", ""},          {"/a", "/a"},           {"/a\\040b\\011\\012\\134c", "/a b\t\n\\c"},
		{"\\377", "\377"}, {"\\400", "\\400"},    {"\\04", "\\04"},
		{"\\x41", "\\x41"}, {"\\09x\\", "\\09x\\"}, {"\\1340401", "\\0401"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[64];

		snprintf(text, sizeof(text), "%s", rows[i].text);
		assert_string_equal(path_unescape(text), rows[i].path);
	}
	assert_null(path_unescape(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(sizes),
		cmocka_unit_test(quoting), cmocka_unit_test(quoting_is_undone),
		cmocka_unit_test(quoting_for_c),
		cmocka_unit_test(options),
		cmocka_unit_test(printed_options_parse_again),
		cmocka_unit_test(every_fault_has_a_remedy),
		cmocka_unit_test_setup_teardown(paths_stay_in_the_root, make_root, remove_root),
		cmocka_unit_test(printables),
		cmocka_unit_test(unescaped),
		cmocka_unit_test(dotdot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
