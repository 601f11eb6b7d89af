# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# podman without its daemon. Its store is at the usual place, which is the suite's own. On machines
# without CAP_SYS_RESOURCE it starts containers in the hybrid layout only, as that of runc does.

# podman 5 would say at each call, with the time of day, that cgroup v1 is old.
export PODMAN_IGNORE_CGROUPSV1_WARNING=1

# runtime_without_limits RUNTIME FILE: podman asks its runtime to raise limits, which needs
# CAP_SYS_RESOURCE; the script that this makes does all the rest.
runtime_without_limits() {
    cat >"$2" <<END
#!/bin/bash
runtime=$1
END
    cat >>"$2" <<'END'
for ((i = 1; i < $#; i++)); do
    if [ "${!i}" = --bundle ]; then
        next=$((i + 1)) config=${!next}/config.json
        jq 'del(.process.rlimits)' "$config" >"$config.new" && mv "$config.new" "$config"
    fi
done
exec "$runtime" "$@"
END
    chmod +x "$2"
}

# After docker_start, which makes the root file system.
podman_prepare() {
    need podman
    runtime_without_limits runc "$HARNESS_WORK/runc-without-limits"
    mkdir -p /var/lib/containers
    mount -t tmpfs none /var/lib/containers
    tar -C "$HARNESS_WORK/rootfs" -c . | podman_ import - demo >"$HARNESS_WORK/podman.log" 2>&1
}

podman_() {
    podman --storage-driver vfs --cgroup-manager cgroupfs \
        --runtime "$HARNESS_WORK/runc-without-limits" "$@"
}
