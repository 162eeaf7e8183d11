/* SPDX-License-Identifier: MIT */
/* oci-run - the OCI runtime: the life cycle around a chain. */
#include "oci/runtime.h"

int main(int argc, char **argv)
{
	static const struct verb *const verbs[] = {
		&run_create_verb, &run_start_verb, &run_state_verb, &run_kill_verb,   &run_delete_verb,
		&run_run_verb,    &run_exec_verb,  &run_ps_verb,    &run_list_verb,   &run_pause_verb,
		&run_resume_verb, &run_update_verb, &run_spec_verb, &run_features_verb, NULL};
	static const struct verb_tool tool = {.name = "oci-run", .summary = "Run OCI containers.", .verbs = verbs,
					      .globals = runtime_opts, .globals_size = sizeof(struct runtime),
					      .begin = runtime_begin, .report = runtime_report, .end = runtime_end, .version = runtime_version};

	(void)argc;
	return verb_main(&tool, argv);
}
