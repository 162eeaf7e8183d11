/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cap/facts.h"

static uint64_t wide(uint32_t low, uint32_t high)
{
	return (uint64_t)high << 32 | low;
}

static uint64_t read_ambient(uint64_t possible)
{
	uint64_t set = 0;

	for (uint64_t left = possible; left; left &= left - 1) {
		unsigned n = (unsigned)__builtin_ctzll(left);

		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, n, 0, 0) == 1)
			set |= 1ULL << n;
	}
	return set;
}

int cap_facts_read(uint64_t bounding, struct cap_facts *ret, struct fault *f)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};
	int bits = prctl(PR_GET_SECUREBITS);

	if (bits < 0 || syscall(SYS_capget, &head, data) < 0)
		return fault_set(f, OP_READ, errno, "the capabilities of this process");
	*ret = (struct cap_facts){
		.known = true,
		.bounding = bounding,
		.permitted = wide(data[0].permitted, data[1].permitted),
		.effective = wide(data[0].effective, data[1].effective),
		.inheritable = wide(data[0].inheritable, data[1].inheritable),
		.securebits = (unsigned)bits,
		.uid = (int64_t)geteuid(),
	};
	ret->ambient = read_ambient(ret->permitted & ret->inheritable);
	return 0;
}
