# SPDX-License-Identifier: MIT
# A profile in Docker's format (stdin) as the linux.seccomp object of config.json, for the runtimes
# that cannot read the former. --arg arch: Go's name of the architecture; --arg kernel: X.Y;
# --argjson caps: the capabilities of the container.
def native: {amd64: "SCMP_ARCH_X86_64", arm64: "SCMP_ARCH_AARCH64", riscv64: "SCMP_ARCH_RISCV64",
	s390x: "SCMP_ARCH_S390X", ppc64le: "SCMP_ARCH_PPC64LE"}[$arch];
def version: split(".") | map(tonumber);
def new_enough: . == null or . == "" or ($kernel | version) >= version;
def wanted: (.includes // {}) as $i | (.excludes // {}) as $e
	| (($i.arches // []) == [] or ($i.arches | index($arch)))
	and (($i.caps // []) - $caps == [])
	and ($i.minKernel | new_enough)
	and (($e.arches // []) | index($arch) | not)
	and (($e.caps // []) - $caps == ($e.caps // []))
	and (($e.minKernel // "") == "" or ($e.minKernel | new_enough | not));
{
	defaultAction, defaultErrnoRet,
	architectures: (if .archMap
		then [.archMap[] | select(.architecture == native) | .architecture, (.subArchitectures // [])[]]
		else .architectures end),
	syscalls: [.syscalls[] | select(wanted)
		| {names: (.names // [.name]), action, errnoRet, args}
		| with_entries(select(.value != null))]
} | with_entries(select(.value != null))
