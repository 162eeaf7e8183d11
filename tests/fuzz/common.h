/* SPDX-License-Identifier: MIT */
/* common.h - what the fuzz targets share.
 *
 * A target is a file here with LLVMFuzzerTestOneInput(). It reads its input as the project reads
 * what others wrote, and where there is a rule (what was printed reads back as the same) it holds
 * the project to it with FUZZ_HOLDS. It changes nothing of the system: no mount, cgroup or fork;
 * only the half that checks is called. Functions that are static in a file of libcommon are
 * reached by including that file, whose object is then not taken out of the library. */
#ifndef FUZZ_COMMON_H
#define FUZZ_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/words.h"

struct chain;
struct json_object;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* End with what was broken (printf-like) unless it holds. */
#define FUZZ_HOLDS(holds, ...)                             \
	do {                                               \
		if (!(holds))                              \
			fuzz_broken(#holds, __VA_ARGS__);  \
	} while (0)
_Noreturn void fuzz_broken(const char *rule, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The input as a string of its own, so that what is read beyond its end is noticed. To be freed. */
char *fuzz_text(const uint8_t *data, size_t size);

/* The same cut at each NUL: at most `max` pieces, of which the last has the rest; *n of them.
 * Each is a block of its own, in an array with a NULL at its end; fuzz_free_pieces frees all. */
char **fuzz_pieces(const uint8_t *data, size_t size, size_t max, size_t *n);
void fuzz_free_pieces(char **pieces);

/* What path_read, path_read_fd and cg_read give from here on, whatever file they are asked for;
 * text NULL: the files again. A second text is for paths that end in `suffix`. */
void fuzz_feed(const char *text);
void fuzz_feed_second(const char *suffix, const char *text);

/* A descriptor of a file in memory with that content, always the same number; its path. */
int fuzz_file(const void *data, size_t size);
const char *fuzz_file_path(void);

/* Standard output goes nowhere, and standard input is empty. For what prints. */
void fuzz_quiet(void);

/* A fault that was returned is whole: a known operation, texts that end. */
void fuzz_check_fault(int r, const struct fault *f);

/* The words of line (a link, its words, ...) as a chain, through all that is pure: parsed, put in
 * order, planned. What was parsed is printed, read as a shell reads, parsed and printed again, and
 * has to be the same. Returns 0, or the fault of the first that failed. */
int fuzz_chain(char **line, struct fault *f);

/* A config.json that we would write has to be one that we read. With `good` it also has to be a
 * bundle whose chain parses. */
void fuzz_check_config(struct json_object *config, bool good);

#endif
