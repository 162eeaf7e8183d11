#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# cg-exec: new cgroups and their keys, cgroups that exist, what is left, what is refused.

load helper

setup_file() {
	keep_controllers
}

teardown_file() {
	restore_controllers
}

# Every test looks for what it left: cgroups of our name and of this test's.
setup() {
	case $BATS_TEST_DESCRIPTION in
	delegated:*) need_delegated ;;
	*) need_root ;;
	esac
	[ -d /sys/fs/cgroup ] || skip "needs /sys/fs/cgroup"
	MINE=boxtest-$$-$BATS_TEST_NUMBER
	export MINE
	LEFT=$(cgroups_left)
}

teardown() {
	local d
	find /sys/fs/cgroup -depth -type d -name "$MINE*" 2>/dev/null | while read -r d; do
		find "$d" -depth -type d -exec rmdir {} \; 2>/dev/null
	done
	return 0
}

cgroups_left() {
	find /sys/fs/cgroup -type d \( -name 'boxutils-*' -o -name "$MINE*" \) 2>/dev/null | sort
}

# Other tests have cgroups of our name at the same time, which go away.
nothing_left() {
	[ -z "$(comm -23 <(cgroups_left) <(echo "$LEFT"))" ]
}

assert_nothing_left() {
	wait_for nothing_left || assert_equal "$(cgroups_left)" "$LEFT"
}

v1() {
	[ -d "/sys/fs/cgroup/$1" ] && [ ! -e "/sys/fs/cgroup/cgroup.controllers" ]
}

# A user in a cgroup of his own, as a scope of his systemd is: tests/vm/run --systemd --user
need_delegated() {
	[ "$(id -u)" -ne 0 ] || skip "needs a user"
	OWN=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
	[ -w "$OWN/cgroup.procs" ] || skip "needs a cgroup that is delegated to the user"
}

# where CONTROLLER: the mount that has it; "" is cgroup2
where() {
	if [ -n "$1" ] && v1 "$1"; then
		echo "/sys/fs/cgroup/$1"
	else
		sed -n 's/^[^ ]* [^ ]* [^ ]* [^ ]* \([^ ]*\) .* - cgroup2 .*/\1/p' /proc/self/mountinfo | head -n 1
	fi
}

# A shell command for inside: its own cgroup's directory for that controller.
dir_of() {
	# shellcheck disable=SC2016 # the shell inside is to expand it
	if v1 "$1"; then
		printf '%s$(sed -n "s,^[0-9]*:[^:]*\\b%s\\b[^:]*:,,p" /proc/self/cgroup)' "/sys/fs/cgroup/$1" "$1"
	else
		printf '%s$(sed -n "s,^0::,,p" /proc/self/cgroup)' "$(where '')"
	fi
}

# -- a new cgroup ---------------------------------------------------------------------------

@test "--new runs the program in a cgroup of its own and removes it" {
	run cg-exec --new sed -n 's/.*:\(.*boxutils-.*\)/\1/p' /proc/self/cgroup
	assert_success
	assert_output --regexp '^/.*boxutils-[0-9]+(-[0-9]+)?$'
	assert_nothing_left
}

@test "without keys the new cgroup is in cgroup2 alone" {
	[ -n "$(where '')" ] || skip "needs cgroup2"
	run cg-exec --new grep boxutils /proc/self/cgroup
	assert_success
	assert_equal "${#lines[@]}" 1
	assert_output --regexp '^0::'
}

@test "the hierarchies are those that the keys need and no other" {
	need_cgroup memory
	v1 memory || skip "needs the controller memory mounted as v1"
	run cg-exec --new --set memory.max=64M grep boxutils /proc/self/cgroup
	assert_success
	assert_equal "${#lines[@]}" 1
	assert_output --partial :memory:
}

@test "the exit status is the program's" {
	run cg-exec --new sh -c 'exit 7'
	assert_equal "$status" 7
	run cg-exec --new sh -c 'kill -TERM $$'
	assert_equal "$status" 143
	run -127 cg-exec --new /nonexistent
	assert_nothing_left
}

@test "memory.max is a limit of the whole, in both spellings" {
	need_cgroup memory
	local file=memory.max key dir
	v1 memory && file=memory.limit_in_bytes
	dir=$(dir_of memory)
	for key in memory.max=64M memory.max=67108864 memory.limit_in_bytes=64M memory.max=65536K; do
		run cg-exec --new --set "$key" sh -c "cat $dir/$file"
		assert_success
		assert_output 67108864
	done
	assert_nothing_left
}

@test "a size that is no whole number of pages is rounded as the kernel does" {
	need_cgroup memory
	run cg-exec --new --set memory.max=67108865 true
	assert_success
}

@test "a size of hugetlb is rounded to its huge pages" {
	local file=hugetlb.2MB.max
	if v1 hugetlb; then
		file=hugetlb.2MB.limit_in_bytes
	else
		grep -qw hugetlb "$(where '')/cgroup.controllers" || skip "needs the cgroup controller hugetlb"
	fi
	[ -d /sys/kernel/mm/hugepages/hugepages-2048kB ] || skip "needs huge pages of 2 MB"
	run cg-exec --new --set "$file=5M" true
	assert_success
	run cg-exec --new --set "$file=1" true
	assert_success
	assert_nothing_left
}

@test "memory.max=max is no limit" {
	need_cgroup memory
	run cg-exec --new --set memory.max=max true
	assert_success
}

@test "memory.swap.max is swap alone; v1 has memory and swap together" {
	need_cgroup memory
	v1 memory || skip "needs the controller memory mounted as v1"
	[ -e /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes ] || skip "needs memory.memsw (swap accounting)"
	local dir
	dir=$(dir_of memory)
	run cg-exec --new --set memory.swap.max=32M --set memory.max=64M sh -c "cat $dir/memory.memsw.limit_in_bytes"
	assert_success
	assert_output 100663296
}

@test "pids.max holds" {
	need_cgroup pids
	run cg-exec --new --set pids.max=3 sh -c 'for i in 1 2 3 4 5 6; do sleep 5 & done; wait'
	assert_failure
	assert_output --regexp '[Rr]esource|fork|vfork'
	assert_nothing_left
}

@test "cpu.weight and cpu.shares are converted by the scheduler's own formula" {
	need_cgroup cpu
	local file=cpu.weight a=50 b=100 dir
	v1 cpu && file=cpu.shares && a=512 && b=1024
	dir=$(dir_of cpu)
	run cg-exec --new --set cpu.weight=50 sh -c "cat $dir/$file"
	assert_output "$a"
	run cg-exec --new --set cpu.shares=1024 sh -c "cat $dir/$file"
	assert_output "$b"
}

@test "cpu.max is quota and period" {
	need_cgroup cpu
	local dir expect='50000 200000' show
	dir=$(dir_of cpu)
	show="cat $dir/cpu.max"
	v1 cpu && show="echo \$(cat $dir/cpu.cfs_quota_us) \$(cat $dir/cpu.cfs_period_us)"
	run cg-exec --new --set cpu.max='50000 200000' sh -c "$show"
	assert_success
	assert_output "$expect"
	run cg-exec --new --set cpu.cfs_period_us=200000 --set cpu.cfs_quota_us=50000 sh -c "$show"
	assert_output "$expect"
	run cg-exec --new --set cpu.max=max true
	assert_success
}

@test "cpuset.cpus works although a new v1 cpuset begins empty" {
	need_cgroup cpuset
	run cg-exec --new --set cpuset.cpus=0 grep Cpus_allowed_list /proc/self/status
	assert_success
	assert_output --regexp '[[:space:]]0$'
	run cg-exec --new --set cpuset.mems=0 true
	assert_success
	assert_nothing_left
}

@test "a key without a row is passed on as it is" {
	need_cgroup memory
	local key=memory.swap.high=1M
	v1 memory && key=memory.swappiness=10
	run cg-exec --new --set "$key" true
	assert_success
}

@test "--set may be repeated, the later one counts" {
	need_cgroup pids
	run cg-exec --new --set pids.max=2 --set pids.max=77 sh -c "cat $(dir_of pids)/pids.max"
	assert_success
	assert_output 77
}

@test "--new=PATH names it; from the top of the hierarchy" {
	need_cgroup pids
	run cg-exec --new="/$MINE" --set pids.max=9 grep -c "/$MINE\$" /proc/self/cgroup
	assert_success
	assert_output 1
	assert_nothing_left
}

@test "the watcher is outside of the cgroup it fills" {
	need_cgroup pids
	run cg-exec --new="/$MINE" --set pids.max=9 cat "$(where pids)/$MINE/cgroup.procs"
	assert_success
	assert_equal "${#lines[@]}" 1
	# and so a limit of one process is enough for the program
	run cg-exec --new="/$MINE" --set pids.max=1 cat "$(where pids)/$MINE/pids.current"
	assert_success
	assert_output 1
}

@test "what the program leaves running is killed, and groups it made are removed" {
	need_cgroup pids
	local dir
	dir=$(where pids)/$MINE
	run timeout 20 cg-exec --new="/$MINE" --set pids.max=100 sh -c "
		mkdir $dir/in $dir/in/deep
		sh -c 'echo \$\$ >$dir/in/deep/cgroup.procs; exec sleep 4242' >/dev/null 2>&1 3>&- &
		setsid sleep 4243 >/dev/null 2>&1 3>&- &
		sleep 0.2"
	assert_success
	assert_nothing_left
	run pgrep -f 'sleep 424[23]'
	assert_failure
}

@test "a chain behind it: the rest runs in the cgroup" {
	need_cgroup pids
	need_cmd ns-run
	run cg-exec --new --set pids.max=50 ns-run --all --map-root cat /proc/self/cgroup
	assert_success
	assert_nothing_left
}

# -- --keep ---------------------------------------------------------------------------------

@test "--keep leaves the cgroup, and nobody stays behind" {
	need_cgroup pids
	cg-exec --new="/$MINE" --keep --set pids.max=5 sh -c 'echo $$' >"$BATS_TEST_TMPDIR/out" &
	local pid=$!
	wait "$pid"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/out")" "$pid" # a watcher would have this pid
	assert_equal "$(cat "$(where pids)/$MINE/pids.max")" 5
	cg-exec --group "/$MINE" sh -c 'echo $$' >"$BATS_TEST_TMPDIR/out" &
	pid=$!
	wait "$pid"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/out")" "$pid"
}

@test "--keep: a chain that fails leaves nothing all the same" {
	need_cgroup pids
	run -127 cg-exec --new="/$MINE" --keep --set pids.max=5 /nonexistent
	assert_nothing_left
}

@test "--keep: nothing is left either when the chain had given its rights away" {
	need_cgroup pids
	run -127 cg-exec --new="/$MINE" --keep --set pids.max=5 cap-set --user 1000:1000 /nonexistent
	assert_nothing_left
	run -127 cg-exec --new="/$MINE" --keep --set pids.max=5 ns-run --map-root --mount /nonexistent
	assert_nothing_left
	run cg-exec --explain --new="/$MINE" --keep --set pids.max=5 cap-set --user 1000:1000 id -u
	assert_success
	assert_output --partial "has to be removed if the rest of the chain fails"
	assert_line 1000
	assert [ -d "$(where pids)/$MINE" ]
}

@test "a cgroup that cannot be removed is named, and the program's status stays" {
	need_cgroup pids
	local dir
	dir=$(where pids)/$MINE
	# deeper than what is removed with it
	# shellcheck disable=SC2016 # the shell inside is to expand it
	run cg-exec --new="/$MINE" --set pids.max=100 sh -c '
		for i in $(seq 40); do set -- "$1/d"; mkdir "$1"; done; exit 3' - "$dir"
	assert_equal "$status" 3
	assert_output --partial "cg-exec: could not remove cgroup $dir: Device or resource busy; rmdir it"
	find "$dir" -depth -type d -exec rmdir {} \;
	assert_nothing_left
}

@test "--new with --detach needs --keep" {
	need_cmd ns-run
	run cg-exec --new ns-run --pid --detach sleep 1
	assert_fault 125 "read the command line '--new'" "nobody"
	assert_output --partial "try: --keep"
	assert_nothing_left
}

# -- --group --------------------------------------------------------------------------------

@test "--group runs in a cgroup that exists, and leaves it" {
	need_cgroup pids
	mkdir "$(where pids)/$MINE"
	run cg-exec --group "/$MINE" grep -c "/$MINE\$" /proc/self/cgroup
	assert_success
	assert_output 1
	assert [ -d "$(where pids)/$MINE" ]
}

@test "--group CONTROLLER:PATH as cgexec has it" {
	need_cgroup pids
	mkdir "$(where pids)/$MINE"
	run cg-exec --group "pids:$MINE" grep -c "/$MINE\$" /proc/self/cgroup
	assert_success
	run cg-exec --group "pids:/$MINE" true
	assert_success
}

@test "--group CONTROLLER,CONTROLLER:PATH has to exist in each" {
	need_cgroup pids
	need_cgroup memory
	v1 memory || skip "needs v1 hierarchies"
	mkdir "$(where pids)/$MINE"
	run cg-exec --group "memory,pids:$MINE" true
	assert_fault 125 "move into cgroup '/sys/fs/cgroup/memory/$MINE'" "No such file"
	run cg-exec --group "*:$MINE" true
	assert_fault 125 "move into cgroup" "No such file"
	mkdir "$(where memory)/$MINE"
	run cg-exec --group "memory,pids:$MINE" grep -c "/$MINE\$" /proc/self/cgroup
	assert_output 2
}

@test "a frozen cgroup: the program would never run" {
	local dir file value hier
	if v1 freezer; then
		dir=/sys/fs/cgroup/freezer/$MINE file=freezer.state value=FROZEN hier=freezer
	else
		need_cgroup pids
		dir=$(where '')/$MINE file=cgroup.freeze value=1 hier=pids
	fi
	mkdir "$dir" "$dir/in"
	echo "$value" >"$dir/$file"
	run timeout 10 cg-exec --group "$hier:$MINE" true
	assert_fault 125 "move into cgroup '$dir'" "frozen"
	assert_output --regexp "try: echo (0|THAWED) > $dir/$file"
	run timeout 10 cg-exec --group "$hier:$MINE/in" true
	assert_fault 125 "move into cgroup '$dir/in'" "$file of /$MINE"
	[ "$hier" = freezer ] || {
		run timeout 10 cg-exec --new="/$MINE/x" true
		assert_fault 125 "make cgroup" "frozen"
	}
	sh -c "$(sed -n 's/.*try: //p' <<<"$output")" # the remedy
	run timeout 10 cg-exec --group "$hier:$MINE/in" true
	assert_success
}

@test "a frozen cgroup of cgroup2, where that is mounted beside v1" {
	local dir
	dir=$(where '')/$MINE
	v1 freezer && [ -n "$(where '')" ] || skip "needs v1 and cgroup2"
	mkdir "$dir"
	[ -e "$dir/cgroup.freeze" ] || skip "needs cgroup.freeze"
	echo 1 >"$dir/cgroup.freeze"
	run timeout 10 cg-exec --group "/$MINE" true
	assert_fault 125 "move into cgroup '$dir'" "cgroup.freeze of /$MINE"
	run timeout 10 cg-exec --new="/$MINE/x" true
	assert_fault 125 "make cgroup '$dir'" "cgroup.freeze of /$MINE"
	sh -c "$(sed -n 's/.*try: //p' <<<"$output")"
	run timeout 10 cg-exec --group "/$MINE" true
	assert_success
}

@test "a relative --group is below the caller's own cgroup" {
	need_cgroup pids
	mkdir "$(where pids)/$MINE" "$(where pids)/$MINE/in"
	run cg-exec --group "/$MINE" cg-exec --group in true
	assert_failure # a bare link goes on in the same process: it was checked where it began
	run cg-exec --group "/$MINE" -- "$(command -v cg-exec)" --group in grep -c "/$MINE/in\$" /proc/self/cgroup
	assert_success
	assert_output 1
}

# -- a killed program ------------------------------------------------------------------------

@test "a program that the kernel kills for its memory: that is said" {
	need_cgroup memory
	need_cmd python3
	run cg-exec --new --set memory.max=24M python3 -c 'a = bytearray(200 << 20)'
	assert_equal "$status" 137
	assert_output --partial "the kernel killed it: memory.max=24M was reached; try: a higher --set memory.max"
	assert_nothing_left
}

@test "a program killed by somebody else: nothing is said" {
	need_cgroup memory
	run cg-exec --new --set memory.max=64M sh -c 'kill -KILL $$'
	assert_equal "$status" 137
	refute_output --partial "the kernel killed"
	assert_nothing_left
}

@test "a full cgroup is named" {
	need_cgroup pids
	v1 pids && skip "needs the controller pids on cgroup2: v1 lets a process move into a full one"
	cg-exec --new="/$MINE" --keep --set pids.max=1 true
	sh -c "echo \$\$ >$(where pids)/$MINE/cgroup.procs; exec sleep 30" &
	local sleeper=$!
	wait_for grep -q . "$(where pids)/$MINE/cgroup.procs"
	run cg-exec --new="/$MINE/in" true
	kill "$sleeper"
	wait "$sleeper" || true
	assert_fault 125 "start a process" "pids.max=1 of /$MINE is reached"
}

@test "a full cgroup of the caller is named in a chain without cg-exec too" {
	need_cgroup pids
	need_cmd ns-run
	cat >"$BATS_TEST_TMPDIR/run" <<-'SH'
		echo $$ >"$1/cgroup.procs"
		exec ns-run --pid true
	SH
	mkdir "$(where pids)/$MINE"
	echo 1 >"$(where pids)/$MINE/pids.max"
	run sh "$BATS_TEST_TMPDIR/run" "$(where pids)/$MINE"
	assert_fault 125 "start a process" "pids.max=1 of /$MINE is reached"
}

# -- explain, dry run -------------------------------------------------------------------------

@test "--explain says what is written, and why a watcher stays" {
	need_cgroup memory
	run cg-exec --explain --new --set memory.max=64M true
	assert_success
	assert_output --partial "a transient cgroup has to be removed when the program ends"
	assert_output --regexp 'mkdirat\(.*boxutils-'
	assert_output --partial '"67108864"'
	assert_output --regexp 'unlinkat\(.*boxutils-.*AT_REMOVEDIR'
}

@test "--dry-run makes nothing" {
	need_cgroup memory
	need_cgroup cpuset
	run cg-exec --dry-run --new="/$MINE" --keep --set memory.max=64M --set cpuset.cpus=0 touch "$BATS_TEST_TMPDIR/x"
	assert_success
	assert_output --partial mkdirat
	assert [ ! -e "$BATS_TEST_TMPDIR/x" ]
	assert_nothing_left
}

@test "completion knows the keys" {
	run cg-exec --complete 3 cg-exec --new --set ''
	assert_success
	assert_output --partial memory.max=
	assert_output --partial pids.max=
}

# -- bad input: command line ------------------------------------------------------------------

@test "neither --new nor --group" {
	run cg-exec true
	assert_fault 125 "read the command line 'cg-exec'" "not said in which cgroup"
	assert_output --partial --new
}

@test "--new and --group" {
	run cg-exec --new --group / true
	assert_fault 125 "read the command line '--new --group'" "exclude each other"
}

@test "--set with --group" {
	run cg-exec --group / --set pids.max=1 true
	assert_fault 125 "read the command line 'pids.max=1'" "--set is for a cgroup that --new makes"
}

@test "--keep with --group" {
	run cg-exec --group / --keep true
	assert_fault 125 "read the command line '--keep'"
}

# -- bad input: keys --------------------------------------------------------------------------

@test "an unknown key: the nearest is named" {
	run cg-exec --new --set memroy.max=1M true
	assert_fault 125 "set cgroup key 'memroy.max=1M'" "there is no key memroy.max"
	assert_output --partial "try: memory.max"
	assert_nothing_left
}

@test "keys that are no settings, or no keys" {
	local key
	for key in foo.bar=1 nothing=1 cgroup.procs=1 cgroup.kill=1 cgroup.freeze=1 tasks=1 ../x=1 \
		memory.max/../../x=1 a/b.c=1; do
		run cg-exec --new --set "$key" true
		assert_fault 125 "set cgroup key '$key'" "there is no key"
	done
	assert_nothing_left
}

@test "words that are not KEY=VALUE" {
	local word
	for word in memory.max memory.max= =1 '' =; do
		run cg-exec --new --set "$word" true
		assert_fault 125 "set cgroup key '$word'" "not KEY=VALUE"
	done
	assert_nothing_left
}

@test "values of another form: refused before anything is made, and the form is said" {
	need_cgroup memory
	need_cgroup pids
	need_cgroup cpu
	need_cgroup cpuset
	local word
	for word in memory.max=1x memory.max=-1 memory.max=1.5G memory.max=0x10 pids.max=-1 pids.max=1x \
		cpu.weight=a cpu.max=50% 'cpu.max=50000 100000 1' cpuset.cpus=0-x cpuset.cpus=1-0; do
		run cg-exec --new --set "$word" true
		assert_fault 125 "set cgroup key '$word'" "another form"
		assert_output --partial "VALUE"
	done
	for word in memory.max=18446744073709551616 pids.max=4294967296 cpu.weight=0 cpu.weight=10001 \
		cpu.max=999 'cpu.max=50000 2000000' cpuset.cpus=0-99999; do
		run cg-exec --new --set "$word" true
		assert_fault 125 "set cgroup key '$word'" "out of range"
	done
	assert_nothing_left
}

@test "a v2 key without a v1 counterpart names the world" {
	need_cgroup memory
	v1 memory || skip "needs the controller memory mounted as v1"
	run cg-exec --new --set memory.high=32M true
	assert_fault 125 "set cgroup key 'memory.high=32M'" \
		"memory.high is a cgroup v2 key; memory is mounted as v1 at /sys/fs/cgroup/memory"
	assert_nothing_left
}

@test "memory.swap.max without memory.max, on v1" {
	need_cgroup memory
	v1 memory || skip "needs the controller memory mounted as v1"
	run cg-exec --new --set memory.swap.max=32M true
	assert_fault 125 "set cgroup key 'memory.swap.max=32M'" "memory.max has to be known"
	assert_output --partial "--set memory.max="
}

@test "memory.memsw.limit_in_bytes below memory.max" {
	need_cgroup memory
	run cg-exec --new --set memory.max=64M --set memory.memsw.limit_in_bytes=32M true
	assert_fault 125 "set cgroup key 'memory.memsw.limit_in_bytes=32M'" "memory and swap together"
}

@test "what the kernel refuses: nothing is left of any hierarchy" {
	need_cgroup cpuset
	need_cgroup pids
	run cg-exec --new --set pids.max=5 --set cpuset.cpus=4000 true
	assert_fault 125 "write '"
	assert_output --partial cpuset.cpus
	assert_nothing_left
}

# -- bad input: paths -------------------------------------------------------------------------

@test "paths that are no names of cgroups" {
	local path
	for path in . .. /.. /a/../b a/. ./a //a a//b; do
		run cg-exec --new="$path" true
		assert_fault 125 "use cgroup path '$path'"
		run cg-exec --group "$path" true
		assert_fault 125 "use cgroup path '$path'"
	done
	run cg-exec --new= true
	assert_fault 125 "use cgroup path" "empty"
	run cg-exec --group '' true
	assert_fault 125 "use cgroup path" "empty"
	run cg-exec --new=$'a\nb' true
	assert_fault 125 "use cgroup path" newline
	run cg-exec --new="/$(printf '%0300d' 1)" true
	assert_fault 125 "use cgroup path" "255"
	assert_nothing_left
}

@test "names of a controller's files, and the top itself, cannot be made" {
	local path
	for path in /cgroup.procs /memory.max /x/cgroup.y tasks /notify_on_release; do
		run cg-exec --new="$path" true
		assert_fault 125 "use cgroup path '$path'" "controller's files"
	done
	run cg-exec --new=/ true
	assert_fault 125 "use cgroup path '/'" "exists already"
}

@test "--new=PATH that exists" {
	need_cgroup pids
	mkdir "$(where pids)/$MINE"
	run cg-exec --new="/$MINE" --set pids.max=1 true
	assert_fault 125 "make cgroup '/$MINE'" "File exists"
	assert_output --partial "--group"
	assert [ -d "$(where pids)/$MINE" ]
}

@test "--new=PATH whose parent does not exist" {
	need_cgroup pids
	run cg-exec --new="/$MINE/a" --set pids.max=1 true
	assert_fault 125 "make cgroup '$(where pids)/$MINE'" "does not exist"
	assert_output --partial "mkdir $(where pids)/$MINE"
}

@test "--group that does not exist, is a file, names an unknown controller" {
	run cg-exec --group "/$MINE" true
	assert_fault 125 "move into cgroup" "No such file"
	run cg-exec --group /cgroup.procs true
	assert_fault 125 "move into cgroup" "Not a directory"
	run cg-exec --group "nope:$MINE" true
	assert_fault 125 "use cgroup path 'nope:$MINE'" "controller nope"
}

@test "without the right to make one" {
	run as_user "$(command -v cg-exec)" --new true
	assert_fault 125 "make cgroup '" "Permission denied"
	run as_user "$(command -v cg-exec)" --group / true
	assert_fault 125 "move into cgroup '" "Permission denied"
	assert_nothing_left
}

@test "a name of ours that is taken: the next one is used" {
	need_cgroup pids
	local taken
	cat >"$BATS_TEST_TMPDIR/run" <<-'SH'
		echo $$ >"$2"
		mkdir "$1/boxutils-$$"
		exec cg-exec --new --set pids.max=5 grep -o 'boxutils-.*' /proc/self/cgroup
	SH
	run sh "$BATS_TEST_TMPDIR/run" "$(where pids)" "$BATS_TEST_TMPDIR/pid"
	taken=boxutils-$(cat "$BATS_TEST_TMPDIR/pid")
	rmdir "$(where pids)/$taken"
	assert_success
	assert_output "$taken-1"
	assert_nothing_left
}

@test "delegated: a user makes a cgroup with limits, and nothing is left" {
	run cg-exec --new --set pids.max=7 --set memory.max=64M \
		sh -c 'cd "/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)" && pwd && cat pids.max memory.max'
	assert_success
	assert_line --index 0 --regexp "^${OWN%/*}(/.*)?/boxutils-[0-9]+\$"
	assert_line --index 1 7
	assert_line --index 2 67108864
	assert_nothing_left
}

@test "delegated: beyond his own the user is told so" {
	run cg-exec --new=/boxtest-outside true
	assert_fault 125 "make cgroup '/sys/fs/cgroup" "Permission denied"
	assert_nothing_left
}
