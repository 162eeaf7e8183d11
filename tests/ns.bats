#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# serial
# Containers of real engines by their names: see tests/engines/ns.bash.

load helper
load engines/ns
load copies

setup_file() {
	lane_up
}

setup() {
	need_file
	NAME=ns-test-$BATS_TEST_NUMBER-$$
}

teardown_file() {
	lane_down
}

teardown() {
	lane_clean
}

# What is seen from inside: host name, processes, namespaces.
LOOK='hostname; cat /proc/1/comm; for kind in mnt uts ipc net pid; do readlink /proc/self/ns/$kind; done'

# The recipe that everybody knows, for the process, and our word for the container.
same_as_recipe() { # PID WORD
	local recipe
	recipe=$(nsenter --mount --uts --ipc --net --pid --target "$1" sh -c "$LOOK")
	run ns-enter -t "$2" -- sh -c "$LOOK"
	assert_success
	assert_output "$recipe"
}

explains() { # WORD TEXT...
	local word=$1 text
	shift
	run ns-enter --explain --dry-run -t "$word" true
	assert_success
	for text; do
		assert_line --partial "$text"
	done
}

@test "podman: by name, by id, and as the recipe" {
	start_box "$NAME" --hostname=boxed -- sleep 100
	local pid id
	pid=$(pid_of "$NAME")
	id=$(pod inspect -f '{{.Id}}' "$NAME")
	same_as_recipe "$pid" "@$NAME"
	assert_line --index 0 boxed
	same_as_recipe "$pid" "@${id:0:12}"
	same_as_recipe "$pid" "@podman:$NAME"
	same_as_recipe "$pid" "@$id"
	# its storage and its runtime's state are where nobody looks: the cgroup leads to conmon, and that
	# to the store
	explains "@$NAME" "# @$NAME is container $NAME of podman, process $pid ($LANE/graph/" "containers.json)"
}

@test "podman: the name of one that is gone, mistyped, or stopped" {
	start_box "$NAME" -- sleep 100
	run ns-enter -t "@${NAME}x" true
	assert_fault 125 "find container '@${NAME}x'" "@$NAME, which is the nearest"
	pod stop -t 0 "$NAME" >/dev/null
	run ns-enter -t "@$NAME" true
	assert_fault 125 "find container '@$NAME'" "no container has this name"
}

@test "podman: an unprivileged user is told the name, and what cannot be seen" {
	start_box "$NAME" -- sleep 100
	explain_as_user "@$NAME"
	assert_output --partial "is container $NAME of podman, process $(pid_of "$NAME") (the command line of conmon, process "
	assert_output --partial "process @$NAME is not yours to look into"
	run as_user ns-enter -t "@no-$NAME-at-all" true
	assert_fault 125 "could not be read" "sudo"
}

explain_as_user() { # WORD
	run as_user ns-enter --explain -t "$1" true
	assert_failure 125
}

@test "containerd: by name and as the recipe" {
	need_cmd containerd ctr jq runc
	containerd_up
	start_ctr "$NAME" sleep 100
	same_as_recipe "$(ctr_pid "$NAME")" "@$NAME"
	same_as_recipe "$(ctr_pid "$NAME")" "@containerd:${NAME%?}"
	explains "@$NAME" "container $NAME of containerd" "(/run/containerd/runc/default/$NAME/state.json)"
	run as_user ns-enter -t "@$NAME" true
	assert_fault 125 "could not be read" "sudo"
}

@test "lxc: by name and as the recipe" {
	need_cmd lxc-start lxc-info
	start_lxc "$NAME"
	same_as_recipe "$(lxc_pid "$NAME")" "@$NAME"
	assert_line --index 0 "$NAME"
	explains "@$NAME" "container $NAME of lxc" "($PARENT/lxc.payload.$NAME)"
}

@test "a name that two engines have" {
	need_cmd lxc-start
	start_box "$NAME" -- sleep 100
	start_lxc "$NAME"
	run ns-enter -t "@$NAME" true
	assert_fault 125 "2 containers fit: " ":$NAME"
	same_as_recipe "$(lxc_pid "$NAME")" "@lxc:$NAME"
	same_as_recipe "$(pid_of "$NAME")" "@podman:$NAME"
}

# The chain that is printed of a container makes one that the kernel says the same of.
copies() { # PID [REGEX]
	CHAINS=() PROGRAMS=()
	copy "$1"
	assert_equal "$(grep '^# it cannot' "$BATS_TEST_TMPDIR/line")" ""
	run same_facts "$1" "$COPY" "${2:-}"
	kill -9 "${PROGRAMS[@]}"
	wait "${CHAINS[@]}" || true
	rm "$BATS_TEST_TMPDIR/copy"
	assert_success
}

@test "podman: --as-command makes the same container again" {
	start_box "$NAME" --hostname=boxed --memory=64m --user 5:6 --env A=b -- sleep 100
	copies "$(pid_of "$NAME")"
	start_box "$NAME-2" --read-only --tmpfs /tmp --cap-add=sys_time --security-opt no-new-privileges -- sleep 100
	copies "$(pid_of "$NAME-2")"
}

@test "containerd: --as-command makes the same container again" {
	need_cmd containerd ctr jq runc
	containerd_up
	start_ctr "$NAME" sleep 100
	copies "$(ctr_pid "$NAME")"
}

@test "lxc: --as-command makes the same container again" {
	need_cmd lxc-start lxc-info
	start_lxc "$NAME"
	# lxc lets the program write to /proc/sys/net
	copies "$(lxc_pid "$NAME")" ' /proc/sys(/| )'
	assert_equal "$(grep -c '^# it may write to /proc/sys/net,' "$BATS_TEST_TMPDIR/line")" 1
}
