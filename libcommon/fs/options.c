/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "fs/options.h"

#ifndef MOUNT_ATTR_NOSYMFOLLOW /* since Linux 5.14; older headers lack it */
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

enum kind { KIND_ATTR, KIND_PROPAGATION, KIND_BIND, KIND_NOTHING, KIND_HOW, KIND_SUPER };

static const struct row {
	const char *word;
	enum kind kind;
	uint64_t set, clear;
} rows[] = {
#define ATTR(word, bit, clears) {word, KIND_ATTR, bit, clears},
#define PROPAGATION(word, flag) {word, KIND_PROPAGATION, flag, 0},
#define BIND(word, recursive) {word, KIND_BIND, recursive, 0},
#define NOTHING(word) {word, KIND_NOTHING, 0, 0},
#define HOW(word, bit) {word, KIND_HOW, bit, 0},
#define SUPER(word) {word, KIND_SUPER, 0, 0},
#include "fs/mount-options.def"
#undef ATTR
#undef PROPAGATION
#undef BIND
#undef NOTHING
#undef HOW
#undef SUPER
};

static const struct row *find(const char *word)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i].word, word) == 0)
			return &rows[i];
	return NULL;
}

/* The later word wins: a bit it sets is not cleared any more, and the other way round;
 * only the field of access times is always cleared before it is set. */
static void add_attr(const struct row *row, uint64_t *set, uint64_t *clear)
{
	*set = (*set & ~row->clear) | row->set;
	*clear = (*clear & ~(row->set & ~MOUNT_ATTR__ATIME)) | row->clear;
}

static void add(const struct row *row, bool recursive, struct mount_flags *flags)
{
	switch (row->kind) {
	case KIND_ATTR:
		add_attr(row, recursive ? &flags->rset : &flags->set, recursive ? &flags->rclear : &flags->clear);
		break;
	case KIND_PROPAGATION:
		flags->propagation = row->set;
		flags->rpropagation = recursive;
		break;
	case KIND_BIND:
		flags->bind = true;
		flags->recursive = row->set;
		break;
	case KIND_HOW:
		flags->how |= (unsigned)row->set;
		break;
	case KIND_NOTHING:
	case KIND_SUPER:
		break;
	}
}

/* Is it a word of the table (then added), or one that the filesystem is to have? */
static bool about_mount(const char *word, struct mount_flags *flags)
{
	const struct row *row = find(word);
	bool recursive = false;

	if (!row && word[0] == 'r') {
		row = find(word + 1);
		recursive = row && (row->kind == KIND_ATTR || row->kind == KIND_PROPAGATION);
		if (!recursive)
			row = NULL;
	}
	if (!row && (strncmp(word, "idmap=", 6) == 0 || strncmp(word, "ridmap=", 7) == 0)) {
		row = find(word[0] == 'r' ? "ridmap" : "idmap");
		flags->map = strchr(word, '=') + 1;
	}
	if (!row || row->kind == KIND_SUPER)
		return false;
	add(row, recursive, flags);
	return true;
}

/* Cut the first word off *text, taking "\," for a comma; NULL at the end. */
static char *cut(char **text)
{
	char *word = *text, *to = word;

	if (!word)
		return NULL;
	for (char *from = word;; from++) {
		if (from[0] == '\\' && from[1] == ',') {
			*to++ = *++from;
		} else if (*from == ',' || *from == '\0') {
			*text = *from ? from + 1 : NULL;
			*to = '\0';
			return word;
		} else {
			*to++ = *from;
		}
	}
}

/* mount(2) ignores the flags of a filesystem when it binds, and so do we. */
static void drop_super(struct words *data)
{
	size_t n = 0;

	for (size_t i = 0; i < data->n; i++) {
		const struct row *row = find(data->v[i]);

		if (!row || row->kind != KIND_SUPER)
			data->v[n++] = data->v[i];
	}
	data->n = n;
}

int mount_options_read(char *text, struct mount_flags *flags, struct words *data)
{
	for (char *word = cut(&text); word; word = cut(&text)) {
		if (!*word || about_mount(word, flags))
			continue;
		if (words_add(data, word) < 0)
			return -ENOMEM;
	}
	if (flags->how & HOW_RIDMAP)
		flags->how |= HOW_IDMAP;
	if (flags->bind)
		drop_super(data);
	return 0;
}

uint64_t mount_flags_new(const struct mount_flags *flags)
{
	return (flags->set & ~flags->rclear) | flags->rset;
}
