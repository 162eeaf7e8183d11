/* SPDX-License-Identifier: MIT */
/* bpf-data.h - a compiled filter in an annotation, "run.oci.seccomp_bpf_data" of crun(1): raw BPF
 * in base64, in place of linux.seccomp. */
#ifndef COMMON_OCI_BPF_DATA_H
#define COMMON_OCI_BPF_DATA_H

#include "oci/bundle.h"

#define BPF_DATA "run.oci.seccomp_bpf_data"

/* The filter as a file in memory: b->filter, which the bundle closes; -1 when there is none. 0 or a
 * fault. */
int bpf_data_open(struct bundle *b, struct fault *f);

#endif
