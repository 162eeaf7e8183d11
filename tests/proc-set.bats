#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# proc-set: limits, priorities, environment, directory, terminal, waiting.

load helper

# -- limits and priorities ----------------------------------------------------------------------

@test "--rlimit: soft and hard, both at once, units, unlimited" {
	run proc-set --rlimit nofile=100:200 --rlimit RLIMIT_CORE=1M --rlimit cpu=60:unlimited bash -c \
		'ulimit -Sn; ulimit -Hn; ulimit -Hc; ulimit -St; ulimit -Ht'
	assert_success
	assert_output "$(printf '%s\n' 100 200 1024 60 unlimited)"
	run proc-set --rlimit nofile=64 bash -c 'ulimit -Sn; ulimit -Hn'
	assert_output "$(printf '%s\n' 64 64)"
}

@test "every limit of the kernel has a name, as prlimit sees it" {
	need_cmd prlimit
	local name column
	for name in as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime \
		sigpending stack; do
		column=${name^^}
		run prlimit -o RESOURCE --noheadings --"$name"
		assert_output "$column"
		run proc-set --rlimit "$name=0:0" --dry-run true
		assert_success
	done
}

@test "limits also without a watcher's help: set by the process itself, and in a pid namespace" {
	need_userns
	run as_user ns-run --pid --map-root proc-set --rlimit nofile=50 sh -c 'ulimit -n'
	assert_output 50
}

@test "--nice and --oom-score-adj, alone" {
	run proc-set --nice 7 --oom-score-adj 300 sh -c 'nice; cat /proc/self/oom_score_adj'
	assert_success
	assert_output "$(printf '%s\n' 7 300)"
}

@test "--nice and --oom-score-adj reach the child, not the watcher" {
	need_userns
	need_cmd strace
	run as_user ns-run --pid --map-root proc-set --explain --nice 7 --oom-score-adj 300 \
		sh -c 'nice; cat /proc/self/oom_score_adj'
	assert_success
	assert_line 7
	assert_line 300
	local child
	child=$(sed -n 's/.*clone3(.*) = \([1-9][0-9]*\) .*/\1/p' <<<"$output")
	assert_line --partial "setpriority(PRIO_PROCESS, $child, 7)"
	assert_line --partial "/proc/$child/oom_score_adj"
}

@test "without CAP_SYS_RESOURCE a hard limit is not raised, and the present one is named" {
	run setpriv --bounding-set -sys_resource --inh-caps -all bash -c \
		"ulimit -n 100; proc-set --rlimit nofile=200 true"
	assert_fault 125 "set limit 'nofile=200'" "the hard limit is 100"
	assert_output --partial "--rlimit nofile=100"
}

@test "with CAP_SYS_RESOURCE it is raised, from outside where a watcher stays" {
	need_root
	need_cap sys_resource
	run bash -c 'ulimit -n 100; proc-set --rlimit nofile=200 sh -c "ulimit -n"'
	assert_output 200
	run bash -c 'ulimit -n 100; ns-run --pid --map-root proc-set --rlimit nofile=200 sh -c "ulimit -n"'
	assert_output 200
}

@test "lowering oom_score_adj and nice without the capability is refused before anything changes" {
	run as_user nice -n 5 proc-set --nice 0 true
	assert_fault 125 "set priority 'nice 0'" "it is 5"
	run as_user sh -c 'echo 100 >/proc/self/oom_score_adj; proc-set --oom-score-adj 50 true'
	assert_fault 125 "set oom_score_adj to '50'" "it is 100"
}

@test "--scheduler, --io-priority, --personality: set, also from outside, printed again, refused" {
	need_root
	need_cmd chrt ionice
	local link
	for link in "" "ns-run --pid"; do
		run $link proc-set --scheduler rr:priority=3,reset-on-fork --io-priority realtime:2 --personality linux32 sh -c 'chrt -p $$; ionice -p $$; uname -m'
		assert_success
		assert_output --partial "policy: SCHED_RR|SCHED_RESET_ON_FORK"
		assert_output --partial "priority: 3"
		assert_line "realtime: prio 2"
		[ "$(uname -m)" != x86_64 ] || assert_line i686
	done
	run proc-set --scheduler batch:nice=4 --io-priority idle sh -c 'chrt -p $$; ionice -p $$; nice'
	assert_output --partial "policy: SCHED_BATCH"
	assert_line idle
	assert_line 4
	run proc-set --print --scheduler deadline:runtime=1,deadline=2,period=3,reclaim --io-priority best-effort:7 --personality linux true
	assert_output --partial "--scheduler deadline:runtime=1,deadline=2,period=3,reclaim --io-priority best-effort:7 --personality linux"
	run proc-set --scheduler deadline:runtime=9,deadline=2,period=3 true
	assert_fault 125 "set priority 'scheduler deadline'" "runtime <= deadline"
	for link in --scheduler=lazy --scheduler=fifo:nice=3 --scheduler=other:priority=1 --scheduler=rr:period=1 --scheduler=rr:priority=x \
		--scheduler=other:nosuch --io-priority=quick --io-priority=best-effort:8 --personality=bsd; do
		run proc-set "$link" true
		assert_equal "$status" 125
		assert_output --partial "try: ${link%%=*} "
	done
	run proc-set --nice 3 --scheduler other true
	assert_fault 125 "--nice" "says that as well"
	run as_user proc-set --scheduler fifo:priority=1 true
	assert_fault 125 "set priority 'scheduler fifo'" "CAP_SYS_NICE"
	run as_user proc-set --io-priority realtime true
	assert_fault 125 "set priority 'io-priority realtime'" "CAP_SYS_NICE"
}

@test "bad limits" {
	local a
	for a in nofil=3 =3 nofile nofile= nofile=1x nofile=1K nofile=-1 nofile=5:3 nofile=:3 nofile=3: \
		nofile=1:2:3 core=1X nofile=99999999999999999999 7=3; do
		run proc-set --rlimit "$a" true
		assert_fault 125 "set limit"
	done
	run proc-set --rlimit nofil=3 true
	assert_output --partial "nofile; did you mean that?"
	run proc-set --rlimit nofile=5 --rlimit RLIMIT_NOFILE=6 true
	assert_fault 125 "set limit 'RLIMIT_NOFILE=6'" "given before"
}

@test "bad numbers" {
	local a
	for a in "nice 20" "nice -21" "nice 1x" "oom-score-adj 1001" "oom-score-adj -1001" "oom-score-adj x" \
		"umask 888" "umask 01777" "umask u=rwx" "umask 8" "console-size 24" "console-size 24x" \
		"console-size 24x99999" "console-size 24x80x2"; do
		# shellcheck disable=SC2086
		run proc-set --$a true
		assert_fault 125 "read number '--${a%% *}"
	done
}

# -- mask, directory, environment ---------------------------------------------------------------------

@test "--umask" {
	run proc-set --umask 027 sh -c umask
	assert_output 0027
}

@test "--cwd, on the host and in a new root" {
	run proc-set --cwd /usr pwd
	assert_output /usr
	need_root
	box_setup
	run fs-root "$ROOT" proc-set --cwd /tmp pwd
	assert_output /tmp
}

@test "out of descriptors: ulimit -n is the remedy" {
	need_static proc-set
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	run bash -c 'for ((i = 3; i < 100; i++)); do eval "exec $i>&-"; done
		ulimit -n 3; exec proc-set --wait "$1" true' - "$BATS_TEST_TMPDIR/fifo"
	assert_fault 125 "wait at" "Too many open files"
	assert_output --partial "try: ulimit -n"
}

@test "bad directories" {
	run proc-set --cwd /nonexistent true
	assert_fault 125 "change directory to '/nonexistent'" "No such file"
	run proc-set --cwd /etc/passwd true
	assert_fault 125 "change directory to '/etc/passwd'" "Not a directory"
	need_root
	box_setup
	run fs-root "$ROOT" proc-set --cwd tmp true
	assert_fault 125 "change directory to 'tmp'" "relative"
	run fs-root "$ROOT" proc-set --cwd /missing true
	assert_fault 125 "change directory to '/missing'" "No such file"
}

@test "a directory of the host cannot be reached through an inherited descriptor" {
	need_root
	box_setup
	local dir
	for dir in /proc/self/fd/9 /proc/self/fd/9/tmp /proc/self/fd/9/../; do
		run ns-run --all fs-root --proc "$ROOT" proc-set --cwd "$dir" ls 9</
		assert_fault 125 "change directory to '$dir'"
	done
}

@test "no descriptor of ours is a way out either" {
	need_root
	box_setup
	local n
	for n in 3 4 5 6 7 8 9 10 11 12; do
		run ns-run --all fs-root --proc "$ROOT" proc-set --cwd "/proc/self/fd/$n" cat etc/hostname
		assert_failure
		refute_output --partial "$(cat /etc/hostname 2>/dev/null || echo no-host-name)"
	done
}

@test "the environment: cleared, then unset, then set" {
	run env -i A=1 B=2 "PATH=$PATH" proc-set --env C=3 --unset-env A --env B=4 env
	assert_success
	assert_line B=4
	assert_line C=3
	refute_line --partial A=
	run proc-set --env X=1 --clear-env --env Y=2=3 --env Z= env
	assert_output "$(printf '%s\n' X=1 Y=2=3 Z=)"
	run proc-set --env X=1 --env X=2 --clear-env env
	assert_output X=2
}

@test "PATH of --env is where the program is looked for" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\necho mine\n' >"$BATS_TEST_TMPDIR/bin/mine"
	chmod +x "$BATS_TEST_TMPDIR/bin/mine"
	run proc-set --env "PATH=$BATS_TEST_TMPDIR/bin:$PATH" mine
	assert_output mine
}

@test "bad variables" {
	run proc-set --env A true
	assert_fault 125 "set in the environment 'A'" "no ="
	run proc-set --env =1 true
	assert_fault 125 "set in the environment '=1'" "no name"
	run proc-set --unset-env A=1 true
	assert_fault 125 "set in the environment 'A=1'" "not the name"
	run proc-set --unset-env "" true
	assert_fault 125 "set in the environment ''" "not the name"
}

# -- descriptors ---------------------------------------------------------------------------------------

@test "--keep-fd lets one descriptor through where the root changes; the others close" {
	need_root
	box_setup
	echo kept >"$BATS_TEST_TMPDIR/file"
	run fs-root "$ROOT" proc-set --keep-fd 7 cat /dev/fd/7 7<"$BATS_TEST_TMPDIR/file"
	run fs-root --proc "$ROOT" proc-set --keep-fd 7 sh -c 'cat <&7; ls /proc/self/fd' \
		7<"$BATS_TEST_TMPDIR/file" 8</
	assert_success
	assert_line --index 0 kept
	assert_line 7
	refute_line 8
}

@test "--keep-fd of a descriptor that is not open, ours, or no number" {
	local n
	for n in 99 3 4 5; do
		run bash -c 'for ((i = 3; i < 100; i++)); do eval "exec $i>&-"; done
			exec proc-set --oom-score-adj 1000 --keep-fd "$1" true' - "$n"
		assert_fault 125 "keep descriptor '$n'" "not open"
	done
	for n in 1x -1 "" 99999999999; do
		run proc-set --keep-fd "$n" true
		assert_fault 125 "keep descriptor '$n'"
	done
}

# -- waiting ----------------------------------------------------------------------------------------------

@test "--wait blocks until somebody writes" {
	local fifo=$BATS_TEST_TMPDIR/fifo
	mkfifo "$fifo"
	proc-set --wait "$fifo" touch "$BATS_TEST_TMPDIR/went" 3>&- &
	local pid=$!
	sleep 0.3
	assert [ ! -e "$BATS_TEST_TMPDIR/went" ]
	echo >"$fifo"
	wait "$pid"
	assert [ -e "$BATS_TEST_TMPDIR/went" ]
}

@test "--wait: a writer that came first, and one that closes without a byte" {
	local fifo=$BATS_TEST_TMPDIR/fifo
	mkfifo "$fifo"
	echo >"$fifo" 3>&- &
	run timeout 10 proc-set --wait "$fifo" echo went
	assert_output went
	(
		sleep 0.3
		: >"$fifo"
	) 3>&- &
	run timeout 10 proc-set --wait "$fifo" echo went
	assert_output went
}

@test "--wait: two wait, each byte lets one go" {
	local fifo=$BATS_TEST_TMPDIR/fifo a b
	mkfifo "$fifo"
	exec 8<>"$fifo"
	proc-set --wait "$fifo" touch "$BATS_TEST_TMPDIR/a" 3>&- 8>&- &
	a=$!
	proc-set --wait "$fifo" touch "$BATS_TEST_TMPDIR/b" 3>&- 8>&- &
	b=$!
	sleep 0.3
	printf x >&8
	sleep 0.3
	assert_equal "$(find "$BATS_TEST_TMPDIR" -name '[ab]' | wc -l)" 1
	printf x >&8
	wait "$a" "$b"
	exec 8>&-
	assert_equal "$(find "$BATS_TEST_TMPDIR" -name '[ab]' | wc -l)" 2
}

@test "--wait in a detached container: told ready while it waits, opened before the root changes" {
	need_root
	box_setup
	local fifo=$BATS_TEST_TMPDIR/fifo
	mkfifo "$fifo"
	mkdir -p "$ROOT/out"
	timeout 10 ns-run --pid --detach --pid-file "$BATS_TEST_TMPDIR/pid" \
		fs-root --bind "$BATS_TEST_TMPDIR:/out" "$ROOT" proc-set --wait "$fifo" touch /out/went 3>&-
	assert [ -s "$BATS_TEST_TMPDIR/pid" ]
	assert [ ! -e "$BATS_TEST_TMPDIR/went" ]
	echo >"$fifo"
	wait_for test -e "$BATS_TEST_TMPDIR/went"
}

@test "--wait: a writer is kept waiting by a dry run and by a chain that fails its checks" {
	local fifo=$BATS_TEST_TMPDIR/fifo writer
	mkfifo "$fifo"
	sh -c 'echo >"$1" && touch "$2"' - "$fifo" "$BATS_TEST_TMPDIR/wrote" 3>&- &
	writer=$!
	sleep 0.2
	run proc-set --dry-run --wait "$fifo" true
	assert_success
	run proc-set --wait "$fifo" sc-filter /nonexistent true
	assert_fault 125 "read profile"
	sleep 0.2
	assert [ ! -e "$BATS_TEST_TMPDIR/wrote" ]
	kill -0 "$writer"
	run timeout 10 proc-set --wait "$fifo" echo went
	assert_output went
	wait "$writer"
	assert [ -e "$BATS_TEST_TMPDIR/wrote" ]
}

@test "--wait: a FIFO that only its owner may read, with other ids inside" {
	need_root
	local fifo=$BATS_TEST_TMPDIR/fifo
	mkfifo -m 600 "$fifo"
	echo >"$fifo" 3>&- &
	run timeout 10 ns-run --map-users 0:100000:10 --map-groups 0:100000:10 proc-set --wait "$fifo" echo went
	assert_output went
}

@test "--wait: a signal ends a chain that waits, alone, watched and as pid 1" {
	need_root
	local fifo=$BATS_TEST_TMPDIR/fifo pid sig how
	mkfifo "$fifo"
	for sig in TERM INT; do
		for how in "" "cg-exec --new" "ns-run --pid"; do
			# shellcheck disable=SC2086 # words
			env --default-signal=INT $how proc-set --wait "$fifo" touch "$BATS_TEST_TMPDIR/went" 3>&- &
			pid=$!
			wait_for pgrep -f "[p]roc-set --wait $fifo"
			sleep 0.3
			kill "-$sig" "$pid"
			wait_for sh -c '! pgrep -f "$1"' - "[p]roc-set --wait $fifo"
			local status=0
			wait "$pid" || status=$?
			assert_equal "$status" $((128 + $(kill -l "$sig")))
		done
	done
	assert [ ! -e "$BATS_TEST_TMPDIR/went" ]
}

@test "--wait: nobody goes on waiting when the watcher was killed" {
	need_root
	local fifo=$BATS_TEST_TMPDIR/fifo pid
	mkfifo "$fifo"
	ns-run --pid --mount proc-set --wait "$fifo" touch "$BATS_TEST_TMPDIR/went" 3>&- &
	pid=$!
	wait_for sh -c 'test "$(pgrep -cf "$1")" -eq 2' - "[p]roc-set --wait $fifo"
	kill -KILL "$pid"
	wait_for sh -c '! pgrep -f "$1"' - "[p]roc-set --wait $fifo"
	timeout 1 sh -c 'echo >"$1"' - "$fifo" || true
	assert [ ! -e "$BATS_TEST_TMPDIR/went" ]
}

@test "--wait at what is no FIFO" {
	run proc-set --wait /etc/passwd true
	assert_fault 125 "wait at '/etc/passwd'" "not a FIFO"
	run proc-set --wait "$BATS_TEST_TMPDIR" true
	assert_fault 125 "wait at" "not a FIFO"
	run proc-set --wait /nonexistent/fifo true
	assert_fault 125 "wait at '/nonexistent/fifo'" "No such file"
	mkfifo -m 0 "$BATS_TEST_TMPDIR/fifo"
	chmod 711 "$BATS_TEST_TMPDIR"
	run as_user proc-set --wait "$BATS_TEST_TMPDIR/fifo" true
	assert_fault 125 "wait at" "Permission denied"
}

# -- sessions and terminals ---------------------------------------------------------------------------------

@test "--new-session, also for the leader of a process group" {
	run proc-set --new-session sh -c '[ "$(ps -o sid= -p $$)" -eq $$ ] && echo leader'
	assert_output leader
	run setsid -w proc-set --new-session sh -c '[ "$(ps -o sid= -p $$)" -eq $$ ] && echo leader'
	assert_output leader
}

@test "--console-socket: one descriptor, a terminal of the size asked for, the controlling one" {
	need_cmd python3
	receiver "$BATS_TEST_TMPDIR/socket"
	run proc-set --console-socket "$BATS_TEST_TMPDIR/socket" --console-size 33x99 \
		sh -c 'stty size; tty >/dev/tty; [ "$(ps -o sid= -p $$)" -eq $$ ] && echo leader'
	assert_success
	wait "$RECEIVER"
	run tr -d '\r' <"$BATS_TEST_TMPDIR/received"
	assert_line --index 0 "/dev/ptmx 1"
	assert_line --index 1 "33 99"
	assert_line --index 2 --regexp '^/dev/pts/[0-9]+$'
	assert_line --index 3 leader
}

@test "--console-socket in a new root, with a user" {
	need_root
	need_cmd python3
	box_setup
	receiver "$BATS_TEST_TMPDIR/socket"
	run ns-run --pid --mount fs-root --proc --dev "$ROOT" proc-set --console-socket "$BATS_TEST_TMPDIR/socket" \
		cap-set --user 1000:1000 sh -c 'stat -c %u "$(tty)"; tty'
	assert_success
	wait "$RECEIVER"
	run tr -d '\r' <"$BATS_TEST_TMPDIR/received"
	assert_line --index 0 "/dev/ptmx 1"
	assert_line --index 1 1000
	assert_line --index 2 /dev/pts/0
}

@test "--console-socket with a path longer than an address" {
	need_cmd python3
	local dir
	dir=$BATS_TEST_TMPDIR/$(printf 'x%.0s' {1..150})
	mkdir "$dir"
	receiver "$dir/socket"
	run proc-set --console-socket "$dir/socket" echo here
	assert_success
	wait "$RECEIVER"
	run cat "$BATS_TEST_TMPDIR/received"
	assert_line --index 0 "/dev/ptmx 1"
	assert_line --index 1 --partial here
}

@test "bad console sockets" {
	run proc-set --console-socket /etc/passwd true
	assert_fault 125 "send the terminal to '/etc/passwd'" "not a socket"
	run proc-set --console-socket /nonexistent true
	assert_fault 125 "send the terminal to '/nonexistent'" "No such file"
	run proc-set --console-size 24x80 true
	assert_fault 125 "read option '--console-size'" "no terminal"
	need_cmd python3
	python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$BATS_TEST_TMPDIR/dead"
	run proc-set --console-socket "$BATS_TEST_TMPDIR/dead" true
	assert_fault 125 "send the terminal to" "nobody listens"
	python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1]); time.sleep(2)' "$BATS_TEST_TMPDIR/dgram" 3>&- &
	wait_for test -S "$BATS_TEST_TMPDIR/dgram"
	run proc-set --console-socket "$BATS_TEST_TMPDIR/dgram" true
	assert_fault 125 "send the terminal to" "not a stream socket"
}

@test "a root without a terminal device, or with something else in its place" {
	need_root
	need_cmd python3
	box_setup
	receiver "$BATS_TEST_TMPDIR/socket"
	run fs-root "$ROOT" proc-set --console-socket "$BATS_TEST_TMPDIR/socket" true
	assert_fault 125 "send the terminal to '/dev/ptmx'" "No such file"
	assert_output --partial "fs-root --dev"
	wait "$RECEIVER"
	rm "$BATS_TEST_TMPDIR/socket"
	receiver "$BATS_TEST_TMPDIR/socket"
	mkfifo "$ROOT/dev/ptmx"
	run timeout 10 fs-root "$ROOT" proc-set --console-socket "$BATS_TEST_TMPDIR/socket" true
	assert_fault 125 "send the terminal to '/dev/ptmx'" "not the device"
	wait "$RECEIVER"
}

# -- the same everywhere ---------------------------------------------------------------------------------------

@test "a dry run changes nothing, connects to nobody, waits for nobody" {
	local fifo=$BATS_TEST_TMPDIR/fifo
	mkfifo "$fifo"
	need_cmd python3
	python3 -c 'import socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(1)
s.settimeout(3)
try: s.accept(); open(sys.argv[1] + ".met", "w")
except TimeoutError: pass' "$BATS_TEST_TMPDIR/socket" 3>&- &
	local listener=$!
	wait_for test -S "$BATS_TEST_TMPDIR/socket"
	run timeout 10 proc-set --dry-run --wait "$fifo" --console-socket "$BATS_TEST_TMPDIR/socket" --rlimit core=0 \
		--nice 5 --oom-score-adj 500 --cwd / --umask 022 --new-session true
	assert_success
	assert_line --partial "TIOCGPTPEER"
	assert_line --partial "prlimit64"
	wait "$listener"
	assert [ ! -e "$BATS_TEST_TMPDIR/socket.met" ]
}

@test "--print gives a command line that gives itself again" {
	local once
	once=$(proc-set --print --rlimit nofile=1:2 --rlimit core=unlimited --nice -3 --oom-score-adj -7 --umask 7 \
		--cwd '/a b' --env 'A=it'"'"'s' --unset-env B --clear-env --new-session --wait w \
		--console-socket s --console-size 1x2 --keep-fd 5 true)
	run bash -c "${once/proc-set/proc-set --print}"
	assert_output "$once"
	assert_output --partial "--rlimit core=unlimited:unlimited"
}
