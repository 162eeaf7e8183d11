/* SPDX-License-Identifier: MIT */
/* early.h - sealing before the C library starts.
 *
 * The start of a static C library costs as much as a third of a millisecond where the
 * cpuid instruction leaves a virtual machine, and a tool that seals itself would pay it
 * twice. So the binary's entry point seals first, in code that needs no library: no
 * errno, no thread-local storage, no string functions. What it cannot do it leaves to
 * seal_self(), which has the words for what went wrong. */
#ifndef COMMON_CHAIN_EARLY_H
#define COMMON_CHAIN_EARLY_H

/* Can the file that this process runs from be written by its caller? 1 when it can and a
 * sealed copy is due, 0 when it is safe (not the caller's, on a read-only mount, or a
 * sealed memory file), -errno. Needs no library. */
int early_seal_needed(void);

/* The entry point's work: stack points at argc. Becomes the sealed copy when the words of
 * the command line name a link that enters a root and nobody wants the calls explained. */
void early_start(long *stack);

#endif
