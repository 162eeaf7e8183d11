#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# linux.resources of a bundle: block devices, huge pages, network, rdma and the rarer limits of
# memory, as words and as what is then in the cgroup.

load helper

setup() {
	box_setup
	need_cmd jq
	BUNDLE=$BATS_TEST_TMPDIR/bundle
	CONFIG=$BUNDLE/config.json
	oci-bundle new "$BUNDLE" --root "$ROOT" -- true
	cp "$CONFIG" "$BATS_TEST_TMPDIR/good"
}

# resources JSON: as linux.resources
resources() {
	RESOURCES=$1 jq '.linux.resources = ($ENV.RESOURCES | fromjson)' "$BATS_TEST_TMPDIR/good" >"$CONFIG"
}

# A shell word for inside: the cgroup's directory on v1
own() {
	printf '/sys/fs/cgroup/%s$(sed -n "s,^[0-9]*:%s:,,p" /proc/self/cgroup)' "$1" "$1"
}

# The whole number of a block device that this machine has
block_device() {
	local f
	for f in /sys/block/*/dev; do
		[ -e "$f" ] && cat "$f" && return
	done
	return 0
}

@test "each property as cg-exec says it" {
	local row
	while read -r row; do
		resources "${row% ==> *}"
		run --separate-stderr oci-bundle chain "$BUNDLE"
		[ "$status" -eq 0 ] || fail "$row: $stderr"
		assert_line --index 0 "cg-exec --new ${row##* ==> } \\"
		assert_equal "$stderr" ""
	done <<-'END'
		{"blockIO": {"weight": 300}} ==> --set blkio.weight=300
		{"blockIO": {"leafWeight": 10}} ==> --set blkio.leaf_weight=10
		{"blockIO": {"weightDevice": [{"major": 8, "minor": 0, "weight": 500}, {"major": 8, "minor": 16, "weight": 10, "leafWeight": 1000}]}} ==> --set 'blkio.weight_device=8:0 500' --set 'blkio.weight_device=8:16 10' --set 'blkio.leaf_weight_device=8:16 1000'
		{"blockIO": {"throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 600}, {"major": 8, "minor": 16, "rate": 0}]}} ==> --set 'io.max=8:0 rbps=600' --set 'io.max=8:16 rbps=max'
		{"blockIO": {"throttleWriteBpsDevice": [{"major": 8, "minor": 0, "rate": 4503599627370496}]}} ==> --set 'io.max=8:0 wbps=4503599627370496'
		{"blockIO": {"throttleReadIOPSDevice": [{"major": 8, "minor": 0, "rate": 1}], "throttleWriteIOPSDevice": [{"major": 8, "minor": 0, "rate": 2}]}} ==> --set 'io.max=8:0 riops=1' --set 'io.max=8:0 wiops=2'
		{"network": {"classID": 1048577, "priorities": [{"name": "eth0", "priority": 5}, {"name": "lo", "priority": 0}]}} ==> --set net_cls.classid=1048577 --set 'net_prio.ifpriomap=eth0 5' --set 'net_prio.ifpriomap=lo 0'
		{"rdma": {"mlx5_1": {"hcaHandles": 3, "hcaObjects": 10000}, "rxe3": {"hcaObjects": 0}, "x": {"hcaHandles": 1}}} ==> --set 'rdma.max=mlx5_1 hca_handle=3 hca_object=10000' --set 'rdma.max=rxe3 hca_object=0' --set 'rdma.max=x hca_handle=1'
		{"memory": {"kernelTCP": 1048576}} ==> --set memory.kmem.tcp.limit_in_bytes=1048576
		{"memory": {"limit": 4096, "useHierarchy": true}} ==> --set memory.max=4096
		{"hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}]} ==> --set hugetlb.2MB.rsvd.max=4194304
	END
}

@test "what says nothing makes no cgroup" {
	for r in '{"blockIO": {}}' '{"blockIO": {"weight": 0, "leafWeight": 0, "throttleReadBpsDevice": []}}' '{"network": {}}' \
		'{"network": {"classID": 0, "priorities": []}}' '{"rdma": {}}' '{"memory": {"kernel": 0, "kernelTCP": 0}}' \
		'{"memory": {"useHierarchy": true}}'; do
		resources "$r"
		run --separate-stderr oci-bundle chain "$BUNDLE"
		assert_success
		refute_output --partial cg-exec
		assert_equal "$stderr" ""
	done
}

@test "what Linux has no more is left out with a warning" {
	resources '{"memory": {"limit": 67108864, "kernel": 1048576}}'
	run --separate-stderr oci-bundle chain "$BUNDLE"
	assert_success
	assert_line --index 0 "cg-exec --new --set memory.max=67108864 \\"
	assert_equal "$stderr" "oci-bundle: warning: linux.resources.memory.kernel: Linux has no such limit any more: left out"
	resources '{"memory": {"useHierarchy": false}}'
	run --separate-stderr oci-bundle chain "$BUNDLE"
	assert_success
	assert_equal "$stderr" "oci-bundle: warning: linux.resources.memory.useHierarchy: Linux always counts the cgroups below: left out"
}

@test "bad values: the path and the line" {
	local row
	while read -r row; do
		resources "${row% ==> *}"
		run oci-bundle chain "$BUNDLE"
		assert_fault 125 "read '$CONFIG'" "linux.resources.${row##* ==> }"
		assert_output --regexp "\(line [0-9]+\)"
	done <<-'END'
		{"blockIO": {"weight": 9}} ==> blockIO.weight:
		{"blockIO": {"weight": 1001}} ==> blockIO.weight:
		{"blockIO": {"leafWeight": 5}} ==> blockIO.leafWeight:
		{"blockIO": {"weightDevice": [{"major": 8, "minor": 0}]}} ==> blockIO.weightDevice[0].weight:
		{"blockIO": {"weightDevice": [{"major": 8, "weight": 10}]}} ==> blockIO.weightDevice[0].minor:
		{"blockIO": {"throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": -1}]}} ==> blockIO.throttleReadBpsDevice[0].rate:
		{"blockIO": {"throttleReadBpsDevice": {}}} ==> blockIO.throttleReadBpsDevice:
		{"network": {"classID": 4294967296}} ==> network.classID:
		{"network": {"priorities": [{"name": "a b", "priority": 1}]}} ==> network.priorities[0].name:
		{"network": {"priorities": [{"name": "lo"}]}} ==> network.priorities[0].priority:
		{"rdma": {"mlx5_1": {}}} ==> rdma.mlx5_1:
		{"rdma": {"mlx5_1": null}} ==> rdma.mlx5_1:
		{"rdma": {"mlx5_1": {"hcaHandles": -1}}} ==> rdma.mlx5_1.hcaHandles:
		{"rdma": []} ==> rdma:
		{"memory": {"useHierarchy": 1}} ==> memory.useHierarchy:
		{"memory": {"kernelTCP": -2}} ==> memory.kernelTCP:
	END
}

@test "limits of a block device are in the cgroup" {
	need_root
	local dev dir=/sys/fs/cgroup/blkio
	dev=$(block_device)
	[ "$dev" ] || skip "needs a block device"
	[ -d "$dir" ] || skip "needs the controller blkio mounted as v1"
	resources "{\"blockIO\": {\"throttleReadBpsDevice\": [{\"major\": ${dev%:*}, \"minor\": ${dev#*:}, \"rate\": 1048576}],
		\"throttleWriteIOPSDevice\": [{\"major\": ${dev%:*}, \"minor\": ${dev#*:}, \"rate\": 77}],
		\"throttleWriteBpsDevice\": [{\"major\": ${dev%:*}, \"minor\": ${dev#*:}, \"rate\": 0}]}}"
	oci-bundle set "$BUNDLE" "linux.cgroupsPath=/boxtest-$$-$BATS_TEST_NUMBER" \
		"process.args=[\"sh\", \"-c\", \"cat /x/boxtest-$$-$BATS_TEST_NUMBER/blkio.throttle.*_device\"]"
	jq --arg d "$dir" '.mounts += [{destination: "/x", type: "none", source: $d, options: ["rbind", "ro"]}]' "$CONFIG" >"$CONFIG.new"
	mv "$CONFIG.new" "$CONFIG"
	run sh -c 'oci-bundle chain "$1" | sh' sh "$BUNDLE"
	assert_success
	assert_output "$(printf '%s\n' "$dev 1048576" "$dev 77")"
}

@test "cg-exec: the same words in both spellings, and a weight whichever file has it" {
	need_root
	local dev dir=/sys/fs/cgroup/blkio
	dev=$(block_device)
	[ "$dev" ] || skip "needs a block device"
	[ -d "$dir" ] || skip "needs the controller blkio mounted as v1"
	run cg-exec --new --set "io.max=$dev rbps=1M wiops=max" --set "blkio.throttle.write_bps_device=$dev 2M" \
		sh -c "cat $(own blkio)/blkio.throttle.*_device"
	assert_success
	assert_output "$(printf '%s\n' "$dev 1048576" "$dev 2097152")"
	for bad in "io.max=$dev" "io.max=rbps=1" "io.max=$dev rbps" "io.max=$dev rbps=" "io.max=$dev kbps=1" "io.max=$dev rbps=1x" \
		"blkio.throttle.write_bps_device=$dev" "blkio.throttle.write_bps_device=7" blkio.weight=9 blkio.weight=x \
		"blkio.weight_device=$dev" blkio.weight_device=100; do
		run cg-exec --new --set "$bad" true
		assert_fault 125 "set cgroup key '$bad'" "another form"
	done
	run cg-exec --new --set blkio.weight=300 sh -c "cat $(own blkio)/blkio*.weight"
	[[ $output != *"there is no key"* ]] || skip "needs a kernel with weights of block devices: CONFIG_BFQ_GROUP_IOSCHED"
	assert_success
	assert_output 300
}

@test "cg-exec: huge pages in both spellings" {
	need_root
	[ -e /sys/fs/cgroup/hugetlb/hugetlb.2MB.rsvd.limit_in_bytes ] || skip "needs the controller hugetlb mounted as v1"
	for word in hugetlb.2MB.rsvd.max=5M hugetlb.2MB.rsvd.limit_in_bytes=4M; do
		run cg-exec --new --set "$word" sh -c "cat $(own hugetlb)/hugetlb.2MB.rsvd.limit_in_bytes"
		assert_output 4194304
	done
	run cg-exec --new --set hugetlb.2MB.max=4M sh -c "cat $(own hugetlb)/hugetlb.2MB.limit_in_bytes"
	assert_output 4194304
	run cg-exec --new --set hugetlb.3MB.max=4M true
	assert_fault 125 "set cgroup key" "there is no key"
}

@test "a limit whose controller is not here is refused before anything is made" {
	need_root
	! grep -q '^net_cls\s' /proc/cgroups || ! grep -q net_cls /proc/self/mountinfo || skip "needs a machine without net_cls"
	resources '{"network": {"classID": 5}}'
	run sh -c 'oci-bundle chain "$1" | sh' sh "$BUNDLE"
	assert_fault 125 "set cgroup key 'net_cls.classid=5'" "there is no key net_cls.classid here"
}
