#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# oci-run: the verbs against the states, hooks, what engines read, and what is left behind.

load helper
load oci-run

@test "run: the output and the exit status of the program, and nothing left" {
	program sh -c 'echo out; echo err >&2; exit 3'
	run -3 --separate-stderr rt run -b "$BUNDLE" "$ID"
	assert_equal "$output" out
	assert_equal "$stderr" err
	run rt list -q
	assert_output ""
}

@test "run: a program that a signal ended gives 128 and its number" {
	change '.linux.namespaces |= map(select(.type != "pid"))'
	program sh -c 'kill -9 $$'
	run -137 rt run -b "$BUNDLE" "$ID"
}

@test "create, start, state, kill, delete: the life of a container" {
	quietly rt create -b "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
	assert_equal "$(status)" created
	pid=$(rt state "$ID" | jq .pid)
	assert_equal "$(od -c <"$BATS_TEST_TMPDIR/pid")" "$(printf %s "$pid" | od -c)" # no newline
	# it is not the program yet
	run readlink "/proc/$pid/exe"
	refute_output --partial busybox
	run -0 rt start "$ID"
	assert_output ""
	assert_equal "$(status)" running
	run tr '\0' ' ' <"/proc/$pid/cmdline"
	assert_output "sleep 100 "
	run -0 rt kill "$ID" KILL
	assert_output ""
	until_status stopped
	assert_equal "$(rt state "$ID" | jq .pid)" 0
	run -0 rt delete "$ID"
	assert_output ""
	refuses "does not exist" state "$ID"
}

@test "the state document: all that the specification requires, and what engines parse" {
	change '.annotations = {"a/b": "c"}'
	quietly rt create -b "$BUNDLE" "$ID"
	run -0 rt state "$ID"
	assert_equal "$(jq -r '.ociVersion, .id, .bundle, .rootfs, .annotations["a/b"], .owner' <<<"$output")" \
		"$(jq -r .ociVersion "$CONFIG")
$ID
$(realpath "$BUNDLE")
$ROOT
c
root"
	# RFC 3339
	date -d "$(jq -r .created <<<"$output")" >/dev/null
	refute_output --partial '\/'
	# outside tools read the file
	assert_equal "$(jq -r '.id, .status' "$STATE/$ID/state.json")" "$ID
created"
}

@test "each verb in each state: done, or refused with the words that engines look for" {
	refuses "does not exist" start "$ID"
	refuses "does not exist" kill "$ID" 9
	refuses "does not exist" delete "$ID"
	refuses "does not exist" pause "$ID"
	run -255 rt exec "$ID" true
	assert_output --partial "does not exist"
	run -0 rt delete --force "$ID"
	quietly rt create -b "$BUNDLE" "$ID"
	refuses "container with given ID already exists" create -b "$BUNDLE" "$ID"
	refuses "container with given ID already exists" run -b "$BUNDLE" "$ID"
	refuses "container not paused" resume "$ID"
	rt start "$ID"
	refuses "cannot start an already running container" start "$ID"
	refuses "is not stopped: running" delete "$ID"
	rt pause "$ID"
	assert_equal "$(status)" paused
	refuses "container not running" pause "$ID"
	run -255 rt exec "$ID" true
	assert_output --partial "paused"
	rt resume "$ID"
	assert_equal "$(status)" running
	rt kill --all "$ID" 9
	until_status stopped
	refuses "cannot start a container that has stopped" start "$ID"
	refuses "container not running" kill "$ID" 9
	refuses "no such process" kill "$ID" 9
	run -0 rt kill --all "$ID" 9
	run -255 rt exec "$ID" true
	assert_output --partial "cannot exec in a stopped container"
	rt delete "$ID"
}

@test "delete: one that was never started is ended; with --force a running and a paused one" {
	quietly rt create -b "$BUNDLE" "$ID"
	rt delete "$ID"
	quietly rt run -d -b "$BUNDLE" "$ID"
	pid=$(rt state "$ID" | jq .pid)
	rt delete --force "$ID"
	run grep '^State:.*[RSDT]' "/proc/$pid/status" # at most somebody's who has not waited for it yet
	assert_failure
	quietly rt run -d -b "$BUNDLE" "$ID"
	rt pause "$ID"
	rt delete --force "$ID"
}

@test "delete --force clears what is damaged" {
	mkdir -p "$STATE/$ID"
	refuses "state" state "$ID"
	rt delete --force "$ID"
	for text in '{' '[]' '{}' '{"bundle": 3}' "$(printf '\0\1')"; do
		mkdir "$STATE/$ID"
		printf %s "$text" >"$STATE/$ID/state.json"
		echo debris >"$STATE/$ID/x"
		refuses "state.json" state "$ID"
		rt delete --force "$ID"
		[ ! -e "$STATE/$ID" ]
	done
}

@test "a process that has the number of one that has ended is another" {
	quietly rt run -d -b "$BUNDLE" "$ID"
	rt kill "$ID" KILL
	until_status stopped
	sleep 50 3>&- &
	other=$!
	jq ".pid = $other" "$STATE/$ID/state.json" >"$BATS_TEST_TMPDIR/s"
	cp "$BATS_TEST_TMPDIR/s" "$STATE/$ID/state.json"
	assert_equal "$(status)" stopped
	run -1 rt kill "$ID" KILL
	rt delete "$ID"
	kill -0 "$other"
	kill "$other"
}

@test "an id is letters, digits and a few signs" {
	for bad in a/b .. . 'a b' '' ../x 'a:b' "$(printf 'x%.0s' $(seq 300))"; do
		run -1 rt create -b "$BUNDLE" "$bad"
		assert_output --partial "invalid container ID format"
		run -1 rt state "$bad"
		assert_output --partial "invalid container ID format"
	done
	[ ! -e "$STATE" ]
}

@test "a program that is not there is told by create, in words and by nothing left" {
	program nosuch
	run -1 rt create -b "$BUNDLE" "$ID"
	assert_output --partial 'exec: "nosuch": executable file not found in $PATH: no such file or directory'
	refute_output --partial denied
	program /etc
	run -1 rt create -b "$BUNDLE" "$ID"
	assert_output --partial "is a directory"
	touch "$ROOT/etc/file"
	program /etc/file
	run -1 rt create -b "$BUNDLE" "$ID"
	assert_output --partial "permission denied"
	[ -z "$(ls -A "$STATE")" ]
}

@test "a bundle that changes after create changes nothing" {
	program sh -c 'echo first'
	rt create -b "$BUNDLE" "$ID" 3>&- >"$BATS_TEST_TMPDIR/out"
	program sh -c 'echo second'
	rt start "$ID"
	until_status stopped
	assert_equal "$(cat "$BATS_TEST_TMPDIR/out")" first
	rt delete "$ID"
	rt run -d -b "$BUNDLE" "$ID" 3>&- >/dev/null
	rt delete -f "$ID"
}

@test "create is done when it says so: nothing stays but the container" {
	quietly rt create -b "$BUNDLE" "$ID"
	pid=$(rt state "$ID" | jq .pid)
	# every process that has this container's cgroup or our state directory open
	run pgrep -f "oci-run --root $STATE create"
	assert_output "$pid"
	rt start "$ID"
	run pgrep -f "oci-run --root $STATE"
	assert_output ""
}

@test "hooks: all six, in their order, in their places, with the state on their input" {
	hook() { # NAME: a hook that notes where it is
		printf '[{"path": "/bin/sh", "args": ["sh", "-c", "echo %s $(jq -r .status) $(readlink /proc/self/ns/mnt) ${FOO-unset} >>%s/log"], "env": ["PATH=/usr/bin:/bin", "FOO=%s"]}]' \
			"$1" "$BATS_TEST_TMPDIR" "$1"
	}
	change ".hooks = {prestart: $(hook prestart), createRuntime: $(hook createRuntime), createContainer: $(hook createContainer),
		poststart: $(hook poststart), poststop: $(hook poststop),
		startContainer: [{path: \"/bin/sh\", args: [\"sh\", \"-c\", \"cat >/tmp/state\"]}]}"
	quietly rt create -b "$BUNDLE" "$ID"
	[ ! -e "$ROOT/tmp/state" ]
	rt start "$ID"
	pid=$(rt state "$ID" | jq .pid)
	here=$(readlink /proc/self/ns/mnt)
	there=$(readlink "/proc/$pid/ns/mnt")
	assert_equal "$(jq -r '.id, .status' <"/proc/$pid/root/tmp/state")" "$ID
created"
	rt delete --force "$ID"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/log")" "prestart creating $here prestart
createRuntime creating $here createRuntime
createContainer creating $there createContainer
poststart running $here poststart
poststop stopped $here poststop"
}

@test "a hook without an environment has none; one that fails, or takes too long, ends it" {
	change '.hooks = {createRuntime: [{path: "/usr/bin/env"}]}'
	change ".hooks.createRuntime = [{path: \"/bin/sh\", args: [\"sh\", \"-c\", \"/usr/bin/env >$BATS_TEST_TMPDIR/env\"]}]"
	SECRET=x quietly rt create -b "$BUNDLE" "$ID"
	refute [ -n "$(grep SECRET "$BATS_TEST_TMPDIR/env")" ]
	rt delete "$ID"
	for at in prestart createRuntime createContainer; do
		change ".hooks = {$at: [{path: \"/bin/sh\", args: [\"sh\", \"-c\", \"echo oh no >&2; exit 7\"]}],
			poststop: [{path: \"/bin/sh\", args: [\"sh\", \"-c\", \"echo $at >>$BATS_TEST_TMPDIR/stopped\"]}]}"
		run -1 rt create -b "$BUNDLE" "$ID"
		assert_output --partial "$at hook: exit status 7; it said: oh no"
		[ ! -e "$STATE/$ID" ]
	done
	assert_equal "$(cat "$BATS_TEST_TMPDIR/stopped")" "prestart
createRuntime
createContainer"
	change '.hooks = {createRuntime: [{path: "/bin/sleep", args: ["sleep", "60"], timeout: 1}]}'
	run -1 rt create -b "$BUNDLE" "$ID"
	assert_output --partial "not done after 1 s"
	change '.hooks = {poststart: [{path: "/bin/false"}]}'
	quietly rt create -b "$BUNDLE" "$ID"
	run -1 rt start "$ID"
	assert_output --partial "poststart hook"
	until_status stopped
	change '.hooks = {startContainer: [{path: "/bin/false"}]}'
	rt delete "$ID"
	quietly rt create -b "$BUNDLE" "$ID"
	run -1 rt start "$ID"
	assert_output --partial "startContainer hook"
	until_status stopped
}

@test "a hook that fails behind the end is no failure" {
	change '.hooks = {poststop: [{path: "/bin/false"}, {path: "/bin/sh", args: ["sh", "-c", "echo second >'"$BATS_TEST_TMPDIR"'/second"]}]}'
	quietly rt create -b "$BUNDLE" "$ID"
	run -0 rt delete "$ID"
	assert_output ""
	assert_equal "$(cat "$BATS_TEST_TMPDIR/second")" second
}

@test "exec: in its namespaces, cgroup and root, with its process's rights, less or more" {
	quietly rt run -d -b "$BUNDLE" "$ID"
	pid=$(rt state "$ID" | jq .pid)
	run -5 rt exec "$ID" sh -c 'exit 5'
	for kind in cgroup ipc mnt net pid uts; do
		run -0 rt exec "$ID" readlink "/proc/self/ns/$kind"
		assert_output "$(readlink "/proc/$pid/ns/$kind")"
	done
	run -0 rt exec -u 1000:1001 -g 1002 -e FOO=bar --cwd /etc "$ID" sh -c 'id; echo $FOO; pwd'
	assert_output "uid=1000 gid=1001 groups=1002
bar
/etc"
	run -0 rt exec "$ID" grep -E 'Cap|NoNew' /proc/self/status
	assert_output "$(grep -E 'Cap|NoNew' "/proc/$pid/status")"
	rt exec -d --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" sleep 77 3>&-
	assert_equal "$(tr '\0' ' ' <"/proc/$(cat "$BATS_TEST_TMPDIR/pid")/cmdline")" "sleep 77 "
	assert_equal "$(cat "/proc/$(cat "$BATS_TEST_TMPDIR/pid")/cgroup")" "$(cat "/proc/$pid/cgroup")"
	assert_equal "$(rt ps -f json "$ID" | jq length)" 2
}

@test "exec --detach: who has ended already was started all the same, and is left to whoever waits" {
	quietly rt run -d -b "$BUNDLE" "$ID"
	local i
	for i in {1..150}; do
		rm -f "$BATS_TEST_TMPDIR/pid"
		run -0 rt exec -d --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" sh -c 'exit 5' 3>&-
		assert_output ""
		[ -s "$BATS_TEST_TMPDIR/pid" ]
	done
}

@test "exec: a process document; failures leave no pid file" {
	quietly rt run -d -b "$BUNDLE" "$ID"
	jq '.process | .args = ["sh", "-c", "echo $X; id -u"] | .env += ["X=y"] | .user.uid = 7' "$CONFIG" >"$BATS_TEST_TMPDIR/p.json"
	run -0 rt exec --process "$BATS_TEST_TMPDIR/p.json" "$ID"
	assert_output "y
7"
	run -255 rt exec --pid-file "$BATS_TEST_TMPDIR/pid" -d "$ID" nosuch
	assert_output --partial "executable file not found in"
	[ ! -e "$BATS_TEST_TMPDIR/pid" ]
	echo '{"args": 3}' >"$BATS_TEST_TMPDIR/p.json"
	run -255 rt exec --process "$BATS_TEST_TMPDIR/p.json" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
	[ ! -e "$BATS_TEST_TMPDIR/pid" ]
	run -255 rt exec "$ID"
	assert_output --partial PROGRAM
}

@test "kill: by number and name, and to all of a container that shares the pids" {
	change '.linux.namespaces |= map(select(.type != "pid"))'
	program sh -c 'sleep 98 & sleep 99 & trap "echo term" TERM; while :; do sleep 0.1; done'
	rt run -d -b "$BUNDLE" "$ID" 3>&- >"$BATS_TEST_TMPDIR/out"
	sleep 0.3
	for sig in TERM SIGTERM sigterm 15; do
		rt kill "$ID" "$sig"
		sleep 0.3
	done
	rt kill "$ID" # TERM
	sleep 0.3
	assert_equal "$(grep -c term "$BATS_TEST_TMPDIR/out")" 5
	refuses "no such signal" kill "$ID" NOSUCH
	rt kill "$ID" KILL
	until_status stopped
	sleep 0.2
	assert_equal "$(rt ps -f json "$ID")" "[]"
}

@test "list: a table, ids, JSON; none where there is nothing" {
	run -1 oci-run --root "$STATE" list # named, but not there
	quietly rt create -b "$BUNDLE" "$ID"
	run -0 rt list
	assert_line --index 0 --regexp '^ID +PID +STATUS +BUNDLE +CREATED +OWNER$'
	assert_line --index 1 --regexp "^$ID +[0-9]+ +created +$BUNDLE "
	run -0 rt list -f json
	assert_equal "$(jq -r '.[0].id' <<<"$output")" "$ID"
	run -0 rt list --quiet
	assert_output "$ID"
}

@test "ps: the numbers of the host, and what ps says of them" {
	quietly rt run -d -b "$BUNDLE" "$ID"
	pid=$(rt state "$ID" | jq .pid)
	assert_equal "$(rt ps --format json "$ID")" "[$pid]"
	run -0 rt ps "$ID" -o pid,args
	assert_line --index 1 --regexp "^ *$pid sleep 100"
	assert_equal "${#lines[@]}" 2
}

@test "update: limits of a container that runs" {
	need_cgroup memory
	need_cgroup pids
	change '.linux.resources = {memory: {limit: 50000000}, pids: {limit: 10}}'
	quietly rt run -d -b "$BUNDLE" "$ID"
	limits() {
		cat /sys/fs/cgroup/{memory,pids}/"$ID"/{memory.limit_in_bytes,pids.max} \
			/sys/fs/cgroup/"$ID"/{memory.max,pids.max} 2>/dev/null || true
	}
	rt update --memory 64m --pids-limit 20 "$ID"
	assert_equal "$(limits)" "67108864
20"
	echo '{"pids": {"limit": 30}}' | rt update --resources=- "$ID"
	assert_equal "$(limits)" "67108864
30"
	refuses "number" update --memory x "$ID"
	run -1 rt update --resources /nosuch "$ID"
	rt update --memory 32m "$ID"
	assert_equal "$(limits)" "33554432
30"
}

@test "the log: one line of JSON that parses, and the same words on stderr" {
	run -1 rt --log "$BATS_TEST_TMPDIR/log" --log-format=json state "$ID"
	assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/log")" 1
	assert_equal "$(jq -r .level "$BATS_TEST_TMPDIR/log")" error
	assert_output --partial "$(jq -r .msg "$BATS_TEST_TMPDIR/log")"
	date -d "$(jq -r .time "$BATS_TEST_TMPDIR/log")" >/dev/null
	run -1 rt --log "$BATS_TEST_TMPDIR/text" --log-format text state "$ID"
	grep -qE '^time="[^"]+" level=error msg="' "$BATS_TEST_TMPDIR/text"
}

@test "command lines as engines write them" {
	# one dash, flags with a value, options behind the id, globals twice
	quietly timeout 30 oci-run --root "$STATE" --root="$STATE" create "$ID" -b "$BUNDLE" -no-subreaper --no-new-keyring=true
	run -0 rt start "$ID"
	run -0 rt kill --all=false "$ID" 9
	until_status stopped
	run -0 rt delete -force=true "$ID"
	run -0 oci-run --version
	assert_line --index 0 --regexp '^oci-run version [0-9]'
	assert_equal "$(grep -c version <<<"$output")" 1
	assert_line "spec: 1.3.0"
	run -0 oci-run -v
	assert_line "spec: 1.3.0"
	run -0 oci-run features
	assert_equal "$(jq -r '.ociVersionMin, .ociVersionMax, (.hooks | length), (.mountOptions | index("rro") != null)' <<<"$output")" \
		"1.0.0
1.3.0
6
true"
}

@test "features: every mount option that it names is known to fs-root" {
	for o in $(oci-run features | jq -r '.mountOptions[]'); do
		case $o in idmap | ridmap | bind | rbind) continue ;; esac
		run -0 fs-root --dry-run --mount "tmpfs:x:/tmp:$o" "$ROOT" sh
	done
}

@test "spec: a config.json to begin with, never over one that is there" {
	cd "$BATS_TEST_TMPDIR"
	run -0 oci-run spec
	assert_output ""
	run -0 jq -r '.process.terminal, .root.path' config.json
	assert_output "true
rootfs"
	run -1 oci-run spec
	assert_output --partial "File config.json exists. Remove it first"
}

@test "a terminal through a console socket, and through the caller's own" {
	need_cmd script python3
	program sh -c 'tty; stty size'
	change '.process.terminal = true | .process.consoleSize = {height: 33, width: 77}'
	receiver "$BATS_TEST_TMPDIR/sock"
	rt create -b "$BUNDLE" --console-socket "$BATS_TEST_TMPDIR/sock" "$ID" 3>&-
	rt start "$ID"
	wait "$RECEIVER"
	assert_equal "$(tr -d '\r' <"$BATS_TEST_TMPDIR/received" | tail -n 1)" "33 77"
	rt delete -f "$ID"
	refuses "terminal" create -b "$BUNDLE" "$ID"
	run -0 script -qec "stty rows 22 cols 66; oci-run --root $STATE run -b $BUNDLE $ID" /dev/null </dev/null
	assert_output --partial "/dev/pts/0"
	assert_output --partial "22 66"
}

@test "descriptors: only those that were asked for" {
	program sh -c 'ls /proc/self/fd | tr "\n" " "; cat <&3'
	echo three >"$BATS_TEST_TMPDIR/three"
	run -0 rt run -b "$BUNDLE" --preserve-fds 1 "$ID" 3<"$BATS_TEST_TMPDIR/three" 9</dev/null
	assert_output "0 1 2 3 4 three" # 4 is that of ls
}

@test "a full disk for the state: said, and nothing left" {
	mkdir "$STATE"
	mount -t tmpfs -o size=8k,mode=700 full "$STATE"
	head -c 1M /dev/zero >"$STATE/fill" 2>/dev/null || true
	run -1 rt create -b "$BUNDLE" "$ID"
	assert_output --partial "No space left"
	run ls -A "$STATE"
	assert_output fill
	umount "$STATE"
}

@test "create killed at any moment leaves what delete --force clears, and no process" {
	for ms in 1 2 3 4 5 6 7 8 10 12; do
		oci-run --root "$STATE" create -b "$BUNDLE" "$ID" 3>&- >/dev/null 2>&1 &
		sleep "0.0$(printf %02d "$ms")"
		kill -9 $! 2>/dev/null || true
		wait $! 2>/dev/null || true
		rt delete --force "$ID"
		[ ! -e "$STATE/$ID" ]
		[ -z "$(find /sys/fs/cgroup -name "$ID" -type d)" ]
		sleep 0.05
		run pgrep -f "oci-run --root $STATE create"
		assert_output ""
	done
}

@test "twenty at once" {
	local i status pids=()
	program sh -c 'exit 7'
	for i in {1..20}; do
		timeout 30 oci-run --root "$STATE" run -b "$BUNDLE" "$ID-$i" 3>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		status=0
		wait "$i" || status=$?
		assert_equal "$status" 7
	done
	[ -z "$(ls -A "$STATE")" ]
}

@test "bundles that are wrong: named by their place, status 1, nothing left" {
	local good row path text
	good=$(cat "$CONFIG")
	while IFS=';' read -r row path; do
		jq "$row" <<<"$good" >"$CONFIG"
		refuses "$path" create -b "$BUNDLE" "$ID"
		refuses "$path" run -b "$BUNDLE" "$ID"
	done <<-'END'
		.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 1, hard: 2}, {type: "RLIMIT_NOFILE", soft: 1, hard: 2}];process.rlimits[1]
		.process.rlimits = [{type: "RLIMIT_NONE", soft: 1, hard: 2}];process.rlimits[0].type
		.process.rlimits = [{type: "RLIMIT_CPU", soft: -1, hard: 2}];process.rlimits[0].soft
		.linux.namespaces += [{type: "pid"}];linux.namespaces
		.linux.namespaces += [{type: "foo"}];unknown namespace type
		.linux.namespaces |= map(if .type == "ipc" then .path = "/dev/null" else . end);/dev/null
		.linux.namespaces |= map(if .type == "ipc" then .path = "/proc/self/ns/net" else . end);ipc
		.linux.seccomp = {defaultAction: "SCMP_ACT_FOO"};unknown action
		.linux.resources = {memory: {limit: -5}};linux.resources.memory.limit
		.linux.resources = {pids: {limit: 1e30}};linux.resources.pids.limit
		.linux.resources = {pids: {limit: 1.5}};linux.resources.pids.limit
		.linux.resources = {unified: {"../x.y": "1"}};linux.resources
		.process.user.uid = -1;process.user.uid
		.process.user.uid = 4294967295;process.user.uid
		.process.args = [];process.args
		.process.cwd = "etc";process.cwd
		.process.env = ["=x"];process.env[0]
		.process.oomScoreAdj = "1";process.oomScoreAdj
		.process.scheduler = {policy: "SCHED_FOO"};process.scheduler.policy
		del(.process);process
		del(.root);root
		.root.path = "nosuch";nosuch
		.root.path = 3;root.path
		.ociVersion = "9.0.0";ociVersion
		.mounts += [{destination: "/../x", type: "tmpfs", source: "t"}];/../x
		.mounts += [{destination: "/x", type: "nosuchfs", source: "t"}];nosuchfs
		.mounts += [{destination: "/x", source: "/nosuch", options: ["bind"]}];/nosuch
		.hooks = {prestart: [{path: "rel"}]};hooks.prestart[0].path
		.hooks = {poststop: [{path: "/x", timeout: 0}]};hooks.poststop[0].timeout
		.linux.intelRdt = {closID: "x"};linux.intelRdt
		.linux.memoryPolicy = {mode: "MPOL_BIND"};linux.memoryPolicy
		.linux.netDevices = {eth0: {}};linux.netDevices
		.linux.sysctl = {"kernel.panic": "1"};kernel.panic
		.linux.cgroupsPath = "/a/../b";/a/../b
	END
	ln -s "$ROOT" "$BUNDLE/link"
	jq '.root.path = "link"' <<<"$good" >"$CONFIG"
	refuses "symbolic link" create -b "$BUNDLE" "$ID"
	for text in '' '{' "${good:0:200}" '[]' 'null' '3' "$(printf '[%.0s' $(seq 2000))" "$good x"; do
		printf %s "$text" >"$CONFIG"
		refuses config.json create -b "$BUNDLE" "$ID"
	done
	head -c 5000000 /dev/zero >"$CONFIG"
	refuses "more than" create -b "$BUNDLE" "$ID"
	rm "$CONFIG"
	refuses config.json create -b "$BUNDLE" "$ID"
	mkfifo "$CONFIG"
	refuses config.json create -b "$BUNDLE" "$ID"
	refuses nosuch create -b "$BATS_TEST_TMPDIR/nosuch" "$ID"
}

@test "numbers at their edges" {
	need_cgroup memory
	need_cgroup pids
	change '.linux.resources = {pids: {limit: 9223372036854775807}}'
	sed -i 's/9223372036854776000/9223372036854775807/' "$CONFIG"
	run -1 rt create -b "$BUNDLE" "$ID" # the kernel has room for less, and says so
	[ ! -e "$STATE/$ID" ]
	change '.linux.resources = {memory: {limit: 9223372036854771712}, pids: {limit: -1}}'
	sed -i 's/9223372036854772000/9223372036854771712/' "$CONFIG"
	program true
	run -0 rt run -b "$BUNDLE" "$ID"
}

@test "a user without root has a container as well" {
	need_userns
	chmod -R a+rX "$ROOT" "$BUNDLE"
	mkdir -m 777 "$BATS_TEST_TMPDIR/run" "$BATS_TEST_TMPDIR/box"
	# shellcheck disable=SC2016
	run -0 as_user env "PATH=$PATH" XDG_RUNTIME_DIR="$BATS_TEST_TMPDIR/run" sh -c '
		oci-bundle new "$1" --root "$2" -- sh -c "id -u; exit 0" &&
		oci-run run -b "$1" mine && oci-run list -q && ls "$XDG_RUNTIME_DIR/opencontainer/containers"' sh \
		"$BATS_TEST_TMPDIR/box/b" "$ROOT"
	assert_output 0
}

@test "the processors of an exec, and not of the first process" {
	change '.process.execCPUAffinity = {initial: "0", final: "0"}'
	rt_processors() { sed -n 's/^Cpus_allowed_list:\t//p'; }
	quietly rt run -d -b "$BUNDLE" "$ID"
	pid=$(rt state "$ID" | jq .pid)
	assert_equal "$(rt_processors <"/proc/$pid/status")" "$(rt_processors </proc/self/status)"
	assert_equal "$(rt exec "$ID" cat /proc/self/status | rt_processors)" 0
}

@test "--pidfd-socket: a descriptor of the very process" {
	need_cmd python3
	cat >"$BATS_TEST_TMPDIR/pidfd.py" <<-'PY'
		import array, os, socket, sys
		s = socket.socket(socket.AF_UNIX)
		s.bind(sys.argv[1])
		s.listen(1)
		c, _ = s.accept()
		text, control, _, _ = c.recvmsg(4096, socket.CMSG_SPACE(16))
		fd = array.array("i", control[0][2])[0]
		pid = [l.split()[1] for l in open(f"/proc/self/fdinfo/{fd}") if l.startswith("Pid:")][0]
		print(text.decode(), pid, flush=True)
	PY
	cd "$BATS_TEST_TMPDIR"
	python3 pidfd.py one >one.out 3>&- &
	receiver=$!
	wait_for test -S one
	quietly rt create -b "$BUNDLE" --pidfd-socket "$BATS_TEST_TMPDIR/one" "$ID"
	wait "$receiver"
	assert_equal "$(cat one.out)" "standard $(rt state "$ID" | jq .pid)"
	refuses nosuch create -b "$BUNDLE" --pidfd-socket "$BATS_TEST_TMPDIR/nosuch" "$ID-x"
}

@test "descriptors of a service manager come first, and are told" {
	program sh -c 'echo $LISTEN_FDS $LISTEN_PID $LISTEN_FDNAMES; cat <&3; cat <&4'
	echo three >"$BATS_TEST_TMPDIR/three"
	echo four >"$BATS_TEST_TMPDIR/four"
	# shellcheck disable=SC2016
	run -0 sh -c 'LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=a exec oci-run --root "$1" run -b "$2" --preserve-fds 1 "$3"' \
		sh "$STATE" "$BUNDLE" "$ID" 3<"$BATS_TEST_TMPDIR/three" 4<"$BATS_TEST_TMPDIR/four"
	assert_output "1 1 a
three
four"
	run -0 env LISTEN_PID=1 LISTEN_FDS=1 oci-run --root "$STATE" run -b "$BUNDLE" --preserve-fds 2 "$ID" \
		3<"$BATS_TEST_TMPDIR/three" 4<"$BATS_TEST_TMPDIR/four"
	assert_output "
three
four" # for somebody else
}

@test "what an engine hands over is the program's: its pipes, no keys of the caller" {
	change '.process.user = {uid: 1000, gid: 1000}'
	program sh -c 'echo anew >/dev/stdout; echo $HOME; awk "/_ses/ {print \$9}" /proc/keys'
	run -0 bash -c 'oci-run --root "$1" run -b "$2" "$3" 2>&1 | cat' sh "$STATE" "$BUNDLE" "$ID"
	assert_line --index 0 anew
	assert_line --index 1 /
	if [ -r /proc/keys ]; then
		change '.linux.maskedPaths = []'
		run -0 bash -c 'oci-run --root "$1" run -b "$2" "$3" 2>&1 | cat' sh "$STATE" "$BUNDLE" "$ID"
		assert_line --partial "_ses.$ID"
	fi
}

@test "a filter that was compiled before, in an annotation" {
	need_cmd base64
	deny_profile
	sc-filter --output "$BATS_TEST_TMPDIR/filter" "$PROFILE"
	program sh -c 'mkdir /tmp/x 2>&1; grep ^Seccomp: /proc/self/status'
	change ".annotations = {\"run.oci.seccomp_bpf_data\": \"$(base64 -w 0 "$BATS_TEST_TMPDIR/filter")\"}"
	run -0 rt run -b "$BUNDLE" "$ID"
	assert_line --index 0 --partial "Operation not permitted"
	assert_line --index 1 --regexp '^Seccomp:.*2$'
	run oci-bundle chain "$BUNDLE"
	assert_failure
	assert_output --partial run.oci.seccomp_bpf_data
	for bad in x '====' 'AA=A' ''; do
		change ".annotations = {\"run.oci.seccomp_bpf_data\": \"$bad\"}"
		refuses base64 create -b "$BUNDLE" "$ID"
	done
	change '.annotations = {"run.oci.seccomp_bpf_data": "AAAA"}'
	refuses "filter" create -b "$BUNDLE" "$ID"
}

@test "a user namespace that is joined: the pid that is told is that of the program" {
	change '.linux.uidMappings = [{containerID: 0, hostID: 200000, size: 9}] | .linux.gidMappings = [{containerID: 0, hostID: 300000, size: 9}]
		| .linux.namespaces += [{type: "user"}]'
	chmod -R a+rX "$ROOT"
	quietly rt run -d -b "$BUNDLE" "$ID-owner"
	owner=$(rt state "$ID-owner" | jq .pid)
	change "del(.linux.uidMappings, .linux.gidMappings) | .linux.namespaces |= map(if .type == \"user\" then .path = \"/proc/$owner/ns/user\" else . end)
		| .hooks = {createRuntime: [{path: \"/bin/sh\", args: [\"sh\", \"-c\", \"cat >$BATS_TEST_TMPDIR/hook\"]}]}"
	quietly rt create -b "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
	pid=$(cat "$BATS_TEST_TMPDIR/pid")
	assert_equal "$(rt state "$ID" | jq .pid)" "$pid"
	assert_equal "$(jq .pid "$BATS_TEST_TMPDIR/hook")" "$pid"
	rt start "$ID"
	assert_equal "$(tr '\0' ' ' <"/proc/$pid/cmdline")" "sleep 100 "
	assert_equal "$(readlink "/proc/$pid/ns/user")" "$(readlink "/proc/$owner/ns/user")"
	assert_equal "$(sed -n 's/^NSpid:\t[0-9]*\t//p' "/proc/$pid/status")" 1
	run -0 rt exec "$ID" id -u
	assert_output 0
	rt delete -f "$ID"
	program sh -c 'exit 6'
	change 'del(.hooks)'
	run -6 rt run -b "$BUNDLE" "$ID"
	rt delete -f "$ID-owner"
}
