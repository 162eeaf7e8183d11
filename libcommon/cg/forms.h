/* SPDX-License-Identifier: MIT */
/* forms.h - the forms that values of keys take; the columns of keys.def name them. */
#ifndef COMMON_CG_FORMS_H
#define COMMON_CG_FORMS_H

#include "cg/keys.h"

struct cg_form {
	const char *words; /* what a value looks like, for a remedy                        */
	/* Add what the text says to *v. Returns 0, -EINVAL or -ERANGE. */
	int (*read)(const char *text, struct cg_value *v);
	/* Give the text (buf of CG_TEXT bytes, or borrowed from v), or NULL for none. */
	const char *(*print)(const struct cg_value *v, char *buf);
	/* Is `got`, as the kernel prints it, what `want` asked for? */
	bool (*same)(const char *want, const char *got);
};

extern const struct cg_form cg_form_none, cg_form_size, cg_form_size1, cg_form_memsw, cg_form_count,
	cg_form_number, cg_form_weight, cg_form_shares, cg_form_cpumax, cg_form_quota,
	cg_form_period, cg_form_list, cg_form_word, cg_form_words;

/* Both are sizes, equal when the kernel counts in units of so many bytes. */
bool cg_same_size(const char *want, const char *got, uint64_t unit);

/* Every word of `want` is among those of `got`, where sizes are numbers (1M is 1048576). */
bool cg_same_words(const char *want, const char *got);

#endif
