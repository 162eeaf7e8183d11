# SPDX-License-Identifier: MIT
# The tables "coming from PEER" of the manual pages, whose rows are executed in both spellings. Who loads
# this has a function rows: a line a row, its fields divided by " ^"; the first two are those of the page, of
# which a row may have several lines.
# shellcheck shell=bash

# field N LINE
field() {
	awk -F ' \\^ ?' -v n="$1" '{ print $n }' <<<"$2"
}

# page_rows PAGE HEADING: "THEIRS ^ OURS"; what is not there cannot be executed
page_rows() {
	sed -n "/^\.Sh $2/,/^\.Sh SEE/p" "$BOX_SRC/man/$1" |
		awk -F ' Ta ' '/^\.It Li / {
			sub(/^\.It Li /, "", $1)
			sub(/^Li /, "", $2)
			if ($2 !~ /^not there/)
				print $1 " ^ " $2
		}' | sort -u
}

# same_rows PAGE HEADING: the page has these rows and no others
same_rows() {
	assert_equal "$(page_rows "$@")" "$(rows | awk -F ' \\^ ?' '{ print $1 " ^ " $2 }' | sort -u)"
}

# help_has PEER WORD: does the one that is installed know the option?
help_has() {
	"$1" --help | grep -qE -- "(^|[ ,])$2([ =,[]|\$)"
}
