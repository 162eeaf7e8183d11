#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh - some benches or all, and what they found in one file.
#
# usage: run.sh [-n ROUNDS] [-w WARMUPS] [-p MS] -j DIR [NAME...]
#
# NAME is a bench, tests/bench/NAME.sh; without one all run. Each writes DIR/NAME-TABLE.json and
# DIR/NAME-peers.json; all that this run wrote is in DIR/results.json, with the machine and the
# versions of the peers. The exit is 1 if a bench failed; the others run all the same.
set -u
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd) || exit 125
options='' dir=''

die() {
	echo "run.sh: $*" >&2
	exit 125
}

# What reads lib.sh is a bench.
benches() {
	grep -lE '^\. "\$here/lib\.sh"' "$here"/*.sh | sed 's,.*/,,; s,\.sh$,,'
}

machine() {
	model=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1 | tr -d '[:cntrl:]"')
	printf '{"kernel": "%s", "architecture": "%s", "processors": %s, "model": "%s", "date": "%s"}' \
		"$(uname -r)" "$(uname -m)" "$(nproc)" "$model" "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
}

# NAME's object: its peers, and its tables by name.
bench_object() {
	printf '"%s": {"peers": ' "$1"
	cat "$dir/$1-peers.json" 2>/dev/null || echo '[]'
	printf ', "tables": {'
	comma=''
	for file in "$dir/$1"-*.json; do
		stem=${file##*/"$1"-}
		case $stem in
		peers.json | '*.json') continue ;;
		esac
		printf '%s\n"%s": ' "$comma" "${stem%.json}"
		cat "$file"
		comma=,
	done
	printf '}}'
}

results() { # NAME...
	printf '{"comparable": "between runs only as ratios",\n"machine": %s,\n"benches": {' "$(machine)"
	separator=''
	for name; do
		printf '%s\n' "$separator"
		bench_object "$name"
		separator=,
	done
	printf '\n}}\n'
}

while getopts n:w:p:j: option; do
	case $option in
	n | w | p) options="$options -$option $OPTARG" ;;
	j) dir=$OPTARG ;;
	*) die "usage: run.sh [-n ROUNDS] [-w WARMUPS] [-p MS] -j DIR [NAME...]" ;;
	esac
done
shift $((OPTIND - 1))
[ -n "$dir" ] || die "-j DIR says where the results go"
mkdir -p "$dir" || exit 125
# shellcheck disable=SC2046 # names are words
[ $# -gt 0 ] || set -- $(benches)
for name; do
	benches | grep -qx "$name" || die "no bench '$name'; there are: $(benches | tr '\n' ' ')"
done

status=0
for name; do
	printf '== %s\n' "$name"
	# shellcheck disable=SC2086 # options are words
	"$here/$name.sh" $options -j "$dir" || status=1
	echo
done
results "$@" >"$dir/results.json" || exit 125
echo "Results: $dir/results.json"
exit $status
