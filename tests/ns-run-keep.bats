#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ns-run --KIND=FILE: namespaces that outlive their processes.

load helper

setup() {
	need_root
	KEPT=$BATS_TEST_TMPDIR/kept
	mkdir "$KEPT"
}

# Whatever a test left mounted below its directory, the newest first.
teardown() {
	local point
	for point in $(awk -v d="$BATS_TEST_TMPDIR/" 'index($5, d) == 1 { print $5 }' /proc/self/mountinfo | tac); do
		umount "$point"
	done
}

kept() { # how many namespaces are mounted below $KEPT
	grep -c " - nsfs " <(grep -F "$KEPT/" /proc/self/mountinfo)
}

@test "every kind is kept at a file, and entered there again" {
	local kind files=()
	for kind in user mount pid net uts ipc cgroup time; do
		files+=("--$kind=$KEPT/$kind")
	done
	run ns-run "${files[@]}" --hostname kept sh -c 'for k in user mnt net uts ipc cgroup time; do readlink /proc/self/ns/$k; done'
	assert_success
	assert_equal "$(kept)" 8
	assert_equal "$(for k in user mount net uts ipc cgroup time; do nsenter_link "$k"; done)" "$output"
	run ns-enter --target "$KEPT/uts" hostname
	assert_output kept
}

# The link that /proc shows of the namespace at the file of that kind.
nsenter_link() {
	local inode
	inode=$(stat -c %i "$KEPT/$1")
	echo "${1/mount/mnt}:[$inode]"
}

@test "a kept pid namespace is that of the program, and lives on in its init" {
	ns-run --detach --pid-file "$BATS_TEST_TMPDIR/pid" --pid="$KEPT/pid" sleep 60 >/dev/null 2>&1 3>&-
	local pid
	pid=$(cat "$BATS_TEST_TMPDIR/pid")
	run readlink "/proc/$pid/ns/pid"
	assert_output "pid:[$(stat -c %i "$KEPT/pid")]"
	run ns-enter --target "$KEPT/pid" sh -c 'echo $$'
	kill -KILL "$pid"
	assert_success
	refute_output 1
}

@test "shifted clocks and a cgroup namespace, which the child makes itself, are kept too" {
	run ns-run --cgroup="$KEPT/cgroup" --time="$KEPT/time" --boottime 1000000 readlink /proc/self/ns/cgroup /proc/self/ns/time
	assert_success
	assert_line --index 0 "cgroup:[$(stat -c %i "$KEPT/cgroup")]"
	assert_line --index 1 "time:[$(stat -c %i "$KEPT/time")]"
	run ns-enter --target "$KEPT/time" cut -d. -f1 /proc/uptime
	assert [ "$output" -ge 1000000 ]
}

@test "a program that fails keeps them all the same; one that cannot be run does not" {
	run ns-run --net="$KEPT/net" sh -c 'exit 3'
	assert_equal "$status" 3
	assert_equal "$(kept)" 1
	touch "$KEPT/was-there"
	run ns-run --uts="$KEPT/uts" --ipc="$KEPT/was-there" no-such-program
	assert_fault 127 "run 'no-such-program'"
	assert_equal "$(kept)" 1
	assert [ ! -e "$KEPT/uts" ]
	assert [ -e "$KEPT/was-there" ]
	# a later link fails, after they were bound
	run ns-run --uts="$KEPT/uts" fs-root /no/such/root true
	assert_failure 125
	run ns-run --uts="$KEPT/uts" --sysctl net.no.such=1 --net true
	assert_failure 125
	assert_equal "$(kept)" 1
	assert [ ! -e "$KEPT/uts" ]
}

@test "what ends a waiting chain takes them back" {
	mkfifo "$BATS_TEST_TMPDIR/go"
	env --default-signal ns-run --net="$KEPT/net" --ready-fd 5 proc-set --wait "$BATS_TEST_TMPDIR/go" true \
		5>"$BATS_TEST_TMPDIR/ready" 3>&- &
	local tool=$! got=0
	wait_for test -s "$BATS_TEST_TMPDIR/ready"
	assert_equal "$(kept)" 1
	kill -TERM $tool
	wait $tool || got=$?
	assert_equal "$got" 143
	assert_equal "$(kept)" 0
	assert [ ! -e "$KEPT/net" ]
}

@test "a file that holds a namespace already is not used twice: both remedies work" {
	ns-run --uts="$KEPT/uts" --hostname first true
	run ns-run --uts="$KEPT/uts" true
	assert_fault 125 "keep a namespace at '$KEPT/uts'" "kept there already"
	assert_output --partial "ns-enter --target $KEPT/uts"
	run ns-enter --target "$KEPT/uts" hostname
	assert_output first
	umount "$KEPT/uts"
	run ns-run --uts="$KEPT/uts" true
	assert_success
}

@test "--mount=FILE on a shared mount: the commands that it names help" {
	mount --bind "$KEPT" "$KEPT"
	mount --make-shared "$KEPT"
	run ns-run --mount="$KEPT/mount" true
	assert_fault 125 "keep a namespace at '$KEPT/mount'" "is shared"
	local remedy=${lines[1]#*try: }
	assert_equal "$remedy" "mount --bind $KEPT $KEPT && mount --make-private $KEPT"
	bash -c "$remedy"
	run ns-run --mount="$KEPT/mount" true
	assert_success
	run ns-enter --target "$KEPT/mount" true
	assert_success
}

@test "unprivileged: refused with the way out, which works" {
	need_userns
	chmod 777 "$BATS_TEST_TMPDIR" "$KEPT"
	chmod a+rx "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test
	run as_user ns-run --map-root --net="$KEPT/net" true
	assert_fault 125 "keep a namespace at '$KEPT/net'" "CAP_SYS_ADMIN"
	assert_output --partial "ns-run --map-root --mount"
	run as_user ns-run --map-root --mount sh -c 'ns-run --net="$1/net" true && ns-enter --target "$1/net" ls /sys/class/net' sh "$KEPT"
	assert_success
	# CAP_SYS_ADMIN over another user namespace than that of the mounts is no right
	run as_user ns-run --map-root sh -c 'ns-run --net="$1/net" true' sh "$KEPT"
	assert_fault 125 "keep a namespace at" "belong to a user namespace outside of yours"
}

@test "bad files: a directory, no directory around it, a link, no name" {
	ln -s /etc/hostname "$KEPT/link"
	for file in "$KEPT" "$KEPT/no/such" "$KEPT/link" "$KEPT/" /proc/1/ns/net; do
		run ns-run --net="$file" true
		assert_fault 125 "keep a namespace at '$file'"
	done
	run ns-run --net= true
	assert_fault 125 "read option 'net'" "no name"
	assert_equal "$(ls "$KEPT")" link
}

@test "only the first link of a chain can keep what it makes" {
	run ns-run --uts ns-run --net="$KEPT/net" true
	assert_fault 125 "keep a namespace at 'net'" "other namespaces before"
	run ns-run --uts -- ns-run --net="$KEPT/net" true
	assert_success
	assert_equal "$(kept)" 1
}

@test "--explain and --dry-run show the bind, and --dry-run makes none" {
	run ns-run --dry-run --net="$KEPT/net" true
	assert_success
	assert_output --partial "a namespace is bound to a file from outside"
	assert_output --regexp "open_tree\(.*ns/net"
	assert_output --regexp "move_mount\(.*$KEPT/net"
	assert_equal "$(ls "$KEPT")" ""
	run ns-run --explain --net="$KEPT/net" true
	assert_output --regexp "move_mount\(.*$KEPT/net.*= 0"
	assert_equal "$(kept)" 1
	run ns-run --print --net="$KEPT/net" --uts true
	assert_output --partial "ns-run --net=$KEPT/net --uts"
}

@test "--mount=FILE inside another mount namespace: it works on some processor, and on another the message says so" {
	need_cmd taskset
	local outer inner worked=0 cpus
	cpus=$(taskset -pc $$ | sed 's/.*: //; s/[-,]/ /')
	for outer in $cpus; do
		for inner in $cpus; do
			run taskset -c "$outer" unshare --mount --propagation private taskset -c "$inner" ns-run --mount="$KEPT/m$outer$inner" true
			[ "$status" -ne 0 ] || { worked=$((worked + 1)) && continue; }
			assert_fault 125 "keep a namespace at" "older than the one we are in"
			assert_output --partial "taskset -c"
			assert [ ! -e "$KEPT/m$outer$inner" ]
		done
	done
	assert [ "$worked" -gt 0 ]
}
