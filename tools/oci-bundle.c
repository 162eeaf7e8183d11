/* SPDX-License-Identifier: MIT */
/* oci-bundle - make, edit and check an OCI bundle; print it as a chain. */
#include "oci/verb.h"

int main(int argc, char **argv)
{
	static const struct verb *const verbs[] = {&oci_new_verb, &oci_check_verb, &oci_get_verb,
						   &oci_set_verb, &oci_chain_verb, NULL};
	static const struct verb_tool tool = {
		.name = "oci-bundle", .summary = "Make, check and edit an OCI bundle; print it as a chain.", .verbs = verbs};

	(void)argc;
	return verb_main(&tool, argv);
}
