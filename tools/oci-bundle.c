/* SPDX-License-Identifier: MIT */
/* oci-bundle - make, edit and check an OCI bundle; print it as a chain. */
#include "oci/verb.h"

int main(int argc, char **argv)
{
	const struct verb verbs[] = {oci_new_verb, oci_check_verb, oci_get_verb,
				       oci_set_verb, oci_chain_verb, {.cmd = {.name = NULL}}};

	(void)argc;
	return verb_main("oci-bundle", "Make, check and edit an OCI bundle; print it as a chain.", verbs, argv);
}
