/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/path.h"
#include "chain/chain.h"
#include "common.h"
#include "oci/bundle.h"
#include "oci/new.h"
#include "oci/write.h"

void fuzz_broken(const char *rule, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "broken: %s: ", rule);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

/* The same environment wherever it runs. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	setenv("SHELL", "/bin/sh", 1);
	for (char **e = environ; *e;) {
		_cleanup_free_ char *name = xprintf("%.*s", (int)strcspn(*e, "="), *e);

		if (strcmp(name, "PATH") == 0 || strcmp(name, "SHELL") == 0 || strstr(name, "SAN_OPTIONS") || unsetenv(name) < 0)
			e++;
	}
	return 0;
}

/* -- the input ------------------------------------------------------------------------ */

char *fuzz_text(const uint8_t *data, size_t size)
{
	size_t n = size ? strnlen((const char *)data, size) : 0;
	char *text = xcalloc(n + 1, 1);

	if (n)
		memcpy(text, data, n);
	return text;
}

char **fuzz_pieces(const uint8_t *data, size_t size, size_t max, size_t *n)
{
	char **pieces = xcalloc(max + 1, sizeof(*pieces));

	for (*n = 0; *n < max; ++*n) {
		char *piece = pieces[*n] = fuzz_text(data, size);
		size_t len = strlen(piece);

		if (len == size) {
			++*n;
			break;
		}
		data += len + 1;
		size -= len + 1;
	}
	return pieces;
}

void fuzz_free_pieces(char **pieces)
{
	for (char **p = pieces; *p; p++)
		free(*p);
	free(pieces);
}

/* -- files ---------------------------------------------------------------------------- */

static const char *fed, *second, *second_suffix;

void fuzz_feed(const char *text)
{
	fed = text;
	second = NULL;
}

void fuzz_feed_second(const char *suffix, const char *text)
{
	second_suffix = suffix;
	second = text;
}

static const char *text_of(const char *path)
{
	size_t n = strlen(path), m = second ? strlen(second_suffix) : 0;

	return second && n >= m && strcmp(path + n - m, second_suffix) == 0 ? second : fed;
}

static ssize_t give(const char *text, size_t max, char **ret)
{
	if (strlen(text) > max)
		return -EFBIG;
	*ret = strdup(text);
	return *ret ? (ssize_t)strlen(text) : -ENOMEM;
}

ssize_t __real_path_read(int dirfd, const char *path, size_t max, char **ret);
ssize_t __wrap_path_read(int dirfd, const char *path, size_t max, char **ret);
ssize_t __wrap_path_read(int dirfd, const char *path, size_t max, char **ret)
{
	return fed ? give(text_of(path), max, ret) : __real_path_read(dirfd, path, max, ret);
}

ssize_t __real_path_read_fd(int fd, size_t max, char **ret);
ssize_t __wrap_path_read_fd(int fd, size_t max, char **ret);
ssize_t __wrap_path_read_fd(int fd, size_t max, char **ret)
{
	return fed ? give(fed, max, ret) : __real_path_read_fd(fd, max, ret);
}

ssize_t __real_cg_read(int dirfd, const char *file, char *buf, size_t n);
ssize_t __wrap_cg_read(int dirfd, const char *file, char *buf, size_t n);
ssize_t __wrap_cg_read(int dirfd, const char *file, char *buf, size_t n)
{
	if (!fed)
		return __real_cg_read(dirfd, file, buf, n);
	snprintf(buf, n, "%s", text_of(file));
	if (*buf && buf[strlen(buf) - 1] == '\n')
		buf[strlen(buf) - 1] = '\0';
	return (ssize_t)strlen(buf);
}

static int file = -1;

int fuzz_file(const void *data, size_t size)
{
	if (file < 0)
		file = memfd_create("fuzz", MFD_CLOEXEC);
	if (file < 0 || ftruncate(file, 0) < 0 || pwrite(file, data, size, 0) != (ssize_t)size || lseek(file, 0, SEEK_SET) < 0)
		fuzz_broken("a file in memory", "%s", strerror(errno));
	return file;
}

const char *fuzz_file_path(void)
{
	static char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	return path;
}

void fuzz_quiet(void)
{
	static bool done;

	if (!done && (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "r", stdin)))
		fuzz_broken("/dev/null", "%s", strerror(errno));
	done = true;
}

void fuzz_check_fault(int r, const struct fault *f)
{
	char text[sizeof(*f)];

	if (r >= 0)
		return;
	FUZZ_HOLDS((unsigned)f->op < OP_COUNT, "%u", (unsigned)f->op);
	FUZZ_HOLDS(*fault_remedy(f), "%s", fault_text(f, text, sizeof(text)));
}

/* -- chains --------------------------------------------------------------------------- */

/* Behind what is spelled "$(printf '\\ooo...')", where control characters stand; its bytes go to *to. NULL: another text. */
static char *printed_bytes(char *from, char **to)
{
	static const char open[] = "\"$(printf '", end[] = "')\"";

	if (strncmp(from, open, strlen(open)) != 0)
		return NULL;
	for (from += strlen(open); *from == '\\'; from += 4)
		*(*to)++ = (char)strtoul((char[]){from[1], from[2], from[3], '\0'}, NULL, 8);
	return strncmp(from, end, strlen(end)) == 0 ? from + strlen(end) : NULL;
}

/* The words of a printed chain, as a shell would see them. */
static void split(char *text, struct words *out)
{
	char *to = text, *word = text;
	bool in = false, any = false;

	for (char *from = text, *behind;; from++) {
		if (!in && *from == '"' && (behind = printed_bytes(from, &to))) {
			from = behind - 1;
			any = true;
		} else if (*from == '\'') {
			in = !in;
			any = true;
		} else if (*from == '\0' || (!in && strchr(" \n", *from))) {
			bool last = !*from;

			*to++ = '\0';
			if (any)
				words_take(out, word);
			word = to;
			any = false;
			if (last)
				break;
		} else if (!in && *from == '\\' && from[1] == '\n') {
			from++;
		} else if (!in && *from == '\\') {
			*to++ = *++from;
			any = true;
		} else {
			FUZZ_HOLDS(in || !strchr("\"$`&|;<>()*?[]#~!{}\t", *from), "a sign of the shell: %s", from);
			*to++ = *from;
			any = true;
		}
	}
}

static char *printed(const struct chain *ch)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	chain_print(ch, out);
	fclose(out);
	return text;
}

static void print_again(const char *text)
{
	_cleanup_free_ char *copy = xprintf("%s", text), *again = NULL;
	struct words words = {0};
	struct chain ch = {.up = -1};
	struct fault f = {0};

	split(copy, &words);
	ch.first = chain_link(words.v[0]);
	ch.ctx.tool = ch.first->cmd.name;
	FUZZ_HOLDS(chain_parse(&ch, words.v + 1, &f) == 0, "%s: %s\n%s", f.obj, f.why, text);
	again = printed(&ch);
	FUZZ_HOLDS(strcmp(text, again) == 0, "\n%s\n%s", text, again);
	chain_free(&ch);
	words_free(&words);
}

int fuzz_chain(char **line, struct fault *f)
{
	struct chain ch = {.first = chain_link(line[0]), .up = -1, .sys = {.tty = -1, .pid = getpid()}};
	_cleanup_free_ char *text = NULL;
	int r;

	ch.ctx.tool = ch.first->cmd.name;
	r = chain_parse(&ch, line + 1, f);
	if (r == 0 && !ch.common.help && !ch.common.version) {
		text = printed(&ch);
		print_again(text);
		r = chain_order(&ch, f);
		if (r == 0)
			r = chain_plan(&ch, f);
	}
	fuzz_check_fault(r, f);
	path_made_free(ch.ctx.made);
	chain_free(&ch);
	return r;
}

/* -- config.json ---------------------------------------------------------------------- */

void fuzz_check_config(struct json_object *config, bool good)
{
	struct bundle b = {.dir = xprintf("/bundle"), .file = xprintf("/bundle/config.json"), .filter = -1};
	const struct write_wish wish = {.id = "fuzz", .console = "/console"};
	struct line l = {0};
	struct fault f = {0};
	const char *text;
	int r = config_text(config, b.file, &text, &f);

	fuzz_check_fault(r, &f);
	if (r == 0) {
		b.text = xprintf("%s", text);
		b.len = strlen(b.text);
		FUZZ_HOLDS(json_parse(b.text, b.len, b.file, OP_CONFIG, &b.doc, &f) == 0, "%s\n%s", f.why, b.text);
	}
	if (r == 0 && good) {
		FUZZ_HOLDS(bundle_decode(&b, &f) == 0, "%s\n%s", f.why, b.text);
		FUZZ_HOLDS(write_chain(&l, &b, &wish, &f) == 0, "%s: %s\n%s", f.obj, f.why, b.text);
		FUZZ_HOLDS(fuzz_chain(l.words.v, &f) == 0, "%s: %s\n%s", f.obj, f.why, b.text);
	}
	line_free(&l);
	bundle_free(&b);
}
