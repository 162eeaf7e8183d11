#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ns-enter: all namespaces of a process.

load helper

setup() {
	need_root
	box_setup
}

teardown() {
	[ -z "${PID:-}" ] || kill -KILL "$PID" 2>/dev/null || true
}

# A container that sleeps; its pid in PID.
container() {
	"$@" --detach --pid-file "$BATS_TEST_TMPDIR/pid" fs-root --proc --dev "$ROOT" sh -c 'cd /tmp; exec sleep 60' >/dev/null 2>&1 3>&-
	PID=$(cat "$BATS_TEST_TMPDIR/pid")
}

@test "enters every namespace of a container" {
	container ns-run --all --map-root --hostname boxed
	run ns-enter --target "$PID" sh -c 'hostname; echo $$; ls /; id -u; cat /proc/1/comm'
	assert_success
	assert_line --index 0 boxed
	assert_line busybox || true
	assert_line --partial sleep
	for kind in mnt pid net uts ipc user; do
		run ns-enter --target "$PID" readlink "/proc/self/ns/$kind"
		assert_output "$(readlink "/proc/$PID/ns/$kind")"
	done
}

@test "--has-users, --has-groups: of a process and of a file, whatever the order of ranges" {
	container ns-run --pid --mount --user --map-users 0:100000:5,9:7:1 --map-groups 0:100000:5
	local target
	for target in "$PID" "/proc/$PID/ns/user"; do
		run ns-enter --user --target "$target" --has-users 9:7:1 --has-users 0:100000:5 --has-groups 0:100000:5 true
		assert_success
		run ns-enter --user --target "$target" --has-users 9:7:1 true
		assert_fault 125 "join namespaces of '$target'" "its user ids are mapped 0:100000:5,9:7:1, and not 9:7:1"
		run ns-enter --user --target "$target" --has-groups 0:100000:6 true
		assert_fault 125 "join namespaces of '$target'" "its group ids"
	done
	run pgrep -P $$ -x ns-enter
	assert_failure
	run ns-enter --net --target "$PID" --has-users 0:0:1 true
	assert_fault 125 "--has-users" "no user namespace"
	# ours
	run ns-enter --user --target /proc/self/ns/user --has-users 0:1:1 true
	assert_fault 125 "join namespaces" "mapped 0:0:4294967295, and not 0:1:1"
}

@test "a container of root without a user namespace" {
	container ns-run --mount --pid --net --uts
	run ns-enter -t "$PID" sh -c 'cat /proc/1/comm; cat /proc/self/uid_map'
	assert_success
	assert_line --index 0 sleep
}

@test "one kind only" {
	container ns-run --all --map-root --hostname boxed
	run ns-enter -t "$PID" --uts uname -n
	assert_output boxed
	run ns-enter -t "$PID" --net readlink /proc/self/ns/uts
	assert_output "$(readlink /proc/self/ns/uts)"
}

@test "the exit status and signals pass as with ns-run" {
	container ns-run --all --map-root
	run ns-enter -t "$PID" sh -c 'exit 9'
	assert_equal "$status" 9
	run ns-enter -t "$PID" sh -c 'kill $$'
	assert_equal "$status" 143
	run ns-enter -t "$PID" no-such
	assert_fault 127 "run 'no-such'"
}

@test "other links may follow" {
	container ns-run --all --map-root
	run ns-enter -t "$PID" cap-set --only chown --no-new-privs sh -c 'grep -E "CapEff|NoNewPrivs" /proc/self/status'
	assert_success
	assert_line --partial 0000000000000001
	assert_line --regexp 'NoNewPrivs:.1'
}

@test "our own descriptors and the host's do not pass" {
	container ns-run --all --map-root
	exec 9</etc/passwd
	run ns-enter -t "$PID" ls /proc/self/fd
	exec 9<&-
	assert_success
	refute_line 9
}

@test "the process that entered cannot be looked into from inside before execve" {
	container ns-run --all --map-root
	run strace -f -o "$BATS_TEST_TMPDIR/trace" ns-enter -t "$PID" true
	assert_success
	run grep -nE 'PR_SET_DUMPABLE|setns' "$BATS_TEST_TMPDIR/trace"
	assert_line --index 0 --partial 'PR_SET_DUMPABLE, SUID_DUMP_DISABLE'
	assert_line --index 1 --partial setns
}

@test "self and namespace files as targets" {
	run ns-enter -t self echo yes
	assert_output yes
	container ns-run --uts --mount --hostname boxed
	run ns-enter -t "/proc/$PID/ns/uts" uname -n
	assert_output boxed
	run ns-enter -t /etc/passwd true
	assert_fault 125 "join namespaces of '/etc/passwd'" "no namespace file"
}

@test "bad targets" {
	run ns-enter true
	assert_fault 125 "read the command line" "no target"
	for bad in 1x -1 0 4294967296 "" nobody; do
		run ns-enter -t "$bad" true
		assert_fault 125 "find process '$bad'"
	done
	run ns-enter -t 4194303 true
	assert_fault 125 "find process '4194303'" "no such process"
	run as_user ns-enter -t $$ true
	assert_fault 125 "join namespaces" "not yours"
}

@test "a namespace file of another kind than the one named is refused" {
	need_root
	run ns-enter --net --target /proc/self/ns/uts true
	assert_fault 125 "join namespaces" "it is a uts namespace"
	run ns-enter --uts --target /proc/self/ns/uts true
	assert_success
}

@test "with cg-exec before it, the one who enters is in the cgroup and the watcher is not" {
	need_cgroup pids
	container ns-run --pid --mount
	local top=/sys/fs/cgroup/pids
	[ -d "$top" ] || top=/sys/fs/cgroup
	mkdir "$top/boxenter-$$"
	cg-exec --group "/boxenter-$$" ns-enter -t "$PID" sh -c 'echo in; sleep 2' >"$BATS_TEST_TMPDIR/out" 3>&- &
	local tool=$! inside
	wait_for grep -q in "$BATS_TEST_TMPDIR/out"
	inside=$(cat "$top/boxenter-$$/cgroup.procs")
	kill -KILL $tool
	wait $tool || true
	wait_for rmdir "$top/boxenter-$$"
	assert [ -n "$inside" ]
	refute grep -qx "$tool" <<<"$inside"
}

@test "a TERM to the one who enters reaches the program's handler" {
	container ns-run --pid --mount
	local got=0
	env --default-signal ns-enter -t "$PID" sh -c 'trap "exit 3" TERM; echo up; while :; do sleep 0.1; done' >"$BATS_TEST_TMPDIR/out" 3>&- &
	local tool=$!
	wait_for grep -q up "$BATS_TEST_TMPDIR/out"
	kill -TERM $tool
	wait $tool || got=$?
	assert_equal "$got" 3
}
