# SPDX-License-Identifier: MIT
# shellcheck shell=sh # read by scripts of sh and of bash
# claim.sh - cgroup hierarchies for crun: on a hybrid host it refuses to work as long as cgroup2 has any
# controller, so those that are left there are mounted as v1, and given back.

claimed='' claim_made='' unified=/sys/fs/cgroup/unified/cgroup.controllers

# Take all that cgroup2 has; fails where there is nothing to take from, or no right to.
claim() {
	[ -r "$unified" ] || return 1
	# shellcheck disable=SC2013 # words of one line
	for controller in $(cat "$unified"); do
		dir=/sys/fs/cgroup/$controller
		if [ ! -d "$dir" ]; then
			mkdir "$dir" || return 1
			claim_made="$claim_made $controller"
		fi
		claimed="$claimed $controller"
		mount -t cgroup -o "$controller" cgroup "$dir" || return 1
	done
}

# Give back what was claimed. The kernel ends a v1 hierarchy at its last umount only if nothing is
# below its root any more, and a cgroup goes some time after its rmdir; a hierarchy that missed this
# moment keeps its controller, until it is mounted and umounted again.
unclaim() {
	for controller in $claimed; do
		dir=/sys/fs/cgroup/$controller
		for try in 1 2 3 4 5 6 7 8; do
			sleep 0.3
			umount "$dir" || :
			sleep 0.2
			grep -qw "$controller" "$unified" && break
			[ "$try" = 8 ] && claim_held "$controller"
			mount -t cgroup -o "$controller" cgroup "$dir"
		done
		umount "$dir" 2>/dev/null || : # whoever reads this may have set -e
		case " $claim_made " in *" $controller "*) rmdir "$dir" ;; esac
	done
	claimed='' claim_made=''
}

claim_held() {
	echo "${0##*/}: $1 is not back in $unified: something still holds the v1 hierarchy;" >&2
	echo "  later: mount -t cgroup -o $1 cgroup /mnt && sleep 1 && umount /mnt" >&2
}
