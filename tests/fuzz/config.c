/* SPDX-License-Identifier: MIT */
/* config.c - config.json: decoded, written as the words of a chain for a shell and for a life
 * cycle, each read back; the filter of its annotation; every problem of it at once. */
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "common.h"
#include "oci/bundle.h"
#include "oci/write.h"
#include "sc/profile.h"

static void warn(void *arg, const char *where, const char *what)
{
	(void)arg;
	FUZZ_HOLDS(where && what, "a warning without words");
}

static void note(void *arg, const char *path, unsigned line, const char *why)
{
	(void)line, (void)arg;
	FUZZ_HOLDS(path && *why, "a problem without a reason");
}

static int parse(struct bundle *b, const uint8_t *data, size_t size, struct fault *f)
{
	*b = (struct bundle){.dir = xprintf("/bundle"), .file = xprintf("/bundle/config.json"), .len = size, .filter = -1};
	b->text = xcalloc(size + 1, 1);
	if (size)
		memcpy(b->text, data, size);
	return json_parse(b->text, b->len, b->file, OP_CONFIG, &b->doc, f);
}

/* What decodes makes a chain that parses, or the fault says why not. */
static void write_and_read(struct bundle *b, const struct write_wish *wish)
{
	struct line l = {0};
	struct fault f = {0};
	int r = write_chain(&l, b, wish, &f);

	fuzz_check_fault(r, &f);
	if (r == 0)
		fuzz_chain(l.words.v, &f);
	FUZZ_HOLDS(l.words.n == l.from.n, "%zu words, %zu places", l.words.n, l.from.n);
	line_free(&l);
	if (b->filter > 2)
		fd_close(&b->filter);
}

static void all_problems(const uint8_t *data, size_t size, bool good)
{
	struct sc_profile profile;
	struct bundle b;
	struct fault f = {0};

	if (parse(&b, data, size, &f) == 0) {
		json_collect(b.doc, note, NULL);
		FUZZ_HOLDS((bundle_decode(&b, &f) == 0) == good, "checked and used are two things");
		if (json_has(b.doc, "linux.seccomp"))
			(void)sc_profile_decode(b.doc, b.file, &profile, &f);
	}
	bundle_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct write_wish line = {.console = "/console", .warn = warn},
				       life = {.console = "/console", .id = "fuzz", .rows = 24, .columns = 80, .keep_fds = 1};
	struct bundle b;
	struct fault f = {0};
	int r = parse(&b, data, size, &f);

	if (r == 0)
		r = bundle_decode(&b, &f);
	fuzz_check_fault(r, &f);
	if (r == 0) {
		write_and_read(&b, &line);
		write_and_read(&b, &life);
	}
	bundle_free(&b);
	all_problems(data, size, r == 0);
	return 0;
}
