/* SPDX-License-Identifier: MIT */
/* keys.c - the rows of keys.def, and values converted from one spelling to another. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/near.h"
#include "cg/forms.h"
#include "cg/keys.h"
#include "cg/world.h"

const struct cg_key cg_keys[] = {
#define KEY(v2, ctl, f2, ctl1, v1, f1, v1b, f1b)                                                     \
	{{{v2, &cg_form_##f2}, {v1, &cg_form_##f1}, {v1b, &cg_form_##f1b}}, ctl, ctl1},
#include "cg/keys.def"
#undef KEY
};

_Static_assert(sizeof(cg_keys) / sizeof(*cg_keys) > CG_KEY_SWAP_MAX, "rows named in keys.h");

const size_t cg_keys_count = sizeof(cg_keys) / sizeof(*cg_keys);

const char cg_key_words[] =
#define KEY(v2, ...) v2 "= "
#include "cg/keys.def"
#undef KEY
	;

const struct cg_key *cg_key_find(const char *name, size_t len, enum cg_spelling *spelling)
{
	for (size_t i = 0; i < cg_keys_count; i++) {
		for (unsigned s = 0; s < CG_SPELLINGS; s++) {
			const char *known = cg_keys[i].file[s].name;

			if (known && strncmp(known, name, len) == 0 && known[len] == '\0') {
				*spelling = (enum cg_spelling)s;
				return &cg_keys[i];
			}
		}
	}
	return NULL;
}

const char *cg_key_near(const char *name, size_t len)
{
	const char *names[sizeof(cg_keys) / sizeof(*cg_keys) * CG_SPELLINGS];
	size_t n = 0;

	for (size_t i = 0; i < cg_keys_count; i++)
		for (unsigned s = 0; s < CG_SPELLINGS; s++)
			if (cg_keys[i].file[s].name)
				names[n++] = cg_keys[i].file[s].name;
	return near_word(name, len, names, n, sizeof(*names));
}

int cg_value_read(const struct cg_key *k, enum cg_spelling s, const char *text, struct cg_value *v)
{
	return k->file[s].form->read(text, v);
}

int cg_value_swap(const struct cg_value *memory, struct cg_value *swap)
{
	const struct cg_value none = {0};
	const uint64_t have = swap->n[swap->has[1]];

	if (!memory)
		memory = &none;
	if (have == CG_MAX) {
		swap->n[0] = swap->n[1] = CG_MAX;
	} else if (!memory->has[0]) {
		return -ENODATA;
	} else if (memory->n[0] == CG_MAX) {
		return -ERANGE;
	} else if (swap->has[1]) {
		if (have < memory->n[0])
			return -ERANGE;
		swap->n[0] = have - memory->n[0];
	} else if (__builtin_add_overflow(have, memory->n[0], &swap->n[1])) {
		return -ERANGE;
	}
	swap->has[0] = swap->has[1] = true;
	return 0;
}

const char *cg_value_text(const struct cg_key *k, enum cg_spelling s, const struct cg_value *v, char *buf)
{
	return k->file[s].name ? k->file[s].form->print(v, buf) : NULL;
}

bool cg_value_same(const struct cg_key *k, enum cg_spelling s, const char *want, const char *got)
{
	return k->file[s].form->same(want, got);
}

/* To what the kernel rounds the sizes in such a file, in bytes; 0: it holds no sizes.
 * hugetlb counts huge pages (hugetlb_cgroup_write() in mm/hugetlb_cgroup.c). */
static uint64_t unit_of(const char *file)
{
	static const char sizes[] = "max high low min limit_in_bytes soft_limit_in_bytes";
	const char *last = strrchr(file, '.');
	uint64_t n;
	char *end;

	if (strncmp(file, "hugetlb.", 8) == 0) {
		n = strtoull(file + 8, &end, 10);
		return *end == 'K' ? n << 10 : *end == 'M' ? n << 20 : *end == 'G' ? n << 30 : 0;
	}
	if (strncmp(file, "memory.", 7) == 0 && cg_listed(sizes, " ", last + 1, strlen(last + 1)))
		return (uint64_t)sysconf(_SC_PAGESIZE);
	return 0;
}

bool cg_text_same(const char *file, const char *want, const char *got)
{
	uint64_t unit = unit_of(file);

	return cg_same_words(want, got) || (unit && cg_same_size(want, got, unit));
}

const char *cg_value_form(const struct cg_key *k, enum cg_spelling s)
{
	return k->file[s].form->words;
}
