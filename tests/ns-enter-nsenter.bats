#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The table COMING FROM NSENTER of ns-enter(1): each row is executed in both spellings, with the same
# question, and the answers are equal. Where the nsenter here is too old for an option, or does not do
# it in this place, ns-enter's answer is what is expected.

load helper
load spelling

# A line: the two columns of the page, what nsenter has to know (a word of its help), the two commands,
# the question, and what is expected. Fields end with " ^"; a row of the page may have several lines.
rows() {
	cat <<-'ROWS'
		nsenter -t PID -a ^ ns-enter -t PID ^ --all ^ nsenter -t $P -a ^ ns-enter -t $P ^ $KINDS ^ $THEIRS
		nsenter -t PID:INODE -a ^ ns-enter -t PID:INODE ^ inode ^ nsenter -t $P:$INODE -a ^ ns-enter -t $P:$INODE ^ $KINDS ^ $THEIRS
		nsenter -t PID -m -u -i -n -p -C -U -T ^ ns-enter -t PID -m -u -i -n -p -C -U -T ^ --time ^ nsenter -t $P -m -u -i -n -p -C -U -T ^ ns-enter -t $P -m -u -i -n -p -C -U -T ^ $KINDS ^ $THEIRS
		nsenter --net=FILE ^ ns-enter --net=FILE ^ --net ^ nsenter --net=/run/netns/$NETNS ^ ns-enter --net=/run/netns/$NETNS ^ readlink /proc/self/ns/net ^ $OTHER
		nsenter --net=:NSID ^ ns-enter --net=:NSID ^ nsid ^ nsenter --net=:$ID ^ ns-enter --net=:$ID ^ readlink /proc/self/ns/net ^ $(readlink /proc/$P/ns/net)
		nsenter -t PID -a --net=FILE ^ ns-enter -t PID -a --net=FILE ^ --all ^ nsenter -t $P -a --net=/run/netns/$NETNS ^ ns-enter -t $P -a --net=/run/netns/$NETNS ^ readlink /proc/self/ns/net; readlink /proc/self/ns/uts ^ $OTHER $(readlink /proc/$P/ns/uts)
		nsenter -t PID -N FD ^ ns-enter -t PID -N FD ^ --net-socket ^ nsenter -t $SOCK -N 50 ^ ns-enter -t $SOCK -N 50 ^ readlink /proc/self/ns/net ^ $OTHER
		nsenter -t PID -m --user-parent ^ ns-enter -t PID -m --user-parent ^ --user-parent ^ nsenter -t $P -m --user-parent ^ ns-enter -t $P -m --user-parent ^ stat -c %u /bin ^ 65534
		nsenter -t PID -U -S UID -G GID ^ ns-enter -t PID -U --ids UID:GID ^ --setuid ^ nsenter -t $P -U -S 3 -G 4 ^ ns-enter -t $P -U --ids 3:4 ^ id -u; id -g ^ 3 4
		nsenter -t PID -U -S follow -G follow ^ ns-enter -t PID -U --ids follow ^ follow ^ nsenter -t $F -U -S follow -G follow ^ ns-enter -t $F -U --ids follow ^ id -u; id -g ^ 5 6
		nsenter -t PID -U --preserve-credentials ^ ns-enter -t PID -U --ids keep ^ --preserve-credentials ^ nsenter -t $P -U --preserve-credentials ^ ns-enter -t $P -U --ids keep ^ id -u ^ 65534
		nsenter -t PID -U --keep-caps -S UID ^ ns-enter -t PID -U cap-set --user UID --permitted all --inheritable all --ambient all ^ --keep-caps ^ nsenter -t $P -U --keep-caps -S 3 ^ ns-enter -t $P -U cap-set --user 3 --permitted all --inheritable all --ambient all ^ id -u; grep CapEff /proc/self/status | tr -d 0 ^ 3 CapEff: 1ffffffffff
		nsenter -t PID -m -r ^ ns-enter -t PID -m -r ^ --root ^ nsenter -t $S -m -r ^ ns-enter -t $S -m -r ^ ls / ^ bin down proc there
		nsenter -m -t PID -r/DIR ^ ns-enter -m -t PID --root=/DIR ^ --root ^ nsenter -m -t $P -r$ROOT/tmp/deep ^ ns-enter -m -t $P --root=$ROOT/tmp/deep ^ ls / ^ bin down proc there
		nsenter -t PID -m -w ^ ns-enter -t PID -m -w ^ --wd ^ nsenter -t $S -m -w ^ ns-enter -t $S -m -w ^ pwd ^ /tmp/deep/down
		nsenter -t PID -m -w/DIR ^ ns-enter -t PID -m --cwd=/DIR ^ --wd ^ nsenter -t $P -m -w$D/ours ^ ns-enter -t $P -m --cwd=$D/ours ^ cat file ^ here
		nsenter -t PID -m -W /DIR ^ ns-enter -t PID -m -W /DIR ^ --wdns ^ nsenter -t $P -m -W /tmp/deep ^ ns-enter -t $P -m -W /tmp/deep ^ pwd ^ /tmp/deep
		nsenter -t PID -a -e ^ ns-enter -t PID -e ^ --env ^ nsenter -t $S -a -e ^ ns-enter -t $S -e ^ echo $WHO $TWO ^ me a b
		nsenter -t PID -a -c ^ ns-enter -t PID -c ^ --join-cgroup ^ nsenter -t $G -c ^ ns-enter -t $G -c ^ grep boxsenter /proc/self/cgroup ^ $(grep boxsenter /proc/$G/cgroup | xargs)
		nsenter -t PID -a -Z ^ ns-enter -t PID -Z ^ selinux-none ^ nsenter -t $P -Z ^ ns-enter -t $P -u -Z ^ cat /proc/self/attr/current 2>/dev/null ^ $(cat /proc/$P/attr/current 2>/dev/null | tr -d '\0')
		nsenter -h , -V ^ ns-enter -h , -V ^ -h ^ nsenter -V | grep -c enter; nsenter -h | grep -c enter.mount; true ^ ns-enter -V | grep -c enter; ns-enter -h | grep -c -- --mount; true ^ : ^ 1 1
	ROWS
}

setup() {
	need_root
	need_cmd nsenter ip /usr/bin/python3
	box_setup
	D=$BATS_TEST_TMPDIR
	MORE=()
	NETNS=boxsenter$$
	ip netns add "$NETNS"
	mkdir -p "$D/ours" "$ROOT/tmp/deep/down" "$ROOT/tmp/deep/proc"
	cp -r "$ROOT/bin" "$ROOT/tmp/deep"
	echo here >"$D/ours/file"
}

teardown() {
	local pid
	for pid in "${MORE[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
	done
	[ -z "${NETNS:-}" ] || ip netns del "$NETNS"
	[ -z "${G:-}" ] || find /sys/fs/cgroup -name "boxsenter-$$" -type d | while read -r pid; do wait_for rmdir "$pid"; done
}

# P: a container; S: one in it with a root, a directory and an environment of its own; F: one that is
# somebody; G: one in cgroups of its own; SOCK: one that holds a socket of another network.
processes() {
	ns-run --all --map-users 0:100000:100 --map-groups 0:100000:100 --hostname boxed --detach --pid-file "$D/pid" \
		fs-root --proc --dev "$ROOT" sleep 60 >/dev/null 2>&1 3>&-
	P=$(cat "$D/pid")
	MORE+=("$P")
	chmod a+rwx "$ROOT/tmp/deep"
	ns-enter -t "$P" env -i PATH=/bin WHO=me TWO='a b' chroot /tmp/deep sh -c 'cd /down; echo >/there; exec sleep 60' 3>&- &
	MORE+=($!)
	wait_for test -s "$ROOT/tmp/deep/there"
	S=$(cat "/proc/$!/task/$!/children")
	S=${S% }
	ns-enter -t "$P" cap-set --user 5:6 sleep 60 3>&- &
	MORE+=($!)
	wait_for sh -c "grep -qx sleep /proc/\$(cut -d' ' -f1 /proc/$!/task/$!/children)/comm"
	F=$(cat "/proc/$!/task/$!/children")
	F=${F% }
	cg-exec --new="/boxsenter-$$" --keep --everywhere sleep 60 3>&- &
	G=$!
	MORE+=("$G")
	wait_for grep -qx sleep "/proc/$G/comm"
	/usr/bin/python3 -c '
import ctypes, os, socket, sys, time
libc = ctypes.CDLL(None)
home = os.open("/proc/self/ns/net", os.O_RDONLY)
libc.setns(os.open(sys.argv[1], os.O_RDONLY), 0x40000000)
s = socket.socket()
os.dup2(s.fileno(), 50)
libc.setns(home, 0x40000000)
open(sys.argv[2], "w").write("x")
time.sleep(60)' "/run/netns/$NETNS" "$D/sock" 3>&- &
	SOCK=$!
	MORE+=("$SOCK")
	wait_for test -s "$D/sock"
}

# The id that the kernel has for a namespace (NS_GET_ID of Linux 6.18), or nothing.
id_of() { # FILE
	/usr/bin/python3 -c '
import fcntl, struct, sys
try:
    print(struct.unpack("Q", fcntl.ioctl(open(sys.argv[1]), 0x8008b70d, bytes(8)))[0])
except OSError:
    pass' "$1"
}

# The inode of a process (pidfs, Linux 6.9), or nothing.
inode_of() { # PID
	/usr/bin/python3 -c '
import os, sys
st = os.fstat(os.pidfd_open(int(sys.argv[1])))
print(st.st_ino if st.st_ino > 65536 else "")' "$1"
}

# Does the nsenter here know it? Its help says, of these in the text of an option.
knows() { # WORD
	case $1 in
	inode) nsenter --help | grep -qi 'pid.*:.*inode' ;;
	nsid) nsenter --help | grep -q ':<nsid>\|:nsid' ;;
	follow) nsenter --help | grep -q 'setuid.*follow' ;;
	selinux-none) grep -q selinuxfs /proc/filesystems ;;
	*) help_has nsenter "$1" ;;
	esac
}

ask() { # COMMAND QUESTION
	eval "$1 sh -c '$2'" 2>&1 | xargs
}

@test "the page has these rows and no others" {
	same_rows ns-enter.1 'COMING FROM NSENTER'
}

@test "each row in both spellings" {
	local word peer own question want got bad=0 n=0 both=0
	processes
	# shellcheck disable=SC2034 # used by the rows
	{
		KINDS='for k in mnt net uts ipc pid cgroup user time; do readlink /proc/self/ns/$k; done'
		THEIRS=$(for k in mnt net uts ipc pid cgroup user time; do readlink "/proc/$P/ns/$k"; done | xargs)
		OTHER=net:[$(stat -Lc %i "/run/netns/$NETNS")]
		ID=$(id_of "/proc/$P/ns/net")
		INODE=$(inode_of "$P")
	}
	while IFS= read -r line; do
		word=$(field 3 "$line") peer=$(field 4 "$line") own=$(field 5 "$line")
		question=$(field 6 "$line") want=$(field 7 "$line")
		n=$((n + 1))
		case $question in
		\$*) question=$(eval "echo \"$question\"") ;;
		esac
		# this kernel may have none
		if [[ $own == *':$ID' && -z $ID || $own == *':$INODE' && -z $INODE ]]; then
			continue
		fi
		eval "want=\"$want\""
		want=$(xargs <<<"$want")
		got=$(ask "$own" "$question")
		[ "$got" = "$want" ] || {
			echo "$own: '$got', not '$want'"
			bad=1
		}
		knows "$word" || continue
		both=$((both + 1))
		got=$(ask "$peer" "$question")
		[ "$got" = "$want" ] || {
			echo "$peer: '$got', not '$want'"
			bad=1
		}
	done < <(rows)
	[ "$n" -ge 21 ]
	[ "$bad" -eq 0 ]
	# of the nsenter of Debian 12 (util-linux 2.38)
	echo "$both rows were asked in both spellings"
	[ "$both" -ge 12 ]
}

@test "the page has every option of nsenter" {
	local option
	for option in a t m u i n p C U T N S G r w W e F c Z h V; do
		grep -qE -e "^\.It Li nsenter.* -$option( |,|/|\$)|^\.It Li nsenter.* -$option\b" "$BOX_SRC/man/ns-enter.1" || {
			echo "-$option"
			return 1
		}
	done
	for option in user-parent preserve-credentials keep-caps; do
		grep -qE -e "^\.It Li nsenter.* --$option" "$BOX_SRC/man/ns-enter.1"
	done
}
