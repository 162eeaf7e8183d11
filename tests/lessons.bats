#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The lessons: what they claim is so, and a claim that is not so is noticed; the answers are
# answers; they wait, stop, and leave nothing.

load helper

setup() {
	need_cmd busybox ip ipcmk
	chmod a+rx "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$BATS_TEST_TMPDIR" 2>/dev/null || true # for users
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	mkdir -m 1777 "$TMPDIR"
	LESSONS=$BOX_SRC/lessons
	unset LESSON_ROOT LESSON_USER SUDO_UID SUDO_GID
}

teardown() {
	# whatever a lesson forgot
	local pid
	for pid in $(forgotten); do
		kill -KILL "$pid" 2>/dev/null || true
	done
}

# Processes that a lesson has started, by the directory that it has given them.
forgotten() {
	grep -lzs "^LESSON_DIR=$TMPDIR" /proc/[0-9]*/environ | grep -o '[0-9][0-9]*' || true
}

assert_nothing_left() {
	assert_equal "$(forgotten)" ""
	assert_equal "$(ls -A "$TMPDIR")" ""
	assert_equal "$(grep -F "$BATS_TEST_TMPDIR" /proc/self/mountinfo)" ""
}

# A lesson of our own, which says what is on standard input.
own_lesson() {
	{
		echo ". '$LESSONS/lib.sh'"
		cat
		echo finish
	} >"$BATS_TEST_TMPDIR/00-own"
}

# -- each lesson ---------------------------------------------------------------------------------

# As whom a lesson is run: as we are, and root as a user too.
runners() {
	echo env
	[ "$(id -u)" -ne 0 ] || echo as_user
}

# holds LESSON [WORDS...]: it runs to its end, has the form of a lesson, and leaves nothing; then the
# same as a user.
holds() {
	local steps wanted=("${@:2}") runner line
	for runner in $(runners); do
		run "$runner" "$LESSONS/$1"
		assert_success
		steps=$(grep -c '^step ' "$LESSONS/$1")
		((steps >= 5 && steps <= 9))
		assert_line --partial "$steps of $steps: "
		assert_equal "$(grep -c "^claim \|^	claim " "$LESSONS/$1" | awk '{ print ($1 > 10) }')" 1
		assert_line --regexp '^Two exercises$'
		assert_line --regexp '^2\. '
		for line in "${wanted[@]}"; do
			assert_line --regexp "$line"
		done
		assert_nothing_left
	done
}

# Each step says why, does something, and claims something; each exercise has an answer.
@test "each lesson has prose, a command and a claim in each step, and two exercises with answers" {
	local lesson
	for lesson in "$LESSONS"/[0-9]*; do
		awk '
			function done_with() { if (name && (!prose || !command || !claim)) print FILENAME ": " name ": " prose, command, claim }
			/^step / { done_with(); name = $0; prose = command = claim = 0; inside = 1; next }
			/^exercise / { done_with(); name = "" }
			/^END$/ { inside = 0 }
			inside { prose++ }
			/^\t?(run|refused) / { command++ }
			/^\t?claim / { claim++ }' "$lesson"
		[[ $(grep -c '^exercise ' "$lesson") == 2 && $(grep -c '^answer ' "$lesson") == 2 ]] || echo "$lesson: exercises"
		[[ $(grep -c '^check_[12]()' "$lesson") == 2 ]] || echo "$lesson: checks"
	done >"$BATS_TEST_TMPDIR/found"
	run cat "$BATS_TEST_TMPDIR/found"
	refute_output
}

@test "01-processes: what it says is so" {
	holds 01-processes '^    \+ [0-9]+ execve\(' '^    process [0-9]+ has a pear$' '^    exit status 143$'
}

@test "02-namespaces: what it says is so" {
	holds 02-namespaces 'unshare\(CLONE_NEWUTS\)' 'CLONE_NEWNS\|CLONE_NEWPID' 'unshare\(CLONE_NEWNET\)' \
		'unshare\(CLONE_NEWIPC\)' 'unshare\(CLONE_NEWCGROUP\)' 'boottime 8640000' '^    I am 1; processes: /proc/1$'
}

@test "03-ids: what it says is so" {
	need_userns
	holds 03-ids 'uid_map>, "0 [0-9]+ 1"' '^    /etc/passwd: user 65534$' 'letter: user 0$' '^    4711$'
}

@test "03-ids: with ids in /etc/subuid it maps them, and without it says what is missing" {
	need_root
	need_cmd newuidmap newgidmap
	# copies that only this process and its children see
	echo 54321:700000:65536 >"$BATS_TEST_TMPDIR/subids"
	echo 54321:x:54321:54321::/:/bin/sh | cat /etc/passwd - >"$BATS_TEST_TMPDIR/passwd"
	run unshare --mount sh -c 'for file in subuid subgid; do mount --bind "$1/subids" /etc/$file || exit; done
		mount --bind "$1/passwd" /etc/passwd && SUDO_UID=54321 SUDO_GID=54321 exec "$2"' sh "$BATS_TEST_TMPDIR" "$LESSONS/03-ids"
	assert_success
	assert_line --regexp '^ +1 +700000 +65536$'
	assert_line '  ok  there are more ids than one'
	assert_nothing_left
	run env SUDO_UID=54321 SUDO_GID=54321 "$LESSONS/03-ids"
	assert_success
	assert_line '  ok  the message names the file'
}

@test "04-network: what it says is so, also where there is a proxy" {
	export http_proxy=http://192.0.2.1:3128
	holds 04-network 'setns\([0-9]+<[0-9]+>, CLONE_NEWNET\)' '^    this is left$' '^    this is right$' '1 packets received'
}

@test "05-enter: what it says is so" {
	holds 05-enter 'setns\([0-9]+<[0-9]+>, CLONE_NEWUTS\)' '^    namespace  uts ' '^    I am [0-9]+ in box; processes: /proc/1 /proc/[0-9]+$' 'fd 8 of [0-9]+$'
}

@test "06-container: what it says is so" {
	need_userns
	holds 06-container 'pivot_root\(' 'no_new_privs yes' 'namespaces of its own: user mount pid net uts ipc cgroup time$' \
		'^    mount: permission denied' "^    mkdir: can't create directory"
	# the environment of this one was cleared, so that forgotten() does not see it
	wait_for test ! -e "/proc/$(sed -n 's/^    process \([0-9]*\) (busybox).*/\1/p' <<<"$output")"
}

# While a lesson waits, what it has said is looked at from here, with nothing of its own.
@test "02-namespaces, looked at from outside while it waits: its box has another host name, and shares the rest" {
	need_root
	begin_step 02-namespaces
	go_on 3
	local box kind
	box=$(cat "$TMPDIR"/lesson.*/box.pid)
	assert_equal "$(nsenter -t "$box" -u uname -n)" box
	for kind in mnt pid net ipc user cgroup time; do
		[ "/proc/$box/ns/$kind" -ef "/proc/self/ns/$kind" ]
	done
	run ! [ "/proc/$box/ns/uts" -ef /proc/self/ns/uts ]
	stop_step
	wait_for test ! -e "/proc/$box"
}

@test "04-network, looked at from outside while it waits: two namespaces, and a cable that answers" {
	need_root
	begin_step 04-network
	go_on 6
	local left right
	left=$(cat "$TMPDIR"/lesson.*/left.pid)
	right=$(cat "$TMPDIR"/lesson.*/right.pid)
	run ! [ "/proc/$left/ns/net" -ef "/proc/$right/ns/net" ]
	run ! [ "/proc/$left/ns/net" -ef /proc/self/ns/net ]
	assert_equal "$(nsenter -t "$right" -n ip -o -4 address show right0 | awk '{ print $4 }')" 10.0.0.2/24
	run nsenter -t "$right" -n busybox ping -c 1 -W 2 10.0.0.1
	assert_success
	run ip link show left0
	assert_failure
	stop_step
}

# -- a claim that is not so ------------------------------------------------------------------------

@test "a claim that is not so ends the lesson: it says which, and nothing is left" {
	own_lesson <<-'END'
		lesson 'own' <<<'prose'
		step 'one' <<<'prose'
		run 'sleep 1h &'
		run 'ns-run --detach --pid-file away.pid sleep 1h'
		claim 'one is one' '[[ 1 == 1 ]]'
		claim 'one is two' '[[ 1 == 2 ]]'
		run 'echo not reached'
	END
	run bash "$BATS_TEST_TMPDIR/00-own"
	assert_equal "$status" 1
	assert_line '  ok  one is one'
	assert_line '00-own: not so on this machine: one is two'
	assert_line '00-own: try: by hand: [[ 1 == 2 ]]'
	refute_output --partial 'not reached'
	assert_nothing_left
}

@test "a command that fails, one that should fail and does not, a hint that leads nowhere: the lesson ends" {
	local line
	for line in "run false" "refused true" "look 'cat /nonexistent' 'nothing'"; do
		own_lesson <<-END
			lesson 'own' <<<'prose'
			$line
			run 'echo not reached'
		END
		run bash "$BATS_TEST_TMPDIR/00-own"
		assert_equal "$status" 1
		assert_line --partial '00-own: not so on this machine: '
		refute_output --partial 'not reached'
		assert_nothing_left
	done
}

# without TOOL SED: a build tree in which TOOL is a script that changes its words by sed, one a
# line, and becomes the tool.
without() {
	local real=$BOX_BUILD/tools
	mkdir -p "$BATS_TEST_TMPDIR/broken/tools"
	ln -sf "$real"/* "$BATS_TEST_TMPDIR/broken/tools/"
	rm "$BATS_TEST_TMPDIR/broken/tools/$1"
	cat >"$BATS_TEST_TMPDIR/broken/tools/$1" <<-END
		#!/bin/bash
		mapfile -d '' -t words < <(printf '%s\0' "\$@" | sed -z '$2')
		exec $real/$1 "\${words[@]}"
	END
	chmod 755 "$BATS_TEST_TMPDIR/broken/tools/$1"
}

# notices LESSON TOOL SED CLAIM: with a tool that does not do what it is told the lesson ends at
# that claim. For root in namespaces of our own, since what is not kept apart would reach the host.
notices() {
	local outer=("$BOX_BUILD/tools/ns-run" --uts --mount --ipc --net --pid --hostname outer)
	[ "$(id -u)" -eq 0 ] || outer=()
	without "$2" "$3"
	run env BOX_BUILD="$BATS_TEST_TMPDIR/broken" "${outer[@]}" "$LESSONS/$1"
	assert_equal "$status" 1
	assert_line --partial "$1: not so on this machine: $4"
	assert_nothing_left
}

@test "lesson 01 notices when a tool does not set what it should" {
	notices 01-processes proc-set 's/^FRUIT=.*/FRUIT=fig/' 'what proc-set had set was there in sh'
	notices 01-processes proc-set 's/^nofile=64$/nofile=65/' 'sh had the limit'
}

@test "lesson 02 notices each kind of namespace that is not made" {
	need_root
	notices 02-namespaces ns-run 's/^box$/bax/' 'in there the name was box'
	notices 02-namespaces ns-run '/^--detach$/!b;i --net' 'the other seven kinds are shared with us'
	notices 02-namespaces ns-run 's/^--mount$/--uts/' 'out here nothing is mounted'
	notices 02-namespaces ns-run 's/^--pid$/--uts/' 'the shell in there is process 1'
	notices 02-namespaces ns-run 's/^--ipc$/--uts/' 'out here there is none with its key'
	notices 02-namespaces ns-run 's/^8640000$/1/' 'in there the machine has been up for 100 days more'
}

@test "lesson 03 notices ids that are not mapped as it says" {
	need_root
	notices 03-ids ns-run 's/^--map-root$/--map-current/' 'in there we were user 0'
	notices 03-ids ns-run 's/^4711:own:1$/4712:own:1/' 'it may be any other'
	notices 03-ids ns-run 's/^--uts$/--ipc/' 'a uts namespace of our own is ours to name'
}

@test "lesson 06 notices a link that does nothing" {
	need_root
	notices 06-container ns-run 's/^chown,setuid,setgid$/chown,setuid/' 'what can ever be had are three'
	notices 06-container ns-run 's/^sc-filter$/cap-set/; s/^no-dirs.json$/--no-new-privs/' 'the process has a filter'
	notices 06-container ns-run 's/^--all$/--mount/' 'it has its own name and pids'
}

@test "lessons 04 and 05 notice when nothing is entered" {
	need_root
	notices 04-network ns-enter '/^--target$/{n;s/.*/self/}' 'both ends are in left'
	notices 05-enter ns-enter '/^--target$/{n;s/.*/self/}' 'the name is that of the box'
	notices 05-enter ns-list 's/^--diff$/--why/' 'it says the same as the links'
}

# -- exercises ---------------------------------------------------------------------------------------

# The lines that --answers gives: N COMMAND.
answers() { # LESSON
	"$LESSONS/$1" --answers | sed -n 's/^\([12]\)\. /\1 /p'
}

@test "the answers to all exercises are answers, for root and for users" {
	local lesson number line runner
	for lesson in "$LESSONS"/[0-9]*; do
		lesson=${lesson##*/}
		assert_equal "$(answers "$lesson" | cut -d ' ' -f 1 | xargs)" "1 2"
		while read -r number line; do
			for runner in $(runners); do
				run "$runner" "$LESSONS/$lesson" --check "$number" "$line"
				assert_success
				assert_line right
				assert_nothing_left
			done
		done < <(answers "$lesson")
	done
}

# wrong LESSON N COMMAND
wrong() {
	run "$LESSONS/$1" --check "$2" "$3"
	assert_equal "$status" 1
	assert_line --partial 'not yet: '
	refute_line right
	assert_nothing_left
}

@test "what is no answer to an exercise is refused" {
	local lesson number
	for lesson in "$LESSONS"/[0-9]*; do
		for number in 1 2; do
			wrong "${lesson##*/}" "$number" true
		done
	done
	wrong 01-processes 1 'tr "\0" " " </proc/$pid/cmdline'
	wrong 01-processes 1 'cat /proc/[0-9]*/cmdline | tr "\0" "\n"'
	wrong 01-processes 2 'cat letter'
	wrong 02-namespaces 1 'uname -n'
	wrong 02-namespaces 1 'echo moon; ns-run --uts uname -n'
	wrong 02-namespaces 2 'readlink /proc/self/ns/*'
	wrong 02-namespaces 2 'ns-run --net readlink /proc/self/ns/*'
	wrong 02-namespaces 2 'ns-run --net --ipc --uts readlink /proc/self/ns/*'
	wrong 02-namespaces 2 'ns-run --net --ipc readlink /proc/self/ns/net /proc/self/ns/ipc'
	wrong 03-ids 1 'id -u'
	wrong 03-ids 1 'ns-run --map-root id -u'
	wrong 03-ids 2 'stat -Lc %i /proc/$pid/ns/user'
	wrong 03-ids 2 'stat -Lc %i /proc/self/ns/user'
	wrong 04-network 1 'ns-run --net ip -brief link show lo'
	wrong 04-network 2 'ns-enter --target $left --net ip address add 10.0.0.7/24 dev left0'
	wrong 04-network 2 'ns-enter --target $right --net ip address add 10.0.0.8/24 dev right0'
	wrong 06-container 1 'ns-run --map-root --mount fs-root root sh -c "touch /made; ls /"'
	wrong 06-container 1 'ns-run --map-root --mount fs-root --scratch root ls /'
	wrong 06-container 2 'ns-run --map-root grep Cap /proc/self/status'
	wrong 06-container 2 'ns-run --map-root cap-set --effective none grep Cap /proc/self/status'
	wrong 05-enter 1 'echo net uts ipc'
	wrong 05-enter 2 'uname -n'
	wrong 05-enter 2 'ns-enter --target $box uname -n'
}

# -- step by step --------------------------------------------------------------------------------------

begin_step() { # LESSON: with its input from here
	mkfifo "$BATS_TEST_TMPDIR/in"
	env --default-signal "$LESSONS/$1" --step <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
	LESSON=$!
	exec 7>"$BATS_TEST_TMPDIR/in"
	wait_for grep -q 'Enter: step 1 of' "$BATS_TEST_TMPDIR/said"
}

go_on() { # STEP: Enter until it waits before that one
	local at
	for ((at = 1; at < $1; at++)); do
		run ! grep "^$at of " "$BATS_TEST_TMPDIR/said"
		echo >&7
		wait_for grep -q "Enter: step $((at + 1)) of" "$BATS_TEST_TMPDIR/said"
		grep -q "^$at of " "$BATS_TEST_TMPDIR/said"
	done
}

stop_step() {
	echo q >&7
	wait "$LESSON"
	exec 7>&-
	assert_nothing_left
}

@test "--step waits before each step, and q stops and leaves nothing" {
	begin_step 02-namespaces
	run ! grep '^  \$ ' "$BATS_TEST_TMPDIR/said"
	go_on 3
	run ! grep '^3 of ' "$BATS_TEST_TMPDIR/said"
	assert_not_equal "$(forgotten)" ""
	stop_step
	run tail -n 1 "$BATS_TEST_TMPDIR/said"
	assert_output --partial 'Stopped; nothing is left.'
}

@test "--step: s is a shell that knows the variables, c goes on to the end, an end of input stops" {
	run "$LESSONS/01-processes" --step < <(printf '\n\ns\necho "child is $(cat /proc/$child/comm)"\nexit\nc\n')
	assert_success
	assert_line --partial 'child is sleep'
	assert_line --regexp '^7 of 7: '
	assert_line 'Two exercises'
	assert_nothing_left
	run "$LESSONS/01-processes" --step < <(printf '\n')
	assert_success
	assert_line --regexp '^1 of 7: '
	refute_line --regexp '^2 of 7: '
	assert_line --partial 'Stopped'
	assert_nothing_left
}

@test "a signal ends a lesson, and what it has started" {
	local signal
	for signal in INT:130 TERM:143 HUP:129; do
		begin_step 04-network
		go_on 4
		[[ $(forgotten | wc -l) -ge 2 ]]
		kill -s "${signal%:*}" "$LESSON"
		status=0
		wait "$LESSON" || status=$?
		assert_equal "$status" "${signal#*:}"
		exec 7>&-
		rm "$BATS_TEST_TMPDIR/in"
		assert_nothing_left
	done
}

@test "Ctrl-C on a terminal ends a lesson while a command runs" {
	need_cmd script
	own_lesson <<-'END'
		as_root --pid
		lesson 'own' <<<'prose'
		run 'ns-run --detach --pid-file away.pid sleep 1h'
		run 'ns-run --pid sh -c "echo >began; sleep 1h"'
		run 'echo not reached'
	END
	mkfifo "$BATS_TEST_TMPDIR/keys"
	# no shell beside the lesson: whether it outlives the key would be up to it
	env --default-signal script -qec "exec bash '$BATS_TEST_TMPDIR/00-own'" /dev/null <"$BATS_TEST_TMPDIR/keys" >"$BATS_TEST_TMPDIR/said" 3>&- &
	local terminal=$!
	exec 7>"$BATS_TEST_TMPDIR/keys"
	wait_for eval 'ls "$TMPDIR"/lesson.*/began'
	printf '\003' >&7
	local status=0
	wait "$terminal" || status=$?
	exec 7>&-
	assert_equal "$status" 130
	run cat "$BATS_TEST_TMPDIR/said"
	refute_output --partial 'not reached'
	assert_nothing_left
}

# -- what is missing ---------------------------------------------------------------------------------------

@test "where namespaces cannot be made, the lesson says what stops it and what would help" {
	need_userns
	run as_user ns-run --map-root --sysctl user.max_net_namespaces=0 "$LESSONS/04-network"
	assert_fault 125 "04-network: namespaces cannot be made here: refused user.max_net_namespaces: "
	run as_user ns-run --map-root --sysctl user.max_user_namespaces=0 cap-set --only none "$LESSONS/02-namespaces"
	assert_fault 125 "02-namespaces: namespaces cannot be made here: refused" "user.max_user_namespaces"
	run as_user ns-run --map-current --sysctl user.max_user_namespaces=0 "$LESSONS/03-ids"
	assert_fault 125 "03-ids: a user cannot make namespaces here: refused" "user.max_user_namespaces"
	assert_nothing_left
}

@test "as a user, the lessons about root say in what they run" {
	need_root
	need_userns
	run as_user "$LESSONS/02-namespaces"
	assert_line --partial 'You are not root'
	run "$LESSONS/02-namespaces"
	refute_output --partial 'You are not root'
	run "$LESSONS/03-ids"
	assert_line --partial 'it runs as user 12345'
	run env SUDO_UID=54321 SUDO_GID=54321 "$LESSONS/03-ids"
	assert_line --partial 'it runs as user 54321'
	assert_nothing_left
}

@test "a command that is missing, a directory that cannot be read, and wrong words" {
	own_lesson <<<'need no-such-command some-package'
	run bash "$BATS_TEST_TMPDIR/00-own"
	assert_fault 125 '00-own: the command no-such-command is missing' 'apt-get install some-package'
	if [ "$(id -u)" -eq 0 ]; then
		cp -r "$LESSONS" "$BATS_TEST_TMPDIR/closed"
		chmod 700 "$BATS_TEST_TMPDIR/closed"
		run "$BATS_TEST_TMPDIR/closed/03-ids"
		assert_fault 125 "03-ids: user 12345 cannot read $BATS_TEST_TMPDIR/closed"
	fi
	run "$LESSONS/01-processes" --check 3 true
	assert_fault 125 '01-processes: --check wants the number of an exercise'
	run "$LESSONS/01-processes" --check 1
	assert_fault 125 '01-processes: --check wants the number of an exercise'
	run "$LESSONS/01-processes" --stop
	assert_equal "$status" 2
	assert_line --partial 'usage: '
	run "$LESSONS/01-processes" --help
	assert_success
	assert_line --partial '--check N COMMAND'
	assert_nothing_left
}

@test "the lessons run from anywhere, with tools that are installed" {
	cp -r "$LESSONS" "$BATS_TEST_TMPDIR/share"
	ln -s share/01-processes "$BATS_TEST_TMPDIR/first"
	run env -u BOX_BUILD PATH="$BOX_BUILD/tools:/usr/bin:/bin" "$BATS_TEST_TMPDIR/first"
	assert_success
	assert_line 'Two exercises'
	run env -u BOX_BUILD PATH=/usr/bin:/bin "$BATS_TEST_TMPDIR/first"
	assert_fault 125 'the tools of boxutils are not found'
	assert_nothing_left
}

@test "the README and boxutils(7) name the lessons that there are" {
	local lesson page
	for lesson in "$LESSONS"/[0-9]*; do
		for page in README man/boxutils.7; do
			grep -qF "${lesson##*/}" "$BOX_SRC/$page" || echo "${lesson##*/}: not in $page"
		done
	done >"$BATS_TEST_TMPDIR/found"
	run cat "$BATS_TEST_TMPDIR/found"
	refute_output
}
