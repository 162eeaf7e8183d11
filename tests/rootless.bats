#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Whole containers of a user without privilege. As root they run as such a user.

load helper

setup() {
	need_userns
	box_setup
	chmod -R a+rX "$ROOT"
}

# The line of the README but cg-exec, around a program.
container() { # MAPS PROGRAM...
	# shellcheck disable=SC2086 # words
	run as_user ns-run --all $1 fs-root --proc --dev --tmpfs /tmp "$ROOT" \
		cap-set --only chown,setuid,setgid --no-new-privs sc-filter "$PROFILE" "${@:2}"
}

@test "the line without cg-exec: root of its own, pid 1, three capabilities, a filter" {
	deny_profile
	container --map-root sh -c 'id -u; echo $$; grep -E "^(CapEff|NoNewPrivs|Seccomp):" /proc/self/status | tr -d "\t"; mkdir /tmp/x'
	assert_failure 1
	assert_line --index 0 0
	assert_line --index 1 1
	assert_line CapEff:00000000000000c1
	assert_line NoNewPrivs:1
	assert_line Seccomp:2
	assert_output --regexp "mkdir: .*Operation not permitted"
}

@test "with subordinate ids the container has users of its own" {
	[ "$(id -u)" -ne 0 ] || skip "needs a user with subordinate ids: see tests/user"
	grep -qE "^($(id -un)|$(id -u)):" /etc/subuid 2>/dev/null || skip "needs subordinate ids for $(id -un) in /etc/subuid"
	need_cmd newuidmap
	deny_profile
	container '--map-root --map-auto' sh -c 'cat /proc/self/uid_map; touch /tmp/f && chown 33:33 /tmp/f && stat -c %u:%g /tmp/f'
	assert_success
	assert_line --regexp '^ *1 +[0-9]+ +[0-9]{4,}$'
	assert_line 33:33
}

@test "a container of one's own is entered, and ends with its tool" {
	mkdir -m 777 "$BATS_TEST_TMPDIR/open"
	as_user ns-run --all --map-root --pid-file "$BATS_TEST_TMPDIR/open/pid" fs-root --proc "$ROOT" sleep 60 3>&- &
	wait_for test -s "$BATS_TEST_TMPDIR/open/pid"
	inner=$(cat "$BATS_TEST_TMPDIR/open/pid")
	run as_user ns-enter --target "$inner" sh -c 'id -u; cat /proc/1/comm; ls /'
	kill -KILL "$inner"
	wait $! || true
	assert_success
	assert_line --index 0 0
	assert_line --index 1 sleep
	refute_line boot
	[ ! -e "/proc/$inner" ]
}
