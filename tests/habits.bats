#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Who comes from another tool and writes its options is told what they are here.

load helper

# Every long option of PEER (as its --help has them) and the short ones of the rest of the line is
# TOOL's own, or refused with what to write instead.
told() { # PEER TOOL SHORT...
	local peer=$1 tool=$2 option n=0 bad=0
	shift 2
	for option in $("$peer" --help | grep -oE '(^|[ ,])--[a-z-]+' | tr -d ' ,') "$@"; do
		n=$((n + 1))
		run "$tool" "$option"
		[[ $output != *"no such option"* || $output == *"try: "* && $output != *"--help"* ]] || {
			bad=1
			echo "$tool $option: $output"
		}
	done
	[ "$n" -gt 10 ]
	[ "$bad" = 0 ]
}

@test "unshare's options: ns-run says what they are here" {
	need_cmd unshare
	told unshare ns-run --map-subids --owner --forward-signals --clear-env --whitelist-env -f -R -w -S -G
	run ns-run -f true
	assert_failure 125
	assert_line --partial "try: leave it out: --pid has a process of its own"
	run ns-run --map-user=7 true
	assert_line --partial "try: --map-users UID:own:1"
	run ns-run --map-user true
	assert_line --partial "try: --map-users UID:own:1"
	run ns-run --map-use true # a slip of the hand, and no option of theirs
	assert_line --partial "try: --map-users; ns-run --help lists them all"
}

@test "nsenter's options: ns-enter says what they are here" {
	need_cmd nsenter
	told nsenter ns-enter --net-socket --user-parent --env --wdns --keep-caps --join-cgroup --follow-context -S -G -F
	run ns-enter -t $$ -S 0 true
	assert_failure 125
	assert_line --partial "try: --ids UID:GID"
}

@test "lsns's options: ns-list says what they are here" {
	need_cmd lsns
	told lsns ns-list --tree --list-columns --filter
}
