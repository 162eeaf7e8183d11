#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sc-filter: profiles of every format, filters as BPF, and every bad input.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	allow='"defaultAction": "SCMP_ACT_ALLOW"'
}

# rule JSON: p.json allows everything but what the rule says
rule() {
	printf '{%s,\n"syscalls": [\n%s]}\n' "$allow" "$1" >p.json
}

# deny_chown MEMBERS: a rule for chown with these further members
deny_chown() {
	rule "{\"names\": [\"chown\"], \"action\": \"SCMP_ACT_ERRNO\"$1}"
}

# refused REASON [OPTION...]: p.json is, for that reason, and the program does not run
refused() {
	local reason=$1
	shift
	run sc-filter "$@" p.json touch ran
	assert_fault 125 "sc-filter: read profile 'p.json': " "$reason"
	assert [ ! -e ran ]
}

# -- running under a filter ---------------------------------------------------------------

@test "a denied call fails with the profile's errno, others work" {
	rule '{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 30}'
	run sc-filter p.json mkdir x
	assert_failure
	assert_output --partial "Read-only file system"
	run sc-filter p.json touch x
	assert_success
	assert_output ""
}

@test "errno by name, the oldest format, and a number in a string" {
	local e
	for e in '"errno": "EROFS"' '"errno": "30"' '"errno": "EROFS", "errnoRet": 1'; do
		rule "{\"name\": \"mkdir\", \"action\": \"SCMP_ACT_ERRNO\", $e}"
		run sc-filter p.json mkdir x
		assert_output --partial "Read-only file system"
	done
}

@test "the program has seccomp mode 2 and one filter" {
	rule ""
	run sc-filter p.json grep -E '^Seccomp' /proc/self/status
	assert_line --regexp '^Seccomp:[[:space:]]+2$'
	assert_line --regexp '^Seccomp_filters:[[:space:]]+[0-9]+$'
}

@test "the program's exit status is passed on" {
	rule ""
	run sc-filter p.json sh -c 'exit 42'
	assert_failure 42
}

@test "a killed program is passed on as killed" {
	rule '{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_KILL_PROCESS"}'
	run sc-filter p.json mkdir x
	assert_failure $((128 + 31))
}

@test "a profile from standard input, a pipe, a process substitution" {
	rule ""
	run bash -c 'sc-filter - echo ok <p.json; cat p.json | sc-filter - echo ok; sc-filter <(cat p.json) echo ok'
	assert_output "$(printf 'ok\nok\nok')"
}

@test "linux.seccomp alone and in a config.json" {
	local s='{"defaultAction": "SCMP_ACT_ALLOW", "architectures": [], "flags": [],
		"syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 30}]}'
	printf '%s' "$s" >p.json
	printf '{"ociVersion": "1.0.2", "linux": {"seccomp": %s}}' "$s" >config.json
	run sc-filter p.json mkdir x
	assert_output --partial "Read-only file system"
	run sc-filter config.json mkdir x
	assert_output --partial "Read-only file system"
}

@test "no_new_privs: set for a caller without CAP_SYS_ADMIN, which --explain says" {
	rule ""
	chmod 711 "$BATS_TEST_TMPDIR"
	run as_user sc-filter --explain - grep NoNewPrivs /proc/self/status <p.json
	assert_success
	assert_line --partial "so it is set"
	assert_line --partial "PR_SET_NO_NEW_PRIVS"
	assert_line --regexp '^NoNewPrivs:[[:space:]]+1$'
}

@test "no_new_privs: not set for root" {
	need_root
	need_cap sys_admin
	rule ""
	run sc-filter p.json grep NoNewPrivs /proc/self/status
	assert_line --regexp '^NoNewPrivs:[[:space:]]+0$'
}

@test "the filter is loaded by the last call before execve" {
	need_cmd strace
	rule ""
	run strace -qq -o trace sc-filter p.json true
	assert_success
	run sed -n '/^seccomp(SECCOMP_SET_MODE_FILTER/{n;p;q}' trace
	assert_output --regexp '^execve\('
	run grep -c '^seccomp(' trace
	assert_output 1
}

@test "a dry run loads nothing and runs nothing" {
	rule ""
	run sc-filter --dry-run p.json touch ran
	assert_success
	assert_output --partial "seccomp("
	assert [ ! -e ran ]
}

@test "published profiles run a program" {
	need_data
	local p
	for p in "$BOX_SHARED_DATA"/seccomp/{cc,moby}*[0-9D].json; do
		run sc-filter "$p" sh -c 'echo ok'
		assert_success
		assert_output ok
	done
}

@test "a published profile denies what it denies" {
	need_root
	need_data
	run cap-set --only chown unshare -U true
	assert_success
	run cap-set --only chown sc-filter "$BOX_SHARED_DATA/seccomp/moby-v20.10.24.json" unshare -U true
	assert_failure
	assert_output --partial "Operation not permitted"
}

@test "the OCI example is read, as a whole config.json" {
	need_data
	local p=$BOX_SHARED_DATA/runtime-spec/schema-test/config/good/spec-example.json
	[ -e "$p" ] || skip "needs $p"
	run sc-filter --output out.bpf "$p"
	assert_success
	assert [ -s out.bpf ]
}

@test "includes and excludes follow the bounding set that the chain leaves" {
	need_root
	rule '{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 30,
		"excludes": {"caps": ["CAP_SYSLOG"]}}'
	run cap-set --only chown,dac_override,syslog sc-filter p.json mkdir x
	assert_success
	run cap-set --only chown,dac_override sc-filter p.json mkdir y
	assert_output --partial "Read-only file system"
}

# -- BPF ----------------------------------------------------------------------------------

@test "--output FILE and -: the same bytes, which work as a profile" {
	rule '{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 30}'
	run sc-filter --output out.bpf p.json
	assert_success
	assert_output ""
	sc-filter -o - p.json | cmp - out.bpf
	assert_equal $(($(stat -c %s out.bpf) % 8)) 0
	run sc-filter out.bpf mkdir x
	assert_output --partial "Read-only file system"
	run sc-filter out.bpf echo ok
	assert_output ok
}

@test "--output may hold a filter under which nothing could start" {
	printf '{"defaultAction": "SCMP_ACT_ERRNO"}' >p.json
	run sc-filter --output out.bpf p.json
	assert_success
}

@test "--output in a longer chain is refused, not missed" {
	rule ""
	run sc-filter p.json sc-filter --output out.bpf p.json true
	assert_failure 125
	run proc-set sc-filter --output out.bpf p.json true
	assert_fault 125 "read the command line 'sc-filter'" "it is no part of a chain"
	assert [ ! -e out.bpf ]
}

@test "--output to a place that cannot be written leaves nothing" {
	rule ""
	run sc-filter --output no/such/out.bpf p.json
	assert_fault 125 "write filter to 'no/such/out.bpf'" "No such file or directory"
	if [ -e /dev/full ]; then
		run sc-filter --output /dev/full p.json
		assert_fault 125 "write filter to '/dev/full'" "No space left"
		assert [ -c /dev/full ]
	fi
}

@test "what is no BPF is refused, with the reason" {
	local bytes reason
	while IFS='|' read -r bytes reason; do
		printf '%b' "$bytes" >p.json
		refused "not a BPF program ($reason)"
	done <<-'ROWS'
		|it is empty
		1234567890123|size 13 is not a multiple of 8
		\x06\0\0\0\0\0\xff\x7f\x06|size 9 is not a multiple of 8
		\0\0\0\0\0\0\0\0|instruction 0: the last one does not return
		\x28\0\0\0\0\0\0\0\x06\0\0\0\0\0\0\0|instruction 0: operation 0x28 is none that seccomp allows
		\x05\0\0\0\x09\0\0\0\x06\0\0\0\0\0\0\0|instruction 0: jumps 9 instructions, beyond the end
		\x20\0\0\0\x40\0\0\0\x06\0\0\0\0\0\0\0|instruction 0: loads from 64, not one of 0, 4, ... 60
	ROWS
	head -c 32776 /dev/zero >p.json
	refused "not a BPF program (4097 instructions; the kernel takes 4096)"
}

@test "a program that makes filters is not a filter, and the remedy says so" {
	run sc-filter /bin/true true
	assert_fault 125 "read profile '/bin/true'" "not a BPF program"
	assert_output --partial "try: the output of this program"
}

# -- bad profiles: syntax -----------------------------------------------------------------

@test "truncated at every length: refused, never run" {
	rule '{"names": ["chown"], "action": "SCMP_ACT_ERRNO", "errnoRet": 30}'
	cp p.json whole.json
	local n size
	size=$(($(stat -c %s whole.json) - 1)) # but for the newline
	for ((n = 0; n < size; n += 7)); do
		head -c "$n" whole.json >p.json
		refused ""
	done
}

@test "a syntax error is told with line and column" {
	printf '{%s,\n}' "$allow" >p.json
	refused "(line 2, column 1)"
	printf '{%s} {}' "$allow" >p.json
	refused "more text behind the end (line 1, column "
	printf '{%s, "x": "\xff"}' "$allow" >p.json
	refused "invalid UTF-8"
	printf '{%s, "x": "\\u0000"}' "$allow" >p.json
	refused "a NUL character in a string"
	printf '[%.0s' {1..100} >p.json
	refused "nested too deeply"
}

@test "a profile of 100 MB fails at once" {
	truncate -s 100M p.json
	local start=$EPOCHREALTIME
	refused "more than 4194304 bytes"
	assert [ $((${EPOCHREALTIME/./} - ${start/./})) -lt 1000000 ]
}

@test "a profile of far too many rules fails soon" {
	rule "{\"names\": [$(yes '"chown",' | head -n 200000 | tr -d '\n')\"chown\"], \"action\": \"SCMP_ACT_ERRNO\"}"
	run bash -c 'ulimit -t 10 && exec sc-filter p.json true' # of processor time, whatever else runs
	assert_fault 125 "compile profile 'p.json'" "more than 4096 names and comparisons"
}

@test "a device without end, a directory, nothing" {
	run sc-filter /dev/zero true
	assert_fault 125 "read profile '/dev/zero'" "more than 4194304 bytes"
	run bash -c 'yes | sc-filter - true'
	assert_fault 125 "read profile '-'" "more than 4194304 bytes"
	run sc-filter . true
	assert_fault 125 "read profile '.'" "Is a directory"
	run sc-filter none.json true
	assert_fault 125 "read profile 'none.json'" "No such file or directory"
	run sc-filter "" true
	assert_fault 125 "read profile ''"
}

@test "a profile that may not be read" {
	need_root
	rule ""
	chmod 711 "$BATS_TEST_TMPDIR"
	chmod 600 p.json
	run as_user sc-filter p.json true
	assert_fault 125 "read profile 'p.json'" "Permission denied"
}

# -- bad profiles: words ------------------------------------------------------------------

@test "unknown actions, operators, architectures, flags, errnos: the place and the line" {
	printf '{\n"defaultAction": "SCMP_ACT_MAYBE"}' >p.json
	refused "defaultAction: unknown action 'SCMP_ACT_MAYBE' (line 2)"
	assert_output --partial "try: one of SCMP_ACT_KILL_PROCESS, "
	printf '{%s,\n"architectures": ["SCMP_ARCH_Z80"]}' "$allow" >p.json
	refused "architectures[0]: unknown architecture 'SCMP_ARCH_Z80' (line 2)"
	printf '{%s,\n"flags": ["FAST"]}' "$allow" >p.json
	refused "flags[0]: unknown flag 'FAST' (line 2)"
	deny_chown ', "errno": "ENOPE"'
	refused "syscalls[0].errno: unknown errno 'ENOPE' (line 3)"
	deny_chown ', "args": [{"index": 0, "op": "IS", "value": 1}]'
	refused "syscalls[0].args[0].op: unknown operator 'IS' (line 3)"
	deny_chown ', "includes": {"arches": ["amd46"]}'
	refused "syscalls[0].includes.arches: unknown architecture 'amd46' (line 3)"
}

@test "an architecture of another byte order" {
	printf '{%s, "architectures": ["SCMP_ARCH_S390X"]}' "$allow" >p.json
	[ "$(uname -m)" != s390x ] || skip "needs a machine that is no s390x"
	run sc-filter p.json true
	assert_fault 125 "compile profile 'p.json'" "SCMP_ARCH_S390X does not go with this machine"
}

@test "unknown names of system calls are left out; with --strict refused" {
	rule '{"names": ["chown", "frobnicate", "grobnicate"], "action": "SCMP_ACT_ERRNO"}'
	run sc-filter p.json echo ok
	assert_success
	assert_output ok
	run sc-filter --explain p.json echo ok
	assert_output --partial "2 names"
	assert_output --partial "'frobnicate'"
	refused "syscalls[0]: unknown system call 'frobnicate', the first of 2" --strict
}

@test "a control character in a word does not reach the terminal" {
	printf '{"defaultAction": "\\u001b[31m"}' >p.json
	refused "unknown action '?[31m'"
}

@test "what needs a listener is refused by name" {
	printf '{"defaultAction": "SCMP_ACT_NOTIFY"}' >p.json
	refused "SCMP_ACT_NOTIFY needs a listener"
	printf '{%s, "listenerPath": "/s"}' "$allow" >p.json
	refused "listenerPath: no listener"
}

@test "a config.json without a profile" {
	printf '{"ociVersion": "1.0.2", "linux": {}}' >p.json
	refused "this config.json has no linux.seccomp"
}

@test "an empty name of a system call: its place" {
	rule '{"names": ["chown", ""], "action": "SCMP_ACT_ERRNO"}'
	refused "syscalls[0].names[1]: the name of a system call is empty (line 3)"
	rule '{"name": "", "action": "SCMP_ACT_ERRNO"}'
	refused "syscalls[0].name: the name of a system call is empty (line 3)"
}

@test "this machine's architecture is judged, named or not" {
	[ "$(uname -m)" = x86_64 ] || skip "needs x86_64"
	printf '{%s, "architectures": ["SCMP_ARCH_AARCH64"], "syscalls": [
		{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errno": "EROFS"}]}' "$allow" >p.json
	run sc-filter p.json mkdir x
	assert_failure
	assert_output --partial "Read-only file system"
	run sc-filter p.json echo ok
	assert_output ok
}

# -- bad profiles: numbers ----------------------------------------------------------------

@test "64-bit values at the edges" {
	local v
	for v in 0 4294967296 9223372036854775808 18446744073709551615; do
		deny_chown ", \"args\": [{\"index\": 0, \"op\": \"SCMP_CMP_EQ\", \"value\": $v}]"
		run sc-filter p.json echo ok
		assert_output ok
	done
	while read -r v reason; do
		deny_chown ", \"args\": [{\"index\": 0, \"op\": \"SCMP_CMP_EQ\", \"value\": $v}]"
		refused "$reason"
	done <<-'ROWS'
		18446744073709551616 a number beyond 64 bits (line 3,
		-9223372036854775809 a number beyond 64 bits (line 3,
		-1 syscalls[0].args[0].value: expected integer from 0 to 18446744073709551615, got -1 (line 3)
		1.5 syscalls[0].args[0].value: expected integer, got a number with a fraction
		1e3 syscalls[0].args[0].value: expected integer, got a number with a fraction
		"1" syscalls[0].args[0].value: expected integer, got string (line 3)
		01 not a number of JSON
		0x10 unexpected character outside of a string
		null syscalls[0].args[0].value: required, but missing
	ROWS
}

@test "errno and index out of range, errno for an action without" {
	deny_chown ', "errnoRet": 4096'
	refused "syscalls[0].errnoRet: expected integer from 0 to 4095, got 4096 (line 3)"
	deny_chown ', "errnoRet": -1'
	refused "syscalls[0].errnoRet: expected integer"
	deny_chown ', "args": [{"index": 6, "op": "SCMP_CMP_EQ", "value": 1}]'
	refused "syscalls[0].args[0].index: expected integer from 0 to 5, got 6"
	rule '{"names": ["chown"], "action": "SCMP_ACT_KILL", "errnoRet": 1}'
	refused "syscalls[0].errnoRet: SCMP_ACT_KILL returns no errno"
}

# -- a filter that shuts the door ---------------------------------------------------------

@test "a filter that denies execve is refused before anything" {
	printf '{"defaultAction": "SCMP_ACT_ERRNO"}' >p.json
	run sc-filter p.json touch ran
	assert_fault 125 "load filter 'p.json'" "it answers execve with SCMP_ACT_ERRNO"
	assert_output --partial '"names": ["execve"]'
	assert [ ! -e ran ]
	# the remedy, followed
	rule '{"names": ["execve"], "action": "SCMP_ACT_LOG"}'
	run sc-filter p.json echo ok
	assert_output ok
}

@test "the remedy for BPF that denies execve speaks of BPF" {
	printf '{"defaultAction": "SCMP_ACT_ERRNO"}' >p.json
	sc-filter -o p.bpf p.json
	run sc-filter p.bpf touch ran
	assert_fault 125 "load filter 'p.bpf'" "it answers execve with SCMP_ACT_ERRNO"
	assert_output --partial "try: BPF that returns SECCOMP_RET_ALLOW"
	refute_output --partial '"names"'
	assert [ ! -e ran ]
}

@test "a link behind sc-filter: the refusal says what sc-filter takes away" {
	rule ""
	run sc-filter p.json fs-root / true
	assert_fault 125 "put in order 'fs-root'" "and sc-filter before it takes away system calls"
}
