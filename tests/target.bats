#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The words that stand for a process or a container: PID, PID:INODE, @NAME, self. Containers of real
# engines are in ns.bats, their files in unit/test-boxes.c.

load helper

setup() {
	need_root
	need_cmd jq
	box_setup
	ID=target-test-$BATS_TEST_NUMBER-$$
	BUNDLE=$BATS_TEST_TMPDIR/bundle
}

teardown() {
	[ -z "${ID:-}" ] || oci-run delete --force "$ID" 2>/dev/null || true
	[ -z "${PID:-}" ] || kill -KILL "$PID" 2>/dev/null || true
}

# In the default place, where its name is looked for; its pid in FIRST.
container() { # ID [JQ-EXPRESSION]
	[ -e "$BUNDLE" ] || oci-bundle new "$BUNDLE" --root "$ROOT" --hostname "$1" -- sleep 100
	[ -z "${2:-}" ] || {
		jq "$2" "$BUNDLE/config.json" >"$BUNDLE/new"
		mv "$BUNDLE/new" "$BUNDLE/config.json"
	}
	oci-run run --detach --bundle "$BUNDLE" "$1" >/dev/null 2>&1 3>&-
	FIRST=$(oci-run state "$1" | jq .pid)
}

# The inode of a pidfd of the process.
inode_of() { # PID
	local fd
	need_cmd python3
	python3 -c 'import os, sys; print(os.fstat(os.pidfd_open(int(sys.argv[1]))).st_ino)' "$1"
}

need_pidfs() {
	[ "$(inode_of $$)" != "$(inode_of 1)" ] || skip "needs a kernel that numbers processes (6.9)"
}

@test "PID:INODE: that process, and no other of the same number" {
	need_pidfs
	sleep 60 3>&- &
	PID=$!
	run ns-enter -t "$PID:$(inode_of "$PID")" readlink /proc/self/ns/net
	assert_success
	assert_output "$(readlink /proc/self/ns/net)"
	run ns-enter -t "$PID:$(inode_of $$)" true
	assert_fault 125 "find process '$PID:$(inode_of $$)'" "process $PID is another by now"
}

@test "PID:INODE: what is none" {
	local word
	for word in 1: :1 1:x 1:-1 x:1 1:2:3 1: 99999999999:1; do
		run ns-enter -t "$word" true
		assert_fault 125 "find process '$word'"
	done
}

@test "@NAME: a container of oci-run, by its id and by the beginning of it" {
	container "$ID"
	local word
	for word in "$ID" "${ID%?}" "oci-run:$ID"; do
		run ns-enter -t "@$word" sh -c 'hostname; cat /proc/1/comm'
		assert_success
		assert_line --index 0 "$ID"
		assert_line --index 1 sleep
	done
	run ns-enter --explain --dry-run -t "@$ID" true
	assert_line --partial "# @$ID is container $ID of oci-run, process $FIRST (/run/opencontainer/containers/$ID/state.json)"
}

@test "@NAME: the name that the annotations of its bundle give it" {
	container "$ID" '.annotations = {"io.kubernetes.container.name": "app-'$$'", "io.kubernetes.pod.name": "pod-'$$'"}'
	run ns-enter --explain -t "@pod-$$/app-$$" hostname
	assert_success
	assert_line --partial "is container pod-$$/app-$$ of oci-run, process $FIRST ($BUNDLE/config.json)"
	assert_line "$ID"
}

@test "@NAME: one that has ended, though its number has gone to another" {
	container "$ID"
	kill -KILL "$FIRST"
	wait_for ended "$FIRST"
	sleep 60 3>&- &
	PID=$!
	local state=/run/opencontainer/containers/$ID/state.json
	jq ".pid = $PID" "$state" >"$BATS_TEST_TMPDIR/state"
	cp "$BATS_TEST_TMPDIR/state" "$state"
	run ns-enter -t "@$ID" true
	assert_fault 125 "find container '@$ID'" "no process of it is seen"
}

ended() { # PID
	[ ! -e "/proc/$1/cmdline" ] || [ -z "$(tr -d '\0' <"/proc/$1/cmdline")" ]
}

@test "@NAME: a cgroup that a container makes inside of its own does not lend it another's name" {
	container "$ID" '.hostname = "outer"'
	local group id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
	group=$(find /sys/fs/cgroup -type d -name "$ID" | head -n 1)
	mkdir "$group/docker-$id.scope"
	run ns-enter -t "@$id" true
	rmdir "$group/docker-$id.scope"
	assert_fault 125 "find container '@$id'" "no container has this name"
}

@test "@NAME: what an unprivileged caller is told" {
	container "$ID"
	run as_user ns-enter -t "@$ID" true
	assert_fault 125 "find container '@$ID'" "could not be read"
	assert_output --partial "try: sudo"
}

@test "@NAME: none, and of none" {
	run ns-enter -t @ true
	assert_fault 125 "find container '@'"
	run ns-enter -t "@no-such-name-$$" true
	assert_fault 125 "find container '@no-such-name-$$'" "no container has this name"
}

@test "PID: a /proc of another pid namespace has somebody else under that number" {
	local word
	for word in self 1; do
		run timeout 30 unshare --pid --fork sh -c "ns-list --of $word --json"
		assert_equal "$status" 2
		assert_output --partial "ns-list: find process '$word': /proc is not of our pid namespace"
		refute_output --partial '"pid"'
	done
	run timeout 30 unshare --pid --fork sh -c 'ns-enter -t 1 true; echo "status $?"'
	assert_line "status 125"
	# what it says helps
	run timeout 30 unshare --pid --fork ns-run --mount -- sh -c 'mount -t proc proc /proc; ns-list --of self --json'
	assert_success
	assert_output --partial '"command":"ns-list --of self --json"'
}

@test "@NAME: a user's state that leads to a pipe, and whose name talks to the terminal" {
	local run=/run/user/65534
	[ ! -e "$run" ] || skip "needs a user nobody without $run"
	mkdir -p "$run/crun/evil-$$" "$run/crun/"$'\e]0;pwn\a'"x" "$run/f"
	mkfifo "$run/f/cgroup.procs"
	echo "{\"pid\":1,\"cgroup-path\":\"/$run/f\"}" >"$run/crun/evil-$$/status"
	echo "{" >"$run/crun/"$'\e]0;pwn\a'"x/status"
	chown -R 65534 "$run"
	run timeout 30 ns-enter -t "@evil-$$" true
	local first=$status$output
	run timeout 30 ns-enter -t "@nothing-$$" true
	local second=$status$output
	run timeout 30 ns-list
	rm -rf "$run"
	[[ $first == 125*"no process of it is seen"* ]]
	[[ $second == 125*"$run/crun/?]0;pwn?x/status could not be read"* ]]
	assert_success
	refute_output --partial $'\e'
	assert_output --partial "$run/crun/?]0;pwn?x/status"
}

@test "what a container calls its files, a terminal is not told by --explain" {
	local root=$BATS_TEST_TMPDIR/$'\e]0;pwn\a\302\2332J\233'
	cp -a "$ROOT" "$root"
	chroot "$root" sleep 60 3>&- &
	PID=$!
	chrooted() { [ "$(readlink "/proc/$PID/root")" = "$root" ] && [ "$(cat "/proc/$PID/comm")" = sleep ]; }
	wait_for chrooted
	run timeout 30 ns-enter --explain --dry-run -t "$PID" --with-host-tools true
	LC_ALL=C refute_output --regexp $'[\x80-\x9f\e\a]'
	assert_output --partial "?]0;pwn???2J?"
}
