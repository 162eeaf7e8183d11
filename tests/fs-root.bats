#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# fs-root: a root from a directory and mounts; nothing of it reaches the host, and a
# failure leaves nothing.

load helper

setup() {
	box_setup
	VICTIM=$BATS_TEST_TMPDIR/victim
	mkdir "$VICTIM"
	BEFORE=$(everything)
}

# The host's mounts, the names and kinds in ROOT and in the place that must not be reached.
everything() {
	host_mounts
	(cd "$BATS_TEST_TMPDIR" && find root victim -printf '%p %y %m %l\n' | sort)
}

# Fails when anything differs from what setup (or `remember`) saw.
assert_nothing_left() {
	assert_equal "$(everything)" "$BEFORE"
}

remember() {
	BEFORE=$(everything)
}

# in_userns CMD...: as an unprivileged user who can reach this test's directory
in_userns() {
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" 2>/dev/null || true
	as_user "$@"
}

# -- entering -----------------------------------------------------------------------------

@test "the program runs in ROOT, and nothing else of the host is there" {
	need_root
	run fs-root "$ROOT" ls /
	assert_success
	assert_output "$(ls "$ROOT")"
	assert_nothing_left
}

@test "without --proc there is one mount: the root" {
	need_root
	run fs-root "$ROOT" sh -c 'mount -t proc proc /proc && wc -l </proc/self/mountinfo'
	assert_success
	assert_output 2
	assert_nothing_left
}

@test "the working directory is the new root" {
	need_root
	run fs-root "$ROOT" pwd
	assert_output /
}

@test "ROOT may be relative and may end with slashes" {
	need_root
	cd "$BATS_TEST_TMPDIR"
	run fs-root root/// pwd
	assert_success
	run fs-root . /root/bin/busybox pwd
	assert_output /
}

@test "ROOT may be / itself" {
	need_root
	run fs-root --tmpfs /mnt / sh -c 'findmnt -n -o FSTYPE /mnt || grep -c " /mnt tmpfs " /proc/mounts'
	assert_success
	assert_nothing_left
}

@test "mounts below ROOT come along, and a shared one does not spread" {
	need_root
	need_cmd unshare
	run unshare -m --propagation shared sh -c '
		mount -t tmpfs tmpfs "$1/tmp" && touch "$1/tmp/here" && mount --make-shared "$1/tmp" || exit 9
		fs-root --tmpfs /tmp/inner:mode=700 "$1" ls /tmp || exit 8
		grep -c inner /proc/self/mountinfo' sh "$ROOT"
	assert_line here
	assert_line inner
	assert_line 0
}

@test "the exit status is the program's" {
	need_root
	run fs-root "$ROOT" sh -c 'exit 42'
	assert_equal "$status" 42
}

# -- the mounts ---------------------------------------------------------------------------

@test "--proc is proc, nosuid nodev noexec" {
	need_root
	run fs-root --proc "$ROOT" grep ' /proc ' /proc/mounts
	assert_success
	assert_output --regexp '^proc /proc proc rw,nosuid,nodev,noexec'
}

@test "--sys is read-only" {
	need_root
	run fs-root --proc --sys "$ROOT" grep ' /sys ' /proc/mounts
	assert_output --regexp '^sysfs /sys sysfs ro,nosuid,nodev,noexec'
}

@test "--dev has the devices, links, terminals and shared memory, whatever the umask" {
	need_root
	run sh -c 'umask 077; exec fs-root --proc --dev "$1" sh -c "
		stat -c \"%n %t:%T %a\" /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty
		stat -c \"%n %a\" /dev /dev/shm /dev/pts
		readlink /dev/fd; readlink /dev/ptmx
		echo lost >/dev/null && head -c 4 /dev/zero | wc -c
		grep /dev /proc/mounts"' sh "$ROOT"
	assert_success
	for line in "/dev/null 1:3 666" "/dev/zero 1:5 666" "/dev/full 1:7 666" "/dev/random 1:8 666" \
		"/dev/urandom 1:9 666" "/dev/tty 5:0 666" "/dev 755" "/dev/shm 1777" "/dev/pts 755" \
		/proc/self/fd pts/ptmx 4; do
		assert_line "$line"
	done
	assert_line --regexp '^tmpfs /dev tmpfs rw,nosuid,noexec'
	assert_line --regexp '^devpts /dev/pts devpts rw,nosuid,noexec.*gid=5,mode=620,ptmxmode=666'
	assert_line --regexp '^tmpfs /dev/shm tmpfs rw,nosuid,nodev,noexec'
	assert_nothing_left
}

@test "a private devpts has no terminals of the host" {
	need_root
	run fs-root --dev "$ROOT" ls /dev/pts
	assert_output ptmx
}

@test "--cgroup shows what the host has, read-only" {
	need_root
	need_cgroup memory
	run fs-root --proc --cgroup "$ROOT" sh -c 'ls /sys/fs/cgroup; grep -c cgroup.*rw, /proc/mounts; mkdir /sys/fs/cgroup/x'
	assert_failure
	assert_line 0
	assert_line --partial 'Read-only file system'
}

@test "--cgroup has a mount for each hierarchy of version 1" {
	need_root
	[ -d /sys/fs/cgroup/memory ] || skip "needs cgroups of version 1"
	run fs-root --proc --cgroup "$ROOT" grep -c ' cgroup ro' /proc/mounts
	assert_output "$(grep -c ' - cgroup ' /proc/self/mountinfo)"
}

@test "--mqueue on the private /dev leaves the root's /dev alone" {
	need_root
	run fs-root --dev --mqueue "$ROOT" ls -d /dev/mqueue
	assert_success
	assert_nothing_left
}

@test "--tmpfs: modes, options, order" {
	need_root
	run fs-root --proc --tmpfs /tmp --tmpfs /root --tmpfs /usr:size=1M,mode=700,noexec,ro,rw "$ROOT" \
		sh -c 'stat -c "%n %a" /tmp /root /usr; grep /usr /proc/mounts'
	assert_success
	assert_line "/tmp 1777"
	assert_line "/root 755"
	assert_line "/usr 700"
	assert_line --regexp '^tmpfs /usr tmpfs rw,nosuid,nodev,noexec.*size=1024k'
}

@test "mounts are made in the order of the line" {
	need_root
	mkdir "$VICTIM/in"
	run fs-root --tmpfs /usr --bind "$VICTIM:/usr/v" "$ROOT" ls /usr /usr/v
	assert_line v
	assert_line in
	run fs-root --bind "$VICTIM:/usr" --tmpfs /usr "$ROOT" ls /usr
	assert_output ""
}

@test "--bind takes files and directories, makes what is missing, escapes colons" {
	need_root
	mkdir -p "$VICTIM/a:b"
	echo hello >"$VICTIM/a:b/file"
	run fs-root --bind "$VICTIM/a\\:b:/new/dir" --bind "$VICTIM/a\\:b/file:/new/file" "$ROOT" \
		cat /new/dir/file /new/file
	assert_success
	assert_output "hello
hello"
	assert [ -d "$ROOT/new/dir" ]
	assert [ -f "$ROOT/new/file" ]
}

@test "--bind SRC alone goes to the same path" {
	need_root
	run fs-root --bind "$VICTIM" "$ROOT" ls -d "$VICTIM"
	assert_output "$VICTIM"
}

@test "--ro-bind and the option ro cannot be written, and nothing below" {
	need_root
	run unshare -m sh -c '
		mkdir "$2/sub" && mount -t tmpfs tmpfs "$2/sub" || exit 9
		for form in "--ro-bind $2:/usr" "--bind $2:/usr:rro"; do
			fs-root $form "$1" touch /usr/x /usr/sub/x
		done' sh "$ROOT" "$VICTIM"
	assert_equal "$(grep -c 'Read-only file system' <<<"$output")" 4
}

@test "--bind with noexec" {
	need_root
	cp "$ROOT/bin/busybox" "$VICTIM/true"
	run -126 fs-root --bind "$VICTIM:/usr:noexec" "$ROOT" /usr/true
	assert_equal "$status" 126
}

@test "--mount makes any filesystem, or a bind" {
	need_root
	run fs-root --proc --mount tmpfs:here:/usr:size=1M --mount none:"$VICTIM":/root:rbind,ro "$ROOT" \
		grep -e /usr -e /root /proc/mounts
	assert_line --regexp '^here /usr tmpfs rw,'
	assert_line --regexp ' /root .* ro,'
}

# -- masks, read-only, scratch ------------------------------------------------------------

@test "--mask hides files and directories, also through links inside, and what is missing is ignored" {
	need_root
	echo hidden words >"$ROOT/etc/secret"
	ln -s etc/secret "$ROOT/alias"
	remember
	run fs-root --mask /alias --mask etc --mask /nowhere/at/all "$ROOT" sh -c 'cat /etc/secret; ls /etc; touch /etc/x'
	assert_failure
	refute_output --partial 'hidden words'
	run fs-root --mask /alias "$ROOT" cat /etc/secret
	assert_output ""
	assert_nothing_left
}

@test "--mask and --read-only-path of links that cannot be followed" {
	need_root
	ln -s loop "$ROOT/loop"
	local option
	for option in --mask --read-only-path; do
		run fs-root --proc --dev "$option" /dev/stdin "$ROOT" true
		assert_fault 125 "'/dev/stdin'" "/dev/stdin is a link to an open file"
		assert_output --partial "the directory with it: /dev"
		run fs-root --proc "$option" /proc/self/root/etc "$ROOT" true
		assert_fault 125 "'/proc/self/root/etc'" "/proc/self/root is a link to an open file"
		assert_output --partial "the directory with it: /proc/self"
		run fs-root "$option" loop/x "$ROOT" true
		assert_fault 125 "'loop/x'" "loop is a link to an open file, as those of /proc/PID are, or leads in a circle"
	done
}

@test "--mask uses the host's null device, not one of the root" {
	need_root
	echo secret >"$ROOT/etc/secret"
	ln -s ../etc/passwd "$ROOT/dev/null"
	run fs-root --mask /etc/secret "$ROOT" sh -c 'stat -c "%F %t:%T" /etc/secret'
	assert_output "character special file 1:3"
}

@test "--read-only-path, --read-only" {
	need_root
	run fs-root --read-only-path /etc --read-only-path /nowhere "$ROOT" sh -c 'touch /etc/x; touch /root/x && rm /root/x && echo ok'
	assert_line --partial "/etc/x: Read-only"
	assert_line ok
	run fs-root --tmpfs /tmp --read-only "$ROOT" sh -c 'touch /x; touch /tmp/x && echo ok'
	assert_line --partial "/x: Read-only"
	assert_line ok
	assert_nothing_left
}

@test "--scratch keeps nothing, neither changes nor mount points" {
	need_root
	grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null || skip "needs overlay"
	run fs-root --scratch --proc --tmpfs /brand/new "$ROOT" sh -c '
		rm /bin/cat && echo x >/etc/passwd && touch /y && ls -d /brand/new /y'
	assert_success
	assert_nothing_left
	assert_equal "$(cat "$ROOT/etc/passwd")" root:x:0:0:root:/root:/bin/sh
}

@test "--scratch: a relative source is still found" {
	need_root
	grep -qw overlay /proc/filesystems || skip "needs overlay"
	cd "$BATS_TEST_TMPDIR"
	touch victim/here
	run fs-root --scratch --bind victim:/usr root ls /usr
	assert_output here
}

# -- without privileges -------------------------------------------------------------------

@test "a user builds a whole root in his own namespaces" {
	need_userns
	run in_userns ns-run --all --map-root fs-root --proc --sys --dev --cgroup --mqueue --tmpfs /tmp --scratch "$ROOT" \
		sh -c 'id -u; echo x >/dev/null && stat -c "%t:%T" /dev/null /dev/tty; touch /tmp/x /dev/shm/x && ls /proc/1/exe'
	assert_success
	assert_line 0
	assert_line 1:3
	assert_line 5:0
	assert_nothing_left
}

@test "a user without a namespace is told about ns-run --map-root" {
	need_userns
	run in_userns fs-root "$ROOT" true
	assert_fault 125 "fs-root: enter root '$ROOT'" "CAP_SYS_ADMIN"
	assert_output --partial "try: ns-run --map-root"
	assert_nothing_left
}

@test "what a new user namespace lacks is named before anything is done" {
	need_userns
	run in_userns ns-run --map-root fs-root --proc "$ROOT" true
	assert_fault 125 "mount '/proc'"
	assert_output --partial "ns-run --pid"
	run in_userns ns-run --map-root fs-root --sys "$ROOT" true
	assert_fault 125 "mount '/sys'"
	assert_output --partial "ns-run --net"
	run in_userns ns-run --map-root fs-root --cgroup "$ROOT" true
	assert_fault 125 "mount '/sys/fs/cgroup'"
	assert_output --partial "ns-run --cgroup"
	run in_userns ns-run --map-root fs-root --mqueue "$ROOT" true
	assert_fault 125 "mount '/dev/mqueue'"
	assert_output --partial "ns-run --ipc"
	assert_nothing_left
}

@test "a covered /proc is named as the reason, and uncovering it helps" {
	need_root
	run unshare -m sh -c 'mount -t tmpfs tmpfs /proc/sys && ns-run --all --map-root fs-root --proc "$1" true' sh "$ROOT"
	assert_fault 125 "mount '/proc'" "covered (/proc/sys)"
	run unshare -m sh -c 'mount -t tmpfs tmpfs /proc/sys && umount /proc/sys &&
		ns-run --all --map-root fs-root --proc "$1" true' sh "$ROOT"
	assert_success
	assert_nothing_left
}

@test "flags of a parent's mount cannot be taken off" {
	need_root
	run unshare -m sh -c 'mount --bind "$2" "$2" && mount -o remount,bind,ro "$2" &&
		ns-run --all --map-root fs-root --bind "$2:/usr:rw" "$1" true' sh "$ROOT" "$VICTIM"
	assert_fault 125 "mount '/usr'" "take flags off"
	run unshare -m sh -c 'mount --bind "$2" "$2" && mount -o remount,bind,ro "$2" &&
		ns-run --all --map-root fs-root --bind "$2:/usr" "$1" true' sh "$ROOT" "$VICTIM"
	assert_success
}

# -- a root that was written by a stranger ------------------------------------------------

@test "/proc, /sys and /dev in the root that are symbolic links are refused" {
	need_root
	for name in proc sys dev; do
		rmdir "$ROOT/$name"
		ln -s "$VICTIM" "$ROOT/$name"
		remember
		run fs-root "--$name" "$ROOT" true
		assert_fault 125 "fs-root: prepare mount point '/$name'" "symbolic link"
		run fs-root --bind "$VICTIM:/$name" "$ROOT" true
		assert_fault 125 "fs-root: prepare mount point '/$name'"
		assert_nothing_left
		rm "$ROOT/$name"
		mkdir "$ROOT/$name"
	done
}

@test "/proc that links to another directory of the root is refused too" {
	need_root
	rmdir "$ROOT/proc"
	ln -s tmp "$ROOT/proc"
	remember
	run fs-root --proc "$ROOT" true
	assert_fault 125 "prepare mount point '/proc'" "symbolic link"
	assert_nothing_left
}

@test "a link where a mount point must be: the remedy names the link in ROOT, and works" {
	need_root
	for name in proc sys dev; do
		rmdir "$ROOT/$name"
		ln -s tmp "$ROOT/$name"
		run fs-root "--$name" "$ROOT" true
		assert_fault 125 "prepare mount point '/$name'" "symbolic link"
		assert_output --partial "try: rm $ROOT/$name && mkdir $ROOT/$name"
		sh -c "${output##*: try: }"
		run fs-root "--$name" "$ROOT" true
		assert_success
	done
	rmdir "$ROOT/tmp"
	ln -s nowhere "$ROOT/tmp"
	run fs-root --tmpfs /tmp/deep "$ROOT" true
	assert_fault 125 "prepare mount point '/tmp/deep'" "symbolic link"
	assert_output --partial "try: rm $ROOT/tmp && mkdir $ROOT/tmp"
	run fs-root --bind /etc/passwd:/tmp "$ROOT" true
	assert_output --partial "try: rm $ROOT/tmp && touch $ROOT/tmp"
	run fs-root --bind /etc/passwd:/tmp/file "$ROOT" true
	assert_output --partial "try: rm $ROOT/tmp && mkdir $ROOT/tmp"
}

@test "a link in what is mounted is not sought in ROOT" {
	need_root
	ln -s nowhere "$VICTIM/link"
	run fs-root --bind "$VICTIM:/usr" --tmpfs /usr/link/x "$ROOT" true
	assert_fault 125 "prepare mount point '/usr/link/x'" "symbolic link"
	assert_output --partial "try: another path: /usr/link is a symbolic link in what is mounted there"
}

@test "a destination that is the root itself, by a link" {
	need_root
	ln -s / "$ROOT/rootlink"
	ln -s usr/../.. "$ROOT/climb"
	rmdir "$ROOT/tmp"
	ln -s / "$ROOT/tmp"
	remember
	for name in rootlink climb tmp; do
		for dry in "" --dry-run; do
			run fs-root $dry --tmpfs "/$name" "$ROOT" true
			assert_fault 125 "prepare mount point '/$name'" "the root itself, by a symbolic link"
			assert_output --partial "try: rm $ROOT/$name && mkdir $ROOT/$name"
		done
		run fs-root --scratch --bind "$VICTIM:/$name" "$ROOT" true
		assert_fault 125 "prepare mount point '/$name'" "the root itself"
		run fs-root --mask "/$name" "$ROOT" true
		assert_fault 125 "mask '/$name'" "the root itself, by a symbolic link"
		run fs-root --read-only-path "/$name" "$ROOT" true
		assert_fault 125 "make read-only '/$name'" "the root itself, by a symbolic link"
		assert_output --partial "try: rm $ROOT/$name, or a path without it"
	done
	run fs-root --tmpfs /climb/usr/in "$ROOT" ls -d /usr/in
	assert_success
	run fs-root --bind "$ROOT:/usr" --tmpfs /usr "$ROOT" true # a copy of the root is not the root
	assert_success
}

@test "a destination behind links that climb out stays in the root" {
	need_root
	ln -s ../../../../../../../../../.."$VICTIM" "$ROOT/relative"
	ln -s "$VICTIM" "$ROOT/absolute"
	for link in relative absolute; do
		run fs-root --tmpfs "/$link/deep" "$ROOT" true
		assert_fault 125 "prepare mount point '/$link/deep'"
	done
	mkdir -p "$ROOT$VICTIM" # the same path inside: there the links lead
	remember
	for link in relative absolute; do
		run fs-root --tmpfs "/$link" "$ROOT" touch "/$link/x"
		assert_success
		assert_nothing_left
	done
}

@test "a destination that is a link to nowhere makes nothing" {
	need_root
	ln -s "$VICTIM/new" "$ROOT/file"
	remember
	run fs-root --bind /etc/passwd:/file "$ROOT" true
	assert_fault 125 "prepare mount point '/file'" "symbolic link"
	run fs-root --tmpfs /file/dir "$ROOT" true
	assert_fault 125 "prepare mount point '/file/dir'"
	assert_nothing_left
}

@test "nothing is mounted into proc, by any name" {
	need_root
	ln -s proc "$ROOT/alias"
	remember
	for dir in /proc/sys /alias/sys; do
		run fs-root --proc --tmpfs "$dir" "$ROOT" true
		assert_fault 125 "prepare mount point '$dir'" "inside a proc"
	done
	run fs-root --proc --bind "$VICTIM:/alias/self/attr" "$ROOT" true
	assert_fault 125 "prepare mount point '/alias/self/attr'"
	run fs-root --proc --bind /etc/hostname:/proc/uptime "$ROOT" cat /proc/uptime
	assert_output "$(cat /etc/hostname)"
	assert_nothing_left
}

@test "only proc and sysfs go to /proc and /sys" {
	need_root
	run fs-root --tmpfs /sys "$ROOT" true
	assert_fault 125 "prepare mount point '/sys'" "only a sysfs"
	run fs-root --bind "$VICTIM://proc/." "$ROOT" true
	assert_fault 125 "prepare mount point '/proc'" "no proc filesystem"
	run fs-root --bind /sys "$ROOT" ls -d /sys/kernel
	assert_success
	assert_nothing_left
}

# -- what is refused ----------------------------------------------------------------------

@test "a ROOT that is a symbolic link: the remedy has its path and works" {
	need_root
	ln -s root "$BATS_TEST_TMPDIR/link"
	for name in link link/ link//; do
		run fs-root "$BATS_TEST_TMPDIR/$name" true
		assert_fault 125 "fs-root: use as root '$BATS_TEST_TMPDIR/$name'" "symbolic link"
		assert_output --partial "$(realpath "$ROOT")"
	done
	ln -s nowhere "$BATS_TEST_TMPDIR/dangling"
	run fs-root "$BATS_TEST_TMPDIR/dangling" true
	assert_fault 125 "use as root" "symbolic link"
	run fs-root "$(realpath "$ROOT")" true
	assert_success
}

@test "a ROOT that is missing, a file, or not searchable" {
	run fs-root "$BATS_TEST_TMPDIR/none" true
	assert_fault 125 "fs-root: use as root '$BATS_TEST_TMPDIR/none'" "No such file"
	run fs-root /etc/passwd true
	assert_fault 125 "fs-root: use as root '/etc/passwd'" "Not a directory"
	assert_output --partial "tar -x"
	need_root # to make a directory of another user
	need_userns
	mkdir -m 700 "$BATS_TEST_TMPDIR/closed"
	run in_userns ns-run --map-root fs-root "$BATS_TEST_TMPDIR/closed" true
	assert_fault 125 "ns-run: use as root '$BATS_TEST_TMPDIR/closed'" "Permission denied"
	assert_output --partial namei
	assert_nothing_left
}

@test "destinations with .. and the root itself" {
	need_root
	for dir in /../x /usr/../../x .. usr/..; do
		run fs-root --tmpfs "$dir" "$ROOT" true
		assert_fault 125 "prepare mount point" ".."
		run fs-root --mask "$dir" "$ROOT" true
		assert_fault 125 "mask '$dir'" ".."
		run fs-root --read-only-path "$dir" "$ROOT" true
		assert_fault 125 "make read-only '$dir'" ".."
	done
	for dir in / // . ./; do
		run fs-root --tmpfs "$dir" "$ROOT" true
		assert_fault 125 "prepare mount point '/'" "the root itself"
	done
	assert_nothing_left
}

@test "mount options: unknown to the filesystem, for a bind, with a bad value" {
	need_root
	run fs-root --tmpfs /new/dir:colour=red "$ROOT" true
	assert_fault 125 "mount '/new/dir'" "colour"
	run fs-root --tmpfs /usr:size=lots "$ROOT" true
	assert_fault 125 "mount '/usr'" "size"
	run fs-root --bind "$VICTIM:/usr:size=1M" "$ROOT" true
	assert_fault 125 "read mount '/usr'" "no option 'size=1M'"
	run fs-root --mount nosuchfs::/usr "$ROOT" true
	assert_fault 125 "mount '/usr'" "nosuchfs"
	assert_nothing_left
}

@test "fields that are missing" {
	for words in "--tmpfs=" "--bind=" "--mount=tmpfs" "--mount=tmpfs:x" "--mount=::/usr" "--proc="; do
		run fs-root "$words" "$ROOT" true
		assert_fault 125 "fs-root: read mount" "is missing"
	done
	assert_nothing_left
}

@test "a source that is missing, and one of the other kind" {
	need_root
	run fs-root --bind "$VICTIM/none:/usr" "$ROOT" true
	assert_fault 125 "fs-root: bind from '$VICTIM/none'" "No such file"
	run fs-root --bind /etc/passwd:/usr "$ROOT" true
	assert_fault 125 "mount '/usr'" "the other a file"
	run fs-root --bind "$VICTIM:/bin/busybox" "$ROOT" true
	assert_fault 125 "mount '/bin/busybox'" "the other a file"
	assert_nothing_left
}

@test "one fs-root in a chain; the root's own may be run behind --" {
	need_root
	need_static fs-root
	mkdir "$ROOT/inner"
	run fs-root "$ROOT" fs-root /inner true
	assert_fault 125 "fs-root: put in order 'fs-root'" "a second, /inner"
	assert_output --partial "try: one fs-root with --bind"
	cp "$(command -v fs-root)" "$ROOT/bin/"
	cp -r "$ROOT/bin" "$ROOT/inner/"
	run fs-root --proc "$ROOT" -- /bin/fs-root /inner ls /
	assert_success
	assert_output bin
}

@test "without descriptors left the remedy is ulimit" {
	need_root
	local n said=0
	for n in 4 5 6 7 8 9; do
		run bash -c 'ulimit -n "$1"; exec fs-root --proc --dev --tmpfs /tmp --mask /etc "$2" true' bash "$n" "$ROOT"
		[ "$status" -ne 0 ] || break
		[[ $output != *"Too many open files"* ]] || said=$((said + 1))
		[[ $output != *"fs-root: try: "* ]] || assert_output --partial "ulimit -n"
		assert_nothing_left
	done
	assert [ "$said" -gt 0 ]
}

@test "what was made in the root is removed when a later step fails" {
	need_root
	rmdir "$ROOT/proc" "$ROOT/dev" "$ROOT/sys"
	remember
	run fs-root --proc --dev --sys --cgroup --mqueue --bind /etc/passwd:/a/b/c --tmpfs /d/e:bogus "$ROOT" true
	assert_fault 125 "mount '/d/e'"
	assert_nothing_left
	run -127 fs-root --proc --dev --bind /etc/passwd:/a/b/c "$ROOT" /no/such/program
	assert_fault 127 "fs-root: run '/no/such/program'"
	assert_nothing_left
	run -127 fs-root --proc --tmpfs /a/b "$ROOT" cap-set --only chown /no/such/program
	assert_equal "$status" 127
	assert_nothing_left
}

# -- saying it ----------------------------------------------------------------------------

@test "--dry-run changes nothing and gets to the end" {
	need_root
	rmdir "$ROOT/proc" "$ROOT/dev"
	remember
	run fs-root --dry-run --scratch --proc --sys --dev --cgroup --tmpfs /a/b --bind /etc/passwd:/c --mask /etc \
		--read-only-path /bin --read-only "$ROOT" true
	assert_success
	assert_output --partial 'pivot_root(".", ".")'
	assert_nothing_left
	run fs-root --dry-run --proc --dev "$ROOT" true
	assert_success
	assert_nothing_left
}

@test "the program sees no descriptor of the tool" {
	need_root
	run fs-root --proc --dev --cgroup --mask /etc --scratch "$ROOT" sh -c 'cd /proc/$$/fd && echo *'
	assert_success
	# 3 is the directory that the shell reads for the names
	assert_output --regexp '^0 1 2 3( 10)?$'
}

# -- device nodes ---------------------------------------------------------------------------

@test "--dev-nodes and --device make nodes in the /dev that is there, in their place" {
	need_root
	run fs-root --tmpfs /dev --dev-nodes --device c:10,229:/dev/a/fuse:mode=640,uid=3,gid=4 --device b:7,0:/dev/loop \
		--device p::/dev/fifo "$ROOT" stat -c '%n %F %a %u:%g %t,%T' /dev/null /dev/a/fuse /dev/loop /dev/fifo
	assert_success
	assert_output "$(
		cat <<-END
			/dev/null character special file 666 0:0 1,3
			/dev/a/fuse character special file 640 3:4 a,e5
			/dev/loop block special file 666 0:0 7,0
			/dev/fifo fifo 666 0:0 0,0
		END
	)"
	assert_nothing_left
}

@test "in a user namespace the host's devices are bound" {
	need_userns
	run in_userns ns-run --map-root fs-root --tmpfs /dev --dev-nodes --device c:1,3:/dev/null "$ROOT" \
		sh -c 'echo x >/dev/null && stat -c %t,%T /dev/null /dev/zero'
	assert_success
	assert_output "$(printf '1,3\n1,5')"
	run in_userns ns-run --map-root fs-root --tmpfs /dev --device c:1,5:/dev/null "$ROOT" true
	assert_fault 125 "make device" "it is not the character device 1:5"
	assert_nothing_left
}

@test "a node that is something else already, and a bad --device, are refused" {
	need_root
	run fs-root --tmpfs /dev --device c:1,5:/dev/null --dev-nodes "$ROOT" true
	assert_fault 125 "make device '/dev/null'" "something else of that name"
	for bad in x:1,3:/dev/x c:1:/dev/x c::/dev/x c:1,3:/dev/x:mode=9 c:1,3:/dev/x:ro c:1,3:/dev/x:bind c:-1,3:/dev/x \
		c:1,3:/dev/x:uid=root; do
		run fs-root --tmpfs /dev --device "$bad" "$ROOT" true
		assert_fault 125 "make device '/dev/x'"
	done
	assert_nothing_left
}

@test "--print gives nodes back in their place" {
	run fs-root --print --tmpfs /dev --device 'c:10,229:/dev/fu\:se:mode=640' --dev-nodes --tmpfs /tmp "$ROOT" true
	assert_success
	assert_output --partial "--tmpfs /dev --device 'c:10,229:/dev/fu\\:se:mode=640' --dev-nodes --tmpfs /tmp"
}

@test "device nodes made in the root itself are removed when the chain fails later" {
	need_root
	rm -rf "${ROOT:?}/dev"
	mkdir "$ROOT/dev"
	remember
	run fs-root --dev-nodes --device "c:1,3:/etc/deep/null" "$ROOT" no-such-program
	assert_fault 127 "run 'no-such-program'"
	assert_equal "$(everything)" "$BEFORE"
	run ns-run --pid fs-root --dev-nodes "$ROOT" cap-set --only none no-such-program
	assert_fault 127 "run 'no-such-program'"
	assert_equal "$(everything)" "$BEFORE"
	run fs-root --dev-nodes "$ROOT" ls -l /dev/null
	assert_success
	assert_output --regexp '^crw-rw-rw-'
}

# -- propagation ------------------------------------------------------------------------------

# spread SCRIPT: in a mount namespace of its own, where $SRC is a shared mount with one below it
spread() {
	need_cmd unshare
	SRC=$BATS_TEST_TMPDIR/src
	mkdir -p "$SRC" "$ROOT/v"
	export SRC
	run unshare -m --propagation private bash -c '
		mount -t tmpfs src "$SRC" && mount --make-shared "$SRC" && mkdir "$SRC"/{sub,late,own} &&
			mount -t tmpfs sub "$SRC/sub" && mount --make-shared "$SRC/sub" && cd / || exit 9
		'"$1"
}

# The optional fields of mountinfo inside, by mount point.
SEEN='sed -E "s/^([^ ]* ){4}([^ ]*) [^ ]* (.*)- .*/\2 \3/; s/:[0-9]+//g; s/ $//" /proc/self/mountinfo | grep -E "^/( |v|$)" | sort'

@test "--propagation: a slave gets the host's mounts and gives none" {
	need_root
	local kind
	for kind in slave rslave shared; do
		spread "exec 3< <(exec 3<&-; fs-root --proc --propagation $kind --bind \"\$SRC:/v\" \"\$ROOT\" sh -c '
			mount -t tmpfs own /v/own; echo ready; while ! grep -q /v/late /proc/self/mountinfo; do sleep 0.1; done; echo seen')
			read -r line <&3; echo \"\$line\"
			grep -c src/own /proc/self/mountinfo
			mount -t tmpfs late \"\$SRC/late\"; read -t 20 -r line <&3; echo \"\$line\""
		assert_output "$(printf 'ready\n0\nseen')"
	done
}

@test "--propagation: without it, and with rprivate, nothing spreads" {
	need_root
	local option
	for option in "" "--propagation rprivate" "--propagation private" "--propagation unbindable"; do
		spread "fs-root --proc $option --bind \"\$SRC:/v\" \"\$ROOT\" sh -c 'mount -t tmpfs own /v/own; $SEEN'; grep -c src/own /proc/self/mountinfo"
		if [[ $option == *unbindable ]]; then
			assert_output "$(printf '/ unbindable\n/v\n/v/own\n/v/sub\n0')"
		else
			assert_output "$(printf '/\n/v\n/v/own\n/v/sub\n0')"
		fi
	done
}

@test "--propagation shared: a shared bind gives its mounts to the host, and the root none" {
	need_root
	spread "fs-root --proc --propagation shared --bind \"\$SRC:/v:rshared\" \"\$ROOT\" sh -c '
		mount -t tmpfs own /v/own; mount -t tmpfs tmp /tmp; $SEEN'; grep -c src/own /proc/self/mountinfo; grep -c root/tmp /proc/self/mountinfo"
	assert_output "$(printf '/ shared\n/v shared\n/v/own shared\n/v/sub shared\n1\n0')"
	# and no mount of ours goes into it
	for option in "--tmpfs /v/own" "--tmpfs /link" "--mask /v/late" "--read-only-path /link" "--mask /v/sub"; do
		ln -sfn v/own "$ROOT/link"
		spread "fs-root --proc --propagation shared --bind \"\$SRC:/v:shared\" $option \"\$ROOT\" true
			echo \$?; grep -c ' - tmpfs tmpfs' /proc/self/mountinfo | sed 's/^/count /'; grep -c 'src/[ol]' /proc/self/mountinfo"
		assert_line 125
		assert_line --partial "shared with the host"
		assert_line 0
	done
}

@test "--propagation: each kind with each word of a bind" {
	need_root
	local kind word expect
	while read -r kind word expect; do
		spread "fs-root --proc --propagation $kind --bind \"\$SRC:/v:$word\" \"\$ROOT\" sh -c '$SEEN' | grep '^/v\$\\|^/v '"
		assert_equal "$kind $word $output" "$kind $word /v${expect:+ $expect}"
	done <<-END
		private slave master
		private shared shared
		rprivate slave
		slave private
		slave slave master
		slave shared shared master
		rslave rprivate
		rslave unbindable unbindable
		shared shared shared
		shared slave master
		shared private
		rshared slave shared master
		rshared private shared
		runbindable slave unbindable
	END
}

@test "--propagation in a user namespace: a slave at most" {
	need_root
	spread "ns-run --user --map-users 0:0:5 --mount --pid fs-root --propagation shared --bind \"\$SRC:/v:shared\" --proc \"\$ROOT\" sh -c '
		mount -t tmpfs own /v/own; $SEEN' | grep '^/v'; grep -c src/own /proc/self/mountinfo"
	assert_output "$(printf '/v shared master\n/v/own shared\n/v/sub master\n0')"
}

@test "--propagation: a bad kind, a dry run, and printed again" {
	run fs-root --propagation sideways "$ROOT" true
	assert_fault 125 "sideways" "no such propagation"
	run fs-root --print --propagation rslave "$ROOT" true
	assert_output --partial "--propagation rslave"
	need_root
	run fs-root --dry-run --propagation rshared --bind /dev:/v:rshared "$ROOT" true
	assert_success
	assert_output --partial "propagation=MS_SHARED"
	assert_nothing_left
}

# -- cgroups that may be written ------------------------------------------------------------------

@test "--cgroup with options: rw in a cgroup namespace, and the words in their order" {
	need_root
	need_cgroup pids
	run cg-exec --new --set pids.max=30 ns-run --cgroup --pid --mount fs-root --proc --cgroup=/sys/fs/cgroup:rw,nosuid,exec,nodev "$ROOT" sh -c '
		c=/sys/fs/cgroup/pids; [ -d $c ] || c=/sys/fs/cgroup
		mkdir $c/below && rmdir $c/below && echo made
		ls $c | grep release_agent
		grep " $c " /proc/self/mountinfo | cut -d" " -f6'
	assert_success
	assert_output "$(printf 'made\nrw,nosuid,nodev,relatime')"
	run ns-run --cgroup --mount fs-root --proc --cgroup=/sys/fs/cgroup:rw,ro "$ROOT" sh -c 'mkdir /sys/fs/cgroup/*/x /sys/fs/cgroup/x; touch /sys/fs/cgroup/y'
	assert_failure
	assert_output --partial "Read-only file system"
	run fs-root --print --cgroup --cgroup=/c --cgroup=/sys/fs/cgroup:rw "$ROOT" true
	assert_output --partial "--cgroup --cgroup=/c --cgroup=/sys/fs/cgroup:rw"
	run fs-root --cgroup=/sys/fs/cgroup:nsdelegate "$ROOT" true
	assert_fault 125 "/sys/fs/cgroup" "'nsdelegate' is none"
}

@test "--cgroup rw without a cgroup namespace: of version 1 its own cgroups alone, and no top of the host's" {
	need_root
	[ -d /sys/fs/cgroup/pids ] || skip "needs a hierarchy of version 1 with pids"
	run cg-exec --new="/box-own-$$" --set pids.max=30 fs-root --proc --cgroup=/sys/fs/cgroup:rw "$ROOT" sh -c '
		cat /sys/fs/cgroup/pids/pids.max; mkdir /sys/fs/cgroup/pids/below && rmdir /sys/fs/cgroup/pids/below && echo made
		for d in /sys/fs/cgroup/*; do
			[ ! -e $d/release_agent ] || grep " $d " /proc/self/mountinfo | cut -d" " -f5,6
		done | grep -v " ro,"
		mkdir /sys/fs/cgroup/*/leak 2>&1 | grep -c "Read-only"; rmdir /sys/fs/cgroup/pids/leak'
	assert_line --index 0 30
	assert_line --index 1 made
	assert_line --index 2 --regexp '^[0-9]+$'
	run find /sys/fs/cgroup -maxdepth 3 -name leak
	assert_output ""
}

@test "--cgroup where there is nothing but version 2" {
	need_root
	need_cmd unshare
	local option
	for option in ro rw; do
		run unshare -m --propagation private bash -c '
			umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup || exit 9
			ns-run --cgroup --mount fs-root --proc --cgroup=/sys/fs/cgroup:$2 "$1" sh -c "
				grep /sys/fs/cgroup /proc/self/mountinfo | cut -d\" \" -f5,6; ls /sys/fs/cgroup/cgroup.controllers"' bash "$ROOT" "$option"
		assert_output "$(printf '%s\n/sys/fs/cgroup/cgroup.controllers' "/sys/fs/cgroup $option,nosuid,nodev,noexec,relatime")"
	done
}

# -- mount options --------------------------------------------------------------------------------

@test "every option of the runtime specification is known, alone and behind its opposite" {
	need_root
	local on off seen recursive fs=$BATS_TEST_TMPDIR/option.fs
	flags() { # OPTIONS
		run fs-root --proc --mount "tmpfs:x:/tmp:$1" "$ROOT" sh -c 'grep " /tmp " /proc/self/mountinfo | cut -d" " -f6'
		assert_success
	}
	while read -r on off seen; do
		for recursive in "" r; do
			flags "$recursive$on"
			assert_regex ",$output," ",$seen,"
			flags "$recursive$on,$recursive$off"
			refute_regex ",$output," ",$seen,"
			flags "$recursive$off,$recursive$on"
			assert_regex ",$output," ",$seen,"
		done
	done <<-END
		ro rw ro
		nosuid suid nosuid
		nodev dev nodev
		noexec exec noexec
		nodiratime diratime nodiratime
		noatime atime noatime
		noatime strictatime noatime
		nosymfollow symfollow nosymfollow
	END
	flags strictatime
	refute_regex ",$output," ",relatime,"
	flags strictatime,nostrictatime
	assert_regex ",$output," ",relatime,"
	flags defaults,loud,silent,noiversion,private,rprivate,slave,rslave,shared,rshared,unbindable,runbindable
	assert_output rw,relatime
	# of the whole filesystem
	for on in sync,mand,lazytime,dirsync "sync,async,nomand,nolazytime"; do
		flags "$on"
		run fs-root --proc --mount "tmpfs:x:/tmp:$on" "$ROOT" sh -c 'grep " /tmp " /proc/self/mountinfo | sed "s/.* - //"'
		[[ $on == *async* ]] && refute_output --partial sync || assert_output --partial "sync"
	done
	run fs-root --bind "/tmp:/tmp:sync,async,dirsync,lazytime,nolazytime,mand,nomand,iversion,noiversion" "$ROOT" true
	assert_success
}

@test "idmap and ridmap: files with other ids, also in a user namespace that has no right to do it" {
	need_root
	need_cmd unshare
	mkdir -p "$BATS_TEST_TMPDIR/src/sub" "$ROOT/v"
	export SRC=$BATS_TEST_TMPDIR/src
	script='mount -t tmpfs src "$SRC" && mkdir "$SRC/sub" && mount -t tmpfs sub "$SRC/sub" && touch "$SRC/f" "$SRC/sub/f" &&
		chown 1000:2000 "$SRC/f" "$SRC/sub/f" || exit 9
		ids() { "${@:2}" fs-root --proc --bind "$SRC:/v:$1" "$ROOT" stat -c %u:%g /v/f /v/sub/f; }'
	run unshare -m --propagation private bash -c "$script"'
		ids "idmap=uids=0-5-1#1000-7-1;gids=2000-8-9"; ids "ridmap=gids=2000-8-9;uids=1000-7-1"
		ids "ridmap=uids=0-100000-65536;gids=0-100000-65536" ns-run --pid --mount --user --map-users 0:100000:65536
		sleep 60 & exec 3<&0
		ids "rbind,idmap=/proc/$$/ns/user"; kill $!'
	assert_line --index 0 7:8
	assert_line --index 1 1000:2000
	assert_line --index 2 7:8
	assert_line --index 3 7:8
	assert_line --index 4 1000:2000
	assert_line --index 5 1000:2000
	# the initial user namespace is no map
	assert_line --partial "map the ids of"
	# what is written there has the id of the disk
	run unshare -m --propagation private bash -c "$script"'
		chown 1000:1000 "$SRC"
		fs-root --bind "$SRC:/v:idmap=uids=1000-0-1;gids=1000-0-1" "$ROOT" touch /v/new; stat -c %u:%g "$SRC/new"'
	assert_output 1000:1000
	run pgrep -P $$ -x fs-root
	assert_failure
}

@test "idmap: what is wrong is said, and nothing is left" {
	need_root
	local map
	for map in idmap idmap= "idmap=uids=0-0-1" "idmap=uids=0-0;gids=0-0-1" "idmap=uids=0-0-0;gids=0-0-1" "idmap=uids=0-0-1;gids=0-0-1;uids=1-1-1" \
		"idmap=uids=4294967295-0-1;gids=0-0-1" "idmap=/nonexistent" "idmap=/proc/self/ns/mnt" \
		"idmap=uids=0-0-5#3-9-1;gids=0-0-1"; do
		run fs-root --bind "/tmp:/tmp:$map" "$ROOT" true
		assert_equal "$status" 125
		assert_output --partial "try: "
		assert_nothing_left
	done
	run fs-root --tmpfs "/tmp:idmap=uids=0-0-1;gids=0-0-1" "$ROOT" true
	assert_fault 125 "map the ids of '/tmp'" "only a bind"
	in_userns true
	run in_userns ns-run --map-root --mount fs-root --bind "/tmp:/tmp:idmap=uids=0-0-1;gids=0-0-1" "$ROOT" true
	assert_fault 125 "map the ids of '/tmp'" "not permitted"
	run fs-root --dry-run --bind "/tmp:/tmp:idmap=uids=0-5-1;gids=0-5-1" "$ROOT" true
	assert_success
	assert_output --partial "attr_set=MOUNT_ATTR_IDMAP"
	assert_nothing_left
}

@test "tmpcopyup: the tmpfs begins with what it covers; without mode= it has that mode" {
	need_root
	need_cmd unshare
	mkdir -p "$ROOT/v/d/e"
	echo text >"$ROOT/v/d/e/file"
	ln -s /etc/passwd "$ROOT/v/link"
	mkfifo "$ROOT/v/fifo"
	head -c 200000 /dev/urandom >"$ROOT/v/big"
	chown 3:4 "$ROOT/v/d"
	chmod 4711 "$ROOT/v/big"
	chmod 750 "$ROOT/v"
	remember
	run fs-root --mount tmpfs:x:/v:tmpcopyup --tmpfs /v/d/e "$ROOT" sh -c '
		stat -c "%n %a %u:%g" /v /v/d /v/big; stat -c %F /v/fifo; readlink /v/link; ls /v/d/e; cat /v/big | wc -c; echo x >/v/new'
	assert_output "$(printf '/v 750 0:0\n/v/d 755 3:4\n/v/big 4711 0:0\nfifo\n/etc/passwd\n200000')"
	run fs-root --mount tmpfs:x:/v:tmpcopyup,ro "$ROOT" sh -c 'cat /v/d/e/file; echo x >/v/new'
	assert_line text
	assert_line --partial "Read-only file system"
	run fs-root --mount tmpfs:x:/v:ro "$ROOT" sh -c 'stat -c %a /v; ls /v; echo x >/v/new'
	assert_line --index 0 750
	assert_line --index 1 --partial "Read-only file system"
	run fs-root --mount tmpfs:x:/v:tmpcopyup,mode=700,size=8k "$ROOT" true
	assert_fault 125 "copy up '/v'" "No space"
	assert_nothing_left
	run ns-run --user --map-users 0:0:3 --mount --pid fs-root --mount tmpfs:x:/v:tmpcopyup "$ROOT" stat -c %u:%g /v/d /v/big
	assert_output "$(printf '0:0\n0:0')"
}

@test "remount, src-nofollow, dest-nofollow, copy-symlink" {
	need_root
	ln -s /bin/busybox "$BATS_TEST_TMPDIR/link"
	mkdir "$ROOT/v"
	run fs-root --proc --tmpfs /tmp:size=1m --mount none:none:/tmp:remount,ro,noexec "$ROOT" sh -c 'grep " /tmp " /proc/self/mountinfo | cut -d" " -f6'
	assert_output ro,nosuid,nodev,noexec,relatime
	run fs-root --mount none:none:/v:remount,ro "$ROOT" true
	assert_fault 125 "mount '/v'" "nothing is mounted there"
	remember
	run fs-root --mount "none:$BATS_TEST_TMPDIR/link:/etc/copied:bind,copy-symlink" "$ROOT" sh -c 'readlink /etc/copied; rm /etc/copied'
	assert_output /bin/busybox
	assert_nothing_left
	ln -s /bin/busybox "$ROOT/etc/copied"
	run fs-root --bind "$BATS_TEST_TMPDIR/link:/etc/copied:copy-symlink" "$ROOT" true
	assert_success
	ln -sfn /bin/other "$ROOT/etc/copied"
	run fs-root --bind "$BATS_TEST_TMPDIR/link:/etc/copied:copy-symlink" "$ROOT" true
	assert_fault 125 "prepare mount point '/etc/copied'" "File exists"
	# a link whose target is on the host alone
	ln -s "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/away"
	ln -s nowhere "$ROOT/etc/broken"
	run fs-root --bind "$BATS_TEST_TMPDIR/away:/etc/broken:bind,src-nofollow,dest-nofollow" "$ROOT" readlink /etc/broken
	assert_output "$BATS_TEST_TMPDIR"
	run -127 fs-root --bind "$BATS_TEST_TMPDIR/link:/etc/new/copied:copy-symlink" "$ROOT" /bin/nosuch
	[ ! -e "$ROOT/etc/new" ]
}
