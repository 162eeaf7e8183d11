#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ns-list --diff, --why and --as-command: what two processes share, how one is isolated, and a
# chain that does the same.
# shellcheck disable=SC2016

load helper
load copies

setup() {
	need_cmd jq
	CHAINS=() PROGRAMS=()
	mkfifo "$BATS_TEST_TMPDIR/done"
}

# A chain ends behind its program, and takes its cgroup away.
teardown() {
	[ -z "${CONTAINER:-}" ] || oci-run delete --force "$CONTAINER" >/dev/null 2>&1 || true
	[ ${#PROGRAMS[@]} -eq 0 ] || kill -9 "${PROGRAMS[@]}" 2>/dev/null || true
	[ ${#CHAINS[@]} -eq 0 ] || wait "${CHAINS[@]}" 2>/dev/null || true
}

# -- processes ---------------------------------------------------------------------------

# begin CHAIN...: in the background; the program's pid in PID, once it runs. The chain's ns-run
# tells, or one that is put behind its cg-exec.
begin() {
	local word file=$BATS_TEST_TMPDIR/pid.$RANDOM before=() told=
	for word; do
		before+=("$word")
		[ "$word" != ns-run ] || [ -n "$told" ] || before+=("${told:=--ready-fd=9}")
	done
	[ -n "$told" ] || before=(ns-run --ready-fd 9 "$@")
	mkfifo "$file"
	(exec 3>&- && exec ${AS:-env} "${before[@]}") 9>"$file" &
	CHAINS+=($!)
	read -r PID <"$file"
	PROGRAMS+=("$PID")
	rm "$file"
}

# begin_mounting COMMAND: a shell that does this in a mount namespace of its own, and has done it
begin_mounting() {
	begin ns-run --mount sh -c "$1"'; echo >"$0"; exec sleep 100' "$BATS_TEST_TMPDIR/done"
	hear
}

# hear: until the program that was begun last has written to "done"
hear() {
	cat "$BATS_TEST_TMPDIR/done" >/dev/null
}

# row PART FACT: of $output, as "SAME|A|B"
row() {
	jq -r --arg part "$1" --arg fact "$2" \
		'.facts[] | select(.part == $part and .fact == $fact) | [.same, .a // "none", .b // "none"] | join("|")' <<<"$output"
}

# -- --diff ------------------------------------------------------------------------------

@test "two processes without a difference: their names alone, status 0" {
	run --separate-stderr ns-list --diff self self
	assert_success
	assert_equal "${#lines[@]}" 3
	assert_line --index 0 --regexp '^PART +FACT +A +B$'
	assert_line --index 1 --regexp '^process +pid +([0-9]+) +\1$'
	[ -z "$stderr" ]
}

@test "with --all each fact stands there, and is the same" {
	run --separate-stderr ns-list --all --diff self self
	assert_success
	assert_line --regexp '^namespace +net +yes +net:\[[0-9]+\] +net:\[[0-9]+\]$'
	assert_line --regexp '^rlimit +nofile +yes '
	assert_line --regexp '^rights +securebits +yes '
	refute_line --regexp '^([^ ]+ )+ +([^ ]+ )+ +no '
	# which is how a fact that differs looks
	begin proc-set --umask 012 sleep 100
	run --separate-stderr ns-list --all --diff self "$PID"
	assert_line --regexp '^([^ ]+ )+ +([^ ]+ )+ +no +[0-7]+ +0012$'
}

@test "every kind of difference has a row, in JSON with both sides, and status 1" {
	need_root
	need_cgroup memory
	begin cg-exec --new --set memory.max=64M ns-run --all --map-users 0:100000:65536 --map-groups 0:100000:65536 \
		proc-set --rlimit nofile=64:128 --umask 027 --oom-score-adj 500 --nice 5 --cwd / \
		cap-set --only chown --no-new-privs --user 7:8 --groups 9 sleep 100
	run --separate-stderr ns-list --json --diff self "$PID"
	assert_failure 1
	for kind in user mount pid net uts ipc cgroup; do
		assert_regex "$(row namespace $kind)" "^no\|$kind:\[[0-9]+\]\|$kind:\[[0-9]+\]$"
	done
	assert_regex "$(row limit memory.max)" '\|67108864 \(/.+\)$'
	assert_equal "$(row 'id map' users)" 'no|0:0:4294967295|0:100000:65536'
	assert_equal "$(row ids user)" 'no|0|100007'
	assert_equal "$(row ids group)" 'no|0|100008'
	assert_regex "$(row ids groups)" '\|100009$'
	assert_equal "$(row rights no_new_privs)" 'no|no|yes'
	assert_regex "$(row rlimit nofile)" '\|64:128$'
	assert_regex "$(row process umask)" '\|0027$'
	assert_regex "$(row process oom_score_adj)" '\|500$'
	assert_regex "$(row process nice)" '\|5$'
	assert_equal "$(row place root)" 'yes|/|/'
	assert_regex "$(row place directory)" '^no\|.*\|/$'
	assert_regex "$(row mount /proc)" '^no\|proc proc rw.*\|proc .*nosuid'
	# only what one has: the program has nothing that the caller has not
	assert_regex "$(row capabilities bounding)" '^no\|.*setuid.*\|none$'
	refute_regex "$(row capabilities bounding)" 'chown'
	assert_equal "$(row rights securebits)" 'unknown|none|none'
	assert_equal "$(jq .complete <<<"$output")" true
}

@test "filters: none, one, several" {
	need_root
	[ "$(sed -n 's/^Seccomp:\t//p' /proc/self/status)" = 0 ] || skip "needs a caller without a filter"
	deny_profile
	begin sc-filter "$PROFILE" sleep 100
	run --separate-stderr ns-list --diff self "$PID" --json
	assert_failure 1
	assert_equal "$(row rights seccomp)" 'no|none|filter'
	local one=$PID
	begin sc-filter "$PROFILE" sc-filter "$PROFILE" sleep 100
	run --separate-stderr ns-list --diff "$one" "$PID" --json
	assert_equal "$(row rights seccomp)" 'no|filter|2 filters'
}

# Where no module labels processes a file that is mounted stands for what one would say.
@test "the label of a security module" {
	need_root
	! cat /proc/self/attr/current 2>/dev/null || skip "needs a kernel whose modules label nothing"
	begin sleep 100
	printf 'docker-default (enforce)\n' >"$BATS_TEST_TMPDIR/label"
	run --separate-stderr ns-run --mount sh -c 'mount --bind "$1" "/proc/$2/attr/current"; exec ns-list --diff self "$2" --json' sh \
		"$BATS_TEST_TMPDIR/label" "$PID"
	assert_failure 1
	assert_equal "$(row rights label)" 'no|none|docker-default (enforce)'
	run --separate-stderr ns-list --diff self "$PID" --json
	assert_equal "$(row rights label)" 'yes|none|none'
}

@test "mounts: only here, only there, with other options; hidden ones do not count" {
	need_root
	begin_mounting 'mount -t tmpfs one /mnt && mount -t tmpfs two /mnt'
	local a=$PID
	begin_mounting 'mount -t tmpfs -o nosuid two /mnt && mkdir /mnt/x && mount -t tmpfs three /mnt/x'
	run --separate-stderr ns-list --diff "$a" "$PID" --json
	assert_failure 1
	assert_regex "$(row mount /mnt)" '^no\|tmpfs two rw.*\|tmpfs two rw,nosuid'
	assert_regex "$(row mount /mnt/x)" '^no\|none\|tmpfs three'
	assert_regex "$(row mounts number)" '^no\|([0-9]+), of which 0 only here\|[0-9]+, of which 1 only here$'
	refute_output --partial 'tmpfs one'
	run ns-list --diff "$PID" "$a" --json
	assert_regex "$(row mount /mnt/x)" '^no\|tmpfs three.*\|none'
}

@test "two filesystems that look alike are told apart by their devices" {
	need_root
	begin_mounting 'mount -t tmpfs x /mnt'
	local a=$PID
	begin_mounting 'mount -t tmpfs x /mnt'
	run --separate-stderr ns-list --diff "$a" "$PID" --json
	assert_regex "$(row mount /mnt)" '^no\|tmpfs x .*device 0:[0-9]+\)\|tmpfs x .*device 0:[0-9]+\)$'
}

@test "two roots of one name are told apart by their inodes; a chroot is seen" {
	need_root
	box_setup
	begin fs-root "$ROOT" sleep 100
	run --separate-stderr ns-list --diff self "$PID" --json
	assert_regex "$(row place root)" '^no\|/ \(device [0-9:]+, inode [0-9]+\)\|/ \(device [0-9:]+, inode '"$(stat -c %i "$ROOT")"'\)$'
	begin chroot "$ROOT" sleep 100
	run --separate-stderr ns-list --diff self "$PID" --json
	assert_equal "$(row place root)" "no|/|$ROOT"
}

@test "of limits the tightest along the path counts, and the cgroup that sets it is named" {
	need_root
	need_cgroup pids
	begin cg-exec --new --set pids.max=30 ns-run sleep 100
	run --separate-stderr ns-list --diff self "$PID" --json
	assert_regex "$(row limit pids.max)" '\|30 \(/'
	# a group inside of the first
	local dir
	dir=$(awk -F: '$2 ~ /(^|,)pids(,|$)/ {print $3}' "/proc/$PID/cgroup")
	[ -d "/sys/fs/cgroup/pids$dir" ] || skip "needs the pids controller of version 1"
	mkdir "/sys/fs/cgroup/pids$dir/below"
	echo 20 >"/sys/fs/cgroup/pids$dir/pids.max"
	echo "$PID" >"/sys/fs/cgroup/pids$dir/below/cgroup.procs"
	echo 25 >"/sys/fs/cgroup/pids$dir/below/pids.max"
	run --separate-stderr ns-list --diff self "$PID" --json
	assert_regex "$(row limit pids.max)" "\|20 \($dir\)$"
	echo 19 >"/sys/fs/cgroup/pids$dir/below/pids.max"
	run --separate-stderr ns-list --diff self "$PID" --json
	assert_regex "$(row limit pids.max)" "\|19 \($dir/below\)$"
	echo "$PID" >"/sys/fs/cgroup/pids$dir/cgroup.procs"
	rmdir "/sys/fs/cgroup/pids$dir/below"
}

@test "limits in the spelling of version 2: shares of a processor, swap, and a group of version 2" {
	need_root
	need_cgroup cpu
	need_cgroup memory
	begin cg-exec --new --set memory.max=64M --set memory.swap.max=16M --set 'cpu.max=50000 100000' --set cpu.weight=50 ns-run sleep 100
	run --separate-stderr ns-list --diff self "$PID" --json
	assert_regex "$(row limit cpu.max)" '\|50000 100000 \(/'
	assert_regex "$(row limit cpu.weight)" '\|50 \(/'
	assert_regex "$(row limit memory.swap.max)" '\|16777216 \(/'
	local top
	top=$(awk '$9 == "cgroup2" || $10 == "cgroup2" || $8 == "cgroup2" {print $5; exit}' /proc/self/mountinfo)
	[ -n "$top" ] || skip "needs a cgroup2 that is mounted"
	begin cg-exec --new --set cgroup.max.depth=3 ns-run sleep 100
	run --separate-stderr ns-list --diff self "$PID" --json
	assert_regex "$(row limit cgroup.max.depth)" '\|3 \(/'
}

@test "what may not be read is said on the last line and in JSON, and is no sameness: status 2" {
	need_root
	begin sleep 100
	local a=$PID
	begin sleep 100
	run --separate-stderr as_user ns-list --diff "$a" "$PID"
	assert_failure 2
	assert_regex "$stderr" "of process $a: its namespaces, its root, its directory"
	assert_regex "$stderr" "of process $PID: its namespaces"
	run --separate-stderr as_user ns-list --json --diff "$a" "$PID"
	assert_failure 2
	assert_equal "$(jq '.complete, (.reasons | length)' <<<"$output" | paste -sd ' ')" 'false 2'
	assert_equal "$(row namespace net)" 'unknown|none|none'
	assert_equal "$(row place root)" 'unknown|none|none'
}

@test "a command line cannot write on the terminal" {
	begin sh -c 'sleep 100; :' "$(printf 'a\033[31mb\nc')"
	run --separate-stderr ns-list --diff self "$PID"
	refute_output --partial "$(printf '\033[31m')"
	assert_output --partial '\x1b[31mb\x0ac'
}

@test "wrong operands are faults" {
	run ns-list --diff self
	assert_failure 2
	assert_line --partial '1 operands were given'
	run ns-list --diff self self self
	assert_failure 2
	run ns-list --diff self /proc/self/ns/net
	assert_failure 2
	assert_line --partial 'a file is no process'
	run ns-list --diff self 2147483647
	assert_failure 2
	assert_line --partial 'no such process'
	run ns-list --as-command self self
	assert_failure 2
	run ns-list --as-command /proc/self/ns/net
	assert_failure 2
}

# -- --why -------------------------------------------------------------------------------

@test "--why says in a few lines how a process is isolated" {
	need_root
	begin ns-run --net --pid --uts cap-set --only chown,kill --no-new-privs sleep 100
	run --separate-stderr ns-list --why "$PID" self
	assert_success
	assert_line --index 0 --regexp "^process $PID \(sleep\), against process [0-9]+ \(ns-list\):$"
	assert_line '  namespaces of its own: mount pid net uts'
	assert_line '  shared namespaces: user ipc cgroup time'
	assert_line --regexp '^  capabilities: 2 of [0-9]+ effective \(chown,kill\), 2 at most$'
	assert_line '  rights: no_new_privs yes, not no'
	run --separate-stderr ns-list --why self self
	assert_line '  nothing isolates it'
	assert_line '  namespaces of its own: none'
}

@test "--why claims nothing of what it could not read, and says so last" {
	need_root
	begin sleep 100
	run as_user ns-list --why "$PID" self
	assert_success
	assert_line --index 0 --regexp "^process $PID \(sleep\), against process "
	assert_line '  unknown namespaces: user mount pid net uts ipc cgroup time'
	refute_output --partial ': none'
	refute_output --partial 'nothing isolates it'
	assert_regex "${lines[-1]}" "^ns-list: not all is shown: of process $PID: its namespaces, .*; try: sudo ns-list --why $PID self\$"
}

@test "who is root already is not sent to sudo" {
	need_root
	begin sleep 100
	for mode in '--diff self' '--why self'; do
		# shellcheck disable=SC2086 # two words
		run cap-set --drop sys_ptrace ns-list $mode "$PID"
		refute_output --partial 'try: sudo'
		assert_output --partial 'try: as root of the host, with CAP_SYS_PTRACE'
	done
}

@test "--why: a process cannot write to the terminal by its name" {
	need_root
	begin ns-run --pid sh -c 'printf "\033[1m\302\233x" >/proc/$$/comm; echo >"$0"; sleep 100; :' "$BATS_TEST_TMPDIR/done"
	hear
	run --separate-stderr ns-list --why "$PID" "$PID"
	assert_success
	assert_line --index 0 "process $PID (\\x1b[1m\\xc2\\x9bx), against process $PID (\\x1b[1m\\xc2\\x9bx):"
}

# -- --as-command ------------------------------------------------------------------------

@test "a chain that is printed of what a chain made makes it again" {
	need_root
	need_cgroup memory
	box_setup
	mkdir "$BATS_TEST_TMPDIR/data" "$ROOT/mnt"
	begin cg-exec --new --set memory.max=64M --set pids.max=50 \
		ns-run --all --map-users 0:100000:70000 --map-groups 0:200000:70000 --hostname web \
		fs-root --proc --sys --dev --tmpfs /tmp --tmpfs /mnt:size=1M --ro-bind "$BATS_TEST_TMPDIR/data:/usr" \
		--mount tmpfs:it:/root:noexec,mode=700 --mask /proc/scsi --mask /proc/keys --read-only-path /proc/sys --read-only "$ROOT" \
		proc-set --clear-env --env PATH=/bin --env 'A=b c' --env "Q='x" --umask 027 --rlimit nofile=60:120 --cwd /tmp --oom-score-adj 300 \
		cap-set --only chown,net_bind_service --user 5:6 --groups 7,8 --no-new-privs \
		sleep 1000
	copy "$PID"
	same_facts "$PID" "$COPY"
	run ns-list --json --diff "$PID" "$COPY"
	assert_regex "$(row limit memory.max)" '^no\|67108864 .*\|67108864 '
	assert_regex "$(row limit pids.max)" '^no\|50 .*\|50 '
	# but namespaces, cgroups, and filesystems in memory nothing is another
	assert_equal "$(jq -r '.facts[] | select(.same == "no" and .part != "namespace" and .part != "mount" and .part != "cgroup") |
		.part + " " + .fact' <<<"$output" | sort | paste -sd,)" 'limit memory.max,limit pids.max,place directory'
}

@test "the chain of a user's own container" {
	need_root # to become a user
	need_userns
	box_setup
	AS="setpriv --reuid=54321 --regid=54321 --clear-groups"
	begin ns-run --all --map-root --hostname mine fs-root --proc --dev --tmpfs /tmp "$ROOT" \
		proc-set --clear-env --env X=1 sleep 1000
	run --separate-stderr as_user ns-list --as-command "$PID"
	assert_success
	assert_line 'ns-run --all --map-root --hostname mine \'
	assert_line "  fs-root --proc --dev --tmpfs /tmp $ROOT \\"
	assert_line '  proc-set --cwd / --env X=1 --clear-env \'
	assert_line '  -- sleep 1000'
	assert_equal "${#lines[@]}" 5
}

@test "the words of a process do nothing to a terminal, and come back from a shell" {
	need_root
	local evil=$'\033]0;x\a it\'s\r\302\233 \303\251\n\n'
	begin ns-run --net proc-set --clear-env --env PATH="$PATH" --env EVIL="$evil" sleep 100
	wait_for grep -qx sleep "/proc/$PID/comm"
	run --separate-stderr ns-list --as-command "$PID"
	assert_success
	assert_line --partial "EVIL="
	refute_output --regexp $'[\033\a\r]|\302\233'
	sh -c "${output/%sleep 100/printenv EVIL}" >"$BATS_TEST_TMPDIR/back"
	printf '%s\n' "$evil" | cmp - "$BATS_TEST_TMPDIR/back"
	run --separate-stderr ns-enter --net -t "$PID" --print true "$evil"
	refute_output --regexp $'[\033\a\r]|\302\233'
}

@test "the directories of a process are not asked for what a file server would have to answer" {
	need_root
	need_cmd strace
	begin sleep 100
	run strace -e trace=statx -o "$BATS_TEST_TMPDIR/trace" ns-list --diff "$PID" self
	run grep -E '"(root|cwd|exe)"' "$BATS_TEST_TMPDIR/trace"
	assert_success
	((${#lines[@]} >= 4))
	[ "$(grep -c AT_STATX_DONT_SYNC <<<"$output")" = "${#lines[@]}" ]
}

@test "a mount namespace with our own root: only what it has more of is built" {
	need_root
	begin ns-run --all sleep 100
	run --separate-stderr ns-list --as-command "$PID"
	assert_line --index 1 'ns-run --all --map-root \'
	refute_output --partial fs-root
	begin ns-run --mount --pid sh -c 'mount -t tmpfs -o size=1M,nodev it /mnt; mkdir /mnt/p; mount -t proc p /mnt/p; echo >"$0"; sleep 100; :' \
		"$BATS_TEST_TMPDIR/done"
	hear
	run --separate-stderr ns-list --as-command "$PID"
	assert_line '  fs-root --proc --mount tmpfs:it:/mnt:nodev,size=1024k,mode=1777 --mount proc:p:/mnt/p / \'
	begin ns-run --mount --pid sh -c 'mount -t proc p /mnt; echo >"$0"; sleep 100; :' "$BATS_TEST_TMPDIR/done"
	hear
	run --separate-stderr ns-list --as-command "$PID"
	assert_line '  fs-root --proc --mount proc:p:/mnt / \'
	# what it has got rid of comes along with our root all the same
	run --separate-stderr ns-run --mount sh -c 'mount -t tmpfs more /mnt
		ns-run --mount sh -c "umount /mnt; echo >$0; exec sleep 100" & read -r _ <"$0"
		ns-list --as-command $!; kill $!' "$BATS_TEST_TMPDIR/done"
	assert_success
	assert_line '# it does not have the mount /mnt, which comes along with /'
}

@test "the chain of a container of oci-run" {
	need_root
	box_setup
	CONTAINER=diff-$$
	oci-bundle new "$BATS_TEST_TMPDIR/bundle" --root "$ROOT" -- sleep 1000
	oci-run run --detach --bundle "$BATS_TEST_TMPDIR/bundle" "$CONTAINER" </dev/null >/dev/null 2>&1 3>&-
	PID=$(oci-run state "$CONTAINER" | jq .pid)
	copy "$PID"
	assert_equal "$(grep -c '^# it cannot' "$BATS_TEST_TMPDIR/line")" 0
	same_facts "$PID" "$COPY"
}

@test "what differs from the caller alone is said; nothing is said of nothing" {
	begin sleep 100
	run --separate-stderr ns-list --as-command "$PID"
	assert_success
	refute_line --partial 'ns-run'
	refute_line --partial 'cap-set'
	assert_line --regexp '^  -- sleep 100$'
	need_root
	begin proc-set --umask 077 --nice 3 sleep 100
	run --separate-stderr ns-list --as-command "$PID"
	assert_line --regexp '^proc-set --nice 3 --umask 0?077'
	refute_line --partial 'cg-exec'
}

@test "capabilities come out as the shortest words that lead to the same sets" {
	need_root
	begin cap-set --only chown --user 5:6 --groups none sleep 100
	run --separate-stderr ns-list --as-command "$PID"
	assert_line --regexp 'cap-set --only chown --user 5:6'
	begin cap-set --bounding chown,kill --permitted chown --effective chown --inheritable chown --ambient chown --user 5:6 sleep 100
	run --separate-stderr ns-list --as-command "$PID"
	assert_line --partial '--bounding chown,kill --permitted chown --effective chown --inheritable chown --ambient chown --user 5:6'
	# root without --only has them all, and no word is needed
	begin cap-set --no-new-privs sleep 100
	run --separate-stderr ns-list --as-command "$PID"
	assert_line --regexp 'cap-set --no-new-privs \\$'
}

@test "notes: a filter, interfaces, a pid that is not 1, a root that is not to be seen" {
	need_root
	need_cmd ip
	box_setup
	deny_profile
	begin ns-run --pid --net fs-root --scratch --proc "$ROOT" sc-filter "$PROFILE" /bin/sh -c 'ip link add it type veth peer name ti; sleep 100; :'
	local inner
	wait_for pgrep -P "$PID" sleep
	inner=$(pgrep -P "$PID" sleep)
	PROGRAMS+=("$inner")
	run --separate-stderr ns-list --as-command "$inner"
	assert_success
	assert_line --regexp '^# a seccomp filter is read from the process while it lives'
	assert_line --regexp "^ *sc-filter process:$inner:0 \\\\$"
	assert_line --regexp '^# it is process [0-9]+ of its pid namespace'
	assert_line --regexp '^# its network interface it is to be made by hand'
	assert_line --regexp '^# ROOT stands for its root, an overlay whose layers cannot be known'
	assert_line --regexp '^ *fs-root --proc ROOT \\$'
}

@test "the filters of a process are those of its copy" {
	need_root
	[ "$(sed -n 's/^Seccomp:\t//p' /proc/self/status)" = 0 ] || skip "needs a caller without a filter"
	deny_profile
	sed 's/mkdir", "mkdirat/rmdir/' "$PROFILE" >"$BATS_TEST_TMPDIR/other.json"
	begin ns-run --pid --net proc-set --clear-env --env "PATH=$PATH" cap-set --no-new-privs sc-filter "$PROFILE" sc-filter "$BATS_TEST_TMPDIR/other.json" sleep 100
	copy "$PID"
	same_facts "$PID" "$COPY"
	assert_equal "$(sed -n 's/^Seccomp_filters:\t//p' "/proc/$COPY/status")" 2
	for n in 0 1; do
		sc-filter --output "$BATS_TEST_TMPDIR/a" "process:$PID:$n"
		sc-filter --output "$BATS_TEST_TMPDIR/b" "process:$COPY:$n"
		cmp "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/b"
	done
}

@test "what cannot be read is a comment, and the line is one for a shell all the same" {
	need_root
	begin ns-run --net sleep 100
	run --separate-stderr as_user ns-list --as-command "$PID"
	assert_success
	assert_line '# its namespaces cannot be read: Permission denied'
	assert_line '# its environment cannot be read: Permission denied'
	sh -n <<<"$output"
}

@test "a newline in a name, an argument or the environment is no command" {
	local evil line=$BATS_TEST_TMPDIR/line
	evil=$(printf "x'\ntouch %s/owned\n\"" "$BATS_TEST_TMPDIR")
	begin proc-set --env "EVIL=$evil" sh -c 'printf "a\ntouch owned" >"/proc/$$/comm"; echo >"$1"; sleep 100; :' "$evil" "$BATS_TEST_TMPDIR/done"
	hear
	ns-list --as-command "$PID" >"$line"
	assert_equal "$(head -1 "$line")" "# ns-list --as-command $PID: process $PID (a\x0atouch owned)"
	sed -i 's/sleep 100/true/; s/echo >/test /' "$line"
	(cd "$BATS_TEST_TMPDIR" && sh "$line" 3>&-)
	[ ! -e "$BATS_TEST_TMPDIR/owned" ]
}

@test "of several places of a root the shortest is named" {
	need_root
	box_setup
	begin ns-run --all --map-root fs-root --proc "$ROOT" sleep 1000
	mkdir -p "$BATS_TEST_TMPDIR/another/place/that/is/farther/off/than/the/first"
	run --separate-stderr ns-run --mount sh -c 'mount --bind "$1" "$2" && ns-list --as-command "$3"' sh \
		"$ROOT" "$BATS_TEST_TMPDIR"/another/place/that/is/farther/off/than/the/first "$PID"
	assert_success
	assert_line "  fs-root --proc $ROOT \\"
}
