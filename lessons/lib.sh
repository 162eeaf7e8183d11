# SPDX-License-Identifier: MIT
# lib.sh - the words that lessons are written in. A lesson reads this file first, and then is:
#
#   lesson TITLE <<END         what it is about: the prose behind << is printed
#   step TITLE <<END           one step; with --step it waits before it
#   run 'COMMAND'              a line of the shell: shown, run in this shell, and what it printed shown
#   refused 'COMMAND'          the same, where the point is that it fails
#   claim 'TEXT' 'CONDITION'   TEXT is so, as CONDITION shows; if not, the lesson has failed
#   look 'COMMAND' 'TEXT'      what the reader may look at; it is tried, and has to work
#   settle 'CONDITION'         wait for what happens in its own time
#   exercise N <<END           a question; with function check_N, and scene_N if it needs a setting
#   answer N 'COMMAND' <<END   a line that answers it, and why
#   finish
#
# need, as_root and as_user, before all that, see to what the lesson wants of the machine.
# shellcheck shell=bash disable=SC2034 # variables come from and go to the lessons

usage() {
	cat <<-END
		usage: $0 [--step | --check N COMMAND | --answers | --help]
		A lesson to read and to run: it says what it does, does it, and checks what it says.

		  --step             wait for you before each step
		  --check N COMMAND  exercise N: is this line of the shell an answer?
		  --answers          print an answer to each exercise
	END
}

# A failure of the lesson itself, as the tools say theirs.
give_up() { # WHAT REMEDY...
	printf '%s: %s\n' "$lesson_name" "$1" >&2
	shift
	printf "$lesson_name: try: %s\n" "$@" >&2
	exit 125
}

lesson_file=$(realpath "$0")
lesson_name=${0##*/}
mode=lesson asking='' number='' attempt=''
case ${1:-} in
'') ;;
--step) asking=1 ;;
--answers) mode=answers ;;
--check)
	mode=check number=${2:-} attempt=${*:3}
	[[ $number == [12] && -n $attempt ]] || give_up "--check wants the number of an exercise and a line of the shell" \
		"$0 --check 1 'ns-run --uts uname -n'"
	;;
-h | --help)
	usage
	exit
	;;
*)
	usage >&2
	exit 2
	;;
esac

# The tools of a build tree: that of BOX_BUILD, or the one beside the lessons; else those in PATH.
lesson_home=${lesson_file%/*}
for tree in ${BOX_BUILD:+"$BOX_BUILD"} "$lesson_home/../build"; do
	if [[ -x $tree/tools/ns-run ]]; then
		PATH=$(realpath "$tree/tools"):$PATH
		break
	fi
done
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C.UTF-8
unset LANGUAGE
unset http_proxy https_proxy ftp_proxy # in a network of a lesson there is none
command -v ns-run >/dev/null || give_up "the tools of boxutils are not found" \
	"./bootstrap build; or with the tools in PATH: PATH=DIR:\$PATH $0"
exec 3<&0

bold='' faint='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
	bold=$'\e[1m' faint=$'\e[36m' plain=$'\e[0m'
fi

# -- what a lesson wants of the machine ----------------------------------------------------------

need() { # COMMAND PACKAGE, in pairs
	[[ $mode != answers ]] || return 0
	while (($#)); do
		command -v "$1" >/dev/null ||
			give_up "the command $1 is missing" "sudo apt-get install $2, or what holds $1 in your system"
		shift 2
	done
}

# A lesson about what root may do. A user has it run in a user namespace, as its root.
as_root() { # KIND...: the namespaces it makes
	local found
	[[ $mode != answers && ! ${LESSON_ROOT:-} ]] || return 0
	ns-run --check "$@" >/dev/null 2>&1 && return
	found=$(ns-run --check --map-root "$@" 2>&1) ||
		give_up "namespaces cannot be made here: $(grep '^refused' <<<"$found" | tr -s ' ')" \
			"sudo $0, or what is said by: ns-run --check --map-root $*"
	export LESSON_ROOT=1
	exec ns-run --map-root bash "$lesson_file" "${lesson_words[@]}"
}
lesson_words=("$@")

# A lesson about what a user may do. Root has it run as a user: the one who called sudo, or some.
as_user() { # KIND...
	local id=${SUDO_UID:-12345}:${SUDO_GID:-12345} found
	[[ $mode != answers ]] || return 0
	if [[ $(id -u) -eq 0 && ! ${LESSON_USER:-} ]]; then
		cap-set --user "$id" test -r "$lesson_home/lib.sh" -a -r "$lesson_file" ||
			give_up "user ${id%:*} cannot read $lesson_home" "it as a user; or a copy of the sources where users may read: cp -r . /tmp/boxutils"
		export LESSON_USER=1
		exec cap-set --user "$id" bash "$lesson_file" "${lesson_words[@]}"
	fi
	found=$(ns-run --check --map-root "$@" 2>&1) ||
		give_up "a user cannot make namespaces here: $(grep '^refused' <<<"$found" | tr -s ' ')" \
			"what is said by: ns-run --check --map-root $*"
}

# -- a directory of its own, and the end of all that was started ----------------------------------

begin() {
	# what was made for somebody else may be closed to this user
	dir=$(mktemp -d "${TMPDIR:-/tmp}/lesson.XXXXXX" 2>/dev/null || mktemp -d /tmp/lesson.XXXXXX) ||
		give_up "no directory to work in" "TMPDIR=DIR $0, with a directory that you may write"
	trap clean_up EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	cd "$dir" || exit
	export LESSON_DIR=$dir
	out=$dir/.out
	: >"$out"
}

# When a process began, by the kernel's count; nothing if it has ended.
born() { # PID
	sed -nE 's/.*\) [^ZX] ([-0-9]+ ){18}([0-9]+) .*/\2/p' "/proc/$1/stat" 2>/dev/null
}

# Programs that went to the background by --detach have left their pid in a file here. Who began at
# another time than the one we knew has the number from somebody else.
declare -A begun=()
detached() {
	local file pid now
	for file in "$dir"/*.pid; do
		pid=$(cat "$file" 2>/dev/null) && now=$(born "$pid") && [[ $now ]] || continue
		[[ ${begun[$pid]:=$now} != "$now" ]] || echo "$pid"
	done
}

clean_up() {
	local pid
	trap - EXIT
	trap '' HUP INT TERM
	for pid in $(jobs -p) $(detached); do
		kill -KILL "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	soon '[[ -z $(detached) ]]'
	cd /
	# only where a namespace was not what it should be is a mount of it seen here
	awk -v dir="$dir/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo | xargs -r umount -l
	rm -rf --one-file-system "$dir"
}

# Until CONDITION holds, for at most five seconds: for what the kernel does in its own time.
soon() { # CONDITION
	local _
	for _ in {1..100}; do
		eval "$1" >/dev/null 2>&1 </dev/null && return
		sleep 0.05
	done
	return 1
}

# -- the words ------------------------------------------------------------------------------------

lesson() { # TITLE, prose on standard input
	[[ $mode != answers ]] || return 0
	begin
	[[ $mode == lesson ]] || return 0
	at=0 steps=$(grep -c '^step ' "$lesson_file")
	printf '\n%s\n\n' "${bold}Lesson ${lesson_name%%-*}: $1$plain"
	cat
	[[ ! ${LESSON_ROOT:-} ]] || cat <<-END

		You are not root, so this runs in a user namespace where you are: as if you had
		begun with "ns-run --map-root bash". Lesson 03 tells what that is.
	END
	[[ ! ${LESSON_USER:-} ]] || cat <<-END

		You are root, and this is about what a user may do: it runs as user $(id -u).
	END
	cat <<-END

		Lines with \$ are run in a shell, in $dir.
		Lines with + are system calls, told by --explain. "ok" is a claim that was
		checked just now, and "see" is something to look at.
	END
}

step() { # TITLE, prose on standard input
	[[ $mode == lesson ]] || return 0
	at=$((at + 1))
	ask
	printf '\n%s\n' "$bold$at of $steps: $1$plain"
	cat
	echo
}

ask() {
	local reply
	while [[ $asking ]]; do
		printf '\n%s' "${bold}[Enter: step $at of $steps   s: a shell here   c: all the rest   q: stop]$plain "
		read -r -u 3 reply || reply=q
		case $reply in
		'') return ;;
		c) asking= ;;
		s) PS1='lesson$ ' bash --norc --noprofile <&3 ;;
		q)
			echo "Stopped; nothing is left."
			exit 0
			;;
		esac
	done
}

# The command runs in this shell, so that variables stay; they are exported, for the shell of ask().
execute() { # COMMAND
	local status
	[[ $mode == check ]] || printf '  %s\n' "$bold\$ $1$plain"
	set -a
	eval "$1" >"$out" 2>&1 </dev/null 3<&-
	status=$?
	set +a
	# what went to the background is a copy of this shell for a moment
	[[ -z ${!:-} ]] || soon '[[ ! /proc/$!/exe -ef /proc/$$/exe ]]'
	detached >/dev/null
	show <"$out"
	return "$status"
}

# What was printed; a system call that is too long for the line has its meaning on the next.
show() {
	local line width=${COLUMNS:-80}
	while IFS= read -r line || [[ $line ]]; do
		if [[ $line == '+ '* ]] && ((${#line} + 4 > width)); then
			printf '    %s\n' "$faint${line%%  # *}" "        #${line#*  #}$plain"
		elif [[ $line == [+#]' '* ]]; then
			printf '    %s\n' "$faint$line$plain"
		else
			printf '    %s\n' "$line"
		fi
	done
}

run() { # COMMAND
	[[ $mode == lesson ]] || return 0
	execute "$1" || untrue "this works: $1"
}

refused() { # COMMAND
	[[ $mode == lesson ]] || return 0
	! execute "$1" || untrue "this is refused: $1"
}

claim() { # TEXT CONDITION
	[[ $mode == lesson ]] || return 0
	eval "$2" >/dev/null 2>&1 </dev/null || untrue "$1" "by hand: $2"
	printf '  ok  %s\n' "$1"
}

untrue() { # TEXT [REMEDY]
	printf '%s: not so on this machine: %s\n' "$lesson_name" "$1" >&2
	printf '%s: try: %s\n' "$lesson_name" "${2:-the command by itself, with --explain; and ns-run --check --all}" >&2
	exit 1
}

settle() { # CONDITION: wait for it, between two commands
	[[ $mode == lesson ]] || return 0
	soon "$1" || untrue "after a while: $1"
}

look() { # COMMAND TEXT
	[[ $mode == lesson ]] || return 0
	eval "$1" >/dev/null 2>&1 </dev/null || untrue "this can be looked at: $1"
	printf '  see %s\n      %s\n' "$bold$1$plain" "$2"
}

# -- for conditions ---------------------------------------------------------------------------------

# Words that the last command printed; and all that it printed.
printed() { # WORDS
	grep -qF -- "$1" "$out"
}

printed_just() { # TEXT
	[[ $(<"$out") == "$1" ]]
}

# A line of /proc/PID/status.
status() { # PID NAME
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}

# The names of the interfaces in what /proc/net/dev has said.
interfaces() {
	sed -n 's/^ *\([^ :]*\):.*/\1/p' | sort | paste -sd ' '
}

# The namespace that a process is in: its number.
ns() { # PID KIND
	stat -Lc %i "/proc/$1/ns/$2"
}

# Do two processes share the namespaces of these kinds, or none of them?
share() { # PID PID KIND...
	local kind
	for kind in "${@:3}"; do
		[[ $(ns "$1" "$kind") == "$(ns "$2" "$kind")" ]] || return
	done
}

differ() { # PID PID KIND...
	local kind
	for kind in "${@:3}"; do
		[[ -n $(ns "$1" "$kind") && $(ns "$1" "$kind") != "$(ns "$2" "$kind")" ]] || return
	done
}

# -- exercises ---------------------------------------------------------------------------------------

exercise() { # N, prose on standard input
	[[ $mode == lesson ]] || return 0
	[[ $1 != 1 ]] || printf '\n%s\n' "${bold}Two exercises$plain"
	printf '\n%s. ' "$1"
	sed '2,$s/^/   /'
}

answer() { # N COMMAND, prose on standard input
	[[ $mode == answers ]] || return 0
	printf '%s. %s\n' "$1" "$bold$2$plain"
	sed 's/^/   /'
}

# In a check: TEXT is so, or the answer is none.
verify() { # TEXT CONDITION
	eval "$2" >/dev/null 2>&1 </dev/null || {
		printf 'not yet: it is not so that %s\n' "$1"
		exit 1
	}
	printf '  ok  %s\n' "$1"
}

finish() {
	case $mode in
	lesson)
		cat <<-END

			Is your answer right?  $0 --check 1 'COMMAND'
			It sets the variables that the exercise names, runs the line, and shows what
			it printed: so you can also look around with it.
			An answer to each:  $0 --answers
		END
		;;
	check)
		[[ $(type -t "scene_$number") != function ]] || "scene_$number"
		printf '  %s\n' "$bold\$ $attempt$plain"
		timeout 20 bash -c "$attempt" >"$out" 2>&1 </dev/null 3<&-
		show <"$out"
		"check_$number"
		echo "right"
		;;
	esac
}
