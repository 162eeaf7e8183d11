#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# oci-run run and exec in the foreground: other verbs meanwhile, the terminal, and what a hostile
# state directory holds.

load helper
load oci-run

# A container in the foreground of a background job, which is RUN; its status is asked for until it runs.
in_the_foreground() {
	rt run -b "$BUNDLE" "$ID" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	RUN=$!
	until_status running
}

# Its exit status. (Not by way of "run": a subshell cannot wait for it.)
run_ended() {
	local was=0
	wait "$RUN" || was=$?
	echo "$was" >"$BATS_TEST_TMPDIR/status"
}

@test "while run waits for its program the other verbs work" {
	in_the_foreground
	run -0 timeout 5 oci-run --root "$STATE" pause "$ID"
	assert_equal "$(status)" paused
	run -0 timeout 5 oci-run --root "$STATE" resume "$ID"
	run -0 timeout 5 oci-run --root "$STATE" update --pids-limit 50 "$ID"
	run -0 timeout 5 oci-run --root "$STATE" kill "$ID" KILL
	run_ended
	assert_equal "$(cat "$BATS_TEST_TMPDIR/status")" 137
	refuses "does not exist" state "$ID"
}

@test "delete --force of a container that run is in front of: run ends, and says nothing" {
	in_the_foreground
	run -0 timeout 10 oci-run --root "$STATE" delete --force "$ID"
	run_ended
	assert_equal "$(cat "$BATS_TEST_TMPDIR/status")" 137
	assert_equal "$(cat "$BATS_TEST_TMPDIR/out")" ""
	assert_equal "$(ls -A "$STATE")" ""
}

@test "a state.json that is damaged while run waits: the directory goes with the program all the same" {
	in_the_foreground
	echo '{' >"$STATE/$ID/state.json"
	kill -KILL "$(pgrep -P "$(pgrep -f "oci-run --root $STATE run" | tail -n 1)")"
	run_ended
	assert_equal "$(ls -A "$STATE")" ""
}

@test "a hook whose time cannot be measured is not waited for: the error says why" {
	need_cmd strace
	change '.hooks.createRuntime = [{path: "/bin/sleep", args: ["sleep", "60"], timeout: 50}]'
	run -1 timeout 20 strace -f -qq -o "$BATS_TEST_TMPDIR/trace" -e trace=pidfd_open -e inject=pidfd_open:error=EMFILE:when=2 \
		oci-run --root "$STATE" run -b "$BUNDLE" "$ID"
	assert_output --partial "/bin/sleep': Too many open files"
	refute_output --partial "not done after"
	assert_equal "$(ls -A "$STATE")" ""
}

@test "poststop hooks run once, whoever deletes" {
	change '.hooks.poststop = [{path: "/bin/sh", args: ["sh", "-c", "cat >/dev/null; echo stop >>'"$BATS_TEST_TMPDIR"'/hooks"]}]'
	in_the_foreground
	run -0 timeout 10 oci-run --root "$STATE" delete --force "$ID"
	run_ended
	assert_equal "$(cat "$BATS_TEST_TMPDIR/hooks")" stop
}

@test "a terminal of its own: one socket, one copier, and nothing left in /tmp" {
	need_cmd script strace
	quietly rt create -b "$BUNDLE" "$ID"
	rt start "$ID"
	run -0 script -qec "strace -f -o $BATS_TEST_TMPDIR/trace -e trace=mkdir,bind oci-run --root $STATE exec -t $ID tty" /dev/null </dev/null
	assert_output --partial /dev/pts/0
	run -0 grep -c 'mkdir("/tmp/oci-run' "$BATS_TEST_TMPDIR/trace"
	assert_output 1
	run sed -n 's/.*mkdir("\(.tmp.oci-run[^"]*\)".*/\1/p' "$BATS_TEST_TMPDIR/trace"
	[ ! -e "$output" ]
}

@test "exec -t ends with its program, although something holds its terminal; all output comes" {
	need_cmd script
	quietly rt create -b "$BUNDLE" "$ID"
	rt start "$ID"
	run -0 timeout 10 script -qec "oci-run --root $STATE exec -t $ID sh -c 'trap \"\" HUP; sleep 60 & seq 1 3000; echo done'" /dev/null </dev/null
	assert_line --partial 'done'
	assert_line --partial 3000
	# (the end of script's own input is an echo of ^D in some line)
	assert_equal "$(grep -c '[0-9]' <<<"$output")" 3000
}

@test "a program that reads no keys gives its output all the same, and can be ended" {
	need_cmd script python3
	quietly rt create -b "$BUNDLE" "$ID"
	rt start "$ID"
	# more keys than a terminal holds, and then an answer
	cat >"$BATS_TEST_TMPDIR/typist" <<-'END'
		import os, pty, select, sys, time
		pid, master = pty.fork()
		if pid == 0:
		    os.execvp(sys.argv[1], sys.argv[1:])
		os.set_blocking(master, False)
		seen, typed, end = b"", 0, time.time() + 20
		while b"second" not in seen and time.time() < end:
		    select.select([master], [], [], 0.1)
		    try:
		        seen += os.read(master, 65536)
		    except BlockingIOError:
		        pass
		    except OSError:
		        break
		    if b"first" in seen and typed < 200000:
		        try:
		            typed += os.write(master, b"x" * 4096)
		        except BlockingIOError:
		            typed += 4096
		os.kill(pid, 9)
		os.waitpid(pid, 0)
		sys.exit(0 if b"second" in seen else 1)
	END
	run -0 timeout 40 python3 "$BATS_TEST_TMPDIR/typist" oci-run --root "$STATE" exec -t "$ID" \
		sh -c 'stty raw; echo first; sleep 3; echo second'
}

@test "exec: a process whose parts are of the wrong kind is refused, as is none" {
	quietly rt create -b "$BUNDLE" "$ID"
	rt start "$ID"
	local kept=$STATE/$ID/config.json change
	cp "$kept" "$BATS_TEST_TMPDIR/kept"
	for change in '.process = "x"' '.process.env = "x"' '.process.user = 3' '.process.capabilities = []'; do
		jq "$change" "$BATS_TEST_TMPDIR/kept" >"$kept"
		run -255 rt exec -e A=B -g 5 -c CAP_KILL "$ID" true
		assert_line --partial "oci-run: try: "
	done
	jq 'del(.process.user)' "$BATS_TEST_TMPDIR/kept" >"$kept"
	run rt exec -g 5 "$ID" id -G
	[ "$status" -lt 128 ] || [ "$status" = 255 ]
	cp "$BATS_TEST_TMPDIR/kept" "$kept"
}

@test "a state.json that is a pipe or a link is damage, and no place to wait" {
	mkdir -p "$STATE/pipe" "$STATE/link"
	mkfifo "$STATE/pipe/state.json"
	echo '{"bundle":"/secret"}' >"$BATS_TEST_TMPDIR/elsewhere"
	ln -s "$BATS_TEST_TMPDIR/elsewhere" "$STATE/link/state.json"
	run -0 timeout 5 oci-run --root "$STATE" list -q
	assert_output ""
	run -1 timeout 5 oci-run --root "$STATE" state pipe
	assert_output --partial damaged
	run -1 timeout 5 oci-run --root "$STATE" state link
	assert_output --partial damaged
	run -0 timeout 5 oci-run --root "$STATE" delete --force pipe
	run -0 timeout 5 oci-run --root "$STATE" delete --force link
}

@test "a state.json with places that we never wrote: what they are is not touched" {
	need_cgroup pids
	local where=/sys/fs/cgroup
	[ ! -d $where/pids ] || where=$where/pids
	mkdir -p "$STATE/odd" "$where/$ID/below"
	echo '{"bundle":"/x","status":"stopped","cgroups":["below",null,3,"."]}' >"$STATE/odd/state.json"
	run -0 env -C "$where/$ID" "$BOX_BUILD/tools/oci-run" --root "$STATE" delete --force odd
	[ -d "$where/$ID/below" ]
	rmdir "$where/$ID/below" "$where/$ID"
}

@test "list: control characters of a state directory reach no terminal" {
	quietly rt create -b "$BUNDLE" "$ID"
	jq '.owner = "\u001b]0;x\u0007"' "$STATE/$ID/state.json" >"$BATS_TEST_TMPDIR/new"
	cp "$BATS_TEST_TMPDIR/new" "$STATE/$ID/state.json"
	run -0 rt list
	assert_output --partial '\x1b]0;x\x07'
	run -0 rt list -f json
	assert_output --partial '\u001b'
}

# Whether what a process runs from can be written: on a mount that is read-only, it never can.
exe_is() { # PID
	python3 -c 'import os, sys
flags = os.statvfs("/proc/" + sys.argv[1] + "/exe").f_flag
print("sealed" if flags & os.ST_RDONLY else "open")' "$1"
}

# The entry point seals by a look at the words, which one that is called --help ends: then the verbs do it.
@test "create, run and exec work from a sealed copy" {
	need_cmd python3
	local bundle
	cp "$BOX_BUILD/tools/oci-run" "$BATS_TEST_TMPDIR/oci-run"
	ln -s bundle "$BATS_TEST_TMPDIR/--help"
	for bundle in "$BUNDLE" "$BATS_TEST_TMPDIR/--help"; do
		quietly "$BATS_TEST_TMPDIR/oci-run" --root "$STATE" create -b "$bundle" "$ID"
		assert_equal "$(exe_is "$(rt state "$ID" | jq .pid)")" sealed
		rt start "$ID"
		"$BATS_TEST_TMPDIR/oci-run" --root "$STATE" exec "$ID" sh -c 'echo here >/there; sleep 100' "${bundle##*/}" >/dev/null 2>&1 3>&- &
		RUN=$!
		wait_for test -e "$ROOT/there"
		assert_equal "$(exe_is "$RUN")" sealed
		rm "$ROOT/there"
		rt delete --force "$ID"
		run_ended
		"$BATS_TEST_TMPDIR/oci-run" --root "$STATE" run -b "$bundle" "$ID" >/dev/null 2>&1 3>&- &
		RUN=$!
		until_status running
		assert_equal "$(exe_is "$RUN")" sealed
		rt delete --force "$ID"
		run_ended
	done
}
