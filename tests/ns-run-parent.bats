#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ns-run: the program ends with its tool, and with --die-with-parent the tool with who started it.

load helper

setup() {
	need_root
	D=$BATS_TEST_TMPDIR
}

# Whatever still runs of a failed test.
teardown() {
	local f
	for f in "$D"/pid*; do
		[ ! -s "$f" ] || kill -KILL "$(cat "$f")" 2>/dev/null || true
	done
}

# started OPTION...: "ns-run OPTION..." as the child of a shell of its own, which waits. $parent is the
# shell, $tool the tool, $program the program.
started() {
	rm -f "$D"/pid.*
	# shellcheck disable=SC2016 # the inner shell expands
	bash -c 'd=$1; shift; "$@" & echo $! >"$d/pid.tool"; wait' sh "$D" \
		env --default-signal ns-run "$@" sh -c "echo up >$D/pid.up; exec sleep 300" 3>&- &
	parent=$!
	wait_for test -s "$D/pid.up"
	tool=$(cat "$D/pid.tool")
	rm "$D/pid.up"
	wait_for find_program
	echo "$program" >"$D/pid.program"
}

# The tool itself, its child, or the child of an init.
find_program() {
	local p
	for p in "$tool" $(pgrep -P "$tool") $(pgrep -P "$(pgrep -P "$tool" | paste -sd,)" 2>/dev/null); do
		[ "$(cat "/proc/$p/comm")" = sleep ] && program=$p && return
	done
	return 1
}

gone() {
	[ ! -e "/proc/$1" ] || grep -q '^State:[[:space:]]*[ZX]' "/proc/$1/status" 2>/dev/null
}

@test "--die-with-parent: the program ends with who started the tool, with a watcher and without" {
	local options
	for options in --uts --time --pid --init "--uts --pid-file $D/pid.file"; do
		# shellcheck disable=SC2086 # words
		started $options --die-with-parent
		assert [ -e "/proc/$program" ]
		kill -KILL "$parent"
		wait "$parent" || true
		wait_for gone "$program"
		wait_for gone "$tool"
		assert [ ! -e "$D/pid.file" ]
	done
}

@test "without it the program outlives who started the tool" {
	started --time
	kill -KILL "$parent"
	wait "$parent" || true
	wait_for sh -c "grep -q '^PPid:[[:space:]]*1\$' /proc/$tool/status || [ \"\$(sed -n 's/^PPid:[[:space:]]*//p' /proc/$tool/status)\" != $parent ]"
	refute gone "$program"
	kill -KILL "$tool"
	wait_for gone "$program"
}

@test "--die-with-parent=TERM: a handler runs, and the watcher waits for it and cleans up" {
	# shellcheck disable=SC2016 # the inner shell expands
	bash -c 'd=$1; ns-run --time --pid-file "$d/pid.file" --die-with-parent=TERM sh -c "
		trap \"echo handled >$d/got; exit 0\" TERM; echo up >$d/up; while :; do sleep 0.05; done" & wait' sh "$D" 3>&- &
	local parent=$!
	wait_for test -s "$D/up"
	kill -KILL $parent
	wait $parent || true
	wait_for grep -q handled "$D/got"
	wait_for test ! -e "$D/pid.file"
}

@test "--die-with-parent while the chain waits: nothing is left of it" {
	mkfifo "$D/go"
	# shellcheck disable=SC2016 # the inner shell expands
	bash -c 'd=$1; ns-run --time --net="$d/net" --ready-fd 5 --die-with-parent proc-set --wait "$d/go" true 5>"$d/ready" & wait' sh "$D" 3>&- &
	local parent=$!
	wait_for test -s "$D/ready"
	assert [ -e "$D/net" ]
	kill -KILL $parent
	wait $parent || true
	wait_for test ! -e "/proc/$(cat "$D/ready")"
	wait_for test ! -e "$D/net"
}

@test "--die-with-parent: the program's own end is passed on as ever; bad signals; not with --detach" {
	run ns-run --time --die-with-parent sh -c 'exit 4'
	assert_equal "$status" 4
	run ns-run --time --die-with-parent sh -c 'kill -KILL $$'
	assert_equal "$status" 137
	run ns-run --time --die-with-parent=NONE true
	assert_fault 125 "read option 'NONE'" "no such signal"
	run ns-run --time --die-with-parent --detach true
	assert_fault 125 "read option '--die-with-parent'" "--detach leaves nobody"
	run ns-run --print --die-with-parent=SIGTERM --time true
	assert_output --partial "--die-with-parent=TERM"
	run ns-run --die-with-parent true
	assert_success
}

# -- trap: whoever it is to die with has ended before the kernel was told -----------------------

# Whoever makes this call first stops behind it, and goes on with SIGCONT: in between its parent is killed.
held_behind() { # CALL OPTION...: sets $child, $tool, $outer
	need_cmd strace
	need_plain ns-run
	rm -f "$D"/pid.* "$D/calls" "$D/ran"
	local call=$1
	shift
	# shellcheck disable=SC2016 # the inner shell expands
	bash -c 'echo $$ >"$1/pid.parent"; d=$1; shift; "$@" & echo $! >"$d/pid.strace"; wait' sh "$D" \
		strace -D -f -qq -o "$D/calls" -e trace="$call" -e inject="$call":signal=SIGSTOP:when=1 \
		ns-run "$@" sh -c "echo \$\$ >$D/ran" 3>&- &
	outer=$!
	wait_for grep -q -- '--- stopped by SIGSTOP ---' "$D/calls"
	tool=$(cat "$D/pid.strace")
	child=$(sed -n 's/^\([0-9]*\) *--- stopped by SIGSTOP ---$/\1/p' "$D/calls")
	echo "$child" >"$D/pid.child"
}

@test "trap: the tool is killed between its fork and the child's prctl: the child does not survive" {
	local options
	for options in --time --pid --init; do
		# it has been told to go on
		held_behind recvfrom $options
		assert [ "$child" != "$tool" ]
		kill -KILL "$tool"
		wait_for gone "$tool"
		kill -CONT "$child"
		wait_for gone "$child"
		assert [ ! -e "$D/ran" ]
		kill -KILL "$(cat "$D/pid.parent")" 2>/dev/null || true
		wait "$outer" || true
	done
}

@test "trap: the same with --die-with-parent and nobody in between" {
	held_behind unshare --uts --die-with-parent
	assert_equal "$child" "$tool"
	kill -KILL "$(cat "$D/pid.parent")"
	wait "$outer" || true
	kill -CONT "$child"
	wait_for gone "$child"
	assert [ ! -e "$D/ran" ]
}
