#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The table COMING FROM UNSHARE of ns-run(1): each row is executed in both spellings, with the same
# shellcheck disable=SC2089,SC2090 # questions are scripts
# question, and the answers are equal. Where the unshare here is too old for an option, ns-run's
# answer is what is expected.

load helper
load spelling

# A line: the two columns of the page, the two commands, the question (a shell script, or a function
# of ask_...), and what is expected. Fields end with " ^"; a row may have several lines.
rows() {
	cat <<-'ROWS'
		-m, --mount[=FILE] ^ -m, --mount[=FILE] ^ unshare -m ^ ns-run -m ^ $NEW ^ mnt
		-u, --uts[=FILE] ^ -u, --uts[=FILE] ^ unshare -u ^ ns-run -u ^ $NEW ^ uts
		-i, --ipc[=FILE] ^ -i, --ipc[=FILE] ^ unshare -i ^ ns-run -i ^ $NEW ^ ipc
		-n, --net[=FILE] ^ -n, --net[=FILE] ^ unshare -n ^ ns-run -n ^ $NEW ^ net
		-p, --pid[=FILE] ^ -p, --pid[=FILE] ^ unshare --fork -p ^ ns-run -p ^ echo $$ ^ 1
		-U, --user[=FILE] ^ -U, --user[=FILE] ^ unshare -U ^ ns-run -U ^ $NEW ^ user
		-C, --cgroup[=FILE] ^ -C, --cgroup[=FILE] ^ unshare -C ^ ns-run -C ^ $NEW ^ cgroup
		-T, --time[=FILE] ^ -T, --time[=FILE] ^ unshare --fork -T ^ ns-run -T ^ $NEW ^ time
		-m, --mount[=FILE] ^ -m, --mount[=FILE] ^ unshare --mount=$D/f ^ ns-run --mount=$D/f ^ ask_kept ^ nsfs
		-u, --uts[=FILE] ^ -u, --uts[=FILE] ^ unshare --uts=$D/f ^ ns-run --uts=$D/f ^ ask_kept ^ nsfs
		-i, --ipc[=FILE] ^ -i, --ipc[=FILE] ^ unshare --ipc=$D/f ^ ns-run --ipc=$D/f ^ ask_kept ^ nsfs
		-n, --net[=FILE] ^ -n, --net[=FILE] ^ unshare --net=$D/f ^ ns-run --net=$D/f ^ ask_kept ^ nsfs
		-p, --pid[=FILE] ^ -p, --pid[=FILE] ^ unshare --fork --pid=$D/f ^ ns-run --pid=$D/f ^ ask_kept ^ nsfs
		-U, --user[=FILE] ^ -U, --user[=FILE] ^ unshare --user=$D/f ^ ns-run --user=$D/f ^ ask_kept ^ nsfs
		-C, --cgroup[=FILE] ^ -C, --cgroup[=FILE] ^ unshare --cgroup=$D/f ^ ns-run --cgroup=$D/f ^ ask_kept ^ nsfs
		-T, --time[=FILE] ^ -T, --time[=FILE] ^ unshare --time=$D/f ^ ns-run --time=$D/f ^ ask_kept ^ nsfs
		--fork --pid --mount-proc ^ --pid ^ unshare --fork --pid --mount-proc ^ ns-run --pid ^ echo $$ /proc/[0-9]* ^ 1 /proc/1
		--fork --pid ^ --pid --no-proc ^ unshare --fork --pid ^ ns-run --pid --no-proc ^ echo $$; read -r pid _ </proc/self/stat; [ $pid = $$ ] || echo other ^ 1 other
		--mount-proc=DIR ^ --pid fs-root --proc=DIR / ^ unshare --fork --pid --mount-proc=$D/dir ^ ns-run --pid fs-root --proc=$D/dir / ^ cd $D/dir; echo [0-9]* ^ 1
		--mount-binfmt[=DIR] ^ --binfmt[=DIR] ^ unshare --mount-binfmt=$D/dir -r ^ ns-run --binfmt=$D/dir ^ ls $D/dir ^ register status
		-l, --load-interp FORMAT ^ --load-interp FORMAT ^ unshare -r --load-interp :boxfmt:M::BOXFMT::/bin/cat: ^ ns-run --load-interp :boxfmt:M::BOXFMT::/bin/cat: ^ head -1 /proc/sys/fs/binfmt_misc/boxfmt ^ enabled
		--propagation WORD ^ --propagation WORD ^ unshare -m --propagation shared ^ ns-run -m --propagation shared ^ $SPREAD ^ shared
		--propagation WORD ^ --propagation WORD ^ unshare -m --propagation slave ^ ns-run -m --propagation slave ^ $SPREAD ^ master
		--propagation WORD ^ --propagation WORD ^ unshare -m --propagation private ^ ns-run -m --propagation private ^ $SPREAD ^
		--propagation WORD ^ --propagation WORD ^ unshare -m --propagation unchanged ^ ns-run -m --propagation unchanged ^ $SPREAD ^ shared
		-R, --root DIR ^ --mount fs-root DIR ^ unshare -m -R $ROOT ^ ns-run --mount fs-root $ROOT ^ cat /etc/passwd ^ root:x:0:0:root:/root:/bin/sh
		-w, --wd DIR ^ ... proc-set --cwd DIR ^ unshare -u -w $D/dir ^ ns-run -u proc-set --cwd $D/dir ^ pwd ^ $D/dir
		-S, --setuid N ^ ... cap-set --user N ^ unshare -u -S 5 ^ ns-run -u cap-set --user 5 ^ id -u ^ 5
		-G, --setgid N ^ ... cap-set --group N --groups none ^ unshare -u -G 6 ^ ns-run -u cap-set --group 6 --groups none ^ id -g; id -G ^ 6 6
		--map-user N ^ --map-users N:own:1 ^ as_user unshare --map-user 7 ^ as_user ns-run --map-users 7:own:1 ^ id -u; $UMAP ^ 7 7 54321 1
		--map-group N ^ --map-groups N:own:1 ^ as_user unshare --map-group 8 ^ as_user ns-run --map-groups 8:own:1 ^ id -g; $GMAP ^ 8 8 54321 1
		--map-users IN:OUT:N ^ --map-users IN:OUT:N ^ unshare --map-users $IDS ^ ns-run --map-users 2:200001:4 ^ $UMAP ^ 2 200001 4
		--map-groups IN:OUT:N ^ --map-groups IN:OUT:N ^ unshare --map-groups $IDS ^ ns-run --map-groups 2:200001:4 ^ $GMAP ^ 2 200001 4
		--map-users auto, subids, all ^ --map-users auto, subids, all ^ unshare --map-users auto ^ ns-run --map-users auto ^ $UMAP ^ 0 200000 7
		--map-users auto, subids, all ^ --map-users auto, subids, all ^ unshare --map-users subids ^ ns-run --map-users subids ^ $UMAP ^ 200000 200000 7
		--map-users auto, subids, all ^ --map-users auto, subids, all ^ unshare --map-users all ^ ns-run --map-users all ^ $UMAP ^ 0 0 4294967295
		--map-groups auto, subids, all ^ --map-groups auto, subids, all ^ unshare --map-groups auto ^ ns-run --map-groups auto ^ $GMAP ^ 0 200000 7
		--map-groups auto, subids, all ^ --map-groups auto, subids, all ^ unshare --map-groups subids ^ ns-run --map-groups subids ^ $GMAP ^ 200000 200000 7
		--map-groups auto, subids, all ^ --map-groups auto, subids, all ^ unshare --map-groups all ^ ns-run --map-groups all ^ $GMAP ^ 0 0 4294967295
		-r, --map-root-user ^ -r, --map-root ^ as_user unshare -r ^ as_user ns-run -r ^ id -u; id -g; $UMAP ^ 0 0 0 54321 1
		-c, --map-current-user ^ -c, --map-current ^ as_user unshare -c ^ as_user ns-run -c ^ id -u; id -g; $UMAP ^ 54321 54321 54321 54321 1
		--map-auto ^ --map-auto ^ unshare --map-auto ^ ns-run --map-auto ^ $UMAP; $GMAP ^ 0 200000 7 0 200000 7
		--map-subids ^ --map-subids ^ unshare --map-subids ^ ns-run --map-subids ^ $UMAP; $GMAP ^ 200000 200000 7 200000 200000 7
		--owner UID:GID ^ --owner UID:GID ^ unshare --owner 54321:54321 -r ^ ns-run --owner 54321:54321 -r ^ id -u; $UMAP ^ 0 0 0 1
		-f, --fork ^ where it is needed; else --init, --pid-file ^ unshare -u -f ^ ns-run -u --pid-file $D/f ^ echo here; exit 3 ^ here status 3
		-f, --fork ^ where it is needed; else --init, --pid-file ^ unshare --fork --pid ^ ns-run --pid ^ exit 3 ^ status 3
		--kill-child[=SIGNAL] ^ always (SIGKILL); --die-with-parent[=SIGNAL] ^ unshare -u --kill-child ^ ns-run --time ^ ask_killed ^ gone
		--kill-child[=SIGNAL] ^ always (SIGKILL); --die-with-parent[=SIGNAL] ^ unshare -u --kill-child=TERM ^ ns-run --time --die-with-parent=TERM ^ ask_killed ^ gone
		--forward-signals ^ always, and every signal ^ unshare -u --forward-signals ^ ns-run --time ^ ask_forwarded ^ got it, 9
		--setgroups allow|deny ^ --setgroups allow|deny ^ unshare -U --setgroups deny ^ ns-run -U --setgroups deny ^ cat /proc/self/setgroups ^ deny
		--setgroups allow|deny ^ --setgroups allow|deny ^ unshare -U --setgroups allow ^ ns-run -U --setgroups allow ^ cat /proc/self/setgroups ^ allow
		--keep-caps ^ ... cap-set --inheritable all --ambient all ^ as_user unshare -c --keep-caps ^ as_user ns-run -c cap-set --inheritable all --ambient all ^ $CAPS ^
		--monotonic SECS ^ --monotonic SECS ^ unshare --fork -T --monotonic 500 ^ ns-run -T --monotonic 500 ^ $CLOCKS ^ monotonic 500 0 boottime 0 0
		--boottime SECS ^ --boottime SECS ^ unshare --fork -T --boottime 500 ^ ns-run -T --boottime 500 ^ $CLOCKS ^ monotonic 0 0 boottime 500 0
		--clear-env ^ ... proc-set --clear-env ^ KEEP=1 unshare -u --clear-env ^ KEEP=1 ns-run -u proc-set --clear-env ^ env | grep KEEP ^ status 1
		--whitelist-env NAME ^ ... proc-set --clear-env --env NAME="$NAME" ^ KEEP=1 DROP=1 unshare -u --clear-env --whitelist-env KEEP ^ KEEP=1 DROP=1; export DROP; ns-run -u proc-set --clear-env --env KEEP="$KEEP" ^ env | grep -E "KEEP|DROP" ^ KEEP=1
		-h, -V ^ -h, -V ^ unshare ^ ns-run ^ ask_help ^ 0 0
		no program ^ no program: $SHELL, that of passwd, /bin/sh ^ SHELL=/bin/sh unshare -u ^ SHELL=/bin/sh ns-run -u ^ ask_shell ^ $(readlink -f /bin/sh)
		no program ^ no program: $SHELL, that of passwd, /bin/sh ^ env -u SHELL unshare -u ^ env -u SHELL ns-run -u ^ ask_shell ^ $(readlink -f $PASSWD_SHELL)
	ROWS
}

setup_file() {
	file_needs root unshare newuidmap taskset || return 0
	chmod a+rx "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR"
}

setup() {
	need_file
	box_setup
	D=$BATS_TEST_TMPDIR
	mkdir "$D/dir" "$D/shared"
	chmod a+rwx "$D/dir"
	printf '%s:200000:7\n' "$(id -un)" >"$D/subid"
	chmod a+r "$D/subid"
	SPREAD="grep ' $D/shared ' /proc/self/mountinfo | grep -oE '(shared|master):[0-9]+' | sed 's/:.*//'"
	local k
	NEW='for k in cgroup ipc mnt net pid time user uts; do'
	# shellcheck disable=SC2016 # the asked shell expands
	NEW+=' eval "was=\$WAS_$k"; [ "$(readlink /proc/self/ns/$k)" = "$was" ] || echo $k; done'
	for k in cgroup ipc mnt net pid time user uts; do
		export "WAS_$k=$(readlink "/proc/self/ns/$k")"
	done
	# shellcheck disable=SC2034,SC2089 # used by the rows, which are evaluated
	{
		UMAP="sed 's/^ *//' /proc/self/uid_map"
		GMAP="sed 's/^ *//' /proc/self/gid_map"
		CAPS='grep -E "^Cap(Inh|Prm|Eff|Amb)" /proc/self/status'
		CLOCKS='cat /proc/self/timens_offsets'
		IDS=2:200001:4
		PASSWD_SHELL=$(getent passwd 0 | cut -d: -f7)
	}
	# before 2.39 it was outside, inside, count
	! unshare --help | grep -q '<outeruid>,<inneruid>,<count>' || IDS=200001,2,4
}

# -- questions that are more than a script ------------------------------------------------------

ask_kept() { # CMD: what is at the file afterwards
	touch "$D/f"
	eval "$1 true" && stat -f -c %T "$D/f" && umount "$D/f"
}

ask_killed() { # CMD: does the program outlive its tool?
	rm -f "$D/pid"
	eval "$1 sh -c 'echo \$\$ >$D/pid.new; mv $D/pid.new $D/pid; exec sleep 60' 3>&- &"
	local tool=$!
	wait_for test -s "$D/pid"
	# (a subshell of eval may be what is known: the tool is the program's parent)
	kill -KILL "$(ps -o ppid= -p "$(cat "$D/pid")")"
	wait $tool 2>/dev/null
	wait_for test ! -e "/proc/$(cat "$D/pid")" && echo gone
}

ask_forwarded() { # CMD: a TERM for the tool reaches a trap of the program
	rm -f "$D/pid"
	eval "$1 sh -c 'trap \"echo got it, >$D/got; exit 9\" TERM; echo \$\$ >$D/pid.new; mv $D/pid.new $D/pid; while :; do sleep 0.1; done' 3>&- &"
	local tool=$! got=0
	wait_for test -s "$D/pid"
	kill -TERM "$(ps -o ppid= -p "$(cat "$D/pid")")"
	wait $tool || got=$?
	echo "$(cat "$D/got") $got"
}

ask_help() {
	$1 -h | grep -ciq usage
	echo $?
	$1 -V | grep -q '[0-9]'
	echo $?
}

ask_shell() { # which shell does it run?
	# shellcheck disable=SC2016 # that shell expands
	echo 'readlink /proc/$$/exe' | eval "$1"
}

# -- asking -----------------------------------------------------------------------------------

# The answer as one line of words, with the status when it is not 0.
answer() { # CMD QUESTION
	local out got=0
	if [[ $2 == ask_* ]]; then
		out=$("$2" "$1")
	else
		out=$(eval "$1 sh -c $(printf %q "$2")" 2>&1) || got=$?
	fi
	[ "$got" -eq 0 ] || out+=" status $got"
	# shellcheck disable=SC2086 # blanks are joined
	echo $out
}

# Does the unshare here know all the options (and words) of the command?
can() { # CMD
	local word help
	help=$(unshare --help)
	for word in $(grep -oE -e '--[a-z-]+' <<<"$1"); do
		grep -qe "$word" <<<"$help" || return 1
	done
	# these came, or began to work, with the words
	[[ $1 != *" subids"* && $1 != *" all"* && $1 != *"--user="* && $1 != *"-u SHELL"* ]] || grep -q subids <<<"$help"
}

@test "the page has these rows and no others" {
	same_rows ns-run.1 'COMING FROM UNSHARE'
	assert [ "$(page_rows ns-run.1 'COMING FROM UNSHARE' | wc -l)" -ge 36 ]
}

@test "every option that the unshare here has is in the table" {
	local option
	for option in $(unshare --help | grep -oE -e '^ (-[a-zA-Z], )?--[a-z-]+' | grep -oE -e '--[a-z-]+'); do
		[[ $option == --help || $option == --version ]] || rows | cut -d^ -f1 | grep -qe "$option" || fail "no row for $option"
	done
}

# All rows, in a mount namespace of its own: the files of subordinate ids are the test's.
ask_all() {
	local line theirs ours question expected one two v asked=0 both=0 wrong=0

	WAS_mnt=$(readlink /proc/self/ns/mnt)
	mount --bind "$D/subid" /etc/subuid && mount --bind "$D/subid" /etc/subgid &&
		mount --bind "$D/shared" "$D/shared" && mount --make-shared "$D/shared" || return
	while IFS= read -r line; do
		theirs=$(field 3 "$line")
		ours=$(field 4 "$line")
		question=$(field 5 "$line")
		expected=$(eval "echo $(field 6 "$line")")
		for v in NEW SPREAD UMAP GMAP CAPS CLOCKS D; do
			question=${question//\$$v/${!v}}
		done
		# what is asked is what an older kernel lacks
		[[ $ours != *binfmt* && $ours != *load-interp* ]] || ns-run --binfmt true 2>/dev/null || continue
		two=$(answer "$ours" "$question")
		asked=$((asked + 1))
		if can "$theirs"; then
			one=$(answer "$theirs" "$question")
			both=$((both + 1))
			[ "$one" = "$two" ] || { echo "$theirs: $one; $ours: $two" && wrong=1; }
		fi
		[ -z "$expected" ] || [ "$two" = "$expected" ] || { echo "$ours: $two, and not $expected" && wrong=1; }
	done < <(rows)
	echo "$asked rows asked, $both of them in both spellings"
	[ "$wrong" -eq 0 ] && [ "$both" -ge 40 ]
}

@test "each row, in both spellings: the same answer, which is the expected one" {
	need_userns
	touch /etc/subuid /etc/subgid
	export D ROOT NEW SPREAD UMAP GMAP CAPS CLOCKS IDS PASSWD_SHELL
	export -f rows field can answer ask_all ask_kept ask_killed ask_forwarded ask_help ask_shell wait_for as_user
	# On one processor: newer kernels number mount namespaces for each, and bind only what seems newer
	# than the namespace that one is in.
	run taskset -c "$(taskset -pc $$ | sed 's/.*: //; s/[-,].*//')" unshare --mount --propagation private bash -c ask_all
	assert_success
}
