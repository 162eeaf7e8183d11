#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ns-list: namespaces, who lives in them, what holds them. What a test has made is found by the
# numbers of its own namespaces: others come and go meanwhile.

load helper

setup() {
	need_root
	need_cmd jq unshare
	PIDS=() BOX=
}

teardown() {
	local pid
	for pid in "${PIDS[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	[ -z "$BOX" ] || oci-run delete --force "$BOX"
	! mountpoint -q "$BATS_TEST_TMPDIR/held" || umount "$BATS_TEST_TMPDIR/held"
}

# sleeper COMMAND...: it becomes a program that sleeps, in namespaces of its own; its pid in PID
sleeper() {
	"$@" sleep 300 3>&- &
	PID=$!
	PIDS+=("$PID")
	wait_for grep -qx sleep "/proc/$PID/comm"
}

inode() { # PID KIND
	local link
	link=$(readlink "/proc/$1/ns/$2") && link=${link#*[} && echo "${link%]}"
}

# json FILTER [OPTION...]: what jq makes of the list; stderr is not of the data
json() {
	ns-list --json "${@:2}" 2>"$BATS_TEST_TMPDIR/stderr" >"$BATS_TEST_TMPDIR/json" || true
	jq -c "$1" "$BATS_TEST_TMPDIR/json"
}

is_gone() {
	! ns-list -n -o NS | grep -qx " *$1"
}

# -- beside lsns ---------------------------------------------------------------------------------

# In a pid namespace of its own, where nobody else comes and goes.
@test "the same namespaces, processes and numbers as lsns" {
	need_cmd lsns
	cat >"$BATS_TEST_TMPDIR/both" <<-'SH'
		unshare -Urmn sleep 300 & a=$!
		unshare -uiC sleep 300 & b=$!
		sleep 300 & c=$!
		sh -c 'exec sleep 300' & d=$!
		for p in $a $b $c $d; do
			until grep -qx sleep /proc/$p/comm; do :; done
		done
		lsns -J -l -o NS,TYPE,NPROCS,PID,PPID,UID,USER,PNS,ONS,COMMAND >"$1/theirs" 2>"$1/errors"
		ns-list -J -o NS,TYPE,NPROCS,PID,PPID,UID,USER,PNS,ONS,COMMAND >"$1/ours"
	SH
	unshare -pf --mount-proc --kill-child sh "$BATS_TEST_TMPDIR/both" "$BATS_TEST_TMPDIR"
	# they say 0 for what is not known, and name themselves; numbers may be strings
	normal='.namespaces | map(.command |= sub("^(lsns|ns-list) .*"; "LISTER") | map_values(tostring) |
		map_values(if . == "0" or . == "null" then "-" else . end) | .uid = (.uid | sub("-"; "0"))) | map(.ppid = (.ppid | sub("^-$"; "0"))) | sort_by(.ns)'
	run diff <(jq -S "$normal" "$BATS_TEST_TMPDIR/theirs") <(jq -S "$normal" "$BATS_TEST_TMPDIR/ours")
	assert_success
	assert [ "$(jq '.namespaces | length' "$BATS_TEST_TMPDIR/ours")" -ge 14 ]
}

@test "each of lsns's columns is there" {
	need_cmd lsns
	run ns-list --list-columns
	assert_success
	for column in $(lsns --help | sed -n '/output columns/,$p' | awk 'NF > 2 && $1 ~ /^[A-Z]+$/ { print $1 }'); do
		assert_line --regexp "^  [* ] $column +"
	done
}

# -- what holds a namespace --------------------------------------------------------------------------

@test "a namespace held by a descriptor alone" {
	sleeper unshare --net
	ns=$(inode "$PID" net)
	sleep 300 7<"/proc/$PID/ns/net" 3>&- &
	holder=$!
	PIDS+=("$holder")
	wait_for test -e "/proc/$holder/fd/7"
	wait_for grep -qx sleep "/proc/$holder/comm"
	kill -KILL "$PID"
	wait "$PID" || true
	run json ".namespaces[] | select(.ns == $ns) | [.type, .nprocs, .pid, .path, .held_by]" --output-all
	assert_output "[\"net\",0,null,\"/proc/$holder/fd/7\",[\"fd 7 of $holder\"]]"
	run json ".namespaces[] | select(.ns == $ns) | .held_by" --persistent
	assert_output "[\"fd 7 of $holder\"]"
	# descriptors are looked at only where they matter
	run json ".namespaces[] | select(.ns == $ns) | .ns" -o NS
	assert_output ""
	kill -KILL "$holder"
	wait "$holder" || true
	wait_for is_gone "$ns"
}

@test "a namespace held by a bind mount: here, and in another mount namespace" {
	touch "$BATS_TEST_TMPDIR/held"
	sleeper unshare --net --mount
	ns=$(inode "$PID" net)
	mount --bind "/proc/$PID/ns/net" "$BATS_TEST_TMPDIR/held"
	run json ".namespaces[] | select(.ns == $ns) | [.nsfs, .held_by]" -o NS,NSFS,HELD-BY
	assert_output "[[\"$BATS_TEST_TMPDIR/held\"],[\"processes\",\"mount $BATS_TEST_TMPDIR/held\"]]"
	kill -KILL "$PID"
	wait "$PID" || true
	run json ".namespaces[] | select(.ns == $ns) | [.nprocs, .path]" -o +PATH
	assert_output "[0,\"$BATS_TEST_TMPDIR/held\"]"
	run ns-list -n -P -t net -o NSFS --filter "NS == $ns"
	assert_line "$BATS_TEST_TMPDIR/held"
	umount "$BATS_TEST_TMPDIR/held"
	wait_for is_gone "$ns"

	# mounted where we do not see it
	sleeper unshare --net
	ns=$(inode "$PID" net)
	sleeper unshare --mount sh -c "mount --bind /proc/$PID/ns/net '$BATS_TEST_TMPDIR/held'; kill -KILL $PID; exec sleep 300"
	wait_for grep -qx sleep "/proc/$PID/comm"
	run json ".namespaces[] | select(.ns == $ns) | .held_by" --all-mounts
	assert_output "[\"mount /proc/$PID/root$BATS_TEST_TMPDIR/held\"]"
	run json ".namespaces[] | select(.ns == $ns) | .ons" --all-mounts -o NS,ONS
	assert_output "$(inode self user)"
	run ns-list --persistent --filter "NS == $ns"
	assert_failure 1
}

@test "a namespace that the next children will be in" {
	sleeper unshare --pid sh -c 'true & wait; exec "$@"' sh
	link=$(readlink "/proc/$PID/ns/pid_for_children")
	ns=${link//[!0-9]/}
	run json ".namespaces[] | select(.ns == $ns) | [.type, .nprocs, .held_by, .path]" -o +PATH
	assert_output "[\"pid\",0,[\"children of $PID\"],\"/proc/$PID/ns/pid_for_children\"]"
}

@test "an ancestor without a process is held by its child" {
	sleeper unshare -U --map-root-user unshare -U --map-root-user
	child=$(inode "$PID" user)
	run json ".namespaces[] | select(.ns == $child) | [.pns, .ons] | .[0] == .[1] and .[0] != null" --output-all
	assert_output true
	parent=$(json ".namespaces[] | select(.ns == $child) | .pns" --output-all)
	[ "$parent" != "$(inode self user)" ]
	run json ".namespaces[] | select(.ns == $parent) | [.nprocs, .pid, .command, .held_by]"
	assert_output "[0,null,null,[\"child user:$child\"]]"
	run json ".namespaces[] | select(.ns == $parent) | .owner_uid" -o NS,OWNER-UID
	assert_output 0
}

# -- columns -------------------------------------------------------------------------------------------

@test "id maps, interfaces, pid inside, cgroup, age" {
	ns-run --user --map-users 0:100000:5,9:7:1 --map-groups 0:100000:5 --net --pid --detach \
		--pid-file "$BATS_TEST_TMPDIR/pid" sleep 300 >/dev/null 2>&1 3>&-
	pid=$(cat "$BATS_TEST_TMPDIR/pid")
	PIDS+=("$pid")
	run json ".namespaces[] | select(.ns == $(inode "$pid" user)) | [.uidmap, .gidmap]" -o NS,UIDMAP,GIDMAP
	assert_output '["0:100000:5,9:7:1","0:100000:5"]'
	run json ".namespaces[] | select(.ns == $(inode "$pid" net)) | [.ifaces[0], .uidmap]" -o NS,UIDMAP,IFACES
	assert_output '["lo",null]'
	run json ".namespaces[] | select(.ns == $(inode "$pid" pid)) | [.pid, .pidns, (.age < 60), (.cgroup | startswith(\"/\"))]" \
		-o NS,PID,PIDNS,AGE,CGROUP
	assert_output "[$pid,1,true,true]"
	run json ".processes[] | [.pid, .pidns]" --by process -p "$pid" -o PID,PIDNS
	assert_output "[$pid,1]"
}

@test "the id of a network namespace, as ip gives it" {
	need_cmd ip
	sleeper unshare --net
	ns=$(inode "$PID" net)
	run json ".namespaces[] | select(.ns == $ns) | .netnsid" -o NS,NETNSID
	assert_output null
	# a number that nobody has: it goes with the namespace
	unshare --net sh -c "
		ip netns list >/dev/null 2>&1
		ip link add one type veth peer name two netns $PID
		ns-list --json -o NS,NETNSID" 2>/dev/null >"$BATS_TEST_TMPDIR/inside"
	run jq -c ".namespaces[] | select(.ns == $ns) | .netnsid" "$BATS_TEST_TMPDIR/inside"
	assert_output 0
}

@test "what a command line holds cannot steer a terminal, nor break a record" {
	bash -c 'exec -a "$1" sleep 300' bash $'a\033]0;x\a b\nc\\' 3>&- &
	PIDS+=("$!")
	wait_for grep -q x "/proc/$!/cmdline"
	run ns-list -n --by process -p "$!" -o COMMAND
	assert_output --partial 'a\x1b]0;x\x07 b\x0ac\ 300'
	run ns-list -n --raw --by process -p "$!" -o COMMAND,PID
	assert_output --partial 'a\x1b]0;x\x07\x20b\x0ac\x5c\x20300 '"$!"
	ns-list -0 --by process -p "$!" -o PID,COMMAND 2>/dev/null | cmp - <(printf '%s\ta\033]0;x\a b\nc\\ 300\0' "$!")
	run json '.processes[0].command' --by process -p "$!" -o COMMAND
	assert_output '"a\u001b]0;x\u0007 b\nc\\ 300"'
}

@test "a list for people: nothing is cut in a pipe, the command is on a terminal" {
	need_cmd script
	sleeper unshare --uts
	long=$(printf 'y%.0s' {1..300})
	bash -c 'exec -a "$1" sleep 300' bash "$long" 3>&- &
	PIDS+=("$!")
	wait_for grep -q yyy "/proc/$!/cmdline"
	run ns-list --by process -p "$!" -o PID,COMMAND
	assert_line --partial "$long 300"
	run script -qec "stty cols 60; LC_ALL=C ns-list --by process -p $! -o PID,COMMAND" /dev/null
	assert_output --regexp "$! +y{20,55}\\+"
	refute_output --partial "$long"
	run script -qec "stty cols 60; ns-list --no-truncate --by process -p $! -o PID,COMMAND" /dev/null
	assert_output --partial "$long 300"
}

# -- which rows -----------------------------------------------------------------------------------------

@test "by type, by process, by number, by file; no match is 1" {
	sleeper unshare --net --uts
	net=$(inode "$PID" net)
	run json '[.namespaces[].type] | unique' --type net,uts
	assert_output '["net","uts"]'
	run json '[.namespaces[].type] | unique' -t mount -t user
	assert_output '["mnt","user"]'
	run json '[.namespaces[] | .ns] | length' -p "$PID"
	assert_output "$(find "/proc/$PID/ns" -type l ! -name '*_for_children' | wc -l)"
	run json '[.namespaces[] | .ns]' -p "/proc/$PID/ns/net"
	assert_output "[$net]"
	for word in "$net" "net:$net" "net:[$net]" "/proc/$PID/ns/net"; do
		run json '[.processes[].pid]' "$word"
		assert_output "[$PID]"
	done
	run json '[.namespaces[].ns]' --by namespace "$net"
	assert_output "[$net]"
	run ns-list --type net --filter 'NPROCS > 100000'
	assert_failure 1
	refute_output --partial NPROCS
}

@test "what is wrong on the command line is 2, with a remedy" {
	run ns-list --type nat
	assert_fault 2 "read option 'nat'" "takes kinds"
	run ns-list -o NPROC
	assert_fault 2 "show column 'NPROC'" "no such column"
	assert_output --partial "try: NPROCS;"
	run ns-list --filter 'NPROCS ~ 3'
	assert_fault 2 "read filter 'NPROCS ~ 3'" "no operator"
	run ns-list --by kind
	assert_fault 2 "--by is one of"
	run ns-list --tree=up
	assert_fault 2 "--tree is one of"
	run ns-list net:1
	assert_fault 2 "find namespace 'net:1'" "none with this number"
	run ns-list uts:"$(inode self net)"
	assert_fault 2 "find namespace"
	run ns-list blue
	assert_fault 2 "find namespace 'blue'"
	run ns-list -p 999999999
	assert_fault 2 "find process"
	run ns-list -p /etc/passwd
	assert_fault 2 "find namespace '/etc/passwd'" "no file of a namespace"
}

# refused OBJECT ARGUMENT...: as a wrong command line, that names what does not go together
refused() {
	run timeout 10 ns-list "${@:2}"
	assert_fault 2 "read the command line '$1'"
}

@test "what does not go together is refused, and both are named" {
	refused '--dot --json' --dot --json
	refused '--of --dot' --dot --of self
	refused '--follow --by' --follow --by process
	refused '--follow --target' --follow -p self
	refused '--of --diff' --diff --of self
	refused '--diff --why' --diff --why self
	refused '--diff --type' --diff self self -t net
	refused '--why --json' --why self --json
	refused '--as-command --json' --as-command self -J
	refused '--as-command --dot' --as-command self --dot
	refused '--by=container --tree' --by container --tree
	refused '--by=process --persistent' --by process -P
	refused '--json --raw' --json --raw
	refused '--json --null' -0J
	refused '--raw --null' -r0
	refused '--of TARGET' --of self 4711
	refused --follow --follow 4711
	refused --all --all
	assert_output --partial 'it goes with --diff'
	refused --interval --interval 3
	assert_output --partial 'it goes with --follow'
}

@test "a number of a namespace that nobody is in is a row with -P, and not one of its processes" {
	touch "$BATS_TEST_TMPDIR/held"
	ns-run --uts="$BATS_TEST_TMPDIR/held" true
	ns=$(stat -Lc %i "$BATS_TEST_TMPDIR/held")
	run ns-list -n -P -o NS,NSFS "$ns"
	assert_success
	assert_output --regexp "$ns +$BATS_TEST_TMPDIR/held"
}

@test "a full disk is said" {
	run bash -c 'ns-list >/dev/full'
	assert_fault 2 "write 'standard output'" "No space left"
}

# -- trees ------------------------------------------------------------------------------------------------

@test "trees: owners, parents, processes" {
	unshare -U --map-root-user --uts --pid --fork --kill-child sleep 300 3>&- &
	PID=$!
	PIDS+=("$PID")
	wait_for pgrep -x -P "$PID" sleep
	inside=$(pgrep -x -P "$PID" sleep)
	user=$(inode "$inside" user) pid=$(inode "$inside" pid)
	all='[.. | objects | select(has("ns"))]'
	run json "$all | map(select(.ns == $user)) | .[0].children | map(.type) | sort" --tree
	assert_output '["pid","uts"]'
	run json "$all | map(select(.ns == $(inode self pid))) | .[0].children | map(.ns) | index($pid) != null" --tree=parent -t pid
	assert_output true
	run json "$all | map(select(.ns == $(inode self uts))) | .[0].children | map(.ns) | index($(inode "$inside" uts)) != null" --tree=process
	assert_output true
	run env LC_ALL=C.UTF-8 ns-list -n --tree=owner
	assert_line --regexp "^[ │├└─]*[├└]─$user +user "
	run env LC_ALL=C ns-list -n --tree=owner
	assert_line --regexp '^[ |`-]*[|`]-'"$user +user "
	run json "[.. | objects | select(.pid == $PID)] | .[0].children | map(.pid)" --by process --tree
	assert_output "[$inside]"
}

# -- containers ---------------------------------------------------------------------------------------------

# A container of two processes; its id in BOX, the pid of its first process in PID.
container() {
	box_setup
	BOX=ns-list-$$-$BATS_TEST_NUMBER
	oci-bundle new --root "$ROOT" "$BATS_TEST_TMPDIR/bundle" -- sh -c 'sleep 301 & exec sleep 300'
	oci-run run --detach --bundle "$BATS_TEST_TMPDIR/bundle" "$BOX" </dev/null >/dev/null 2>&1 3>&-
	PID=$(oci-run state "$BOX" | jq .pid)
	wait_for pgrep -P "$PID"
}

@test "containers: a column, rows of their own, one sentence" {
	container
	second=$(pgrep -P "$PID")
	run json ".namespaces[] | select(.ns == $(inode "$PID" mnt)) | [.container, .engine, .container_id, .nprocs]" --output-all
	assert_output "[\"$BOX\",\"oci-run\",\"$BOX\",2]"
	run json ".containers[] | select(.container_id == \"$BOX\") | [.pid, .nprocs, .ns_mount]" --by container --output-all
	assert_output "[$PID,2,$(inode "$PID" mnt)]"
	run json "[.processes[] | select(.container_id == \"$BOX\") | .pid]" --by process -o PID,CONTAINER-ID
	assert_output "[$PID,$second]"
	run json "[.processes[].pid]" --by process -Q "CONTAINER-ID == $BOX"
	assert_output "[$PID,$second]"
	run json '[.namespaces[].type] | length' -p "@$BOX" -Q "CONTAINER-ID == $BOX"
	assert_output --regexp '^[4-7]$'
	run ns-list --of "$second"
	assert_success
	assert_output "pid $second is pid 2 in container $BOX (oci-run)"
	ns-list --of "$second" --json >"$BATS_TEST_TMPDIR/json"
	run jq -c '[.pid, .container_id, .engine]' "$BATS_TEST_TMPDIR/json"
	assert_output "[$second,\"$BOX\",\"oci-run\"]"
}

@test "one sentence about who is in no container" {
	sleeper env
	run ns-list --of "$PID"
	assert_output "pid $PID is in no container"
	unshare --pid --fork --kill-child sleep 300 3>&- &
	PIDS+=("$!")
	wait_for pgrep -x -P "$!" sleep
	inside=$(pgrep -x -P "$!" sleep)
	run ns-list --of "$inside"
	assert_output "pid $inside is pid 1 in its own pid namespace, in no container"
	run ns-list --of /proc/self/ns/net
	assert_fault 2 "find process" "path of a namespace"
}

# -- the graph ------------------------------------------------------------------------------------------------

@test "the graph: owners, who is in it, containers; dot reads it" {
	container
	ns-list --dot >"$BATS_TEST_TMPDIR/dot" 2>/dev/null
	run cat "$BATS_TEST_TMPDIR/dot"
	mnt=$(inode "$PID" mnt)
	assert_line --regexp "^.ns$mnt \\[shape=box, .*label=\"mnt\\\\n$mnt\"\\];"
	assert_line "	ns$(inode self user) -> ns$mnt [style=dashed];"
	assert_line --regexp "^.ns$mnt -> pid$PID \\["
	assert_line --regexp "label=\"$BOX\\\\noci-run\""
	need_cmd dot
	run dot -Tplain "$BATS_TEST_TMPDIR/dot"
	assert_success
	assert_line --regexp "^node ns$mnt "
	# a name that would end the quotes
	bash -c 'exec -a "$1" sleep 300' bash 'a"];}\' 3>&- &
	PIDS+=("$!")
	wait_for grep -q '];}' "/proc/$!/cmdline"
	ns-list --dot -p "$!" 2>/dev/null | dot -Tplain >"$BATS_TEST_TMPDIR/plain"
	grep -q "^node pid$! " "$BATS_TEST_TMPDIR/plain"
}

# -- following --------------------------------------------------------------------------------------------------

# follower OPTION...: it runs, and has said that it does; its output in $BATS_TEST_TMPDIR/news
follower() {
	"$@" >"$BATS_TEST_TMPDIR/news" 2>&1 3>&- &
	FOLLOWER=$!
	PIDS+=("$FOLLOWER")
	wait_for test -s "$BATS_TEST_TMPDIR/news"
}

@test "--follow says births and deaths" {
	# without a terminal a shell starts it with SIGINT ignored
	follower env --default-signal=INT ns-list --follow --json --type net,uts
	sleeper unshare --net --mount
	ns=$(inode "$PID" net)
	wait_for grep -q "\"birth\",\"ns\":$ns" "$BATS_TEST_TMPDIR/news"
	kill -KILL "$PID"
	wait_for grep -q "\"death\",\"ns\":$ns" "$BATS_TEST_TMPDIR/news"
	run jq -c "select(.ns == $ns) | [.event, .type, .pid, .command]" "$BATS_TEST_TMPDIR/news"
	assert_line --index 0 --regexp "^\\[\"birth\",\"net\",$PID,\"\\[?(unshare|sleep)[] ]"
	assert_line --index 1 --regexp '^\["death","net",'
	# each once; somebody beside us may have been given the number since
	run jq -sc "[.[] | select(.ns == $ns) | .event]" "$BATS_TEST_TMPDIR/news"
	assert_output --regexp '^\["birth","death"(,"birth","death")*(,"birth")?\]$'
	run jq -c 'select(.type == "mnt")' "$BATS_TEST_TMPDIR/news"
	assert_output ''
	# and ends as it is told
	kill -INT "$FOLLOWER"
	ended=0
	wait "$FOLLOWER" || ended=$?
	assert_equal "$ended" 130
}

@test "--follow without the kernel's events looks again and again, and says so" {
	# an own network namespace has no proc connector
	follower unshare --net ns-list --follow --interval 1
	run cat "$BATS_TEST_TMPDIR/news"
	assert_line --index 0 --regexp '^# a look every 1 s \(no proc connector: .+\)$'
	assert_line --regexp '^TIME +EVENT +TYPE +NS +PID +COMMAND$'
	sleeper unshare --uts
	ns=$(inode "$PID" uts)
	wait_for grep -qE "birth +uts +$ns +$PID +sleep 300" "$BATS_TEST_TMPDIR/news"
	kill -KILL "$PID"
	wait_for grep -qE "death +uts +$ns +$PID +sleep 300" "$BATS_TEST_TMPDIR/news"
	run ns-list --follow --interval 0
	assert_fault 2 "--interval 0" "at least a second"
}

@test "--follow takes a number that is given again for another namespace" {
	follower unshare --net ns-list --follow --interval 4
	for _ in {1..20}; do
		sleeper unshare --uts
		ns=$(inode "$PID" uts)
		wait_for grep -qE "birth +uts +$ns +$PID " "$BATS_TEST_TMPDIR/news"
		kill -KILL "$PID"
		wait "$PID" || true
		sleeper unshare --uts
		[ "$(inode "$PID" uts)" != "$ns" ] || break
	done
	[ "$(inode "$PID" uts)" = "$ns" ] || skip "needs a number that is given again at once (others took it)"
	# as the kernel tells them apart since 6.18
	[ "$(printf '%s\n' 6.18 "$(uname -r)" | sort -V | head -n 1)" = 6.18 ] || skip "needs Linux 6.18"
	wait_for grep -qE "birth +uts +$ns +$PID " "$BATS_TEST_TMPDIR/news"
	run grep -E " uts +$ns " "$BATS_TEST_TMPDIR/news"
	assert_equal "$(awk '{ print $2 }' <<<"$output" | tail -n 3 | xargs)" "birth death birth"
}

@test "--follow ends when nobody reads it any more" {
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	ns-list --follow >"$BATS_TEST_TMPDIR/fifo" 3>&- &
	FOLLOWER=$!
	PIDS+=("$FOLLOWER")
	head -n 1 "$BATS_TEST_TMPDIR/fifo"
	ended=0
	wait "$FOLLOWER" || ended=$?
	assert_equal "$ended" 0
}

# -- what cannot be read --------------------------------------------------------------------------------------

@test "a user sees his own, and is told that it is not all" {
	sleeper unshare --net
	net=$(inode "$PID" net)
	run as_user bash -c 'ns-list -n -o NS,TYPE,PID; readlink /proc/self/ns/net'
	assert_success
	refute_output --partial "$net"
	assert_output --regexp "ns-list: not all is shown: the namespaces of [0-9]+ processes may not be read; try: sudo ns-list"
	as_user ns-list --json -o NS 2>"$BATS_TEST_TMPDIR/said" >"$BATS_TEST_TMPDIR/json"
	run jq -c '[.complete, (.reasons | map(.try) | unique)]' "$BATS_TEST_TMPDIR/json"
	assert_output '[false,["sudo ns-list"]]'
	[ ! -s "$BATS_TEST_TMPDIR/said" ]
}

# No such file, and no owner (EPERM): what a kernel without CONFIG_USER_NS says.
@test "on a kernel without user namespaces all others are listed" {
	need_cmd strace
	need_plain ns-list
	sleeper unshare --net
	net=$(inode "$PID" net)
	echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["ioctl"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}' \
		>"$BATS_TEST_TMPDIR/no-ioctl.json"
	without() {
		sc-filter "$BATS_TEST_TMPDIR/no-ioctl.json" strace -f -qq -o "$BATS_TEST_TMPDIR/trace" -P user -P /proc/self/ns/user \
			-e inject=readlinkat,faccessat2,newfstatat,openat:error=ENOENT ns-list "$@"
	}
	run without -o NS,TYPE,NPROCS,PID,ONS
	assert_success
	grep -q INJECTED "$BATS_TEST_TMPDIR/trace"
	assert_line --regexp "^ *$net +net +1 +$PID +-"
	refute_line --regexp '^ *[0-9]+ +user '
	run without -o NS,TYPE --type user
	assert_failure
	refute_output --regexp '[0-9]{5}'
	without --json --output-all >"$BATS_TEST_TMPDIR/json" 2>/dev/null
	run jq -c ".namespaces | (map(.type) | unique), (.[] | select(.ns == $net) | .ons)" "$BATS_TEST_TMPDIR/json"
	assert_output '["cgroup","ipc","mnt","net","pid","time","uts"]
null'
}

@test "the graph says that it is not all, in the picture and behind it" {
	run --separate-stderr as_user ns-list --dot
	assert_success
	assert_regex "$stderr" "^ns-list: not all is shown: the namespaces of [0-9]+ processes may not be read; try: sudo ns-list"
	assert_regex "${lines[-2]}" '^	labeljust=l; label="not all is shown: the namespaces of [0-9]+ processes may not be read'
	assert_equal "${lines[-1]}" "}"
	if command -v dot >/dev/null; then
		dot -Tplain <<<"$output" >/dev/null
	fi
}

@test "--follow says from the beginning that it does not see all" {
	as_user timeout 10 ns-list --follow 2>&1 | head -n 3 >"$BATS_TEST_TMPDIR/text"
	run sed -n 2p "$BATS_TEST_TMPDIR/text"
	assert_output --regexp '^# not all is shown: the namespaces of [0-9]+ processes may not be read; try: sudo ns-list --follow$'
	as_user timeout 10 ns-list --follow --json | head -n 1 >"$BATS_TEST_TMPDIR/first"
	run jq -c '[.event, .complete, .reasons[0].try]' "$BATS_TEST_TMPDIR/first"
	assert_output '["start",false,"sudo ns-list --follow"]'
	# and in a pid namespace of one's own all is seen
	ns-run --pid timeout 10 ns-list --follow --json | head -n 1 >"$BATS_TEST_TMPDIR/first"
	run jq -c '[.event, .complete, .reasons]' "$BATS_TEST_TMPDIR/first"
	assert_output '["start",true,[]]'
}

@test "--follow says once when somebody comes that it may not read" {
	# it may read whoever has no more than it has
	follower ns-run --pid cap-set --drop sys_ptrace ns-list --follow --json
	run jq -c '[.event, .complete]' "$BATS_TEST_TMPDIR/news"
	assert_output '["start",true]'
	first=$(pgrep -P "$FOLLOWER")
	ns-enter --target "$first" --pid sleep 300 3>&- &
	PIDS+=("$!")
	wait_for grep -q '"event":"incomplete"' "$BATS_TEST_TMPDIR/news"
	# by the next look it has said no more of it
	ns-enter --target "$first" --pid setpriv --bounding-set=-sys_ptrace unshare --uts sleep 300 3>&- &
	PIDS+=("$!")
	wait_for grep -q '"birth",.*"uts"' "$BATS_TEST_TMPDIR/news"
	run jq -c 'select(.event == "incomplete") | [.complete, .reasons[0].what]' "$BATS_TEST_TMPDIR/news"
	assert_output '[false,"the namespaces of 1 process may not be read"]'
}

@test "one sentence about a process whose container may be out of sight" {
	container
	sleeper env
	run as_user ns-list --of "$PID"
	assert_success
	assert_line --index 0 "pid $PID is in no container that you can see"
	assert_line --index 1 --regexp "^ns-list: not all is shown: names of containers may be missing: .* could not be read.*; try: sudo ns-list --of $PID\$"
	as_user ns-list --of "$PID" --json >"$BATS_TEST_TMPDIR/json" 2>"$BATS_TEST_TMPDIR/said"
	run jq -c '[.container, .complete, .reasons[0].try]' "$BATS_TEST_TMPDIR/json"
	assert_output "[null,false,\"sudo ns-list --of $PID\"]"
	[ ! -s "$BATS_TEST_TMPDIR/said" ]
	ns-list --of "$PID" --json >"$BATS_TEST_TMPDIR/json"
	run jq -c '[.container, .complete]' "$BATS_TEST_TMPDIR/json"
	assert_output '[null,true]'
}

# As on a kernel without user namespaces, whose files know no ioctl (ENOTTY).
@test "without the ioctls all is listed but owners and parents, and that is said" {
	sleeper unshare --net
	net=$(inode "$PID" net)
	echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["ioctl"], "action": "SCMP_ACT_ERRNO", "errnoRet": 25}]}' \
		>"$BATS_TEST_TMPDIR/no-ioctl.json"
	run sc-filter "$BATS_TEST_TMPDIR/no-ioctl.json" ns-list -o NS,TYPE,NPROCS,PID,ONS,HELD-BY
	assert_success
	assert_line --regexp "^$net +net +1 +$PID +- +processes"
	assert_output --partial "owners and parents are not told (Inappropriate ioctl for device)"
	sc-filter "$BATS_TEST_TMPDIR/no-ioctl.json" ns-list --json --output-all >"$BATS_TEST_TMPDIR/json"
	run jq -c "[.complete, (.namespaces[] | select(.ns == $net) | .ons)]" "$BATS_TEST_TMPDIR/json"
	assert_output "[false,null]"
}

@test "processes that end while they are read: no error, no wrong row" {
	cat >"$BATS_TEST_TMPDIR/storm" <<-'SH'
		trap 'exit 0' TERM
		while :; do
			unshare -n true &
			unshare -pf sh -c 'exec 5</proc/self/ns/net; true' &
			unshare -Ur unshare -u true &
			wait
		done
	SH
	for _ in 1 2 3; do
		setsid sh "$BATS_TEST_TMPDIR/storm" >/dev/null 2>&1 3>&- &
		PIDS+=("$!")
	done
	for _ in {1..80}; do
		ns-list --json --output-all >"$BATS_TEST_TMPDIR/json" 2>"$BATS_TEST_TMPDIR/said"
		[ ! -s "$BATS_TEST_TMPDIR/said" ]
		# whoever is in a namespace is named; what is in none is held
		jq -e '.namespaces | length > 7 and all(
			if .nprocs > 0 then .pid > 0 and .held_by[0] == "processes" and (.command | length) > 0
			else .pid == null and (.held_by | length) > 0 end)' "$BATS_TEST_TMPDIR/json" >/dev/null ||
			{
				jq -c '.namespaces[]' "$BATS_TEST_TMPDIR/json"
				false
			}
		ns-list --json --by process >"$BATS_TEST_TMPDIR/json" 2>"$BATS_TEST_TMPDIR/said"
		[ ! -s "$BATS_TEST_TMPDIR/said" ]
		jq -e '.processes | all(.pid > 0 and (.command | length) > 0)' "$BATS_TEST_TMPDIR/json" >/dev/null ||
			{
				jq -c '.processes[] | select(.command == null)' "$BATS_TEST_TMPDIR/json"
				false
			}
	done
}

# In a pid namespace of its own, where nobody else comes and goes: all that is listed was there before, or is the
# lister. Two hundred, in groups with five namespaces each, die while it reads. What is dead has its name left, and of its
# namespaces those of users and of pids.
@test "two thousand processes that die while they are read: no error, no wrong row" {
	[ -x "$BOX_BUILD/tests/bench/crowd" ] || skip "needs tests/bench/crowd (make check-programs)"
	cd "$BATS_TEST_TMPDIR"
	mkfifo life
	cat >massacre <<-'SH'
		columns=PID,COMMAND,NS-user,NS-mount,NS-pid,NS-net,NS-uts,NS-ipc,NS-cgroup,NS-time
		"$1" 2000 200 <life >ready &
		crowd=$!
		exec 8>life
		until grep -qs ready ready; do kill -0 $crowd || exit; done
		ns-list -J --by process -o $columns >before || exit
		n=0
		for leader in $(cat /proc/$crowd/task/$crowd/children); do
			n=$((n + 1))
			kill -KILL $leader
			if [ $((n % 8)) = 4 ]; then
				ns-list -J --by process -o $columns >processes.$n 2>>said || exit
			elif [ $((n % 8)) = 0 ]; then
				ns-list -J --output-all >namespaces.$n 2>>said || exit
			fi
		done
	SH
	unshare -pf --mount-proc --kill-child bash massacre "$BOX_BUILD/tests/bench/crowd" 3>&-
	run cat said
	assert_output ''
	assert_equal "$(jq '[.processes[] | select(.command | test("crowd 2000 200$"))] | length' before)" 2001
	assert_equal "$(find . -name 'processes.*' -o -name 'namespaces.*' | wc -l)" 10
	cat >was.jq <<-'JQ'
		($before[0].processes | map({key: "\(.pid)", value: .}) | from_entries) as $was |
		(reduce ($before[0].processes[] | to_entries[] | select(.key | startswith("ns_")) | .value) as $n ({}; .["\($n)"] += 1)) as $many |
	JQ
	# rows that are wrong
	run jq -c --slurpfile before before "$(cat was.jq)"'
		.processes[] | $was["\(.pid)"] as $w |
		if $w == null then select(.command | test("^ns-list |^.ns-list.$") | not)
		else select([.command] - [$w.command, "[crowd]"] != [] or
			(to_entries | any(.value != null and (.key | startswith("ns_")) and .value != $w[.key]))) end' processes.*
	assert_success
	assert_output ''
	run jq -c --slurpfile before before "$(cat was.jq)"'
		.namespaces[] | $was["\(.pid)"] as $w | "ns_\(if .type == "mnt" then "mount" else .type end)" as $kind |
		if .nprocs == 0 then select(.pid != null or .held_by == [])
		else select(.held_by[0] != "processes" or $w == null or $w[$kind] != .ns or .nprocs > $many["\(.ns)"]) end' namespaces.*
	assert_success
	assert_output ''
	# of some groups a part was seen
	run jq -c '[.processes[] | select(.command | test("crowd"))] | length | select(. % 50 != 1)' processes.*
	assert [ "${#lines[@]}" -ge 3 ]
}

@test "--explain says what is read, --list-columns what there is" {
	run ns-list --list-columns --by process
	assert_success
	assert_line --regexp '^  \* NAMESPACES +'
	refute_line --regexp '^  . NPROCS '
	run ns-list --list-columns
	assert_line --regexp '^  \* NPROCS '
	run ns-list --explain
	assert_success
	assert_line --partial "/proc/PID/ns"
}

# -- strangers ------------------------------------------------------------------------------------------

# opened FILE COMMAND...: run it, and say how often the file was opened meanwhile
opened() {
	python3 - "$@" <<-'PY'
		import ctypes, os, subprocess, sys
		libc = ctypes.CDLL(None)
		fd = libc.inotify_init1(os.O_NONBLOCK)
		assert libc.inotify_add_watch(fd, sys.argv[1].encode(), 0x20) >= 0 # IN_OPEN
		subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
		try:
		    print(len(os.read(fd, 65536)) // 16)
		except BlockingIOError:
		    print(0)
	PY
}

@test "what covers a bind mount of a namespace is not followed and not opened" {
	need_cmd python3
	local t=$BATS_TEST_TMPDIR
	mkdir "$t/a"
	echo secret >"$t/secret"
	sleeper unshare --net
	ns=$(inode "$PID" net)
	# the mount is told of still, and a link of a stranger's stands where it was
	sleeper unshare --mount sh -c "mount -t tmpfs none $t/a && touch $t/a/b && mount --bind /proc/$PID/ns/net $t/a/b &&
		kill -KILL $PID && mount -t tmpfs none $t/a && ln -s $t/secret $t/a/b && exec \"\$@\"" sh
	run json ".namespaces[] | select(.ns == $ns) | .held_by" --all-mounts
	assert_output "[\"mount /proc/$PID/root$t/a/b\"]"
	run opened "$t/secret" cat "$t/secret"
	assert_output 1
	run opened "$t/secret" ns-list --all-mounts
	assert_output 0
}

# A process may put something else there while we look: so it is looked at before it is opened.
@test "a descriptor of another process is never opened before it is known to be a namespace" {
	need_cmd strace
	sleeper unshare --net
	ns=$(inode "$PID" net)
	sleep 300 3>&- 8<"/proc/$PID/ns/net" &
	PIDS+=("$!")
	wait_for test -e "/proc/$!/fd/8"
	kill -KILL "$PID"
	run strace -o "$BATS_TEST_TMPDIR/log" -e trace=open,openat,openat2 ns-list -n -P --filter "NS == $ns" -o ONS,HELD-BY
	assert_line --regexp "[0-9]+  fd 8 of $!"
	run grep "$!/fd/8\"" "$BATS_TEST_TMPDIR/log"
	assert_line --partial O_PATH
	assert_equal "${#lines[@]}" 1
}

# Its namespaces are those of the threads that live; the links of the first one are gone.
@test "a process whose first thread has ended is listed, with what it holds" {
	need_cmd python3
	unshare --net --mount python3 -c '
import ctypes, os, threading, time
fd = os.open("/proc/self/ns/net", os.O_RDONLY)
libc = ctypes.CDLL(None)
def last():
    libc.unshare(0x04000000) # a uts namespace of this thread alone
    uts = os.open("/proc/thread-self/ns/uts", os.O_RDONLY)
    os.dup2(uts, 77)
    os.close(uts)
    libc.unshare(0x04000000)
    time.sleep(300)
threading.Thread(target=last).start()
libc.syscall(60 if os.uname().machine == "x86_64" else 93, 0)' 3>&- &
	PIDS+=("$!")
	wait_for grep -q '^State:.Z' "/proc/$!/status"
	run readlink "/proc/$!/ns/net"
	assert_failure
	thread=$(ls "/proc/$!/task" | tail -n 1)
	wait_for test -e "/proc/$!/task/$thread/fd/77"
	ns=$(inode "$!/task/$thread" net) held=$(readlink "/proc/$!/task/$thread/fd/77")
	run json ".namespaces[] | select(.ns == $ns) | [.nprocs, .pid, .pidns, .path, .ifaces, .ons != null]" -o +PIDNS,PATH,IFACES,ONS
	assert_output "[1,$!,$!,\"/proc/$!/task/$thread/ns/net\",[\"lo\"],true]"
	run json ".namespaces[] | select(.ns == ${held//[!0-9]/}) | [.path, .held_by, .ons != null]" -o +PATH,ONS
	assert_output "[\"/proc/$!/task/$thread/fd/77\",[\"fd 77 of $!\"],true]"
	run json '.namespaces | length > 5' -p "$!"
	assert_output true
}

# A child has its parent's arguments for nothing: kept whole for each, they would fill our memory.
@test "of a long command line 4096 bytes are kept, and no other row is padded to it" {
	need_cmd python3
	local long
	long=$(printf 'é%.0s' {1..60000})
	python3 -c '
import os, signal, sys
children = []
for i in range(200):
    children.append(os.fork())
    if not children[-1]:
        signal.pause()
with open(sys.argv[1] + ".new", "w") as f:
    f.write("".join("%d\n" % c for c in children))
os.rename(sys.argv[1] + ".new", sys.argv[1])
signal.pause()' "$BATS_TEST_TMPDIR/children" "$long" "$long" 3>&- &
	PIDS+=("$!")
	wait_for test -s "$BATS_TEST_TMPDIR/children"
	mapfile -t children <"$BATS_TEST_TMPDIR/children"
	PIDS+=("${children[@]}")
	run json "[.processes[] | select(.ppid == $!) | .command] | [length, all(contains(\"import os, signal\") and endswith(\"é...\") and utf8bytelength < 4200)]" \
		--by process -o PPID,COMMAND
	assert_output '[200,true]'
	# nothing of it is cut, but it pads no other row
	run bash -c "ns-list -n --by process -o COMMAND,PID 2>/dev/null | awk -v me=$$ '\$NF == me { print length(\$0) < 300 }'"
	assert_output 1
	# the arguments of all are 48 MB; a sanitizer wants terabytes
	need_plain ns-list
	run bash -c 'ulimit -v 40000; ns-list --by process -o COMMAND,PID >/dev/null'
	assert_success
}

@test "a number that is given again while the list is made is not taken for the target's" {
	need_cmd strace
	cat >"$BATS_TEST_TMPDIR/swap" <<-'SH'
		sleep 300 &
		old=$!
		strace -f -o "$1/log" -e trace=pidfd_open,getdents64 -e inject=getdents64:delay_enter=2000000:when=1 \
			ns-list -n --by process -p "$old" -o PID,COMMAND >"$1/out" 2>&1 &
		lister=$!
		until grep -qs getdents64 "$1/log"; do :; done
		kill -KILL "$old"
		wait "$old"
		until [ "${new:-}" = "$old" ]; do
			echo $((old - 1)) >/proc/sys/kernel/ns_last_pid
			sleep 301 &
			new=$!
		done
		grep -q '^[0-9]* *getdents64.*= ' "$1/log" && echo late
		wait "$lister"
		echo "$?"
	SH
	run -0 timeout 60 unshare --pid --fork --kill-child --mount-proc bash "$BATS_TEST_TMPDIR/swap" "$BATS_TEST_TMPDIR"
	assert_line 2
	refute_line late
	run cat "$BATS_TEST_TMPDIR/out"
	assert_output --partial "No such process"
	refute_output --partial "sleep 301"
}

@test "a process that cannot be started is said with its own reason" {
	need_cmd strace
	sleeper unshare --uts
	run strace -f -o "$BATS_TEST_TMPDIR/log" -e inject=clone,fork,vfork,clone3:error=ENOMEM ns-list --as-command "$PID"
	assert_output --partial "its host name cannot be read: Cannot allocate memory"
}
