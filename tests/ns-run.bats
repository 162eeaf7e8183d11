#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ns-run: new namespaces, id maps, the watcher, signals, readiness.

load helper

# -- namespaces ---------------------------------------------------------------------------

@test "--boottime and --monotonic shift the clocks, for pid 1 too" {
	need_root
	local up
	up=$(cut -d. -f1 /proc/uptime)
	run ns-run --boottime 1000000:5 --monotonic -1:500000000 sh -c 'cut -d. -f1 /proc/uptime; cat /proc/self/timens_offsets; readlink /proc/self/ns/time /proc/self/ns/time_for_children'
	assert_success
	assert [ "${lines[0]}" -ge $((up + 1000000)) ]
	assert_line --regexp '^monotonic +-1 +500000000$'
	assert_line --regexp '^boottime +1000000 +5$'
	assert_equal "${lines[3]}" "${lines[4]}"
	refute [ "${lines[3]}" = "$(readlink /proc/self/ns/time)" ]
	run ns-run --pid --boottime 1000000 sh -c 'echo $$; cut -d. -f1 /proc/uptime'
	assert_line --index 0 1
	assert [ "${lines[1]}" -ge $((up + 1000000)) ]
	# no process stays for it
	run ns-run --explain --boottime 5 true
	refute_output --partial clone
	run ns-run --boottime -999999999 true
	assert_fault 125 "shift the clock 'boottime -999999999 0'" "below 0"
	run ns-run --boottime 1:2000000000 true
	assert_fault 125 "--boottime 1:2000000000" "not a number"
	run ns-run --print --boottime 1:2 --monotonic -7 true
	assert_output --partial "--monotonic -7 --boottime 1:2"
}

@test "--boottime: a user has it in his own namespaces" {
	need_userns
	local up
	up=$(cut -d. -f1 /proc/uptime)
	run as_user ns-run --map-root --boottime 1000000 cut -d. -f1 /proc/uptime
	assert_success
	assert [ "$output" -ge $((up + 1000000)) ]
}

@test "--all gives a new namespace of every kind the kernel has" {
	need_root
	for kind in user mnt pid net uts ipc cgroup; do
		run ns-run --all readlink "/proc/self/ns/$kind"
		assert_success
		refute_output "$(readlink /proc/self/ns/$kind)"
	done
}

@test "one kind leaves the others alone" {
	need_root
	run ns-run --uts readlink /proc/self/ns/net
	assert_output "$(readlink /proc/self/ns/net)"
	run ns-run --uts readlink /proc/self/ns/uts
	refute_output "$(readlink /proc/self/ns/uts)"
}

@test "without a reason nobody stays behind: the program keeps the pid" {
	need_root
	ns-run --uts sh -c 'echo $$' >"$BATS_TEST_TMPDIR/out" &
	local pid=$!
	wait "$pid"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/out")" "$pid"
}

@test "--pid makes the program pid 1 and gives it a fresh /proc" {
	need_root
	run ns-run --pid sh -c 'echo $$; ls -d /proc/[0-9]* | wc -l'
	assert_success
	assert_line --index 0 1
	assert [ "${lines[1]}" -lt 6 ]
}

@test "--no-proc leaves /proc as it is" {
	need_root
	run ns-run --pid --no-proc sh -c 'readlink /proc/self; echo $$'
	assert_success
	assert_line --index 1 1
	refute_line --index 0 1
}

@test "--hostname names the machine inside only" {
	need_root
	local before
	before=$(uname -n)
	run ns-run --hostname inside uname -n
	assert_output inside
	assert_equal "$(uname -n)" "$before"
}

@test "the loopback is up in a new net namespace, unless --no-loopback" {
	need_root
	run ns-run --net cat /sys/class/net/lo/flags /proc/net/if_inet6
	run ns-run --net sh -c 'head -c 0 </dev/tcp/127.0.0.1/9' # bash-only; refused, not unreachable
	run ns-run --net bash -c 'exec 3<>/dev/tcp/127.0.0.1/9'
	assert_output --partial "Connection refused"
	run ns-run --net --no-loopback bash -c 'exec 3<>/dev/tcp/127.0.0.1/9'
	assert_output --partial "unreachable"
}

@test "inside, the caller is root by default and by --map-root" {
	need_userns
	run as_user ns-run --user sh -c 'id -u; cat /proc/self/uid_map'
	assert_success
	assert_line --index 0 0
	assert_line --index 1 --regexp "^ *0 +$(as_user id -u) +1\$"
	run as_user ns-run --map-root id -u
	assert_output 0
}

@test "--map-current keeps the ids" {
	need_userns
	run as_user ns-run --map-current sh -c 'id -u; id -g'
	assert_success
	assert_output "$(as_user id -u)"$'\n'"$(as_user id -g)"
}

@test "root maps ranges of its own choice and becomes 0 of them" {
	need_root
	run ns-run --map-users 0:100000:65536 sh -c 'id -u; cat /proc/self/uid_map; cat /proc/self/gid_map'
	assert_success
	assert_line --index 0 0
	assert_line --index 1 --regexp '^ *0 +100000 +65536$'
	assert_line --index 2 --regexp '^ *0 +100000 +65536$'
}

# -- maps: traps ----------------------------------------------------------------------------

with_subids() { # with_subids LINE CMD...: as user boxtest, with these lines in /etc/subuid and /etc/subgid
	need_root
	need_cmd newuidmap
	local text=$1
	shift
	printf '%s\n' "$text" >"$BATS_TEST_TMPDIR/sub"
	{ cat /etc/passwd && echo 'boxtest:x:54321:54322::/tmp:/bin/sh'; } >"$BATS_TEST_TMPDIR/passwd"
	chmod 644 "$BATS_TEST_TMPDIR/sub" "$BATS_TEST_TMPDIR/passwd"
	touch /etc/subuid /etc/subgid
	run unshare -m sh -c '
		mount --bind "$1" /etc/subuid && mount --bind "$1" /etc/subgid && mount --bind "$2" /etc/passwd &&
			shift 2 && exec "$@"' \
		sh "$BATS_TEST_TMPDIR/sub" "$BATS_TEST_TMPDIR/passwd" \
		setpriv --reuid=54321 --regid=54322 --clear-groups -- "$@"
}

@test "--map-root --map-auto maps all subordinate ids, by newuidmap" {
	with_subids boxtest:200000:65536 "$BOX_BUILD/tools/ns-run" --map-root --map-auto cat /proc/self/uid_map /proc/self/gid_map
	assert_success
	assert_line --index 0 --regexp '^ *0 +54321 +1$'
	assert_line --index 1 --regexp '^ *1 +200000 +65536$'
	assert_line --index 2 --regexp '^ *0 +54322 +1$'
	assert_line --index 3 --regexp '^ *1 +200000 +65536$'
}

@test "--map-auto with exactly one subordinate id maps it" {
	with_subids 54321:200000:1 "$BOX_BUILD/tools/ns-run" --map-root --map-auto cat /proc/self/uid_map
	assert_success
	assert_line --index 1 --regexp '^ *1 +200000 +1$'
}

@test "a missing line of /etc/subuid is spelled out" {
	with_subids other:200000:65536 "$BOX_BUILD/tools/ns-run" --map-root --map-auto true
	assert_fault 125 "map ids '/etc/subuid'" "no line for boxtest"
	assert_output --partial "boxtest:100000:65536"
}

@test "ranges that were not given are refused before anything is run, with the line that gives them" {
	with_subids boxtest:200000:100 "$BOX_BUILD/tools/ns-run" --map-users 0:200000:101 true
	assert_fault 125 "map ids '0:200000:101'" "/etc/subuid does not give these ids to boxtest"
	assert_output --partial "echo 'boxtest:200000:101' | sudo tee -a /etc/subuid"
	with_subids boxtest:200000:100 "$BOX_BUILD/tools/ns-run" --map-users 0:200000:100 id -u
	assert_success
	assert_output 0
}

@test "ranges that overlap are both named" {
	run ns-run --map-users 0:1000:10,5:2000:10 true
	assert_fault 125 "read id map '5:2000:10'" "overlaps 0:1000:10 in the inside ids"
	run ns-run --map-users 0:1000:10 --map-users 20:1009:1 true
	assert_fault 125 "read id map '20:1009:1'" "overlaps 0:1000:10 in the outside ids"
}

@test "id maps: numbers out of range, with text, short, empty are refused" {
	for bad in 1x:0:1 0:0 0:0:0 -1:0:1 0:0:4294967296 4294967295:0:1 0:4294967290:10 "" : 0:0:1: "0: 1:1"; do
		run ns-run --map-users "$bad" true
		assert_fault 125 "read id map"
	done
}

# -- the end ------------------------------------------------------------------------------

@test "the program's exit status is passed on" {
	need_root
	for n in 0 1 3 125 126 127 255; do
		run ns-run --pid sh -c "exit $n"
		assert_equal "$status" "$n"
		run ns-run --uts sh -c "exit $n"
		assert_equal "$status" "$n"
	done
}

@test "a program that kills itself: the same 143 with and without a watcher" {
	need_root
	run ns-run --uts sh -c 'kill $$'
	assert_equal "$status" 143
	run ns-run --init sh -c 'kill $$'
	assert_equal "$status" 143
	run ns-run --time sh -c 'kill $$'
	assert_equal "$status" 143
}

@test "a program killed by SIGKILL: we die of it too, without a word" {
	need_root
	run --separate-stderr ns-run --time sh -c 'kill -KILL $$'
	assert_equal "$status" 137
	assert_equal "$stderr" ""
	# truly by the signal, not by exit 137, which no shell tells apart
	need_cmd python3
	run python3 -c 'import subprocess, sys; print(subprocess.run(sys.argv[1:]).returncode)' ns-run --time sh -c 'kill -KILL $$'
	assert_output -- -9
}

@test "reboot(2) ends the pid namespace, and we end as it does: of HUP or INT" {
	need_userns # whose root has no right to reboot the machine
	need_cmd busybox /usr/bin/python3
	local command signal
	# shellcheck disable=SC2016 # the inner shell expands
	for command in "reboot -1" "halt -2" "poweroff -2"; do
		signal=${command#* }
		run as_user /usr/bin/python3 -c 'import subprocess, sys; print(subprocess.run(sys.argv[1:]).returncode)' \
			ns-run --map-root --pid sh -c '[ $$ = 1 ] && busybox "$1" -f; sleep 60' sh "${command% *}"
		assert_output -- "$signal"
		run as_user ns-run --map-root --init sh -c '[ $$ = 2 ] && busybox "$1" -f; sleep 60' sh "${command% *}"
		assert_failure $((128 - signal))
	done
}

@test "not found is 127, found but not to be run is 126" {
	need_root
	run ns-run --pid no-such-program
	assert_fault 127 "run 'no-such-program'" "not found in PATH"
	run ns-run --uts /no/such
	assert_fault 127 "run '/no/such'"
	run ns-run --uts /etc/passwd
	assert_fault 126 "run '/etc/passwd'"
	printf 'no header\n' >"$BATS_TEST_TMPDIR/x"
	chmod +x "$BATS_TEST_TMPDIR/x"
	run ns-run --pid "$BATS_TEST_TMPDIR/x"
	assert_fault 126 "Exec format error"
	printf '#!/no/such/shell\n' >"$BATS_TEST_TMPDIR/x"
	run ns-run --pid "$BATS_TEST_TMPDIR/x"
	assert_fault 126 "interpreter or loader is missing"
}

@test "--explain: words stand as C has them, and none steers the terminal" {
	need_root
	run ns-run --explain --uts --hostname $'a"\e[31m' true $'two\nlines' '"' 'back\slash'
	assert_success
	assert_output --partial 'sethostname("a\"\033[31m") = 0'
	assert_output --regexp 'execve\("[^"]*/true", \["true", "two\\nlines", "\\"", "back\\\\slash"\]\)  #'
	refute_output --partial $'\e'
	# what is too long for a line is cut, and that is seen
	run ns-run --dry-run --uts true "$(printf 'x%.0s' {1..400})"
	assert_output --regexp '"x{200,}"\.\.\.\]\)  # become the program'
	run ns-run --dry-run --uts --hostname ok -- $'./\e]0;title\a'
	refute_output --partial $'\e'
}

# -- signals ----------------------------------------------------------------------------

# A program that counts signals into a file, with a watcher (--init: it is not pid 1).
counter() {
	cat >"$BATS_TEST_TMPDIR/counter" <<-'SH'
		#!/bin/bash
		out=$1
		for s in TERM INT HUP USR1 USR2 WINCH QUIT; do trap "echo $s >>$out.got" $s; done
		: >"$out.ready"
		for i in {1..100}; do sleep 0.1; [ -e "$out.stop" ] && exit 7; done
	SH
	chmod +x "$BATS_TEST_TMPDIR/counter"
}

@test "each signal sent to the tool arrives once" {
	need_root
	counter
	for extra in "--pid" "--init" "--time"; do
		rm -f "$BATS_TEST_TMPDIR"/sig.*
		# (bash starts what is behind & with INT and QUIT ignored)
		env --default-signal ns-run $extra "$BATS_TEST_TMPDIR/counter" "$BATS_TEST_TMPDIR/sig" 3>&- &
		local pid=$!
		wait_for test -e "$BATS_TEST_TMPDIR/sig.ready"
		for s in TERM INT HUP USR1 USR2 WINCH; do
			kill -$s $pid
			wait_for grep -q $s "$BATS_TEST_TMPDIR/sig.got"
		done
		touch "$BATS_TEST_TMPDIR/sig.stop"
		local got=0
		wait $pid || got=$?
		assert_equal "$got" 7
		run sort "$BATS_TEST_TMPDIR/sig.got"
		assert_output $'HUP\nINT\nTERM\nUSR1\nUSR2\nWINCH'
	done
}

@test "a TERM that pid 1 ignores is said once" {
	need_root
	ns-run --pid --ready-fd 5 sleep 100 2>"$BATS_TEST_TMPDIR/err" 3>&- 5>"$BATS_TEST_TMPDIR/ready" &
	local pid=$!
	wait_for test -s "$BATS_TEST_TMPDIR/ready"
	kill -TERM $pid
	wait_for grep -q "pass on SIGTERM" "$BATS_TEST_TMPDIR/err"
	kill -TERM $pid
	sleep 0.3
	assert_equal "$(grep -c 'pass on' "$BATS_TEST_TMPDIR/err")" 1
	assert_equal "$(grep -c 'try: ns-run --init' "$BATS_TEST_TMPDIR/err")" 1
	kill -KILL $pid
	wait $pid || true
}

@test "--init passes TERM on and the program dies of it" {
	need_root
	ns-run --init --ready-fd 5 sleep 100 3>&- 5>"$BATS_TEST_TMPDIR/ready" &
	local pid=$! got=0
	wait_for test -s "$BATS_TEST_TMPDIR/ready"
	kill -TERM $pid
	wait $pid || got=$?
	assert_equal "$got" 143
}

@test "--init reaps orphans and ends with the program" {
	need_root
	run ns-run --init sh -c '(sleep 0.1 & ) ; sleep 0.5; ls -d /proc/[0-9]* | wc -l; exit 5'
	assert_equal "$status" 5
	assert [ "${lines[0]}" -le 5 ]
	run ns-run --init sh -c 'cat /proc/1/comm; echo $$'
	assert_line --index 1 2
}

@test "SIGKILL of the tool ends the program" {
	need_root
	for extra in --pid --init --time; do
		rm -f "$BATS_TEST_TMPDIR/ready"
		ns-run $extra --ready-fd 5 sh -c 'exec sleep 321' 5>"$BATS_TEST_TMPDIR/ready" 3>&- &
		local tool=$!
		wait_for test -s "$BATS_TEST_TMPDIR/ready"
		local program
		program=$(cat "$BATS_TEST_TMPDIR/ready")
		assert [ -d "/proc/$program" ]
		kill -KILL $tool
		wait $tool || true
		wait_for test ! -d "/proc/$program"
	done
}

@test "in a pipeline" {
	need_root
	run bash -c 'ns-run --pid sh -c "seq 1 100000" | head -1'
	assert_output 1
	run bash -c 'echo hello | ns-run --init cat | tr a-z A-Z'
	assert_output HELLO
	run bash -c 'set -o pipefail; ns-run --init yes | head -1'
	assert_equal "$status" 141
}

@test "an ignored SIGCHLD is passed on and does no harm" {
	need_root
	run bash -c 'trap "" CHLD; ns-run --pid sh -c "exit 4"'
	assert_equal "$status" 4
}

# -- terminal -----------------------------------------------------------------------------

@test "terminal: ^C reaches a shell trap once, ^Z stops and fg goes on, ^\\ ends" {
	need_root
	need_cmd tmux
	local sock=$BATS_TEST_TMPDIR/tmux
	cat >"$BATS_TEST_TMPDIR/inner" <<-'SH'
		trap 'echo got-int >>"$OUT"' INT
		echo up >>"$OUT"
		for i in $(seq 1 200); do sleep 0.1; done
	SH
	export OUT=$BATS_TEST_TMPDIR/tty.out
	: >"$OUT"
	TMUX='' tmux -f /dev/null -S "$sock" new-session -d -x 100 -y 30 "env OUT=$OUT PATH=$PATH bash --norc -i"
	keys() { tmux -S "$sock" send-keys "$@"; }
	keys "ns-run --pid sh $BATS_TEST_TMPDIR/inner" Enter
	wait_for grep -q up "$OUT"
	sleep 0.2
	keys C-c
	wait_for grep -q got-int "$OUT"
	sleep 0.3
	assert_equal "$(grep -c got-int "$OUT")" 1
	keys C-z
	wait_for sh -c "tmux -S '$sock' capture-pane -p | grep -q Stopped"
	keys 'echo after >>$OUT' Enter
	wait_for grep -q after "$OUT"
	keys 'fg' Enter
	wait_for sh -c "! grep -l '^State:.T' /dev/null \$(pgrep -f '^sh $BATS_TEST_TMPDIR/inner' | sed 's,.*,/proc/&/status,')"
	sleep 0.4
	keys C-c
	wait_for sh -c "[ \$(grep -c got-int $OUT) -eq 2 ]"
	tmux -S "$sock" kill-server
}

# -- readiness ----------------------------------------------------------------------------

@test "--pid-file and --ready-fd tell the pid once the program runs; the file goes with it" {
	need_root
	ns-run --pid --pid-file "$BATS_TEST_TMPDIR/pid" --ready-fd 5 sleep 2 5>"$BATS_TEST_TMPDIR/ready" 3>&- &
	local tool=$!
	wait_for test -s "$BATS_TEST_TMPDIR/ready"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/ready")" "$(cat "$BATS_TEST_TMPDIR/pid")"
	assert_equal "$(tr '\0' ' ' <"/proc/$(cat "$BATS_TEST_TMPDIR/pid")/cmdline")" "sleep 2 "
	wait $tool
	assert [ ! -e "$BATS_TEST_TMPDIR/pid" ]
}

@test "no readiness for a program that cannot be run" {
	need_root
	run bash -c 'ns-run --pid --pid-file "$1/pid" --ready-fd 5 no-such 5>"$1/ready"' bash "$BATS_TEST_TMPDIR"
	assert_fault 127 "run 'no-such'"
	assert [ ! -e "$BATS_TEST_TMPDIR/pid" ]
	assert [ ! -s "$BATS_TEST_TMPDIR/ready" ]
	run bash -c 'ls -A "$1"' bash "$BATS_TEST_TMPDIR"
	refute_output --partial .pid
}

@test "--detach: a program that has ended already was started all the same" {
	need_root
	local i
	for i in {1..30}; do
		run -0 ns-run --uts --detach -- false 3>&-
		run -0 ns-run --pid --detach --pid-file "$BATS_TEST_TMPDIR/pid" -- false 3>&-
		grep -qx '[0-9]*' "$BATS_TEST_TMPDIR/pid"
	done
	run -127 ns-run --pid --detach --pid-file "$BATS_TEST_TMPDIR/none" -- /nonexistent 3>&-
	[ ! -e "$BATS_TEST_TMPDIR/none" ]
}

@test "--detach returns while the program runs" {
	need_root
	ns-run --pid --detach --pid-file "$BATS_TEST_TMPDIR/pid" sleep 30 >"$BATS_TEST_TMPDIR/out" 2>&1 3>&-
	assert [ ! -s "$BATS_TEST_TMPDIR/out" ]
	local pid
	pid=$(cat "$BATS_TEST_TMPDIR/pid")
	assert [ -d "/proc/$pid" ]
	kill -KILL "$pid"
}

@test "--detach with a FIFO: created, then started" {
	need_root
	mkfifo "$BATS_TEST_TMPDIR/go"
	# (not with run: what waits would hold its pipe)
	ns-run --pid --detach --pid-file "$BATS_TEST_TMPDIR/pid" proc-set --wait "$BATS_TEST_TMPDIR/go" \
		sh -c "echo started >$BATS_TEST_TMPDIR/out" >/dev/null 2>&1 3>&-
	sleep 0.3
	assert [ ! -e "$BATS_TEST_TMPDIR/out" ]
	echo >"$BATS_TEST_TMPDIR/go"
	wait_for grep -q started "$BATS_TEST_TMPDIR/out"
}

@test "while the chain waits, TERM ends it, and it does not outlive the tool" {
	need_root
	mkfifo "$BATS_TEST_TMPDIR/go"
	for extra in --pid --init --time; do
		for sig in TERM INT HUP KILL; do
			rm -f "$BATS_TEST_TMPDIR/ready"
			env --default-signal ns-run $extra --ready-fd 5 proc-set --wait "$BATS_TEST_TMPDIR/go" true 5>"$BATS_TEST_TMPDIR/ready" 3>&- &
			local tool=$! got=0 child
			wait_for test -s "$BATS_TEST_TMPDIR/ready"
			child=$(cat "$BATS_TEST_TMPDIR/ready")
			kill -$sig $tool
			wait $tool || got=$?
			assert_equal "$got" $((128 + $(kill -l $sig)))
			wait_for test ! -d "/proc/$child"
		done
	done
}

@test "no readiness with --init for a program that cannot be executed" {
	need_root
	printf '#!/no/such/shell\n' >"$BATS_TEST_TMPDIR/bad"
	chmod +x "$BATS_TEST_TMPDIR/bad"
	run bash -c 'ns-run --init --ready-fd 5 "$1/bad" 5>"$1/ready"' bash "$BATS_TEST_TMPDIR"
	assert_fault 126 "run '"
	assert [ ! -s "$BATS_TEST_TMPDIR/ready" ]
}

@test "what the kernel sends to us alone is passed on: an alarm" {
	need_root
	need_cmd perl
	run perl -e 'alarm 1; exec "ns-run", "--time", "sleep", "20"'
	assert_equal "$status" 142
}

@test "ids along a chain: a user namespace in a user namespace" {
	need_userns
	run as_user ns-run --map-root ns-run --map-current id -u
	assert_success
	assert_output 0
}

@test "the groups of the caller are laid down before a namespace is entered that denies it" {
	need_root
	as_user ns-run --map-root --ready-fd 5 sleep 30 5>"$BATS_TEST_TMPDIR/ready" 3>&- &
	wait_for test -s "$BATS_TEST_TMPDIR/ready"
	local pid
	pid=$(cat "$BATS_TEST_TMPDIR/ready")
	run setpriv --groups 4,27 "$BOX_BUILD/tools/ns-enter" -t "$pid" --user grep Groups /proc/self/status
	kill -KILL "$pid"
	assert_output --regexp '^Groups:[[:space:]]*$'
}

@test "a signal that comes when the program has ended does not replace its status" {
	need_root
	local got=0
	env --default-signal ns-run --time --ready-fd 5 sh -c 'until [ -e "$1" ]; do sleep 0.05; done; exit 7' sh \
		"$BATS_TEST_TMPDIR/go" 3>&- 5>"$BATS_TEST_TMPDIR/ready" &
	local tool=$!
	wait_for test -s "$BATS_TEST_TMPDIR/ready"
	kill -STOP $tool
	touch "$BATS_TEST_TMPDIR/go"
	wait_for grep -q '^State:.Z' "/proc/$(cat "$BATS_TEST_TMPDIR/ready")/status"
	kill -INT $tool
	kill -CONT $tool
	wait $tool || got=$?
	assert_equal "$got" 7
}

@test "--sysctl is refused where its namespace is new only later in the chain" {
	need_root
	local before
	before=$(cat /proc/sys/net/ipv4/ip_default_ttl)
	run ns-run --uts --sysctl net.ipv4.ip_default_ttl=65 ns-run --net true
	assert_equal "$status" 125
	assert_output --partial "a namespace that is not new"
	assert_equal "$(cat /proc/sys/net/ipv4/ip_default_ttl)" "$before"
	run ns-run --net --sysctl net.ipv4.ip_default_ttl=65 cat /proc/sys/net/ipv4/ip_default_ttl
	assert_output 65
}

@test "--ready-fd 1: the program keeps its standard output" {
	need_root
	run ns-run --pid --ready-fd 2 sh -c 'echo hi; echo there >&2'
	assert_success
	assert_line hi
}

# -- bad input ----------------------------------------------------------------------------

@test "unprivileged: the right that lacks is named, with the way out" {
	need_userns
	run as_user ns-run --net true
	assert_fault 125 "make namespaces 'net'" "CAP_SYS_ADMIN"
	assert_output --partial "ns-run --map-root"
	run as_user ns-run --map-root --net true
	assert_success
}

@test "a limit on namespaces that is reached is named" {
	need_userns
	# inside a user namespace the limit of that namespace is ours to set
	run as_user ns-run --map-root sh -c 'echo 0 >/proc/sys/user/max_net_namespaces; exec ns-run --net true'
	assert_fault 125 "make namespaces" "user.max_net_namespaces is 0"
	run as_user ns-run --map-root sh -c 'echo 0 >/proc/sys/user/max_pid_namespaces; exec ns-run --pid true'
	assert_fault 125 "make namespaces" "user.max_pid_namespaces is 0"
}

@test "unknown options: the nearest is named" {
	run ns-run --map-rot true
	assert_fault 125 "read option '--map-rot'" "no such option"
	assert_output --partial "--map-root"
	run ns-run -Z true
	assert_fault 125 "read option '-Z'"
	run ns-run --hostname
	assert_fault 125 "needs an argument"
	run ns-run --map-root=3 true
	assert_fault 125 "takes no argument"
	run ns-run --ready-fd 1x --pid true
	assert_fault 125 "read number" "not a whole number"
	run ns-run --ready-fd 4294967296 --pid true
	assert_fault 125 "read number" "out of range"
	run ns-run --map-root --ready-fd 77 --pid true
	assert_fault 125 "tell readiness"
	run ns-run --map-root --pid-file /no/such/dir/pid --pid true
	assert_fault 125 "write the pid file '/no/such/dir/pid'"
	run ns-run true
	assert_fault 125 "use namespaces" "no kind"
	run ns-run --hostname "$(printf 'x%.0s' {1..65})" true
	assert_fault 125 "set host name"
}

@test "--domainname and --sysctl set what is the new namespaces' own" {
	need_root
	local before
	before=$(cat /proc/sys/kernel/domainname /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni)
	run ns-run --net --ipc --domainname dom.example --sysctl net.ipv4.ip_forward=1 --sysctl kernel/shmmni=77 \
		cat /proc/sys/kernel/domainname /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni
	assert_success
	assert_output "$(printf 'dom.example\n1\n77')"
	assert_equal "$(cat /proc/sys/kernel/domainname /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni)" "$before"
}

@test "--sysctl: a value that the kernel does not take is no missing parameter" {
	need_root
	run ns-run --net --sysctl net.ipv4.ip_forward=hello true
	assert_fault 125 "set kernel parameter 'net.ipv4.ip_forward=hello'" "the kernel takes no such value"
	assert_output --partial "try: one like the present: cat /proc/sys/net/ipv4/ip_forward"
}

@test "--sysctl refuses what would change for others" {
	for set in vm.swappiness=1 kernel.pid_max=9 net.ipv4.ip_forward=1 kernel.hostname=x; do
		run ns-run --map-root --ipc --sysctl "$set" true
		assert_fault 125 "set kernel parameter '$set'"
	done
	for set in net.ipv4.ip_forward =1 net..x=1 net/../kernel/pid_max=1 .net=1 net.=1; do
		run ns-run --map-root --net --sysctl "$set" true
		assert_fault 125 "set kernel parameter '$set'"
	done
	run ns-run --map-root --net --sysctl net.no.such=1 true
	assert_fault 125 "set kernel parameter 'net.no.such=1'" "No such file"
}

@test "--sysctl writes to proc alone, and not to what is mounted over it" {
	need_root
	need_cmd unshare
	mkdir "$BATS_TEST_TMPDIR/fake"
	echo mine >"$BATS_TEST_TMPDIR/fake/shmmni"
	run unshare --mount sh -c 'mount --bind "$1" /proc/sys/kernel && exec ns-run --ipc --sysctl kernel.shmmni=77 true' \
		sh "$BATS_TEST_TMPDIR/fake"
	assert_fault 125 "set kernel parameter 'kernel.shmmni=77'"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/fake/shmmni")" mine
	run unshare --mount sh -c 'mount -t tmpfs none /proc && exec ns-run --ipc --sysctl kernel.shmmni=77 true'
	assert_failure 125
}
