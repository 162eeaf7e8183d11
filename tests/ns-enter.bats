#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ns-enter: all namespaces of a process.

load helper
load ns-enter

@test "enters every namespace of a container" {
	container ns-run --all --map-root --hostname boxed
	touch "$ROOT/only-in-there"
	run ns-enter --target "$PID" sh -c 'hostname; ls /; id -u; cat /proc/1/comm'
	assert_success
	assert_output "boxed
$(ls "$ROOT")
0
sleep"
	for kind in mnt pid net uts ipc user; do
		run ns-enter --target "$PID" readlink "/proc/self/ns/$kind"
		assert_output "$(readlink "/proc/$PID/ns/$kind")"
	done
}

@test "--has-users, --has-groups: of a process and of a file, whatever the order of ranges" {
	container ns-run --pid --mount --user --map-users 0:100000:5,9:7:1 --map-groups 0:100000:5
	local target
	for target in "$PID" "/proc/$PID/ns/user"; do
		run ns-enter --user --target "$target" --has-users 9:7:1 --has-users 0:100000:5 --has-groups 0:100000:5 true
		assert_success
		run ns-enter --user --target "$target" --has-users 9:7:1 true
		assert_fault 125 "join namespaces of '$target'" "its user ids are mapped 0:100000:5,9:7:1, and not 9:7:1"
		run ns-enter --user --target "$target" --has-groups 0:100000:6 true
		assert_fault 125 "join namespaces of '$target'" "its group ids"
	done
	run pgrep -P $$ -x ns-enter
	assert_failure
	run ns-enter --net --target "$PID" --has-users 0:0:1 true
	assert_fault 125 "--has-users" "no user namespace"
	# ours
	run ns-enter --user --target /proc/self/ns/user --has-users 0:1:1 true
	assert_fault 125 "join namespaces" "mapped 0:0:4294967295, and not 0:1:1"
}

@test "a container of root without a user namespace" {
	container ns-run --mount --pid --net --uts
	run ns-enter -t "$PID" sh -c 'cat /proc/1/comm; cat /proc/self/uid_map'
	assert_success
	assert_line --index 0 sleep
}

@test "one kind only" {
	container ns-run --all --map-root --hostname boxed
	run ns-enter -t "$PID" --uts uname -n
	assert_output boxed
	run ns-enter -t "$PID" --net readlink /proc/self/ns/uts
	assert_output "$(readlink /proc/self/ns/uts)"
}

@test "the exit status and signals pass as with ns-run" {
	container ns-run --all --map-root
	run ns-enter -t "$PID" sh -c 'exit 9'
	assert_equal "$status" 9
	run ns-enter -t "$PID" sh -c 'kill $$'
	assert_equal "$status" 143
	run ns-enter -t "$PID" no-such
	assert_fault 127 "run 'no-such'"
}

@test "other links may follow" {
	container ns-run --all --map-root
	run ns-enter -t "$PID" cap-set --only chown --no-new-privs sh -c 'grep -E "CapEff|NoNewPrivs" /proc/self/status'
	assert_success
	assert_line --partial 0000000000000001
	assert_line --regexp 'NoNewPrivs:.1'
}

@test "our own descriptors and the host's do not pass" {
	container ns-run --all --map-root
	exec 9</etc/passwd
	run ns-enter -t "$PID" ls /proc/self/fd
	exec 9<&-
	assert_success
	refute_line 9
}

@test "the process that entered cannot be looked into from inside before execve" {
	container ns-run --all --map-root
	run strace -f -o "$BATS_TEST_TMPDIR/trace" ns-enter -t "$PID" true
	assert_success
	run grep -nE 'PR_SET_DUMPABLE|setns' "$BATS_TEST_TMPDIR/trace"
	assert_line --index 0 --partial 'PR_SET_DUMPABLE, SUID_DUMP_DISABLE'
	assert_line --index 1 --partial setns
}

@test "self and namespace files as targets" {
	run ns-enter -t self echo yes
	assert_output yes
	container ns-run --uts --mount --hostname boxed
	run ns-enter -t "/proc/$PID/ns/uts" uname -n
	assert_output boxed
	run ns-enter -t /etc/passwd true
	assert_fault 125 "join namespaces of '/etc/passwd'" "no namespace file"
}

@test "a target without -t: the line that was meant" {
	local word
	for word in @web @podman:web 4711 4711:33 /run/netns/blue /proc/4711/ns/net; do
		run ns-enter "$word" ls 'a b'
		assert_fault 125 "read the command line '$word'" "no target was named"
		assert_output --partial "try: ns-enter -t $word ls 'a b'"
	done
	run ns-enter --net --like-exec=env @web
	assert_fault 125 "read the command line '@web'"
	assert_line "ns-enter: try: ns-enter -t @web --net --like-exec=env"
	# it is tried as it stands
	container ns-run --uts --hostname meant
	run ns-enter --uts "$PID" uname -n
	run bash -c "${output##*try: }"
	assert_success
	assert_output meant
	for word in true web @ 4711x ./4711; do
		run ns-enter "$word"
		assert_fault 125 "read the command line 'ns-enter'" "no target was named"
	done
}

@test "bad targets" {
	run ns-enter true
	assert_fault 125 "read the command line" "no target"
	for bad in 1x -1 0 4294967296 "" nobody; do
		run ns-enter -t "$bad" true
		assert_fault 125 "find process '$bad'"
	done
	run ns-enter -t 4194303 true
	assert_fault 125 "find process '4194303'" "no such process"
	run as_user ns-enter -t $$ true
	assert_fault 125 "join namespaces" "not yours"
}

@test "a namespace file of another kind than the one named is refused" {
	need_root
	run ns-enter --net --target /proc/self/ns/uts true
	assert_fault 125 "join namespaces" "it is a uts namespace"
	run ns-enter --uts --target /proc/self/ns/uts true
	assert_success
}

@test "with cg-exec before it, the one who enters is in the cgroup and the watcher is not" {
	need_cgroup pids
	container ns-run --pid --mount
	local top=/sys/fs/cgroup/pids
	[ -d "$top" ] || top=/sys/fs/cgroup
	mkdir "$top/boxenter-$$"
	cg-exec --group "/boxenter-$$" ns-enter -t "$PID" sh -c 'echo in; sleep 2' >"$BATS_TEST_TMPDIR/out" 3>&- &
	local tool=$! inside
	wait_for grep -q in "$BATS_TEST_TMPDIR/out"
	inside=$(cat "$top/boxenter-$$/cgroup.procs")
	kill -KILL $tool
	wait $tool || true
	wait_for rmdir "$top/boxenter-$$"
	assert [ -n "$inside" ]
	refute grep -qx "$tool" <<<"$inside"
}

@test "a TERM to the one who enters reaches the program's handler" {
	container ns-run --pid --mount
	local got=0
	env --default-signal ns-enter -t "$PID" sh -c 'trap "exit 3" TERM; echo up; while :; do sleep 0.1; done' >"$BATS_TEST_TMPDIR/out" 3>&- &
	local tool=$!
	wait_for grep -q up "$BATS_TEST_TMPDIR/out"
	kill -TERM $tool
	wait $tool || got=$?
	assert_equal "$got" 3
}

@test "--explain says either that nobody stays behind, or who does" {
	container ns-run --pid --uts
	run ns-enter --explain -t "$PID" true
	assert_success
	assert_line "# a watcher stays: a pid namespace is entered by children only"
	refute_output --partial "nobody stays"
	run ns-enter --explain -t "$PID" --uts true
	assert_success
	assert_line --partial "# nobody stays behind"
	refute_output --partial "a watcher stays"
}

# -- whose, and which ------------------------------------------------------------------------

@test "--all with a kind from a file, kinds from files alone, --except" {
	container ns-run --all --map-root --hostname boxed
	ns-run --net --uts --hostname other --detach --pid-file "$BATS_TEST_TMPDIR/pid2" sleep 60 >/dev/null 2>&1 3>&-
	local other
	other=$(cat "$BATS_TEST_TMPDIR/pid2")
	MORE+=("$other")
	run ns-enter -t "$PID" --all --net="/proc/$other/ns/net" sh -c 'hostname; readlink /proc/self/ns/net'
	assert_success
	assert_line --index 0 boxed
	assert_line --index 1 "$(readlink "/proc/$other/ns/net")"
	run ns-enter --uts="/proc/$other/ns/uts" --net="/proc/$PID/ns/net" sh -c 'hostname; readlink /proc/self/ns/net; readlink /proc/self/ns/mnt'
	assert_success
	assert_output "other
$(readlink "/proc/$PID/ns/net" /proc/self/ns/mnt)"
	run ns-enter -t "$PID" --except uts,net sh -c 'for k in uts net ipc; do readlink /proc/self/ns/$k; done'
	assert_success
	assert_output "$(readlink /proc/self/ns/uts /proc/self/ns/net "/proc/$PID/ns/ipc")"
	run ns-enter -t "$PID" --except utz true
	assert_fault 125 "read option 'utz'" "no such word"
	assert_output --partial "--except uts"
	run ns-enter -t "$PID" --net --except net true
	assert_fault 125 "read option '--except'"
	run ns-enter --net="/proc/$other/ns/uts" true
	assert_fault 125 "join namespaces of '/proc/$other/ns/uts'" "it is a uts namespace"
	run ns-enter --net=/etc/passwd true
	assert_fault 125 "join namespaces of '/etc/passwd'" "no namespace file"
	run ns-enter --net= true
	assert_fault 125 "read option 'net'"
	run ns-enter --net --uts="/proc/$other/ns/uts" true
	assert_fault 125 "read the command line 'net'" "whose net namespace"
}

@test "--net=:ID: by the id of the kernel, or a refusal that says which kernel has them" {
	need_cmd python3
	container ns-run --net --mount
	# NS_GET_ID of Linux 6.18
	local id
	id=$(
		python3 - "$PID" <<-'PY'
			import fcntl, struct, sys
			try:
			    with open("/proc/%s/ns/net" % sys.argv[1]) as f:
			        print(struct.unpack("Q", fcntl.ioctl(f, 0x8008b70d, bytes(8)))[0])
			except OSError:
			    print(0)
		PY
	)
	run ns-enter --net=":$id" readlink /proc/self/ns/net
	if [ "$id" = 0 ]; then
		assert_fault 125 "join namespaces of ':0'" "this kernel gives namespaces no ids"
		return
	fi
	assert_success
	assert_output "$(readlink "/proc/$PID/ns/net")"
	run ns-enter --uts=":$id" true
	assert_fault 125 "join namespaces of ':$id'" "no uts namespace of that id"
	run ns-enter --net=:x true
	assert_fault 125 "join namespaces of ':x'" "a number"
	# the kernel's own look-up takes kind and inode both or none
	need_cmd strace
	strace -o "$BATS_TEST_TMPDIR/log" -e trace=open_by_handle_at ns-enter --net=":$id" true
	run cat "$BATS_TEST_TMPDIR/log"
	assert_output --regexp 'handle_type=(241|0xf1), f_handle="?(\\x..){8}(\\x00){8}"'
}

@test "a kind that the kernel lacks is skipped by --all, and said with -v; asked for it is an error" {
	need_cmd strace
	need_plain ns-enter
	container ns-run --uts --mount --hostname boxed
	local trace=$BATS_TEST_TMPDIR/trace at
	# the kernel says that there is no such file, of the target and of us
	strace -f -e trace=newfstatat -o "$trace" ns-enter -t "$PID" true
	at=$(grep newfstatat "$trace" | grep -n '"ns/time"' | head -n 1 | cut -d: -f1)
	run strace -f -e trace=newfstatat -e "inject=newfstatat:error=ENOENT:when=$at..$((at + 1))" -o "$trace" ns-enter -v -t "$PID" hostname
	assert_success
	assert_line boxed
	assert_line "ns-enter: time: this kernel has no such namespaces"
	assert_line "ns-enter: net: ours already"
	run strace -f -e trace=newfstatat -e "inject=newfstatat:error=ENOENT:when=$at..$((at + 1))" -o "$trace" ns-enter -t "$PID" hostname
	assert_output boxed
	strace -f -e trace=newfstatat -o "$trace" ns-enter -t "$PID" --time true
	at=$(grep newfstatat "$trace" | grep -n '"ns/time"' | head -n 1 | cut -d: -f1)
	run strace -f -e trace=newfstatat -e "inject=newfstatat:error=ENOENT:when=$at..$((at + 1))" -o "$trace" ns-enter -t "$PID" --time true
	assert_fault 125 "join namespaces of 'time of process $PID'" "this kernel has no such namespaces"
}

@test "parents first: a user namespace below the one that owns the mounts, as bwrap --dev makes it" {
	need_userns
	chmod 1777 "$BATS_TEST_TMPDIR"
	# the outer one owns mounts and the host name, the inner one nothing
	as_user ns-run --user --mount --uts --map-root --hostname nested --detach --pid-file "$BATS_TEST_TMPDIR/pid" \
		unshare --user --map-user=54321 --map-group=54321 sh -c "echo >$BATS_TEST_TMPDIR/ready; exec sleep 60" >/dev/null 2>&1 3>&-
	PID=$(cat "$BATS_TEST_TMPDIR/pid")
	wait_for test -s "$BATS_TEST_TMPDIR/ready"
	run as_user ns-enter -t "$PID" sh -c 'id -u; uname -n'
	assert_success
	assert_output $'54321\nnested'
	# the same from files, where one call cannot do it
	run as_user ns-enter --user="/proc/$PID/ns/user" --mount="/proc/$PID/ns/mnt" --uts="/proc/$PID/ns/uts" --explain uname -n
	assert_success
	assert_line nested
	assert_equal "$(grep -oE '^\+ [0-9]+ setns\([^)]*' <<<"$output" | sed 's/.*, //' | xargs)" "CLONE_NEWUSER CLONE_NEWNS CLONE_NEWUTS CLONE_NEWUSER"
	# the one that owns them
	run as_user ns-enter -t "$PID" --uts --mount --user-parent sh -c 'id -u; readlink /proc/self/ns/user'
	assert_success
	assert_line --index 0 0
	refute_line --index 1 "$(readlink "/proc/$PID/ns/user")"
	run ns-enter -t "$PID" --user-parent --except user true
	assert_success
	run as_user ns-enter -t self --user-parent true
	assert_fault 125 "join namespaces of '--user-parent'"
}

@test "bwrap --dev" {
	need_userns
	need_cmd bwrap
	chmod 1777 "$BATS_TEST_TMPDIR"
	as_user bwrap --dev-bind / / --dev /dev --bind "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR" --unshare-uts --hostname bw \
		sh -c "echo \$\$ >$BATS_TEST_TMPDIR/ready; exec sleep 60" >/dev/null 2>&1 3>&- &
	wait_for test -s "$BATS_TEST_TMPDIR/ready"
	MORE+=("$(cat "$BATS_TEST_TMPDIR/ready")")
	run as_user ns-enter -t "$(cat "$BATS_TEST_TMPDIR/ready")" sh -c 'id -u; uname -n'
	assert_success
	assert_output $'54321\nbw'
}

@test "user and mount of one user: entered by its owner, and by nobody else" {
	need_userns
	chmod 1777 "$BATS_TEST_TMPDIR"
	as_user ns-run --user --mount --map-root --detach --pid-file "$BATS_TEST_TMPDIR/pid" sleep 60 >/dev/null 2>&1 3>&-
	PID=$(cat "$BATS_TEST_TMPDIR/pid")
	run as_user ns-enter -t "$PID" sh -c 'id -u; readlink /proc/self/ns/mnt'
	assert_success
	assert_output "0
$(readlink "/proc/$PID/ns/mnt")"
	run ns-enter -t "$PID" id -u
	assert_output 0
	BOX_UID=54322 run as_user ns-enter -t "$PID" true
	assert_fault 125 "join namespaces of 'user of process $PID'" "it belongs to user 54321, and you are 54322"
	run as_user ns-enter -t "$PID" --mount true
	assert_fault 125 "join namespaces of '$PID'" "you lack CAP_SYS_ADMIN over its mount"
	assert_output --partial "--user as well"
	run as_user ns-enter -t "$PID" --mount --user true
	assert_success
}

@test "what could not be joined is named with its owner, and the remedy holds" {
	need_userns
	need_cmd nsenter ip
	chmod 1777 "$BATS_TEST_TMPDIR"
	NETNS=boxenter$$
	ip netns add "$NETNS"
	born nsenter --net="/run/netns/$NETNS" setpriv --reuid=54321 --regid=54321 --clear-groups \
		unshare -Ur sh -c "echo >$BATS_TEST_TMPDIR/ready; exec sleep 60"
	wait_for test -s "$BATS_TEST_TMPDIR/ready"
	run as_user ns-enter -t "$BORN" true
	assert_fault 125 "join namespaces of '$BORN'" "net:[$(stat -Lc %i "/run/netns/$NETNS")] is owned by user:[$(stat -Lc %i /proc/self/ns/user)], our own"
	assert_output --partial "--except net"
	run as_user ns-enter -t "$BORN" --except net id -u
	assert_success
	assert_output 0
	# owned by another that is below ours
	as_user ns-run --user --uts --map-root --detach --pid-file "$BATS_TEST_TMPDIR/pid" sleep 60 >/dev/null 2>&1 3>&-
	PID=$(cat "$BATS_TEST_TMPDIR/pid")
	run as_user ns-enter --user="/proc/$BORN/ns/user" --uts="/proc/$PID/ns/uts" true
	assert_fault 125 "join namespaces" "is owned by user:[$(stat -Lc %i "/proc/$PID/ns/user")]; join it first"
	run as_user ns-enter --user="/proc/$PID/ns/user" --uts="/proc/$PID/ns/uts" true
	assert_success
	# from inside, what is outside
	run ns-enter -t "$PID" ns-enter --net="/run/netns/$NETNS" true
	assert_fault 125 "join namespaces" "is owned by a user namespace outside of our own"
}

@test "a process that hides itself" {
	chmod 1777 "$BATS_TEST_TMPDIR"
	need_cmd /usr/bin/python3 # root's own may be where no user looks
	born setpriv --reuid=54321 --regid=54321 --clear-groups /usr/bin/python3 -c '
import ctypes, time, sys
ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
open(sys.argv[1], "w").write("x")
time.sleep(60)' "$BATS_TEST_TMPDIR/ready"
	wait_for test -s "$BATS_TEST_TMPDIR/ready"
	run as_user ns-enter -t "$BORN" true
	assert_fault 125 "of process $BORN" "it hides itself"
	born setpriv --reuid=54321 --regid=54321 --clear-groups --inh-caps +kill --ambient-caps +kill sleep 60
	wait_for grep -qx sleep "/proc/$BORN/comm"
	run as_user ns-enter -t "$BORN" true
	assert_fault 125 "of process $BORN" "it has capabilities that you have not"
}

@test "a seccomp filter that refuses it is named" {
	container ns-run --pid --mount --user --map-root
	cat >"$BATS_TEST_TMPDIR/no-setns.json" <<-'JSON'
		{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["setns"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}
	JSON
	run sc-filter "$BATS_TEST_TMPDIR/no-setns.json" -- ns-enter -t "$PID" true
	assert_fault 125 "join namespaces of '$PID'" "a seccomp filter of this process refuses it"
}

# From the join until the program runs /proc/self belongs to root of the host, so that nobody in there looks
# into us; the price is that ns-run cannot write a map of its own there.
@test "ns-run behind ns-enter in a user namespace: why it has no map, and how it gets one" {
	need_static ns-run
	container ns-run --all --map-users 0:100000:65536
	chmod 777 "$ROOT/tmp"
	local options
	for options in --map-current "--map-users 0:0:10" "--boottime 5"; do
		# shellcheck disable=SC2086 # words
		run ns-enter -t "$PID" ns-run $options true
		assert_fault 125 "" "after ns-enter nobody in there may look into this process"
		assert_output --partial 'try: ns-run as a program that ns-enter brings along: ns-enter ... --inject "$(command -v ns-run)" -- ns-run ...'
		# shellcheck disable=SC2086 # words
		run ns-enter -t "$PID" --inject "$(command -v ns-run)" -- ns-run $options id -u
		assert_success
		assert_output 0
	done
	# where root of the host enters no user namespace of another, nothing is in the way
	run ns-enter -t "$PID" --except user ns-run --map-current id -u
	assert_success
	# an id without a number in there is no 65534, although it looks like it
	run ns-enter -t "$PID" --ids keep --inject "$(command -v ns-run)" -- ns-run --map-root true
	assert_fault 125 "make namespaces 'user'" "your ids are not mapped in the user namespace that you are in"
}

@test "a pid namespace above our own" {
	run ns-run --pid -- sh -c 'mount -t proc proc /proc; ns-enter --pid="$1" true' sh "/proc/$$/ns/pid"
	assert_failure
	exec 8</proc/self/ns/pid
	run ns-run --pid -- ns-enter --pid=/proc/self/fd/8 true
	exec 8<&-
	assert_fault 125 "join namespaces" "the kernel lets nobody go up"
}

# -- children, /proc ----------------------------------------------------------------------------

@test "unshare --pid without a fork: a message that names --for-children, and --for-children" {
	need_cmd unshare
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	born unshare --pid sh -c "echo >$BATS_TEST_TMPDIR/ready; exec 9<>$BATS_TEST_TMPDIR/fifo; read -r _ <&9; sleep 60 & wait"
	wait_for test -s "$BATS_TEST_TMPDIR/ready"
	run ns-enter -t "$BORN" --pid true
	assert_fault 125 "join namespaces of '$BORN'" "its own pid namespace is ours"
	assert_output --partial "--for-children"
	run ns-enter -t "$BORN" --for-children --pid true
	assert_fault 125 "join namespaces of '$BORN'" "has no process yet"
	run ns-enter -t "$BORN" -v true
	assert_success
	assert_line "ns-enter: pid: that of its children is another: --for-children"
	echo >"$BATS_TEST_TMPDIR/fifo"
	wait_for readlink "/proc/$BORN/ns/pid_for_children"
	MORE+=("$(cat "/proc/$BORN/task/$BORN/children")")
	run ns-enter -t "$BORN" --for-children --pid --fresh-proc sh -c 'cat /proc/1/comm; readlink /proc/self/ns/pid'
	assert_success
	assert_output "sleep
$(readlink "/proc/$BORN/ns/pid_for_children")"
}

@test "--fresh-proc: ps shows the processes of the pid namespace, and nobody else sees the mount" {
	container ns-run --pid --mount
	run ns-enter -v -t "$PID" --pid sh -c 'cat /proc/1/comm'
	assert_success
	refute_line sleep
	assert_line --partial "/proc: stays that of our own pid namespace; --fresh-proc"
	run ns-enter -v -t "$PID" --pid --fresh-proc sh -c 'cat /proc/1/comm; grep -c " /proc " /proc/self/mountinfo'
	assert_success
	assert_line --index 0 sleep
	refute_output --partial "stays"
	assert_equal "$(grep -c ' /proc ' /proc/self/mountinfo)" 1
	# a container without a /proc
	kill -KILL "$PID"
	ns-run --pid --mount --detach --pid-file "$BATS_TEST_TMPDIR/pid" fs-root --dev "$ROOT" sleep 60 >/dev/null 2>&1 3>&-
	PID=$(cat "$BATS_TEST_TMPDIR/pid")
	run ns-enter -v -t "$PID" ls /proc
	assert_output "$(for kind in user net uts ipc cgroup time; do echo "ns-enter: $kind: ours already"; done)
ns-enter: /proc: in there it is none of its pid namespace; --fresh-proc mounts one"
	run ns-enter -t "$PID" --fresh-proc cat /proc/1/comm
	assert_output sleep
	run ns-enter -t "$PID" ls /proc
	assert_output ""
}

@test "--fresh-proc that is refused: whose the pid namespace is, or what covers the present one" {
	need_userns
	chmod 1777 "$BATS_TEST_TMPDIR"
	as_user ns-run --map-root --mount --detach --pid-file "$BATS_TEST_TMPDIR/pid" sleep 60 >/dev/null 2>&1 3>&-
	PID=$(cat "$BATS_TEST_TMPDIR/pid")
	run as_user ns-enter -t "$PID" --fresh-proc true
	assert_fault 125 "mount 'proc on /proc'" "the pid namespace in there belongs to a user namespace outside"
	assert_output --partial "--except user"
	run ns-enter -t "$PID" --except user --fresh-proc true
	assert_success
	kill -KILL "$PID"
	# shellcheck disable=SC2016 # the inner shell expands
	unshare -m sh -c 'mount -t tmpfs none /proc/sys; exec "$@"' sh setpriv --reuid=54321 --regid=54321 --clear-groups -- \
		env PATH="$PATH" ns-run --map-root --pid --no-proc --mount --detach --pid-file "$BATS_TEST_TMPDIR/pid2" sleep 60 >/dev/null 2>&1 3>&-
	PID=$(cat "$BATS_TEST_TMPDIR/pid2")
	run as_user ns-enter -t "$PID" --fresh-proc true
	assert_fault 125 "mount 'proc on /proc'" "/proc/sys covers a part of the /proc we have"
	run as_user ns-enter -t "$PID" true
	assert_success
}

# -- as whom, and where -------------------------------------------------------------------------

@test "--ids: root, follow, keep, numbers; setgroups denied is said" {
	container ns-run --pid --mount --user --map-users 0:100000:5,9:7:1 --map-groups 0:100000:5
	run ns-enter -t "$PID" sh -c 'id -u; id -g; id -G'
	assert_output $'0\n0\n0'
	run ns-enter -t "$PID" --ids 3:2 sh -c 'id -u; id -g; id -G'
	assert_output $'3\n2\n2'
	run ns-enter -t "$PID" --ids 9:0 id -u
	assert_output 9
	run ns-enter -t "$PID" --ids keep id -u
	assert_output 65534
	run ns-enter -t "$PID" --ids 7 true
	assert_fault 125 "become '7:7"
	for bad in x 1:x 1: :1 -1 4294967295 ""; do
		run ns-enter -t "$PID" --ids "$bad" true
		assert_fault 125 "read option '$bad'" "neither follow, nor keep"
	done
	ns-enter -t "$PID" cap-set --user 2:3 --groups 1,4 sh -c 'echo >/tmp/there; exec sleep 60' 3>&- &
	MORE+=($!)
	wait_for test -s "$ROOT/tmp/there"
	local inside
	inside=$(cat "/proc/$!/task/$!/children")
	run ns-enter -t "${inside% }" --ids follow sh -c 'id -u; id -g; grep Groups /proc/self/status'
	assert_success
	assert_output $'2\n3\nGroups:\t1 4 '
	# without a user namespace
	born setpriv --reuid=54321 --regid=54322 --groups=7,8 sleep 60
	wait_for grep -qx sleep "/proc/$BORN/comm"
	run ns-enter -t "$BORN" --ids follow sh -c 'id -u; id -g; grep -E "Groups|CapEff" /proc/self/status'
	assert_output $'54321\n54322\nGroups:\t7 8 \nCapEff:\t0000000000000000'
}

@test "setgroups denied: the groups stay, and -v says so" {
	need_userns
	chmod 1777 "$BATS_TEST_TMPDIR"
	as_user ns-run --user --map-root --detach --pid-file "$BATS_TEST_TMPDIR/pid" sleep 60 >/dev/null 2>&1 3>&-
	PID=$(cat "$BATS_TEST_TMPDIR/pid")
	run setpriv --reuid=54321 --regid=54321 --groups=7 ns-enter -v -t "$PID" --user sh -c 'id -u; grep Groups /proc/self/status'
	assert_success
	assert_line --regexp $'^Groups:\t65534 ?$'
	assert_line "ns-enter: groups: setgroups(2) is denied in there, so yours stay"
	run setpriv --reuid=54321 --regid=54321 --groups=7 ns-enter -t "$PID" --user id -u
	assert_output 0
}

@test "where nobody is root, one is who is there" {
	need_userns
	chmod 1777 "$BATS_TEST_TMPDIR"
	as_user ns-run --user --map-users 1000:54321:1 --map-groups 1000:54321:1 --detach --pid-file "$BATS_TEST_TMPDIR/pid" sleep 60 >/dev/null 2>&1 3>&-
	PID=$(cat "$BATS_TEST_TMPDIR/pid")
	run ns-enter -t "$PID" id -u
	assert_output 1000
}

@test "--root, --cwd, --cwd-inside, --env" {
	container ns-run --all --map-root
	mkdir -p "$ROOT/tmp/deep/down" "$BATS_TEST_TMPDIR/ours"
	echo here >"$BATS_TEST_TMPDIR/ours/file"
	# one with its own root below the container's, a directory and an environment
	cp -r "$ROOT/bin" "$ROOT/tmp/deep/bin"
	ns-enter -t "$PID" env -i PATH=/bin WHO=me 'TWO=a b' chroot /tmp/deep sh -c 'cd /down; echo >/there; exec sleep 60' 3>&- &
	MORE+=($!)
	wait_for test -s "$ROOT/tmp/deep/there"
	local inside
	inside=$(cat "/proc/$!/task/$!/children")
	inside=${inside% }
	run ns-enter -t "$inside" sh -c 'pwd; ls /tmp/deep/down; echo "$WHO"'
	assert_output /
	run ns-enter -t "$inside" --root --cwd sh -c 'pwd; ls /'
	assert_success
	assert_output $'/down\nbin\ndown\nthere'
	run ns-enter -t "$inside" --cwd pwd
	assert_output /tmp/deep/down
	run ns-enter -t "$inside" --env sh -c 'echo "$WHO $TWO"; env | grep -c BATS'
	assert_output $'me a b\n0'
	run ns-enter -t "$inside" --env proc-set --env WHO=you sh -c 'echo "$WHO $TWO"'
	assert_output "you a b"
	run ns-enter -t "$PID" --cwd-inside /tmp/deep pwd
	assert_output /tmp/deep
	run ns-enter -t "$PID" --cwd-inside tmp pwd
	assert_fault 125 "change directory to 'tmp'" relative
	run ns-enter -t "$PID" --cwd --cwd-inside /tmp pwd
	assert_fault 125 "read option '--cwd-inside'"
	# the tunnel: a directory of ours
	run ns-enter -t "$PID" --cwd="$BATS_TEST_TMPDIR/ours" cat file
	assert_output here
	run ns-enter -t "$PID" --cwd="$BATS_TEST_TMPDIR/none" true
	assert_fault 125 "change directory to '$BATS_TEST_TMPDIR/none'"
	run ns-enter -t "$PID" --uts --root="$ROOT" cat /tmp/deep/there
	assert_success
	run ns-enter -t "/proc/$PID/ns/uts" --env true
	assert_fault 125 "read option '--env'" "needs a process"
	# the name of one in a pod is no file
	run ns-enter -t "@pod/none-$$" --env true
	assert_fault 125 "find container '@pod/none-$$'"
	run as_user ns-enter -t "$PID" --env true
	assert_fault 125 "join namespaces of 'the environment of process $PID'" "not yours"
}

@test "--cgroup-of: the target's groups in every hierarchy" {
	need_cgroup pids
	cg-exec --new="/boxenter-$$" --keep --everywhere --set pids.max=20 ns-run --pid --mount --detach --pid-file "$BATS_TEST_TMPDIR/pid" \
		fs-root --proc --dev "$ROOT" sleep 60 >/dev/null 2>&1 3>&-
	PID=$(cat "$BATS_TEST_TMPDIR/pid")
	mapfile -t GROUPS_MADE < <(find /sys/fs/cgroup -name "boxenter-$$" -type d)
	run ns-enter -t "$PID" --cgroup-of grep -v ':/$' /proc/self/cgroup
	assert_success
	assert_output "$(grep -v ':/$' "/proc/$PID/cgroup")"
	assert_line --partial "boxenter-$$"
	run ns-enter -t "$PID" cat /proc/self/cgroup
	refute_line --partial "boxenter-$$"
	run ns-enter -t "$PID" --cgroup-of --print true
	assert_line --regexp '^cg-exec --group .*:/boxenter-'
	run ns-enter --net="/proc/$PID/ns/net" --cgroup-of true
	assert_fault 125 "read option '--cgroup-of'" "needs a process"
	kill -KILL "$PID"
}

@test "--net-of-socket: where the target made its socket" {
	need_cmd python3
	container ns-run --net --mount
	born python3 -c '
import ctypes, os, socket, sys, time
libc = ctypes.CDLL(None)
home = os.open("/proc/self/ns/net", os.O_RDONLY)
libc.setns(os.open("/proc/%s/ns/net" % sys.argv[1], os.O_RDONLY), 0x40000000)
s = socket.socket()
os.dup2(s.fileno(), 50)
libc.setns(home, 0x40000000)
open(sys.argv[2], "w").write("x")
time.sleep(60)' "$PID" "$BATS_TEST_TMPDIR/ready"
	wait_for test -s "$BATS_TEST_TMPDIR/ready"
	assert_equal "$(readlink "/proc/$BORN/ns/net")" "$(readlink /proc/self/ns/net)"
	run ns-enter -t "$BORN" --net-of-socket 50 readlink /proc/self/ns/net
	assert_success
	assert_output "$(readlink "/proc/$PID/ns/net")"
	run ns-enter -t "$BORN" --net-of-socket 77 true
	assert_fault 125 "descriptor 77 of process $BORN" "no such descriptor"
	run ns-enter -t "$BORN" --net-of-socket 0 true
	assert_fault 125 "descriptor 0 of process $BORN" "no socket"
	run as_user ns-enter -t "$BORN" --net-of-socket 50 true
	assert_fault 125 "of process $BORN" "not yours"
}

@test "a user namespace is entered: no process in there can look into us from then on, whoever we are" {
	need_userns
	container ns-run --user --map-users 0:100000:65536 --map-groups 0:100000:65536 --pid --mount
	local ids
	for ids in follow keep 5:5; do
		run ns-enter --explain --ids "$ids" -t "$PID" true
		assert_success
		# the kernel sets it anew with the rights that one gets (fs.suid_dumpable)
		run bash -c "grep -A1 'setns(.*CLONE_NEWUSER' | tail -1" <<<"$output"
		assert_output --partial 'prctl(PR_SET_DUMPABLE, 0'
	done
}

# -- strangers and failures ------------------------------------------------------------------------

# How often the calls say so when strace is asked for some of them.
traced() { # EXPRESSION COMMAND...
	strace -f -o "$BATS_TEST_TMPDIR/log" -e "$@" >/dev/null 2>&1 || true
	cat "$BATS_TEST_TMPDIR/log"
}

@test "--net-of-socket asks sockets alone, and no driver or filesystem of the target's" {
	need_cmd strace
	container ns-run --net --mount
	run traced trace=ioctl ns-enter -t "$PID" --net-of-socket 0 true
	refute_output --partial SIOCGSKNS
}

@test "nothing is looked up in the target's root for a note that nobody hears" {
	need_cmd strace
	container ns-run --all --map-root
	run traced trace=openat2 ns-enter -t "$PID" true
	refute_output --partial "proc/1/ns"
	run traced trace=openat2 ns-enter -v -t "$PID" true
	assert_output --partial "proc/1/ns"
}

@test "a lack of descriptors is said, and nothing goes on without one" {
	need_cmd strace
	container ns-run --pid --mount --user --map-users 0:100000:10 --map-groups 0:100000:10
	local n said=0
	for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
		run strace -o "$BATS_TEST_TMPDIR/log" -e inject=fcntl:error=EMFILE:when="$n" \
			ns-enter --user="/proc/$PID/ns/user" --has-users 0:7:1 -t "$PID" true
		[ "$status" -eq 125 ]
		[[ $output != *"arrange descriptors of"*"Too many open files"* ]] || said=1
	done
	assert_equal "$said" 1
}

@test "--with-host-tools: an error is the one that it was" {
	need_cmd strace
	container ns-run --net --mount
	run strace -f -o "$BATS_TEST_TMPDIR/log" -P target -e inject=openat:error=EMFILE ns-enter -t "$PID" --with-host-tools true
	assert_fault 125 "on /mnt/target'" "Too many open files"
}

@test "groups that could not be laid down are a fault of who may, and said by who may not" {
	need_cmd strace
	container ns-run --pid --mount --user --map-users 0:100000:10 --map-groups 0:100000:10
	run strace -f -o "$BATS_TEST_TMPDIR/log" -e inject=setgroups:error=EPERM:when=1 ns-enter -t "$PID" true
	assert_fault 125 "become 'no further groups'" "Operation not permitted"
	# who has the right in a user namespace that denies it
	run unshare -Ur ns-enter -v -t self --ids 0:0 true
	assert_success
	assert_output --partial "ns-enter: groups: setgroups(2) is denied"
}

# A process that goes to a user namespace below takes nobody with it whose map was asked for.
@test "--has-users: what is joined is what was looked at" {
	need_cmd strace
	container ns-run --pid --mount --user --map-users 0:100000:10 --map-groups 0:100000:10
	mkfifo "$BATS_TEST_TMPDIR/go"
	exec 9<>"$BATS_TEST_TMPDIR/go"
	# what is in the background has no input but what it opens
	born sh -c 'exec ns-enter -t "$1" --user sh -c "read -r go; exec unshare -U sleep 60" <"$2"' sh "$PID" "$BATS_TEST_TMPDIR/go"
	wait_for grep -q 100000 "/proc/$BORN/uid_map"
	wait_for grep -qx sh "/proc/$BORN/comm"
	local ns enter
	ns=$(readlink "/proc/$BORN/ns/user")
	assert_equal "$ns" "$(readlink "/proc/$PID/ns/user")"
	strace -f -o "$BATS_TEST_TMPDIR/log" -e trace=setns -e inject=setns:delay_enter=2000000 \
		ns-enter -t "$BORN" --has-users 0:100000:10 readlink /proc/self/ns/user >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- 9>&- &
	enter=$!
	MORE+=("$enter")
	wait_for grep -qs setns "$BATS_TEST_TMPDIR/log"
	echo go >&9
	wait_for grep -qx sleep "/proc/$BORN/comm"
	[ "$(readlink "/proc/$BORN/ns/user")" != "$ns" ]
	run grep '^[0-9]* *setns.*= ' "$BATS_TEST_TMPDIR/log"
	assert_failure
	wait "$enter"
	exec 9>&-
	run cat "$BATS_TEST_TMPDIR/out"
	assert_output "$ns"
}
