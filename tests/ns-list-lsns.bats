#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The table COMING FROM LSNS of ns-list(1): each row is executed in both spellings, with the same question,
# and the answers are equal. Where the lsns here is too old for an option, ns-list's answer is what is expected.

load helper
load spelling

# A line: the two columns of the page, what lsns has to know (a word of its help; - nothing special), the two
# commands, what is made of their output, and what is expected. Fields end with " ^"; a row of the page may have
# several lines. (lsns 2.38 draws no tree of processes, so it is not asked for one.)
rows() {
	cat <<-'ROWS'
		lsns ^ ns-list ^ - ^ lsns ^ ns-list ^ $OURS ^ $ALL
		lsns NS ^ ns-list NS ^ - ^ lsns -n -o PID $NET ^ ns-list -n -o PID $NET ^ cat ^ $A
		-H, --list-columns ^ -H, --list-columns ^ --list-columns ^ lsns -H ^ ns-list -H ^ grep -c "NPROCS .*number of proc\|NPROCS .*how many proc" ^ 1
		-J, --json ^ -J, --json ^ - ^ lsns -J -o NS -p $A ^ ns-list -J -o NS -p $A ^ jq ".namespaces[].ns" | sort ^ $EVERY
		-J, --json ^ -J, --json ^ - ^ lsns -J -T -o NS ^ ns-list -J -T -o NS ^ jq ".. | objects | select(.ns == $USER_NS) | .children[].ns" | sort ^ $(printf "%s\n" $NET $MNT | sort)
		-l, --list ^ -l, --list ^ - ^ lsns -l -n -o NS -p $A ^ ns-list -l -n -o NS -p $A ^ sort -n ^ $EVERY
		-n, --noheadings ^ -n, --no-headings ^ - ^ lsns -n -o TYPE -p $A -t net ^ ns-list -n -o TYPE -p $A -t net ^ cat ^ net
		-n, --noheadings ^ -n, --no-headings ^ - ^ lsns --noheadings -o TYPE -p $A -t net ^ ns-list --no-headings -o TYPE -p $A -t net ^ cat ^ net
		-o, --output LIST ^ -o, --output LIST ^ - ^ lsns -o TYPE,NS -t net -p $A ^ ns-list -o TYPE,NS -t net -p $A ^ cat ^ TYPE NS net $NET
		--output-all ^ --output-all ^ - ^ lsns --output-all -p $A ^ ns-list --output-all -p $A ^ head -n 1 | grep -ow -e NETNSID -e NSFS -e PATH | sort ^ NETNSID NSFS PATH
		-P, --persistent ^ -P, --persistent ^ --persistent ^ lsns -P -n -o NS ^ ns-list -P -n -o NS ^ grep -ow -e $HELD -e $NET ^ $HELD
		-p, --task PID ^ -p, --target PID ^ - ^ lsns -p $A -n -o NS -l ^ ns-list -p $A -n -o NS ^ sort -n ^ $EVERY
		-p, --task PID ^ -p, --target PID ^ - ^ lsns --task $A -n -o NS -l ^ ns-list --target $A -n -o NS ^ sort -n ^ $EVERY
		-Q, --filter EXPR ^ -Q, --filter EXPR ^ --filter ^ lsns -n -o NS -Q 'TYPE == "net" and NPROCS == 1' -p $A ^ ns-list -n -o NS -Q 'TYPE == "net" and NPROCS == 1' -p $A ^ cat ^ $NET
		-Q, --filter EXPR ^ -Q, --filter EXPR ^ --filter ^ lsns -n -o NS -Q 'COMMAND =~ "^sleep" && TYPE eq "net"' -p $A ^ ns-list -n -o NS -Q 'COMMAND =~ "^sleep" && TYPE eq "net"' -p $A ^ cat ^ $NET
		-r, --raw ^ -r, --raw ^ - ^ lsns -r -n -o PID,COMMAND -p $A -t net ^ ns-list -r -n -o PID,COMMAND -p $A -t net ^ sed "s/\\\\/=/g" ^ $A sleep=x20300
		-u, --notruncate ^ -u, --no-truncate ^ - ^ lsns -u -n -o COMMAND -p $LONG -t net ^ ns-list -u -n -o COMMAND -p $LONG -t net ^ wc -c ^ 304
		-W, --nowrap ^ -W, --no-wrap ^ - ^ lsns -W -n -o NS,COMMAND -p $A -t net ^ ns-list -W -n -o NS,COMMAND -p $A -t net ^ cat ^ $NET sleep 300
		-t, --type NAME ^ -t, --type NAME,... ^ - ^ lsns -t mnt -n -o NS -p $A ^ ns-list -t mnt -n -o NS -p $A ^ cat ^ $MNT
		-T, --tree ^ -T, --tree ^ - ^ lsns -T -n -o NS,TYPE ^ ns-list -T -n -o NS,TYPE ^ $DEPTH ^ $OWNERS
		-T, --tree ^ -T, --tree ^ - ^ lsns -T=owner -n -o NS,TYPE ^ ns-list -T=owner -n -o NS,TYPE ^ $DEPTH ^ $OWNERS
		-T, --tree=process ^ -T, --tree=process ^ - ^ lsns -n --tree=parent -o NS ^ ns-list -n --tree=parent -o NS ^ $DEPTH ^ $PARENTS
		-T, --tree=process ^ -T, --tree=process ^ - ^ lsns -n -Tparent -o NS ^ ns-list -n -Tparent -o NS ^ $DEPTH ^ $PARENTS
		-T, --tree=process ^ -T, --tree=process ^ nothing ^ lsns -n --tree=process -o NS ^ ns-list -n --tree=process -o NS ^ $DEPTH ^ $PROCESSES
		-h, -V ^ -h, -V ^ - ^ lsns -h ^ ns-list -h ^ grep -ci "^usage:" ^ 1
		-h, -V ^ -h, -V ^ - ^ lsns -V ^ ns-list -V ^ grep -c "[0-9]" ^ 1
		LSNS_DEBUG ^ --explain ^ - ^ LSNS_DEBUG=all lsns 2>&1 ^ ns-list --explain 2>&1 ^ grep -ow /proc | sort -u ^ /proc
		NS TYPE PATH NPROCS ^ the same ^ - ^ lsns -n -o NS,TYPE,PATH,NPROCS -p $A -t net ^ ns-list -n -o NS,TYPE,PATH,NPROCS -p $A -t net ^ cat ^ $NET net /proc/$A/ns/net 1
		PID PPID COMMAND ^ the same ^ - ^ lsns -n -o PID,PPID,COMMAND -p $A -t net ^ ns-list -n -o PID,PPID,COMMAND -p $A -t net ^ cat ^ $A 1 sleep 300
		UID USER ^ the same ^ - ^ lsns -n -o UID,USER -p $A -t net ^ ns-list -n -o UID,USER -p $A -t net ^ cat ^ 0 root
		NETNSID NSFS ^ the same ^ - ^ lsns -n -o NETNSID,NSFS -p $B -t net ^ ns-list -n -o NETNSID,NSFS -p $B -t net ^ sed s/unassigned/-/ ^ - /run/netns/box
		PNS ONS ^ the same ^ - ^ lsns -n -o PNS,ONS -p $A -t net ^ ns-list -n -o PNS,ONS -p $A -t net ^ sed "s/ 0 / - /; s/^0 /- /" ^ - $USER_NS
		ip netns list ^ ns-list -t net -o NS,NSFS ^ - ^ ip netns list ^ ns-list -t net -o NS,NSFS ^ grep -ow box ^ box
		ip netns pids NAME ^ ns-list /run/netns/NAME -n -o PID ^ - ^ ip netns pids box ^ ns-list /run/netns/box -n -o PID ^ cat ^ $B
		ip netns identify PID ^ ns-list -t net -p PID -n -o NSFS ^ - ^ ip netns identify $B ^ ns-list -t net -p $B -n -o NSFS ^ grep -ow box ^ box
		ip netns monitor ^ ns-list --follow -t net ^ - ^ stdbuf -oL ip netns monitor ^ ns-list --follow -t net ^ ask_monitor ^ told
	ROWS
}

setup() {
	need_root
	need_cmd lsns ip jq
}

@test "the page has these rows and no others" {
	same_rows ns-list.1 'COMING FROM LSNS'
}

@test "every option that the lsns here has is in the table" {
	local option
	for option in $(lsns --help | grep -oE -e '^ (-[a-zA-Z], | {4})--[a-z-]+' | grep -oE -e '--[a-z-]+'); do
		[[ $option == --help || $option == --version ]] || rows | cut -d^ -f1 | grep -qe "$option" || fail "no row for $option"
	done
}

# answer COMMAND QUESTION: what the question makes of its output, in one line; and when it fails, that
answer() {
	local out got=0
	if [ "$2" = ask_monitor ]; then
		ask_monitor "$1"
		return
	fi
	out=$(set -o pipefail && eval "LC_ALL=C $1" 2>/dev/null | eval "$2") || got=$?
	[ "$got" -eq 0 ] || out+=" status $got"
	xargs <<<"$out"
}

# Does it tell of a network namespace that comes?
ask_monitor() { # COMMAND
	local pid got=silent
	eval "exec $1" >"$D/told" 2>&1 &
	pid=$!
	! wait_for come_and_go || got=told
	kill "$pid"
	wait "$pid" 2>/dev/null || true
	echo "$got"
}

come_and_go() {
	ip netns add guest && wait_for_a_moment && ip netns del guest
	grep -qwE 'add guest|birth +net' "$D/told"
}

# Long enough for a look at whatever began.
wait_for_a_moment() {
	local _
	for _ in {1..10}; do
		! grep -qwE 'add guest|birth +net' "$D/told" || break
		sleep 0.02
	done
}

inode() { # PID KIND
	readlink "/proc/$1/ns/$2" | tr -dc 0-9
}

# All rows, in a world of its own: A is in namespaces of its own; B in a network that has a name; LONG has a
# long command line; HELD is the number of a network that nobody is in.
ask_all() {
	local line word theirs ours question expected one two wrong=0 both=0
	mkdir -p /run/netns && mount -t tmpfs none /run/netns || return
	ip netns add box && ip netns add empty || return
	unshare -Urmn sleep 300 3>&- &
	A=$!
	ip netns exec box sleep 300 3>&- &
	B=$!
	unshare -n bash -c 'exec -a "$(printf "y%.0s" {1..299})" sleep 300' 3>&- &
	LONG=$!
	for line in $A $B $LONG; do
		wait_for grep -qx sleep "/proc/$line/comm" || return
	done
	NET=$(inode $A net) MNT=$(inode $A mnt) USER_NS=$(inode $A user) HELD=$(stat -Lc %i /run/netns/empty)
	ALL=$(printf '%s\n' "$NET" "$MNT" "$USER_NS" | sort)
	EVERY=$(for line in /proc/$A/ns/*; do [[ $line == *children ]] || readlink "$line" | tr -dc '0-9\n'; done | sort -n)
	OURS="grep -ow -e $NET -e $MNT -e $USER_NS | sort"
	DEPTH="awk 'match(\$0, /$NET|$MNT|$USER_NS/) { print substr(\$0, RSTART, RLENGTH) \":\" (RSTART - 1) / 2 }' | sort"
	OWNERS=$(printf '%s\n' "$NET:2" "$MNT:2" "$USER_NS:1" | sort)
	PARENTS=$(printf '%s\n' "$NET:0" "$MNT:0" "$USER_NS:1" | sort)
	PROCESSES=$(printf '%s\n' "$NET:1" "$MNT:1" "$USER_NS:1" | sort)
	while IFS= read -r line; do
		word=$(field 3 "$line") theirs=$(field 4 "$line") ours=$(field 5 "$line")
		question=$(field 6 "$line") expected=$(field 7 "$line")
		case $question in
		\$OURS | \$DEPTH) question=${question#?} && question=${!question} ;;
		esac
		expected=$(eval "echo $expected")
		two=$(answer "$ours" "$question")
		[ "$two" = "$expected" ] || { echo "$ours: '$two', and not '$expected'" && wrong=1; }
		[ "$word" = - ] || help_has lsns "$word" || continue
		one=$(answer "$theirs" "$question")
		both=$((both + 1))
		[ "$one" = "$two" ] || { echo "$theirs: '$one'; $ours: '$two'" && wrong=1; }
	done < <(rows)
	echo "$both rows in both spellings"
	[ "$wrong" -eq 0 ] && [ "$both" -ge 30 ]
}

@test "each row, in both spellings: the same answer, which is the expected one" {
	export D=$BATS_TEST_TMPDIR
	export -f rows field help_has inode answer ask_all ask_monitor come_and_go wait_for wait_for_a_moment
	run unshare -pf --mount --mount-proc --propagation private --kill-child bash -c ask_all 3>&-
	assert_success
}
